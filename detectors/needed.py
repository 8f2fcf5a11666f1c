"""Words without which a pattern matches nowhere in a text, wherever they stand in it.

Enters: the tree of a pattern. Leaves: groups of words, in lower case; a text that lacks all words of a group has no
match. What opens a gate may be as common as a comma: then these tell most texts at once. Too few groups cost time only;
a group too many would hide what is there, so what is not understood makes none.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import Final

from detectors.reading import Reading
from detectors.spelt import BITS, COMMON, members_of
from detectors.syntax import SIGNS_BEYOND, Atom, Choice, Item

type Group = tuple[str, ...]
"""Words of which a text has one at least."""

MOST_WORDS: Final = 64
"""Words of a group."""
MOST_GROUPS: Final = 3
"""Groups of a pattern, the rarest ones."""
FEW: Final = 4
"""Characters of a class that spells something."""
FEW_BEYOND: Final = 8
"""Characters beyond ASCII of a class that spells something."""
LEAST_BITS: Final = 6.0
"""How rare the commonest word of a group is at least, in bits."""
BEYOND_ASCII: Final = 8.0
"""Bits of a character beyond ASCII."""
LONGEST: Final = 1 << 16
"""Characters of a text in which a view looks for them: most words stand in a longer one."""
TRIPLE: Final = 3
COMMON_BITS: Final = 4.0
"""By how much a common piece of words is likelier than its letters are."""
RARE_BITS: Final = 11.0
"""Bits of a word that is worth a place among those found in one pass."""


def needed(choice: Choice) -> tuple[Group, ...]:
    """Return the groups of a pattern, the rarest first; none where nothing is sure."""
    every = [groups_of(branch) for branch in choice.branches]
    if not all(every):
        return ()
    # One branch has all of its own, so that a text with a match has one of the first of each, and of the second.
    groups = (tuple(dict.fromkeys(word for own in row for word in own)) for row in zip_longest(*every) if all(row))
    return tuple(group for group in groups if len(group) <= MOST_WORDS)[:MOST_GROUPS]


type Marks = tuple[tuple[str, ...], tuple[str, ...]]
"""Words to be looked for as they are, for they have no cases, and those to be looked for in lower case."""


class Words:
    """The words that one text has."""

    __slots__ = ("_lowered", "_text")

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        self._text = reading.text
        self._lowered = reading.text.lower() if reading.codes is None else ""

    def meet(self, needs: Iterable[Marks]) -> bool:
        """Tell whether the text has a word of each group."""
        return all(map(self.has_one, needs))

    def has_one(self, group: Marks) -> bool:
        """Tell whether the text has a word of a group."""
        as_they_are, in_lower_case = group
        if any(map(self._text.__contains__, as_they_are)):
            return True
        if in_lower_case and not self._lowered:
            self._lowered = self._text.lower()
        return any(map(self._lowered.__contains__, in_lower_case))


@cache
def marks_of(group: Group) -> Marks:
    """Return how the words of a group are looked for one by one, the shortest first."""
    words = sorted(group, key=len)
    return tuple(word for word in words if not _has_cases(word)), tuple(
        word.lower() for word in words if _has_cases(word)
    )


def _has_cases(word: str) -> bool:
    return word.upper() != word


def is_common(word: str) -> bool:
    """Tell whether a word is met soon in most texts: it is looked for by itself."""
    return rareness(word) < RARE_BITS


def groups_of(branch: Sequence[Item]) -> list[Group]:
    """Return the groups of a sequence, the rarest first."""
    return sorted((group for group in _groups_of(branch) if bits_of(group) >= LEAST_BITS), key=bits_of, reverse=True)


def bits_of(group: Group) -> float:
    """Return how rare the commonest word of a group is."""
    return min(map(_bits, group))


def _bits(word: str) -> float:
    return sum(BITS.get(one, BEYOND_ASCII) for one in word)


def rareness(word: str) -> float:
    """Return how rare a word is, which may have common pieces in it."""
    return _bits(word) - COMMON_BITS * sum(word[at : at + TRIPLE] in COMMON for at in range(len(word) - 2))


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
    if atom.among:
        return list(atom.among) if len(atom.among) <= FEW_BEYOND else None
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
