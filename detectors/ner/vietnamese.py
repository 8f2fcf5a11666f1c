"""Vietnamese names in full: Nguyễn Văn Hùng, Tran Thi Mai Anh.

Enters: a block of a view's text. Leaves: mentions. Pure. The family name stands first, and a few of them are borne by
most people; what follows are syllables of the language. Written without its marks, the second one must be usual, too.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from detectors.ner.known import folded
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists

WORDS: Final = word_lists("vietnamese")
FAMILIES: Final = frozenset(WORDS["families"])
SECOND: Final = frozenset(WORDS["second"])
"""Syllables that stand second in many names; alone they name nobody."""

LETTER: Final = "A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"
CAPITAL: Final = rf"(?![a-z\u00df-\u00ff])[{LETTER}]"
MOST: Final = 4
"""Words of a name."""
RUN: Final = re.compile(
    rf"(?<![\w.@/'’\-]){CAPITAL}[{LETTER}]{{1,8}}(?:[ ]{CAPITAL}[{LETTER}]{{0,8}}){{1,{MOST - 1}}}(?![\w@])"
)
WORD: Final = re.compile(rf"[{LETTER}]+")
SYLLABLE: Final = re.compile(
    "(?:ngh|ng|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
BEHIND: Final = re.compile(rf"(?i)[ ]{any_of(WORDS['places_behind'])}\b")
BEFORE: Final = re.compile(rf"(?i)(?:\b{any_of(WORDS['places_before'])}|[0-9][a-z]?,?)[ ]\Z")
"""A street that is called after somebody is no person."""
AROUND: Final = 12
SCORE: Final = 0.85


def vietnamese(text: str) -> Iterator[Mention]:
    """Yield the persons with a Vietnamese name in a block."""
    place = 0
    while match := RUN.search(text, place):
        words = list(WORD.finditer(text, *match.span()))
        place = words[0].end()
        words = words[: _length(words)]
        if not words:
            continue
        start, end = words[0].start(), words[-1].end()
        if BEHIND.match(text, end) or BEFORE.search(text[max(0, start - AROUND) : start]):
            continue
        yield Mention(start, end, "PERSON", SCORE, ("cue:vietnamese",), firm=True)
        place = end


def _length(words: Sequence[re.Match[str]]) -> int:
    """Return how many words at the beginning of a run are a name; nought where none are."""
    syllables = list(takewhile(_is_syllable, (word.group() for word in words)))
    told = [plain(one) for one in syllables]
    if len(told) < 2 or told[0] not in FAMILIES:
        return 0
    marked = not all(map(str.isascii, syllables))
    return len(told) if marked or (len(told) > 2 and told[1] in SECOND) else 0


def _is_syllable(word: str) -> bool:
    """Tell whether a word in title case is a syllable of Vietnamese."""
    return word[0].isupper() and word[1:].islower() and SYLLABLE.fullmatch(plain(word)) is not None


def plain(word: str) -> str:
    """Return a word in small letters of ASCII: the đ is a letter of its own, not one with a mark."""
    return folded(word).replace("đ", "d")
