"""A text put together of pieces of others, each with a core that somebody may have hidden there, and the way back.

Enters: pieces, each with the words before and after it. Leaves: one text for detectors to search, and for what they
find in it the places in the originals. What is found outside of a core, or in a part of one only, is passed over: the
words around a core are there to speak for it, and have been searched where they stand.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from detectors.interface import Finding

GAP: Final = "\n\n\n"
"""Between pieces, so that no pattern reaches from one into the next."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch of a core was read from."""

    text: int
    """Number of the text."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Core:
    """A core in the text that was put together."""

    start: int
    end: int
    places: tuple[Place, ...]
    """All of the originals that it was read from; what is found in it takes out all of these."""
    kind: str
    """How it was read, for people."""


@dataclass(slots=True)
class Pieces:
    """A text in the making."""

    cores: list[Core] = field(default_factory=list)
    _written: list[str] = field(default_factory=list, repr=False)
    _length: int = 0

    def add(self, core: str, places: Sequence[Place], kind: str, before: str = "", after: str = "") -> None:
        """Add a core between its words."""
        start = self._length + len(before)
        self.cores.append(Core(start, start + len(core), tuple(places), kind))
        piece = f"{before}{core}{after}{GAP}"
        self._written.append(piece)
        self._length += len(piece)

    @property
    def text(self) -> str:
        """What is searched."""
        return "".join(self._written)

    def back(self, findings: Sequence[Finding]) -> list[tuple[int, Finding]]:
        """Return what was found of whole cores: the number of the text, and the finding in it."""
        starts = [core.start for core in self.cores]
        found: list[tuple[int, Finding]] = []
        for one in findings:
            nearest = bisect_right(starts, one.start) - 1
            if nearest < 0:
                continue
            core = self.cores[nearest]
            if (one.start, one.end) != (core.start, core.end):
                continue
            because = (*one.because, f"view:{core.kind}")
            found += (
                (place.text, Finding(place.start, place.end, one.entity, one.score, one.detector, because))
                for place in core.places
            )
        return found
