"""What the proxy asks of detection, wherever it is done. Nouns.

Enters: what a policy asks for. Leaves: something to search with. Company terms are secrets: they show in no `repr`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from detectors.interface import Searcher
from policies.own import TermList


@dataclass(frozen=True, slots=True)
class Brief:
    """What a policy asks of detection besides the shipped patterns and the company's recognizers."""

    names: bool = False
    """Whether it names anything that models find."""
    own: tuple[TermList, ...] = field(default=(), repr=False)
    """What is the company's own in its data classes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one process that detects stands."""

    number: int
    works: bool
    pid: int
    why: str
    """What is wrong, or empty."""
    starts: int
    """How often it has been ready, the first time included."""


class Detecting(Protocol):
    """Makes what searches for a version of the policy."""

    @property
    def own_entities(self) -> frozenset[str]:
        """Entities that only the company's own rules, recognizers and models find; raises `DetectorError`."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the operator must hear of what was loaded so far, though all of it works; words of ours."""
        ...

    def searcher(self, brief: Brief) -> Searcher:
        """Return what searches for all that a policy asks for; raises `DetectorError`."""
        ...

    def hear(self, tell: Callable[[Standing], None]) -> None:
        """Let `tell` know how each process stands, now and whenever that changes."""
        ...

    def overhear(self, tell: Callable[[str], None]) -> None:
        """Let `tell` know which detector could not tell of a text, and why; it hears nothing of the text."""
        ...

    def close(self) -> None:
        """Give back what it holds; whatever is asked afterwards is unknown."""
        ...
