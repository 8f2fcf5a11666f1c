"""How long each step of an exchange took, and what went wrong in it.

Enters: steps, as they are done, from any thread. Leaves: marks of an exchange, and what `Heard` makes of each. Looking
at the clock must never change what becomes of an exchange: whatever a step raises goes on as it came.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from time import perf_counter_ns, time_ns
from typing import Final

from detectors.interface import Scan, Searcher
from proxy.errors import StoreError

STAGES: Final = ("headers", "wait", "read", "find", "depart", "record", "answer")
"""Steps: who asks and what the headers decide; waiting for a turn; reading and deciding, of which finding; counting,
vault and record, of which the record; until the answer has ended."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One step."""

    stage: str
    began: int
    """Nanoseconds since 1970."""
    took: int
    """Nanoseconds."""
    failed: bool = False


@dataclass(slots=True)
class Marks:
    """The steps of one exchange so far."""

    hear: Callable[[Mark], None] = lambda _: None
    """Told of each step when it is over."""
    store_failed: Callable[[str], None] = lambda _: None
    """Told in which step the store or the log could not be used."""
    done: list[Mark] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Mark what is done inside."""
        began, start, failed = time_ns(), perf_counter_ns(), True
        try:
            yield
            failed = False
        except StoreError:
            self.store_failed(name)
            raise
        finally:
            self.add(Mark(name, began, perf_counter_ns() - start, failed))

    def add(self, mark: Mark) -> None:
        """Take a step that is over."""
        self.done.append(mark)
        self.hear(mark)


def staged[**P, R](name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark each call of a function whose second argument is an exchange with `marks`."""

    def decorate(work: Callable[P, R]) -> Callable[P, R]:
        @wraps(work)
        def marked(*given: P.args, **named: P.kwargs) -> R:
            marks: Marks = given[1].marks  # type: ignore[attr-defined]  # the exchange
            with marks.stage(name):
                return work(*given, **named)

        return marked

    return decorate


@dataclass(frozen=True, slots=True)
class Timed:
    """A searcher whose searches are marked."""

    searcher: Searcher
    marks: Marks

    @property
    def entities(self) -> frozenset[str]:
        """All entities that can be asked for."""
        return self.searcher.entities

    def find(self, text: str, entities: frozenset[str]) -> Scan:
        """Find, and mark it."""
        with self.marks.stage("find"):
            return self.searcher.find(text, entities)

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[Scan]:
        """Find in all, and mark it."""
        with self.marks.stage("find"):
            return self.searcher.find_all(texts, entities)

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str]
    ) -> list[Scan]:
        """Find in all and over them, and mark it."""
        with self.marks.stage("find"):
            return self.searcher.find_spread(texts, groups, entities)
