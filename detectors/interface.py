"""What every detector promises, and the nouns it speaks.

Enters: one text. Leaves: findings by offset. A finding never holds the value, so it may be logged, counted and
recorded; the text itself may not.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Where something confidential stands in a text."""

    start: int
    """First code point of the finding, counted in the original text."""
    end: int
    """One past the last code point."""
    entity: str
    """What it is: a name of `detectors.entities`, or the name the policy gave to a list of terms."""
    score: float
    """0 to 1, as Presidio scores."""
    detector: str
    """Name of the detector or rule that found it."""
    because: tuple[str, ...] = field(default=(), compare=False)
    """What speaks for it, for people: `check:luhn`, `context:身份证`, `cue:联系人`, `model:hashed`. Words of a rule
    or of a model only, never of the text."""


@dataclass(frozen=True, slots=True)
class Scan:
    """All that was found in one text, and what could not be looked for."""

    findings: tuple[Finding, ...] = ()
    unknown: frozenset[str] = frozenset()
    """Entities whose detector gave no answer; policy must decide as if they were there."""
    opaque: tuple[tuple[int, int], ...] = ()
    """Spans (start, end) of the text that cannot be read; only policy may let them pass."""
    away: bool = False
    """Whether the detector is down at the moment, so that a later attempt may succeed."""


class DetectorError(Exception):
    """A detector cannot be loaded; the program must not start without it."""

    def __init__(self, message: str, chinese: str = "") -> None:
        """Take why, with where it is and what to do; in Chinese, too, where that has been written."""
        super().__init__(message)
        self.chinese = chinese or message


class CannotTell(Exception):
    """A detector ran out of time or memory on this text: neither found nor clean."""


class Detector(Protocol):
    """Looks for some entities in a text, without network, without rewriting it."""

    @property
    def name(self) -> str:
        """Stable name, shown in findings."""
        ...

    @property
    def entities(self) -> frozenset[str]:
        """All entities this detector can find."""
        ...

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return what is found of `entities` in `text`; raises `CannotTell`, nothing else."""
        ...


@runtime_checkable
class Together(Detector, Protocol):
    """A detector that looks through several texts faster than through one after the other."""

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> Sequence[tuple[Finding, ...] | CannotTell]:
        """Return for each text what `find` returns or raises."""
        ...


@runtime_checkable
class Beside(Detector, Protocol):
    """A detector that sees some of what others answer for, too, while it looks for its own entities."""

    @property
    def beside(self) -> frozenset[str]:
        """What it finds only where it is asked for an entity of its own as well."""
        ...


ANSWERING: Final = 1 << 16
"""The group of what a model has said before: it stands between the turns of others, and does not part them."""

SECRET: Final = 1 << 30
"""Beyond the numbers of groups."""


def keyed(group: int, *, secret: bool = False) -> int:
    """Return the group of values under keys of their own, which belong to `group` all the same.

    Those that are `secret` by their keys and their form hold no name: no model need read them.
    """
    return ~group - SECRET if secret else ~group


def group_of(group: Hashable) -> tuple[Hashable, bool]:
    """Return the group that a text belongs to, and whether it is a value under a key of its own."""
    return (~group % SECRET, True) if isinstance(group, int) and group < 0 else (group, False)


def is_secret(group: Hashable) -> bool:
    """Tell whether texts of a group are secrets by their keys and their form."""
    return isinstance(group, int) and group < -SECRET


class Searcher(Protocol):
    """Asks all detectors of a house about texts: in this process, or in another one."""

    @property
    def entities(self) -> frozenset[str]:
        """All entities that can be asked for."""
        ...

    def find(self, text: str, entities: frozenset[str]) -> Scan:
        """Return the findings of `entities` in `text`, and those entities that are unknown; raises nothing."""
        ...

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[Scan]:
        """Return for each text what `find` returns."""
        ...

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str]
    ) -> list[Scan]:
        """Return for each text what `find` returns, and its share of what is spread over texts of one group."""
        ...


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text with placeholders, and what they stand for."""

    text: str
    originals: Mapping[str, str] = field(repr=False)
    """Placeholder to original value; confidential, so never in `repr`."""
    treated: Mapping[str, int] = field(default_factory=dict)
    """Entity to how often it was masked, named or dropped: what can never be put back."""
