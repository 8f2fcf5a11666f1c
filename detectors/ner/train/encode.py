"""Records as rows of numbers, and rows as batches of about one size.

Enters: records. Leaves: arrays for one or the other network, each at most `LONGEST` tokens long, cut from longer ones
without a gap. What a runtime does with a text, this does too: the same tokens, features and pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.ner.hashed import FEATURES, Hashed
from detectors.ner.pieces import Pieces
from detectors.ner.tags import OURS, Scheme, tagged
from detectors.ner.tokenise import tokenise
from detectors.ner.train.records import Record

LONGEST: Final = {"hashed": 256, "latin": 160}
UNJUDGED: Final = -100
"""The tag of padding and of pieces that do not begin a token; PyTorch's losses pass over it."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of text in numbers."""

    inputs: tuple[NDArray[np.int32] | Numbers, ...]
    """Features [tokens, FEATURES], or piece numbers and types."""
    tags: Numbers

    def __len__(self) -> int:
        """Return its length in tokens or pieces."""
        return len(self.tags)


def hashed_rows(records: Sequence[Record], hashed: Hashed, scheme: Scheme = OURS) -> list[Row]:
    """Return rows for the hashed tagger, with the tags of a scheme."""
    rows: list[Row] = []
    for record in records:
        places = tokenise(record.text)
        tags = tagged(places, record.spans, scheme)
        features = hashed.features(record.text, places)
        most = LONGEST["hashed"]
        rows += [Row((features[at : at + most],), tags[at : at + most]) for at in range(0, len(places), most)]
    return rows


def latin_rows(records: Sequence[Record], pieces: Pieces, scheme: Scheme = OURS) -> list[Row]:
    """Return rows for the tagger over word pieces; only the first piece of a token is judged."""
    rows: list[Row] = []
    for record in records:
        places = tokenise(record.text)
        tags = tagged(places, record.spans, scheme)
        for at in range(0, len(places), LONGEST["latin"]):
            row = pieces.row(record.text, places[at : at + LONGEST["latin"]])
            judged = np.full(len(row.ids), UNJUDGED, np.int64)
            judged[row.first] = tags[at : at + LONGEST["latin"]]
            rows.append(Row((np.array(row.ids, np.int64), np.array(row.types, np.int64)), judged))
    return rows


def batches(rows: Sequence[Row], most: int, chance: Random) -> list[list[int]]:
    """Return which rows go together: of like length, at most `most` tokens with padding; in an order drawn anew."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]) + chance.random() * 6)
    groups: list[list[int]] = []
    group: list[int] = []
    longest = 0
    for row in order:
        longest = max(longest, len(rows[row]))
        if group and longest * (len(group) + 1) > most:
            groups.append(group)
            group, longest = [], len(rows[row])
        group.append(row)
    if group:
        groups.append(group)
    chance.shuffle(groups)
    return groups


def stacked(rows: Sequence[Row]) -> tuple[list[NDArray[np.int32] | Numbers], Numbers]:
    """Return one batch, padded: features; or piece numbers, mask and types. And the tags."""
    longest = max(map(len, rows))
    tags = np.full((len(rows), longest), UNJUDGED, np.int64)
    for at, row in enumerate(rows):
        tags[at, : len(row)] = row.tags
    if len(rows[0].inputs) == 1:
        features = np.zeros((len(rows), longest, FEATURES), np.int32)
        for at, row in enumerate(rows):
            features[at, : len(row)] = row.inputs[0]
        return [features], tags
    ids, mask, types = (np.zeros((len(rows), longest), np.int64) for _ in range(3))
    for at, row in enumerate(rows):
        ids[at, : len(row)], types[at, : len(row)] = row.inputs
        mask[at, : len(row)] = 1
    return [ids, mask, types], tags
