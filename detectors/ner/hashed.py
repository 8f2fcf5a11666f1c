"""Features of the hashed tagger: every one is a bucket of CRC-32, so that no vocabulary has to be shipped.

Enters: a view's text and the places of its tokens. Leaves: whole numbers [tokens, FEATURES], nought for padding only.
Training and work share this file: a change here makes every trained weight void, so `VERSION` goes up with it.
Traditional characters count as their simplified forms, so that both scripts share what was learnt.
"""

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.ner.tokenise import Place
from detectors.traditional import simplified

VERSION: Final = 1
GRAMS: Final = 8
"""Character trigrams kept of a token."""

BUCKETS: Final = {"norm": 20480, "affix": 6144, "shape": 1024, "gram": 16384, "pair": 24576}
FEATURES: Final = 4 + GRAMS + 4
"""Norm, prefix, suffix, shape; trigrams; pairs with the token before, after, and of both; white space before."""

REMEMBERED: Final = 100_000
LONGEST: Final = 40

Numbers = NDArray[np.int32]


class Hashed:
    """Makes features, and remembers those of words; may be used from several threads."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._known: dict[str, Numbers] = {}

    def features(self, text: str, places: Sequence[Place]) -> Numbers:
        """Return the features [tokens, FEATURES] of the tokens at `places`."""
        if not places:
            return np.zeros((0, FEATURES), np.int32)
        alike = simplified(text)
        words = np.stack([self._word(alike[start:end]) for start, end in places])
        mark = words[:, 4].astype(np.int64)
        before = np.concatenate([[1], mark[:-1]])
        after = np.concatenate([mark[1:], [2]])
        most = BUCKETS["pair"] - 1
        row = np.empty((len(places), FEATURES), np.int32)
        row[:, :4] = words[:, :4]
        row[:, 4 : 4 + GRAMS] = words[:, 5:]
        row[:, 4 + GRAMS] = 1 + (before * 1000003 + mark * 7) % most
        row[:, 5 + GRAMS] = 1 + (mark * 1000003 + after * 7) % most
        row[:, 6 + GRAMS] = 1 + (before * 998244353 + after * 13 + 5) % most
        row[:, 7 + GRAMS] = [_space_before(text, start) for start, _ in places]
        return row

    def _word(self, word: str) -> Numbers:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known = {}
            known = self._known[word] = _word_features(word)
        return known


def _word_features(word: str) -> Numbers:
    """Return norm, prefix, suffix, shape, a mark for pairs, and the trigrams of one token."""
    norm = word[:LONGEST].lower()
    if norm.isdigit():
        norm = "#" * min(len(norm), 6)
    framed = f"^{norm}$"
    grams = [] if len(norm) == 1 else [_bucket(framed[at : at + 3], "gram", 5) for at in range(len(framed) - 2)]
    if len(grams) > GRAMS:
        grams = grams[: GRAMS // 2] + grams[-GRAMS // 2 :]
    row = np.zeros(5 + GRAMS, np.int32)
    row[0] = _bucket(norm, "norm", 0)
    row[1] = _bucket(norm[:3], "affix", 2)
    row[2] = _bucket(norm[-3:], "affix", 3)
    row[3] = _bucket(_shape(word), "shape", 4)
    row[4] = zlib.crc32(norm.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF
    row[5 : 5 + len(grams)] = grams
    return row


def _bucket(piece: str, kind: str, salt: int) -> int:
    return 1 + zlib.crc32(piece.encode("utf-8", "surrogatepass"), salt) % (BUCKETS[kind] - 1)


def _shape(word: str) -> str:
    """Return the word's first letters as kinds, no kind more than three times in a row: `Xxxx`, `XXX`, `ddd`."""
    shape = ""
    for letter in word[:12]:
        kind = (
            "X" if letter.isupper() else "x" if letter.islower() else "d" if letter.isdigit()
            else "c" if "\u3400" <= letter <= "\u9fff" else letter
        )  # fmt: skip
        if not shape.endswith(kind * 3):
            shape += kind
    return shape


def _space_before(text: str, start: int) -> int:
    """Return 3 at the start of a line, 2 after white space, else 1."""
    if start == 0 or text[start - 1] == "\n":
        return 3
    return 2 if text[start - 1].isspace() else 1
