"""Features of the hashed tagger: every one is a bucket of CRC-32, so that no vocabulary has to be shipped.

Enters: a view's text and the places of its tokens. Leaves: whole numbers [tokens, FEATURES], nought for padding only.
Training and work share this file: a change here makes every trained weight void, so `VERSION` goes up with it.
Traditional characters count as their simplified forms, so that both scripts share what was learnt.
"""

import zlib
from collections.abc import Sequence
from itertools import repeat
from threading import Lock
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

WIDTH: Final = 5 + GRAMS
"""Of what is remembered of a word: four features, a mark that pairs are made of, and the trigrams."""

SPACE_BEFORE: Final = {
    **{character: 2 for character in map(chr, range(0x3001)) if character.isspace()},
    "\n": 3,
    "": 3,
}
"""3 at the start of a line, 2 after white space, the last of which is the ideographic space; 1 after anything else."""

REMEMBERED: Final = 25_000
"""Words at most, some 5 MB; then all are forgotten, for what people write about changes."""
LONGEST: Final = 40

Numbers = NDArray[np.int32]


class Hashed:
    """Makes features, and remembers those of words; may be used from several threads."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._memory = Memory()

    def features(self, text: str, places: Sequence[Place]) -> Numbers:
        """Return the features [tokens, FEATURES] of the tokens at `places`."""
        row = np.empty((len(places), FEATURES), np.int32)
        if not places:
            return row
        if len(self._memory) > REMEMBERED:
            self._memory = Memory()
        alike = simplified(text)
        words = self._memory.rows([alike[start:end] for start, end in places])
        mark = np.empty(len(places) + 2, np.int64)
        mark[0], mark[1:-1], mark[-1] = 1, words[:, 4], 2
        before, mark, after = mark[:-2], mark[1:-1], mark[2:]
        pairs = np.stack((before * 1000003 + mark * 7, mark * 1000003 + after * 7, before * 998244353 + after * 13 + 5))
        row[:, :4] = words[:, :4]
        row[:, 4 : 4 + GRAMS] = words[:, 5:]
        row[:, 4 + GRAMS : 7 + GRAMS] = 1 + (pairs % (BUCKETS["pair"] - 1)).T
        row[:, 7 + GRAMS] = [*map(SPACE_BEFORE.get, [text[start - 1] for start, _ in places], repeat(1))]
        if not places[0][0]:
            row[0, 7 + GRAMS] = SPACE_BEFORE[""]
        return row


class Memory:
    """The features of words, a row each."""

    def __init__(self) -> None:
        """Start with room for some."""
        self._places: dict[str, int] = {}
        self._rows = np.zeros((1024, WIDTH), np.int32)
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many words it knows."""
        return len(self._places)

    def rows(self, words: Sequence[str]) -> Numbers:
        """Return the features of words, those of new ones made."""
        places = [*map(self._places.get, words, repeat(-1))]
        if -1 in places:
            with self._lock:
                places = [self._place(word[:LONGEST]) for word in words]  # what follows makes no difference
        return self._rows[places]

    def _place(self, word: str) -> int:
        place = self._places.get(word)
        if place is None:
            place = len(self._places)
            if place == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._rows[place] = _word_features(word)
            self._places[word] = place  # last, for others read without the lock
        return place


def _word_features(word: str) -> Numbers:
    """Return norm, prefix, suffix, shape, a mark for pairs, and the trigrams of one token."""
    norm = word[:LONGEST].lower()
    if norm.isdigit():
        norm = "#" * min(len(norm), 6)
    framed = f"^{norm}$"
    grams = [] if len(norm) == 1 else [_bucket(framed[at : at + 3], "gram", 5) for at in range(len(framed) - 2)]
    if len(grams) > GRAMS:
        grams = grams[: GRAMS // 2] + grams[-GRAMS // 2 :]
    row = np.zeros(WIDTH, np.int32)
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
