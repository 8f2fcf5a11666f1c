"""Which model is asked about which stretch of a text.

Enters: a text and its tokens. Leaves: ranges of tokens. Pure. A text in one script is for one model. Of a text in both,
English sentences are for the model of word pieces, which learnt no Chinese; all the rest is for the hashed model, a
Latin name in a Chinese sentence as well. Every token that can be part of a name is asked about.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

from detectors.ner.tokenise import IDEOGRAPHS, Place
from detectors.ner.windows import Range

CONTEXT: Final = 16
"""Tokens round a range that the hashed model is shown with it; it sees ten to either side."""

SENTENCE: Final = 5
"""Words in Latin letters, nothing in another script between, that are read by the model for Latin script."""

LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]+")
"""Letters of the Latin script, with those of Latin-1 and the two extensions after it."""

OTHERS: Final = re.compile(f"(?:[{IDEOGRAPHS}]|[^\\W\\d_A-Za-z\u00c0-\u024f])+")
"""Letters of all other scripts."""


def has_latin(text: str) -> bool:
    """Tell whether `text` holds a Latin letter."""
    return LATIN.search(text) is not None


def has_others(text: str) -> bool:
    """Tell whether `text` holds a letter that is not Latin."""
    return not text.isascii() and OTHERS.search(text) is not None


def sentences(text: str, places: Sequence[Place]) -> list[Range]:
    """Return the ranges of tokens with no letter of another script in them, and Latin words enough for a sentence."""
    starts = [start for start, _ in places]
    words = [0] * len(places)
    for token in _holding(starts, LATIN.finditer(text)):
        words[token] = 1
    others = sorted(set(_holding(starts, OTHERS.finditer(text))))
    counts = [*accumulate(words, initial=0)]
    gaps = ((before + 1, after) for before, after in pairwise([-1, *others, len(places)]))
    return [(first, last) for first, last in gaps if first < last and counts[last] - counts[first] >= SENTENCE]


def beside(ranges: Sequence[Range], count: int, context: int = CONTEXT) -> list[Range]:
    """Return the ranges of the other tokens of `count`, with `context` tokens on either side, united."""
    rest = pairwise([0, *(edge for found in ranges for edge in found), count])
    wide: list[Range] = []
    for place, (first, last) in enumerate(rest):
        if place % 2 or first == last:
            continue
        begin, end = max(0, first - context), min(count, last + context)
        if wide and begin <= wide[-1][1]:
            wide[-1] = (wide[-1][0], end)
        else:
            wide.append((begin, end))
    return wide


def _holding(starts: Sequence[int], matches: Iterator[re.Match[str]]) -> Iterator[int]:
    """Yield the tokens that hold a part of a match."""
    for match in matches:
        yield from range(bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1))
