"""Finds values of registered rows in a text: several of one row near each other, or one that says enough by itself.

Enters: texts, and an index of keyed digests. Leaves: where values stand. The detector holds no value and can say none.
What passes the filter is digested and looked up; of values that many rows share, only a combination that few rows
share counts.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.allowance import spend
from detectors.company.columns import ALONE, GROUPS, MANNERS, MOST, Kind
from detectors.company.index_file import Index
from detectors.company.mixing import Mixer, Places, Words, digests, known
from detectors.company.tokens import Manner, Tokens, codes_of, cut, plain, sorts_of
from detectors.interface import Finding
from detectors.reading import read_text

COMMON: Final = 20
"""A value, or combination of values, that more rows share than this identifies nobody."""
MOST_ROWS: Final = 4_096
"""Rows of one value that are gone through; of two values the rarer is taken."""
FEW: Final = 64
"""Up to so many rows are compared one by one; of more, those asked for are searched."""
PIECE: Final = 65_536
"""Characters that are looked at together."""
OVERLAP: Final = 512
SCORES: Final = (0.9, 0.95, 0.99)
"""Of two columns or one that stands alone, of three, of more."""


class Hit(NamedTuple):
    """A registered value in the text."""

    start: int
    end: int
    """In the text as it is compared."""
    column: int
    first: int
    """Where its rows begin and end in the column's array."""
    last: int
    length: int
    """Characters without what stands between them."""


class Pieces(NamedTuple):
    """All pieces of a text that can be a value of some column."""

    begins: Places
    ends: Places
    sizes: Places
    """Tokens of each."""
    mixed: Words


@dataclass(frozen=True, slots=True)
class Searched:
    """One column, ready to be searched."""

    kind: Kind
    alone: bool
    lengths: NDArray[np.bool_]
    """For each length, whether some value has it."""
    sizes: tuple[int, ...]
    """So many tokens can be a value."""
    of_size: NDArray[np.bool_]
    """The same, for each number of tokens."""
    digests: Words
    rows: NDArray[np.uint32]
    filtered: NDArray[np.uint8]


