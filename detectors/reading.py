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
    """Return the reading of a text."""
    view = _view(text)
    return Reading(view, _skeleton(view.text))


def _skeleton(text: str) -> bytes:
    if text.isascii():
        return text.encode()
    return text.replace("?", "\x1e").encode("ascii", "replace").translate(RESTORED)


def _view(text: str) -> View:
    """Return what `normalise` returns, which is the careful way."""
    if len(text) <= SHORT:
        return normalise(text)
    layers: list[Unescaped] = []
    plain = text
    while len(layers) < LAYERS and (layer := unescape(plain)):
        layers.append(layer)
        plain = layer.text
    view = _by_table(plain)
    if view is None:
        return normalise(text)
    return replace(view, layers=tuple(layers)) if layers else view


def _by_table(text: str) -> View | None:
    """Return the view of a text without escapes, or none where a character depends on those beside it."""
    if text.isascii():
        return View(text) if not text.encode().translate(None, AS_THEY_ARE) else None
    try:
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    except UnicodeEncodeError:  # half of a pair
        return None
    plain = TABLE[np.minimum(codes, TABLED)]
    if plain.all():
        return View(text if (plain == codes).all() else _string(plain))
    unknown = np.nonzero(plain == 0)[0]
    return _rewritten(text, plain, unknown) if len(unknown) <= MOST_UNKNOWN else None


def _rewritten(text: str, plain: NDArray[np.uint16], unknown: NDArray[np.intp]) -> View | None:
    """Return the view of a text with a few characters that become none, or several."""
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
    if (counts == 1).all():
        return View("".join(pieces))
    starts = np.repeat(np.arange(len(text), dtype=np.int64), counts)
    return View("".join(pieces), array("q", starts.tobytes()), array("q", (starts + 1).tobytes()))


def _string(codes: NDArray[np.uint16]) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le")


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
