"""Words without which a pattern matches nowhere in a text, wherever they stand in it.

Enters: the tree of a pattern. Leaves: groups of words, in lower case; a text that lacks all words of a group has no
match. What opens a gate may be as common as a comma: then these tell most texts at once. Too few groups cost time only;
a group too many would hide what is there, so what is not understood makes none.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import Final

from detectors.spelt import BITS, members_of
from detectors.syntax import SIGNS_BEYOND, Atom, Choice, Item

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


def needed(choice: Choice) -> tuple[Group, ...]:
    """Return the groups of a pattern, the rarest first; none where nothing is sure."""
    every = [_rarest_first(_groups_of(branch)) for branch in choice.branches]
    if not all(every):
        return ()
    # One branch has all of its own, so that a text with a match has one of the first of each, and of the second.
    groups = (tuple(dict.fromkeys(word for own in row for word in own)) for row in zip_longest(*every) if all(row))
    return tuple(group for group in groups if len(group) <= MOST_WORDS)[:MOST_GROUPS]


class Words:
    """The words of one text, each looked for once."""

    __slots__ = ("_known", "_text")

    def __init__(self, text: str) -> None:
        """Take the text."""
        self._text = text.lower()
        self._known: dict[Group, bool] = {}

    def meet(self, needs: Iterable[Group]) -> bool:
        """Tell whether the text has a word of each group."""
        return all(map(self._has_one, needs))

    def _has_one(self, group: Group) -> bool:
        known = self._known.get(group)
        if known is None:
            text = self._text
            known = self._known[group] = any(word in text for word in group)
        return known


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
        return (literal.lower(),)
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
