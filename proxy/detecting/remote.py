"""What searches for one version of the policy in another process, as whoever searches sees it. Pure.

Enters: texts, and what is looked for. Leaves: scans; what that version cannot look for at all is unknown.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Protocol

from detectors.interface import ANSWERING, Scan, group_of, is_secret, keyed


class Asked(Protocol):
    """Who asks the processes."""

    def find_all(
        self, version: int, texts: Sequence[str], asked: frozenset[str], groups: tuple[int | None, ...] = ()
    ) -> list[Scan]:
        """Return what a process finds of what is asked for."""
        ...


class Remote:
    """What searches for one version of the policy, in another process."""

    def __init__(self, apart: Asked, version: int, entities: frozenset[str]) -> None:
        """Take who asks the processes, the number of the version there, and what it can look for."""
        self._apart, self._version, self._entities = apart, version, entities

    @property
    def entities(self) -> frozenset[str]:
        """All entities that can be asked for."""
        return self._entities

    def find(self, text: str, entities: frozenset[str]) -> Scan:
        """Return what is found of `entities` in `text`, and which of them nobody could answer for."""
        return self.find_all((text,), entities)[0]

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[Scan]:
        """Return for each text what `find` returns."""
        return self._ask(texts, entities, ())

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str]
    ) -> list[Scan]:
        """Return for each text what `find` returns, and its share of what is spread over texts of one group."""
        numbers: dict[Hashable, int] = {}
        told: list[int | None] = []
        for group in groups:
            base, alone = group_of(group)
            number = ANSWERING if base == ANSWERING else numbers.setdefault(base, len(numbers))
            told.append(None if group is None else keyed(number, secret=is_secret(group)) if alone else number)
        return self._ask(texts, entities, tuple(told))

    def _ask(self, texts: Sequence[str], entities: frozenset[str], groups: tuple[int | None, ...]) -> list[Scan]:
        asked, lost = entities & self._entities, entities - self._entities
        if not texts or not asked:
            return [Scan((), lost)] * len(texts)
        scans = self._apart.find_all(self._version, texts, asked, groups)
        return [replace(one, unknown=one.unknown | lost) for one in scans] if lost else scans
