"""Measures a detector: its findings against labelled spans, as true positives, found and labelled, counted three ways.

Enters: the spans that are in a text, and the spans that were found there. Leaves: counts, which add up over texts, and
the errors by kind. Pure; nothing here holds text. *Strict* asks for the same offsets and label, *overlapping* for one
shared character and the same label; *covered* asks which marked characters any finding covers, whatever it called them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Span = tuple[int, int, str]
"""Start, end and label; the end is one past the last character."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits among what was found, and among what is there."""

    hits: int = 0
    found: int = 0
    there: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of both."""
        return Counts(self.hits + other.hits, self.found + other.found, self.there + other.there)

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; none where nothing was found."""
        return self.hits / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of what is there that was found; none where nothing is there."""
        return self.hits / self.there if self.there else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; none where nothing is there and nothing was found."""
        return 2 * self.hits / (self.found + self.there) if self.found + self.there else None


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some texts; two tallies add up to that of all their texts."""

    strict: dict[str, Counts] = field(default_factory=dict)
    """By label."""
    overlapping: dict[str, Counts] = field(default_factory=dict)
    covered: Counts = Counts()
    """Characters: marked and covered, covered, marked."""
    texts: int = 0
    free: int = 0
    """Texts in which nothing is marked."""
    alarmed: int = 0
    """Those of them in which something was found."""
    untold: int = 0
    """Texts of which a detector could not tell; what it did find is counted all the same."""

    def __add__(self, other: "Tally") -> "Tally":
        """Return the tally of the texts of both."""
        return Tally(
            _sum(self.strict, other.strict),
            _sum(self.overlapping, other.overlapping),
            self.covered + other.covered,
            self.texts + other.texts,
            self.free + other.free,
            self.alarmed + other.alarmed,
            self.untold + other.untold,
        )

    @property
    def false_alarms(self) -> float | None:
        """Share of the texts without anything in which something was found."""
        return self.alarmed / self.free if self.free else None


class Kind(StrEnum):
    """What is wrong about a finding, or about its absence."""

    MISSED = "missed"
    SPURIOUS = "spurious"
    BOUNDARY = "boundary"
    """Right label, other offsets."""
    LABEL = "label"
    """Right offsets, other label."""
    BOTH = "boundary and label"


@dataclass(frozen=True, slots=True)
class Slip:
    """One error: a labelled span, the finding in its place, or one of them alone."""

    kind: Kind
    there: Span | None
    found: Span | None


def tally(there: Iterable[Span], found: Iterable[Span], *, untold: bool = False) -> Tally:
    """Return the counts of one text."""
    marked, named = by_label(there), by_label(found)
    strict, overlapping = {}, {}
    for label in sorted(marked.keys() | named.keys()):
        ours, theirs = named.get(label, []), marked.get(label, [])
        strict[label] = Counts(len(set(ours) & set(theirs)), len(ours), len(theirs))
        overlapping[label] = Counts(len(pairs(theirs, ours)), len(ours), len(theirs))
    wanted, taken = (united(span[:2] for row in rows.values() for span in row) for rows in (marked, named))
    shared = sum(min(b, d) - max(a, c) for a, b in wanted for c, d in taken if a < d and c < b)
    return Tally(
        strict,
        overlapping,
        Counts(shared, sum(end - start for start, end in taken), sum(end - start for start, end in wanted)),
        texts=1,
        free=int(not marked),
        alarmed=int(not marked and bool(named)),
        untold=int(untold),
    )


def micro(counts: dict[str, Counts]) -> Counts:
    """Return the counts of all labels together."""
    return sum(counts.values(), Counts())


def by_label(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """Return the spans by label, those that overlap made one: as a finder does with what its detectors find."""
    rows: dict[str, list[tuple[int, int]]] = {}
    for start, end, label in spans:
        rows.setdefault(label, []).append((start, end))
    return {label: [(start, end, label) for start, end in united(row)] for label, row in rows.items()}


def united(spans: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    """Return spans without overlaps that cover the same characters, sorted; spans that only touch stay two."""
    rows: list[tuple[int, int]] = []
    for start, end in sorted((span[0], span[1]) for span in spans):
        if rows and start < rows[-1][1]:
            rows[-1] = (rows[-1][0], max(end, rows[-1][1]))
        else:
            rows.append((start, end))
    return rows


def pairs(there: Sequence[Span], found: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Pair what overlaps, each at most once, as many pairs as there can be; both without overlaps of their own.

    Of two rows of separate intervals the first pair that overlaps can always be taken: whoever else one of them could
    be paired with begins later, and has the later ones of the other row to be paired with.
    """
    rows = (sorted(there), sorted(found))
    paired: list[tuple[Span, Span]] = []
    i = j = 0
    while i < len(rows[0]) and j < len(rows[1]):
        one, other = rows[0][i], rows[1][j]
        if one[0] < other[1] and other[0] < one[1]:
            paired.append((one, other))
            i, j = i + 1, j + 1
        elif one[1] <= other[0]:
            i += 1
        else:
            j += 1
    return paired


def slips(there: Iterable[Span], found: Iterable[Span]) -> list[Slip]:
    """Return all errors of one text, sorted by place; each span is part of one at most."""
    left = [sorted(span for row in by_label(spans).values() for span in row) for spans in (there, found)]
    exact = set(left[0]) & set(left[1])
    missed, spurious = ([span for span in row if span not in exact] for row in left)
    told: list[Slip] = []
    for kind in (Kind.LABEL, Kind.BOUNDARY, Kind.BOTH):
        for one in tuple(missed):
            near = next((other for other in spurious if _kind(one, other) is kind), None)
            if near is not None:
                told.append(Slip(kind, one, near))
                missed.remove(one)
                spurious.remove(near)
    told += [Slip(Kind.MISSED, one, None) for one in missed]
    told += [Slip(Kind.SPURIOUS, None, one) for one in spurious]
    return sorted(told, key=lambda slip: slip.there or slip.found or (0, 0, ""))


def _kind(one: Span, other: Span) -> Kind | None:
    if not (one[0] < other[1] and other[0] < one[1]):
        return None
    if one[:2] == other[:2]:
        return Kind.LABEL
    return Kind.BOUNDARY if one[2] == other[2] else Kind.BOTH


def _sum(some: dict[str, Counts], more: dict[str, Counts]) -> dict[str, Counts]:
    return {label: some.get(label, Counts()) + more.get(label, Counts()) for label in sorted(some.keys() | more.keys())}
