"""Addresses and keys whose letters were shifted by thirteen before they were put into a code.

Enters: the reading of what a code holds. Leaves: each long token of it with its letters shifted back, and the way back.
Digits stay what they are, so that numbers are found as they stand.
"""

import codecs
import re
from collections.abc import Callable
from typing import Final

from detectors.reading import Reading
from detectors.views.pieces import Piece, Pieces, Place
from detectors.views.seams import may_hold

TOKEN: Final = re.compile(r"[0-9A-Za-z@._+\-]{9,}")
AROUND: Final = 40
"""Characters before one that may say what it is."""


def shifted(reading: Reading, pieces: Pieces, place: Callable[[int, int], tuple[int, int]], kinds: str = "") -> None:
    """Add to `pieces` the tokens of a text with their letters shifted; `place` tells where a stretch of it stands."""
    text = reading.text
    for match in TOKEN.finditer(text):
        start, end = match.span()
        core = match[0].rstrip(".-")
        if may_hold(core):
            before = codecs.encode(text[max(0, start - AROUND) : start], "rot13")
            pieces.add(Piece(codecs.encode(core, "rot13"), (Place(0, *place(start, end)),), f"{kinds}rot13", before))
