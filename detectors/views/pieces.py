"""A text put together of pieces of others, each with a core that somebody may have hidden there, and the way back.

Enters: pieces, each with the words before and after it. Leaves: one text for detectors to search, and for what they
find in it the places in the originals. The words around a core speak for it, and have been searched where they stand:
so what is found is passed over unless it is the whole of a core, or goes over a joint of one.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from detectors.agree import Spans
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
    """Where it was read from. Of several, each is as long as its stretch of the core, one after the other."""
    kind: str
    """How it was read, for people."""
    glue: str = ""
    """What was put between its stretches."""
    speaks: bool = False
    """Whether what lies within one stretch counts, too, for which another may speak; of a core of one stretch, all of
    it counts where something is found that begins with it."""
    whole: bool = False
    """Whether it counts as a whole only; then a place may be as long as it is written there."""

    def back(self, start: int, end: int) -> Iterator[Place]:
        """Yield what of the originals a stretch of the text was read from, where it counts."""
        if self.whole or len(self.places) == 1:
            if (start, end) == (self.start, self.end) or (self.speaks and start == self.start):
                yield from self.places
            return
        held: list[Place] = []
        first = self.start
        for place in self.places:
            size = place.end - place.start
            low, high = max(start, first), min(end, first + size)
            if low < high:
                held.append(replace(place, start=place.start + low - first, end=place.start + high - first))
            first += size + len(self.glue)
        if len(held) > 1 or self.speaks:
            yield from held


class Piece(NamedTuple):
    """A core and its words."""

    core: str
    places: Sequence[Place]
    kind: str
    before: str = ""
    after: str = ""
    entity: str = ""
    """What the core is if it is anything; empty where that is not known."""
    glue: str = ""
    """What stands in the core between what was read from each place."""
    speaks: bool = False
    """Whether one place may speak for what stands in another."""
    whole: bool = False
    """Whether it counts as a whole only."""

    def __repr__(self) -> str:
        """Return its kind: what is written stays out of logs."""
        return f"Piece({self.kind!r})"


@dataclass(slots=True)
class Pieces:
    """A text in the making."""

    cores: list[Core] = field(default_factory=list)
    _pieces: list[Piece] = field(default_factory=list, repr=False)
    length: int = 0
    """Of the text."""

    def add(self, piece: Piece) -> None:
        """Add a core between its words."""
        start = self.length + len(piece.before)
        end, places = start + len(piece.core), tuple(piece.places)
        self.cores.append(Core(start, end, places, piece.kind, piece.glue, piece.speaks, piece.whole))
        self._pieces.append(piece)
        self.length = start + len(piece.core) + len(piece.after) + len(GAP)

    def without(self, findings: Sequence[Finding]) -> "Pieces":
        """Return the pieces but for those of one place that was found to be what its core is."""
        rest, found = Pieces(), dict[str, Spans]()
        for piece in self._pieces:
            if piece.entity and piece.entity not in found:
                found[piece.entity] = Spans([one for one in findings if one.entity == piece.entity])
            if not (piece.entity and _held(found[piece.entity], piece)):
                rest.add(piece)
        return rest

    @property
    def text(self) -> str:
        """What is searched."""
        return "".join(f"{one.before}{one.core}{one.after}{GAP}" for one in self._pieces)

    def back(self, findings: Sequence[Finding]) -> list[tuple[int, Finding]]:
        """Return what was found and counts: the number of each text, and the finding in it."""
        return [share for one in self.shares(findings) for share in one]

    def shares(self, findings: Sequence[Finding]) -> Iterator[list[tuple[int, Finding]]]:
        """Yield of each finding what counts of it: the number of each text, and its share there."""
        ends = [core.end for core in self.cores]
        for one in findings:
            nearest = bisect_right(ends, one.start)
            if nearest == len(ends):
                continue
            core = self.cores[nearest]
            because = (*one.because, f"view:{core.kind}")
            yield [
                (place.text, Finding(place.start, place.end, one.entity, one.score, one.detector, because))
                for place in core.back(one.start, one.end)
            ]


def _held(found: Spans, piece: Piece) -> bool:
    """Tell whether what a piece was read from is found there already."""
    if piece.whole:
        return all(found.hold(one.start, one.end) for one in piece.places)
    return found.hold(piece.places[0].start, piece.places[-1].end)
