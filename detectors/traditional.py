"""Traditional characters as their simplified forms, one for one.

Enters: any text. Leaves: a text of the same length. The table `tables/traditional.txt` (a line of traditional
characters, below it a line of their simplified forms) is the single-character part of OpenCC's conversion t2s,
version 1.4.2, Apache-2.0; where a word decides between two forms, the commoner one stands.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.normalise import TABLED
from detectors.reading import SKELETONS, Reading, Span

TABLE: Final = Path(__file__).with_name("tables") / "traditional.txt"
FORMS: Final = dict(zip(*TABLE.read_text(encoding="utf-8").split(), strict=True))
ANY: Final = re.compile(f"[{''.join(FORMS)}]")

SIGHT: Final = 640
"""Characters beyond a stretch that whoever looks at it may see: words near a match, the line that it stands in."""

PLAIN: Final[NDArray[np.uint32]] = np.arange(TABLED + 1, dtype=np.uint32)
"""What each character that the table can hold reads as, and itself where that is none."""
PLAIN[[code for code in map(ord, FORMS) if code < TABLED]] = [
    ord(plain) for character, plain in FORMS.items() if ord(character) < TABLED
]
CHANGES: Final[NDArray[np.bool_]] = np.arange(TABLED + 1, dtype=np.uint32) != PLAIN
BOTH: Final = "乾吒夥徵捱榘薹袷醣麴"
"""Characters of simplified Chinese, too, where they mean something else, as in 乾隆: they alone make no text one of
traditional characters."""
TELLS: Final[NDArray[np.bool_]] = CHANGES.copy()
TELLS[list(map(ord, BOTH))] = False


def simplified(text: str) -> str:
    """Return `text` with every traditional character exchanged for its simplified form."""
    return ANY.sub(lambda match: FORMS[match.group()], text)


def in_simplified(reading: Reading) -> Reading | None:
    """Return the same text in simplified characters, of which rules are made; none where it has no others."""
    codes = reading.codes
    if codes is None:
        return None
    if not TELLS.take(codes, mode="clip").any():
        return None
    codes = np.where(CHANGES.take(codes, mode="clip"), PLAIN.take(codes, mode="clip"), codes)
    return replace(
        reading,
        view=replace(reading.view, text=codes.tobytes().decode("utf-32-le")),
        skeleton=SKELETONS.take(codes, mode="clip").tobytes(),
        codes=codes,
    )


def near_changes(opened: Mapping[int, list[Span]], reading: Reading, simplified: Reading) -> dict[int, list[Span]]:
    """Return the stretches that have a changed character in sight: in any other both texts hold the same."""
    if reading.codes is None or simplified.codes is None:
        return {}
    changes = np.not_equal(reading.codes, simplified.codes).nonzero()[0].tolist()
    near = {number: [span for span in spans if _has_one(changes, *span)] for number, spans in opened.items()}
    return {number: spans for number, spans in near.items() if spans}


def _has_one(changes: Sequence[int], start: int, end: int) -> bool:
    return bisect_left(changes, start - SIGHT) < bisect_right(changes, end + SIGHT)
