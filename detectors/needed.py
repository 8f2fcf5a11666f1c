"""Words without which a pattern matches nowhere in a text, wherever they stand in it.

Enters: the tree of a pattern. Leaves: groups of words, in lower case; a text that lacks all words of a group has no
match. What opens a gate may be as common as a comma: then these tell most texts at once. Too few groups cost time only;
a group too many would hide what is there, so what is not understood makes none.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.literals import pairs
from detectors.reading import Reading, codes_of
from detectors.spelt import BITS, COMMON, SPREAD, members_of, triples
from detectors.syntax import SIGNS_BEYOND, Atom, Choice, Item, standing_for

type Group = tuple[str, ...]
"""Words of which a text has one at least."""

MOST_WORDS: Final = 64
"""Words of a group."""
MOST_GROUPS: Final = 3
"""Groups of a pattern, the rarest ones."""
FEW: Final = 4
"""Characters of a class that spells something."""
LEAST_BITS: Final = 6.0
"""How rare the commonest word of a group is at least, in bits."""
BEYOND_ASCII: Final = 8.0
"""Bits of a character beyond ASCII."""
LONGEST: Final = 1 << 16
"""Characters of a text in which they are looked for: most words stand in a longer one."""
TRIPLE: Final = 3
COMMON_BITS: Final = 4.0
"""By how much a common piece of words is likelier than its letters are."""
MARKS: Final = 15
"""Bits of a place in a table of what stands in a text: small enough to be made for each, and seldom too full."""
ROOM: Final = 4
"""Places for each character of a shorter text: its table is kept as long as its reading, as are thousands of others."""
PAIR_SHIFT: Final = np.uint16(16 - MARKS)
EVERYWHERE: Final = 1 << MARKS
"""The place in a table that is always marked, behind those of words."""
ANYWHERE_BEYOND: Final = -1
"""The place that is marked where a text has any character beyond ASCII, the last one of a table of any size."""


def needed(choice: Choice) -> tuple[Group, ...]:
    """Return the groups of a pattern, the rarest first; none where nothing is sure."""
    every = [_rarest_first(_groups_of(branch)) for branch in choice.branches]
    if not all(every):
        return ()
    # One branch has all of its own, so that a text with a match has one of the first of each, and of the second.
    groups = (tuple(dict.fromkeys(word for own in row for word in own)) for row in zip_longest(*every) if all(row))
    return tuple(group for group in groups if len(group) <= MOST_WORDS)[:MOST_GROUPS]


type Marks = tuple[int, int, int]
"""Places in the table of a text that are marked where it has a word."""


class Words:
    """The words that one text may have, by what stands in it in threes, and beyond ASCII in twos."""

    __slots__ = ("_fewer", "_known", "_pairs", "_threes")

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        codes = reading.codes
        self._known: dict[int, bool] = {}
        self._fewer = max(0, MARKS - (ROOM * len(reading.skeleton)).bit_length())
        self._threes = marked(spread(reading.made(threes_of)), self._fewer)
        self._pairs = unmarked(self._fewer) if codes is None else marked(pairs(codes) >> PAIR_SHIFT, self._fewer)

    def meet(self, needs: Iterable[Sequence[Marks]]) -> bool:
        """Tell whether the text may have a word of each group; where it has not, none of one stands there."""
        known = self._known
        for group in needs:
            met = known.get(id(group))  # the groups outlive each text
            if met is None:
                met = known[id(group)] = self._may_have_one(group)
            if not met:
                return False
        return True

    def _may_have_one(self, group: Sequence[Marks]) -> bool:
        threes, pairs, fewer = self._threes, self._pairs, self._fewer
        for one, other, pair in group:  # a dozen for each text: twice as fast as with `any`
            if threes[one >> fewer] and threes[other >> fewer] and pairs[pair >> fewer]:
                break
        else:
            return False
        return True


def threes_of(reading: Reading) -> NDArray[np.uint32]:
    """Return the codes of all that stands in a text in threes."""
    codes: NDArray[np.uint32] = triples(reading.skeleton)
    return codes


@cache
def marks_of(group: Group) -> tuple[Marks, ...]:
    """Return the marks of the words of a group, the same for the same group."""
    return tuple(map(_marks, group))


def _marks(word: str) -> Marks:
    data = "".join(map(standing_for, word)).encode()
    threes = sorted((data[at : at + TRIPLE] for at in range(len(data) - TRIPLE + 1)), key=_bits_of_three, reverse=True)
    rarest = [int(spread(triples(three))[0]) for three in threes[:2]] or [EVERYWHERE]
    held = pairs(codes_of(word)) >> PAIR_SHIFT if len(word) > 1 else ()
    beyond = [
        int(mark)
        for mark, (one, other) in zip(held, pairwise(word), strict=True)
        if not one.isascii() and not other.isascii()
    ]
    return rarest[0], rarest[-1], [*beyond, EVERYWHERE if word.isascii() else ANYWHERE_BEYOND][0]


def _bits_of_three(three: bytes) -> float:
    """Return how rare three characters of a skeleton are, which may be a common piece of words."""
    letters = three.decode().lower()
    return sum(map(BITS.__getitem__, letters)) - COMMON_BITS * (letters in COMMON)


def marked(places: NDArray[Any], fewer: int) -> bytes:
    """Return a table of so many `fewer` bits that is marked in some places, and at its end: for a text beyond ASCII."""
    table = np.zeros((EVERYWHERE >> fewer) + 2, np.bool_)
    table[places >> fewer] = True
    table[-2:] = True
    return table.tobytes()


@cache
def unmarked(fewer: int) -> bytes:
    """Return a table of so many `fewer` bits of the pairs of a text in ASCII, the same for all who ask."""
    return bytes(EVERYWHERE >> fewer) + b"\1\0"


def spread(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return a place in the table for each code."""
    return (codes * SPREAD) >> np.uint32(32 - MARKS)


