"""Our own two models' windows: hashed features, and word pieces with types.

Enters: a view's text and its tokens. Leaves: windows, one after another, so that a text of any length is in memory as
numbers only in part. A token at a window's edge has the features that it has in the whole text.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from detectors.ner.hashed import Hashed
from detectors.ner.model import Window
from detectors.ner.pieces import Pieces
from detectors.ner.tags import BOTH, Scheme
from detectors.ner.tokenise import Place, tokenise
from detectors.ner.windows import OVERLAP, cut_by_content

TOKENS: Final = {"hashed": 384, "latin": 160}
"""Tokens of a window: as many as the stretches had that a model learnt from, and of the hashed one half as many again,
which on the development sets changes nothing but the time."""

NEAR: Final = 24
"""Tokens that two windows of the hashed model share; it sees ten to either side, and the mean of its window."""

PIECES: Final = 510
"""Pieces that BERT has positions for, without the two that frame a sentence."""

LOOK: Final = 8
"""Tokens before a place that say whether windows part there."""


class HashedReader:
    """Windows of hashed features."""

    schemes: Sequence[Scheme] = BOTH

    def __init__(self, most: int = TOKENS["hashed"]) -> None:
        """Take the most tokens of a window."""
        self._hashed = Hashed()
        self._most = most

    def places(self, text: str) -> Sequence[Place]:
        """Return our own tokens."""
        return tokenise(text)

    def windows(self, text: str, places: Sequence[Place], first: int, last: int) -> Iterator[Window]:
        """Yield windows of features [tokens, FEATURES]."""
        for start, end in cut_by_content(first, last, self._most, NEAR, partial(sign, text, places)):
            begin, stop = max(0, start - 1), min(len(places), end + 1)
            piece, moved = excerpt(text, places, begin, stop)
            features = self._hashed.features(piece, moved)[start - begin : end - begin]
            yield Window(start, end, {"ids": features})


class PiecesReader:
    """Windows of word pieces."""

    schemes: Sequence[Scheme] = BOTH

    def __init__(self, file: Path, most: int = TOKENS["latin"]) -> None:
        """Read a `tokenizer.json`; take the most tokens of a window."""
        self._pieces = Pieces(file)
        self._most = most

    def places(self, text: str) -> Sequence[Place]:
        """Return our own tokens."""
        return tokenise(text)

    def windows(self, text: str, places: Sequence[Place], first: int, last: int) -> Iterator[Window]:
        """Yield windows of piece numbers, mask and types, as many tokens as BERT's positions hold."""

        pieces = self._pieces.of_each(text, places[first:last])
        costs = [len(one.pieces) for one in pieces]
        parting = partial(sign, text, places)
        for start, end in cut_by_content(first, last, self._most, OVERLAP, parting, costs, PIECES):
            row = self._pieces.row(text, places[start:end], pieces[start - first : end - first])
            ids = np.array(row.ids, np.int64)
            inputs = {
                "input_ids": ids,
                "attention_mask": np.ones(len(ids), np.int64),
                "token_type_ids": np.array(row.types, np.int64),
            }
            yield Window(start, end, inputs, np.array(row.first, np.int64))


def sign(text: str, places: Sequence[Place], token: int) -> tuple[bool, int]:
    """Return what the place before a token looks like from nearby; the least sign is at the start of some line."""
    start = places[token][0]
    before = text[places[max(0, token - LOOK)][0] : start]
    return text[places[token - 1][0]] != "\n", zlib.crc32(before.encode("utf-8", "surrogatepass"))


def excerpt(text: str, places: Sequence[Place], first: int, last: int) -> tuple[str, list[Place]]:
    """Return the text round the tokens from `first` to `last`, and their places in it.

    One character before the first comes along, and none where there is none, so that what stands before a token can
    be seen as in the whole text.
    """
    begin = max(0, places[first][0] - 1)
    if not begin:
        return text[: places[last - 1][1]], [*places[first:last]]
    return text[begin : places[last - 1][1]], [(start - begin, end - begin) for start, end in places[first:last]]