class ExactMatch:
    """A detector made of an index of rows."""

    def __init__(self, entity: str, index: Index) -> None:
        """Take the entity that the values are, and an opened index of the form `exact`."""
        self._entity, self._name = entity, index.name
        self._key, self._mixer = index.key, Mixer(index.key)
        self._need, self._near = int(index.about["need"]), int(index.about["near"])
        self._columns = [_searched(told, number, index) for number, told in enumerate(index.about["columns"])]
        self._manners: dict[Manner, list[int]] = {}
        for number, one in enumerate(self._columns):
            self._manners.setdefault(MANNERS[one.kind], []).append(number)

    @property
    def name(self) -> str:
        """Name of the index."""
        return f"exact:{self._name}"

    @property
    def entities(self) -> frozenset[str]:
        """The one entity of its values."""
        return frozenset({self._entity})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return where registered values stand that count."""
        if self._entity not in entities:
            return ()
        view = read_text(text).view
        hits = sorted(self._hits(plain(view.text)))
        counted = self._counted(hits)
        findings = {}
        for number, columns in counted.items():
            start, end = view.span(hits[number].start, hits[number].end)
            score = SCORES[min(max(columns - 2, 0), 2)]
            because = (self.name, f"columns:{columns}")
            findings[start, end] = Finding(start, end, self._entity, score, self.name, because)
        return tuple(findings[place] for place in sorted(findings))

    def _hits(self, text: str) -> set[Hit]:
        hits: set[Hit] = set()
        for offset in range(0, max(1, len(text)), PIECE):
            spend()
            piece = text[offset : offset + PIECE + OVERLAP]
            hits.update(self._look(piece, offset))
        return hits

    def _look(self, text: str, offset: int) -> Iterator[Hit]:
        codes = codes_of(text)
        sorts = sorts_of(codes)
        for manner, numbers in self._manners.items():
            tokens = cut(text, codes, manner, sorts)
            if len(tokens):
                pieces = _pieces(tokens, self._mixer, {size for each in numbers for size in self._columns[each].sizes})
                for number in numbers:
                    yield from self._values(number, tokens, pieces, offset)

    def _values(self, number: int, tokens: Tokens, pieces: Pieces, offset: int) -> Iterator[Hit]:
        """Give the values of one column among the pieces of a text."""
        column = self._columns[number]
        fits = column.lengths[np.minimum(pieces.ends - pieces.begins, len(column.lengths) - 1)]
        fits = np.flatnonzero(fits & column.of_size[pieces.sizes])
        fits = fits[known(self._mixer, column.filtered, pieces.mixed[fits])]
        if not len(fits):
            return
        begins, ends = pieces.begins[fits], pieces.ends[fits]
        made = digests(self._key, tokens.packed, begins, ends)
        firsts = np.searchsorted(column.digests, made, "left")
        there = np.flatnonzero(column.digests[np.minimum(firsts, len(column.digests) - 1)] == made)
        lasts = np.searchsorted(column.digests, made[there], "right")
        for at, last in zip(there.tolist(), lasts.tolist(), strict=True):
            start, end = tokens.span(int(begins[at]), int(ends[at]))
            yield Hit(start + offset, end + offset, number, int(firsts[at]), last, int(ends[at] - begins[at]))

    def _counted(self, hits: Sequence[Hit]) -> dict[int, int]:
        """Return the numbers of the hits that count, and of how many columns each has the support."""
        counted: dict[int, int] = {}
        for number, hit in enumerate(hits):
            column = self._columns[hit.column]
            if column.alone and hit.last - hit.first <= COMMON and hit.length >= ALONE[MANNERS[column.kind]]:
                counted[number] = 1
        if len(self._columns) < 2:
            return counted
        starts = [hit.start for hit in hits]
        rarest_first = sorted(range(len(hits)), key=lambda number: hits[number].last - hits[number].first)
        for number in rarest_first:
            if hits[number].last - hits[number].first > MOST_ROWS:
                break
            if counted.get(number, 0) < self._need:
                spend()
                for each, columns in self._together(hits, starts, number).items():
                    counted[each] = max(columns, counted.get(each, 0))
        return counted

    def _together(self, hits: Sequence[Hit], starts: Sequence[int], seed: int) -> dict[int, int]:
        """Return the hits near one of them that are of the same rows, where few rows have all of it."""
        one = hits[seed]
        rows = self._rows(one)
        support: dict[int, set[int]] = {}
        near: list[tuple[int, set[int]]] = []
        for number in range(bisect_left(starts, one.start - self._near), bisect_right(starts, one.end + self._near)):
            other = hits[number]
            if other.column == one.column or (other.start < one.end and one.start < other.end):
                continue
            shared = self._shared(other, rows)
            if shared:
                near.append((number, shared))
                support.setdefault(other.column, set()).update(shared)
        columns = Counter(row for shared in support.values() for row in shared)
        meant = {row: 1 + others for row, others in columns.items() if 1 + others >= self._need}
        if not 0 < len(meant) <= COMMON:
            return {}
        found = {
            number: max(meant[row] for row in shared & meant.keys()) for number, shared in near if shared & meant.keys()
        }
        return {seed: max(meant.values()), **found}

    def _rows(self, hit: Hit) -> set[int]:
        return set(self._columns[hit.column].rows[hit.first : hit.last].tolist())

    def _shared(self, hit: Hit, rows: set[int]) -> set[int]:
        """Return those of `rows` that have the value of `hit`."""
        if hit.last - hit.first <= FEW:
            return self._rows(hit) & rows
        own = self._columns[hit.column].rows[hit.first : hit.last]  # in order, as the rows of every value
        asked = np.fromiter(rows, np.uint32, len(rows))
        places = np.searchsorted(own, asked)
        return set(asked[own[np.minimum(places, len(own) - 1)] == asked].tolist())


def _pieces(tokens: Tokens, mixer: Mixer, sizes: set[int]) -> Pieces:
    """Return every piece of so many tokens, hashed once for all columns."""
    windows = [tokens.windows(size) for size in sorted(sizes)]
    begins = np.concatenate([np.zeros(0, np.int64), *(begin for begin, _ in windows)])
    ends = np.concatenate([np.zeros(0, np.int64), *(end for _, end in windows)])
    counts = np.repeat(np.array(sorted(sizes), np.int64), [len(begin) for begin, _ in windows])
    return Pieces(begins, ends, counts, mixer.pieces(mixer.sums(tokens.packed), begins, ends))


def _searched(told: dict[str, Any], number: int, index: Index) -> Searched:
    kind = Kind(told["kind"])
    lengths = np.zeros(max(told["lengths"], default=0) + 2, np.bool_)
    lengths[told["lengths"]] = True
    sizes = {Manner.WORDS: tuple(told["sizes"]), Manner.ADDRESSES: (1,)}.get(MANNERS[kind], tuple(range(1, GROUPS + 1)))
    of_size = np.zeros(MOST, np.bool_)
    of_size[list(sizes) if told["values"] else []] = True
    arrays = (index.arrays[f"{what}-{number}"] for what in ("digests", "rows", "filter"))
    return Searched(kind, bool(told["alone"]), lengths, sizes if told["values"] else (), of_size, *arrays)