def _rarest_first(groups: Iterable[Group]) -> list[Group]:
    return sorted((group for group in groups if bits_of(group) >= LEAST_BITS), key=bits_of, reverse=True)


def bits_of(group: Group) -> float:
    """Return how rare the commonest word of a group is."""
    return min(sum(BITS.get(one, BEYOND_ASCII) for one in word) for word in group)


def _groups_of(branch: Sequence[Item]) -> Iterator[Group]:
    """Yield the groups of a sequence: its runs of words, and what the groups in it need."""
    run = [""]
    for item in branch:
        words = _written(item)
        longer = _joined(run, words or ())
        if longer:
            run = longer
            continue
        yield tuple(run)
        run = words or [""]
        if not words and item.least and isinstance(item.part, Choice):
            yield from needed(item.part)
    yield tuple(run)


def _written(item: Item) -> list[str] | None:
    """Return all that an item may be written as, in lower case; none where that is too much, or not told."""
    if item.most is None:
        return None
    words = _characters(item.part) if isinstance(item.part, Atom) else _ways(item.part)
    if words is None:
        return None
    found: list[str] = [] if item.least else [""]
    ways = [""]
    for times in range(1, item.most + 1):
        ways = _joined(ways, words)
        if not ways or len(found) > MOST_WORDS:
            return None
        found += ways if times >= item.least else []
    return list(dict.fromkeys(found)) if len(found) <= MOST_WORDS else None


def _characters(atom: Atom) -> list[str] | None:
    """Return the characters that an atom matches, in lower case; the empty text for an edge."""
    return list(_members(atom.text, atom.literal)) or None


@cache
def _members(text: str, literal: str) -> tuple[str, ...]:
    if literal:
        return (literal,)
    if not text:
        return ("",)
    members = {one.lower() for one in members_of(text)}
    return () if len(members) > FEW or not members.isdisjoint(SIGNS_BEYOND) else tuple(sorted(members))


def _ways(choice: Choice) -> list[str] | None:
    """Return all that a group may be written as."""
    words: list[str] = []
    for branch in choice.branches:
        ways = [""]
        for item in branch:
            ways = _joined(ways, _written(item) or ())
        if not ways or len(words) + len(ways) > MOST_WORDS:
            return None
        words += ways
    return words


def _joined(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return each of some words with each of some others after it; nothing where these are too many."""
    return [one + other for one in before for other in after] if len(before) * len(after) <= MOST_WORDS else []
