"""A text read once for all who search it by pattern.

Enters: any string. Leaves: its view, and bytes in which every character is one: ASCII as it is, `BEYOND` for all
others, so that an offset in them is an offset in the view. Long Chinese texts are made of characters that read as they
are, or as one other: those are known by a table, and all others go the careful way of `normalise`.
"""

import unicodedata
from array import array
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.normalise import DRAWN_ALIKE, LAYERS, MARKS, QUOTES, View, fold, normalise
from detectors.syntax import BEYOND
from detectors.unescape import Unescaped, unescape

SHORT: Final = 200
"""Characters up to which the careful way is the faster one."""

AS_THEY_ARE: Final = b"\t\n\r" + bytes(range(32, 127))
QUESTION, SHELTER = b"?", b"\x1e"
RESTORED: Final = bytes.maketrans(QUESTION + SHELTER, BEYOND.encode() + QUESTION)
"""Python writes a question mark for what is beyond ASCII; real ones wait elsewhere meanwhile."""

TABLED: Final = 0x10000
MOST_UNKNOWN: Final = 200
"""Characters beyond the table, up to which the table is worth its while."""

COMMON: Final = (
    (0x4E00, 0xA000),
    (0x3001, 0x3020),
    (0x3041, 0x3130),
    (0xFF01, 0xFF5F),
    (0x2010, 0x2027),
    (0xA1, 0x180),
    (0xAC00, 0xD7A4),
)
"""Where the characters of the table are: Han, punctuation, kana, full-width forms, dashes and quotes, Latin, Hangul."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as all pattern detectors see it."""

    view: View
    skeleton: bytes = field(repr=False)
    """One byte a character of the view's text."""

    @property
    def text(self) -> str:
        """What is searched."""
        return self.view.text


def read_text(text: str) -> Reading:
    """Return the reading of a text, as `normalise` reads it, which is the careful way."""
    if len(text) <= SHORT:
        return _carefully(text)
    layers: list[Unescaped] = []
    plain = text
    while len(layers) < LAYERS and (layer := unescape(plain)):
        layers.append(layer)
        plain = layer.text
    reading = _by_table(plain)
    if reading is None:
        return _carefully(text)
    return Reading(replace(reading.view, layers=tuple(layers)), reading.skeleton) if layers else reading


def _carefully(text: str) -> Reading:
    view = normalise(text)
    return Reading(view, _skeleton(view.text))


def _skeleton(text: str) -> bytes:
    if text.isascii():
        return text.encode()
    return text.replace("?", "\x1e").encode("ascii", "replace").translate(RESTORED)


def _by_table(text: str) -> Reading | None:
    """Return the reading of a text without escapes, or none where a character depends on those beside it."""
    if text.isascii():
        data = text.encode()
        return None if data.translate(None, AS_THEY_ARE) else Reading(View(text), data)
    try:
        data = text.encode("utf-16-le")
        if len(data) > 2 * len(text):  # characters of two units, of which the table knows none
            return _rewritten(text, TABLE.take(np.frombuffer(text.encode("utf-32-le"), np.uint32), mode="clip"))
    except UnicodeEncodeError:  # half of a pair
        return None
    codes = np.frombuffer(data, np.uint16)
    plain = TABLE.take(codes)
    if not plain.min():
        return _rewritten(text, plain)
    read = text if (plain == codes).all() else plain.tobytes().decode("utf-16-le")
    return Reading(View(read), SKELETONS.take(codes).tobytes())


def _rewritten(text: str, plain: NDArray[np.uint16]) -> Reading | None:
    """Return the reading of a text with a few characters that become none, or several."""
    unknown = np.nonzero(plain == 0)[0]
    if len(unknown) > MOST_UNKNOWN:
        return None
    pieces: list[str] = []
    counts = np.ones(len(text), np.intp)
    place = 0
    for at in unknown.tolist():
        character = text[at]
        if character in DRAWN_ALIKE or unicodedata.category(character) in MARKS:
            return None
        folded = fold(character)
        pieces += (_string(plain[place:at]), folded)
        counts[at] = len(folded)
        place = at + 1
    pieces.append(_string(plain[place:]))
    read = "".join(pieces)
    if (counts == 1).all():
        return Reading(View(read), _skeleton(read))
    starts = np.repeat(np.arange(len(text), dtype=np.int64), counts)
    view = View(read, array("q", starts.tobytes()), array("q", (starts + 1).tobytes()))
    return Reading(view, _skeleton(read))


def _string(codes: NDArray[np.uint16]) -> str:
    return codes.tobytes().decode("utf-16-le")


def _table() -> NDArray[np.uint16]:
    """Return what each character reads as; nought for those that the table does not know."""
    table = np.zeros(TABLED + 1, np.uint16)
    table[list(AS_THEY_ARE)] = list(AS_THEY_ARE)
    for first, end in COMMON:
        for code in range(first, end):
            plain = chr(code) if 0x4E00 <= code < 0xA000 else fold(chr(code))
            if len(plain) == 1 and (chr(code) not in DRAWN_ALIKE or chr(code) in QUOTES):
                table[code] = ord(plain)
    return table


TABLE: Final = _table()
SKELETONS: Final = np.where(TABLE < 128, TABLE, ord(BEYOND)).astype(np.uint8)
"""What each character that the table knows is in a skeleton."""
