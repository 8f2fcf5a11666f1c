"""Addresses and keys that are written letter by letter, one and the same sign between all of them.

Enters: the reading of a text. Leaves: each such row without the signs, and the way back to all of it.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Final

from detectors.engine import compiled
from detectors.reading import Reading
from detectors.views.pieces import Pieces, Place

ROW: Final = compiled(r"[0-9A-Za-z](?:[^0-9A-Za-z][!-~]){9,}", "rows of letters")
AROUND: Final = 40
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
            if count < FEWEST or row.isdigit() or sign.isalnum() or sum(map(str.isalnum, row)) <= count // 2:
                continue
            before, after = text[max(0, start - AROUND) : start], text[first + 1 : first + 1 + AROUND]
            pieces.add(row, (Place(0, *place(start, first + 1)),), f"{kinds}letters", before + " ", " " + after)
