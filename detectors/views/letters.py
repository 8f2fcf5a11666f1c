"""Addresses and keys that are written letter by letter, one and the same sign between all of them.

Enters: the reading of a text. Leaves: each such row without the signs, and the way back to all of it.
"""

import re
from collections.abc import Callable
from itertools import groupby
from typing import Final

from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.pieces import Piece, Pieces, Place

ROW: Final = compiled(r"[0-9A-Za-z](?:[^0-9A-Za-z][!-~]){9,}", "rows of letters")
AROUND: Final = 40
VALUE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z@._+\-/=:]{8,}")
FEWEST: Final = 9
"""Signs of a row: an address of mail has as many letters."""


def letters(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the rows of single letters in a text; `place` tells where a stretch of it stands."""
    text = reading.text
    for match in ROW.finditer(reading.skeleton):
        first = match.start()
        for sign, same in groupby(text[first + 1 : match.end() : 2]):
            start, count = first, sum(1 for _ in same)
            first += 2 * count
            row = text[start : first + 1 : 2]
            if count < FEWEST or sign.isalnum():
                continue
            if start and text[start - 1].isalnum():  # the last letter of a word before the row
                start, row = start + 2, row[1:]
            if text[first + 1 : first + 2].isalnum():  # the first one of a word behind it
                row = row[:-1]
            for value in VALUE.finditer(row):
                if value[0].isdigit():
                    continue
                begin, end = start + 2 * value.start(), start + 2 * value.end() - 1
                before, after = text[max(0, begin - AROUND) : begin], text[end : end + AROUND]
                there = (Place(0, *place(begin, end)),)
                pieces.add(Piece(value[0], there, f"{kinds}letters", before + " ", " " + after))
