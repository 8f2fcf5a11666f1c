"""Which model is asked about which stretch of a text.

Enters: a text and its tokens. Leaves: ranges of tokens, each wide enough to show what stands around. Pure. A run that
holds Chinese is for the hashed model, one in Latin letters for the model of word pieces; a text in both is asked of
both, of each about its own runs and some tokens of context. Every token that can be part of a name is asked about.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from detectors.ner.tokenise import IDEOGRAPHS, Place
from detectors.ner.windows import Range

CONTEXT: Final = 32
"""Tokens round a run that are shown with it."""

CHINESE: Final = re.compile(f"[{IDEOGRAPHS}]")
LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
"""Letters of the Latin script, with those of Latin-1 and the two extensions after it."""

OTHER: Final = re.compile(f"[^\\W\\d_A-Za-z\u00c0-\u024f{IDEOGRAPHS}]")
"""Letters of any other script."""


def has_latin(text: str) -> bool:
    """Tell whether `text` holds a Latin letter."""
    return LATIN.search(text) is not None


def has_others(text: str) -> bool:
    """Tell whether `text` holds a letter that is not Latin."""
    return not text.isascii() and bool(CHINESE.search(text) or OTHER.search(text))


def stretches(text: str, places: Sequence[Place], wanted: Callable[[str], bool], context: int = CONTEXT) -> list[Range]:
    """Return the ranges of tokens that hold the tokens `wanted`, with `context` tokens on either side, united."""
    count = len(places)
    where = np.flatnonzero(np.fromiter((wanted(text[start:end]) for start, end in places), bool, count))
    if not len(where):
        return []
    gaps = np.flatnonzero(np.diff(where) > 2 * context + 1)
    firsts = np.maximum(where[np.concatenate([[0], gaps + 1])] - context, 0)
    lasts = np.minimum(where[np.concatenate([gaps, [len(where) - 1]])] + context + 1, count)
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
