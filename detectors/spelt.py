"""Words that patterns spell out.

Enters: the tree of a pattern. Leaves: words of which whatever the pattern matches has one, as rare ones as there are.
"""

import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from detectors.syntax import SIGNS_BEYOND, Atom, Choice, Item

type Word = tuple[str, ...]
"""The characters that do at each place, such as both cases of a letter."""

SHORTEST: Final = 2
MOST: Final = 64
"""Words that one sequence of a pattern may stand for."""

WIDE: Final = 12
"""Letters of a class that is no help in finding a word; its digits count for one, and so do its signs."""

FEW: Final = 4
"""Characters of a class that spells something."""

SHARES: Final = (
    "e12.7 t9.1 a8.2 o7.5 i7 n6.7 s6.3 h6.1 r6 d4.3 l4 c2.8 u2.8 m2.4 w2.4 f2.2 g2 y2 p1.9 b1.5 v1 k.8 j.2 x.2 q.1 z.1"
)
BITS: Final = {
    **{chr(code): 6.5 for code in range(128)},
    **{share[0]: -math.log2(float(share[1:]) / 100) for share in SHARES.split()},
    **dict.fromkeys("0123456789", 5.0),
    **dict.fromkeys("-_=.*#/", 4.5),
    **dict.fromkeys(" \t\r\n", 5.0),
    **dict.fromkeys(SIGNS_BEYOND, 5.0),
}
"""How rare a character is, in either case."""

PIECES: Final = (
    "the and ing ent ion her for tha int ere tio ter est ers ati hat ate all ver his ith res ont com pro con per sta"
    " ess men ive ect tur igh ort art ass par nat nal ard red cal ost our rea ist ine ide ell ted ant pre pos str act"
)
COMMON: Final = frozenset(PIECES.split())
"""Pieces of words that are likelier than their letters are."""

GRAM: Final = 4


def words_of(choice: Choice) -> tuple[tuple[Word, ...], bool] | None:
    """Return words of which any match has one, and whether each of them is a match; none where there are none."""
    found: set[Word] = set()
    whole = True
    for branch in choice.branches:
        words, all_of_it = _rarest(branch)
        if not words:
            return None
        found.update(words)
        whole = whole and all_of_it
    return tuple(_without_longer(found)), whole


def rarity(words: Sequence[Word]) -> float:
    """Return how rare the commonest of some words is, in bits of its rarest piece; nought for none."""
    return min((sum(map(rareness, _rarest_piece(word))) for word in words), default=0.0)


def _rarest(branch: Sequence[Item]) -> tuple[Sequence[Word], bool]:
    """Return the rarest words of which each match of a sequence has one, and whether they are all of it."""
    runs: list[list[Word]] = [[()]]
    groups: list[Sequence[Word]] = []
    for item in branch:
        words = _language(item)
        longer = _joined(runs[-1], words or [])
        if longer:
            runs[-1] = longer
            continue
        runs.append(words or [()])
        if not words and item.least and isinstance(item.part, Choice):
            inner = words_of(item.part)
            groups += [inner[0]] if inner else []
    spelt = [run for run in runs if all(map(_spells, run))]
    return max((*spelt, *groups), key=rarity, default=()), len(runs) == 1


def _spells(word: Word) -> bool:
    """Tell whether a word is made of a few characters, not of classes."""
    return sum(len({*element.lower()}) <= FEW for element in _rarest_piece(word)) >= SHORTEST


def _language(item: Item) -> list[Word] | None:
    """Return all that an item matches; none where that is too much, and for edges."""
    if isinstance(item.part, Atom):
        members = members_of(item.part.text) if item.part.text else frozenset[str]()
        element = "".join(sorted(members))
        words: list[Word] = [(element,)] if 0 < _width(element) <= WIDE else []
    else:
        words = []
        for branch in item.part.branches:
            ways: list[Word] = [()]
            for one in branch:
                ways = _joined(ways, _language(one) or [])
            if not ways:
                return None
            words += ways
    if not 0 < len(words) <= MOST or item.most is None:
        return None
    found: list[Word] = [] if item.least else [()]
    ways = [()]
    for times in range(1, item.most + 1):
        ways = _joined(ways, words)
        if not ways:
            return None
        found += ways if times >= item.least else []
    return found if len(found) <= MOST else None


def _joined(before: Sequence[Word], after: Sequence[Word]) -> list[Word]:
    """Return each of some words with each of some others after it; nothing where these are too many."""
    return [one + other for one in before for other in after] if len(before) * len(after) <= MOST else []


def _without_longer(words: Iterable[Word]) -> list[Word]:
    """Return the words without those that begin with another of them."""
    kept: set[Word] = set()
    for word in sorted(words, key=len):
        if not any(word[:length] in kept for length in range(SHORTEST, len(word))):
            kept.add(word)
    return sorted(kept)


def _rarest_piece(word: Word) -> Word:
    place = _rarest_place(word)
    return word[place : place + GRAM]


def _rarest_place(word: Word) -> int:
    """Return where the piece of a word begins that is rarest in texts."""
    return max(range(max(1, len(word) - GRAM + 1)), key=lambda place: _chance(word[place : place + GRAM]))


def _chance(piece: Word) -> float:
    """Return how rare a piece is, which may be common in words, or one sign several times."""
    runs = sum(rareness(one) for one, before in zip(piece, ("", *piece), strict=False) if one != before)
    letters = "".join(one[-1].lower() for one in piece)
    return runs - 4.0 * sum(letters[place : place + 3] in COMMON for place in range(len(piece) - 2))


@cache
def rareness(element: str) -> float:
    """Return the bits of the characters that do at one place."""
    return -math.log2(min(1.0, sum(2 ** -BITS[one] for one in {*element.lower()})))


@cache
def _width(element: str) -> int:
    """Return how many letters do at one place, of which all digits are one, and all signs are."""
    return len({one if one.isalpha() else "0" if one.isdecimal() else "-" for one in element.lower()})


@cache
def members_of(text: str) -> frozenset[str]:
    """Return the characters of a skeleton that a class matches."""
    pattern = re.compile(text.encode(), re.S)
    return frozenset(chr(code) for code in range(128) if pattern.fullmatch(bytes([code])))
