"""Words with exact places, the same in training and at work.

Enters: the text of a view (`detectors.normalise`). Leaves: the places of its tokens, in characters. A Chinese, Japanese
or Korean character is a token of its own; letters, digits and punctuation part; `sendToJohnSmith` falls into its words,
so that a name can be seen inside an identifier. What pieces a model makes of a token is that model's affair.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

IDEOGRAPHS: Final = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
"""Chinese, with kana and Hangul, which are told apart from it but were not trained."""

TOKEN: Final = re.compile(rf"\n|[{IDEOGRAPHS}]|[^\W\d_{IDEOGRAPHS}]+|\d+|[^\w\s]|_")
KINDS: Final = re.compile(rf"(\n+)|([{IDEOGRAPHS}]+)|([^\w\s]+)|(_+)|([^\W\d_{IDEOGRAPHS}]+)|(\d+)")
"""The same, each character of a token for itself, by kind: those of the first four are tokens of their own."""

ALONE: Final = 4
TABLED: Final = 0x20000
"""Characters whose kinds are looked up; in a text with a rarer one tokens are sought by pattern."""

HUMP: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+|[A-Z]")
HUMPED: Final = re.compile(r"[A-Za-z]+[A-Z]+[A-Za-z]*")
ANY_HUMP: Final = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
"""What every text has that holds a word with humps; most have none."""

Place = tuple[int, int]
"""First character and one past the last."""


def tokenise(text: str) -> list[Place]:
    """Return the places of the tokens of `text`, in order; white space but line breaks belongs to none."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(codes) and codes.max() < TABLED:
        places = _looked_up(codes)
    else:
        places = [match.span() for match in TOKEN.finditer(text)]
    if ANY_HUMP.search(text):
        return [part for start, end in places for part in _parted(text, start, end)]
    return places


def _looked_up(codes: NDArray[np.uint32]) -> list[Place]:
    """Return the places of the tokens of a text of tabled characters: where one kind ends and another begins."""
    kinds = _kinds()[codes]
    begins = kinds <= ALONE
    begins[0] = True
    begins[1:] |= kinds[1:] != kinds[:-1]
    edges = np.append(np.flatnonzero(begins), len(kinds))
    tokens = kinds[edges[:-1]] > 0
    return [*zip(edges[:-1][tokens].tolist(), edges[1:][tokens].tolist(), strict=True)]


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each tabled character; nought for white space."""
    kinds = np.zeros(TABLED, np.uint8)
    every = np.arange(TABLED, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    for match in KINDS.finditer(every):
        kinds[match.start() : match.end()] = match.lastindex or 0
    return kinds


def _parted(text: str, start: int, end: int) -> Iterable[Place]:
    """Return the places of the parts of a token."""
    word = text[start:end]
    if end - start > 1 and HUMPED.fullmatch(word) and not word.isupper():
        return [(start + hump.start(), start + hump.end()) for hump in HUMP.finditer(word)]
    return ((start, end),)
