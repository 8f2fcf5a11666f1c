"""Texts that base64 holds inside a text: what a person pastes, what a `data:` address carries.

Enters: a text that was read. Leaves: the readings of what is encoded in it, each with the place of the whole code, for
a part of a code cannot be taken out of it. What decodes to no text is none. Codes within codes are read, too. Depth
and size are bounded, and beyond the bounds is `CannotTell`, never nothing.
"""

import base64
import binascii
import re
from codecs import utf_8_decode
from collections.abc import Iterator
from typing import Final

from detectors.allowance import spend
from detectors.decode_text import NotText, Undecided, decode
from detectors.engine import compiled
from detectors.interface import CannotTell
from detectors.reading import Reading, read_text

CODES: Final = compiled(r"[0-9A-Za-z+/_\-]{16,}(?:\r?\n[0-9A-Za-z+/_\-]{4,})*={0,2}", "base64")
"""A long token, also over lines as mail wraps them."""

PLAIN: Final = re.compile(r"[0-9]+[Xx]?|(?:[A-Z]?[a-z]+|[A-Z]+)(?:[/_\-+](?:[A-Z]?[a-z]+|[A-Z]+))*")
"""Numbers, words, names and paths: of sixteen characters at random one in sixty thousand looks like that."""
LINE: Final = re.compile(r"\s+")
ALONE: Final = re.compile(r"[ \t]*(?:[\r\n\"'`)\]}>\\]|\Z)")
"""What is behind a line of a code: the end of the line, or of what encloses the code."""
BEFORE_LINES: Final = " \t>*#|"
"""What may stand before the lines of what is quoted."""
JOINT: Final = re.compile(r"\s*\n[ \t>*#|]*")
MOST_WORDS: Final = 4
"""Lines of words behind a code that are looked at."""
URL_SAFE: Final = str.maketrans("-_", "+/")
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
OTHERS: Final = frozenset({"UTF-16", "GB18030", "Big5"})
"""In what else a text is encoded."""
CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Bytes that are part of no character of GB 18030 and Big5 but a control character."""
MAY_BE_WIDE: Final = re.compile(
    rb"(?s)\xef\xbb\xbf|\xff\xfe|\xfe\xff|\x84\x31\x95\x33|\x00\x00"
    rb"|.*?(?:\x00[ \n,.:=]|[ \n,.:=]\x00|\xff[\x0c\x1a]|[\x0c\x1a]\xff|\x30[\x01\x02]|[\x01\x02]\x30)"
)
"""How UTF-16 may begin, and the signs of which one at least stands in it where it begins without a mark."""
LARGEST: Final = 8 << 20
"""Characters of code that are decoded in one text, where they begin as a text does. Of pictures, records and programs
only the text among their bytes counts."""

STRINGS: Final = re.compile(rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}){4,}")
"""A text among bytes that are none as a whole."""
LEAST_STRING: Final = 11
"""Bytes of one: as many as a mobile number has."""
FILES: Final = (b"PK\x03\x04", b"%PDF-")
"""How archives and documents begin."""

DEPTH: Final = 4
BEGINNING: Final = 64
"""Characters of a code that tell whether it begins as a text does."""


def inside(reading: Reading, depth: int = DEPTH) -> Iterator[tuple[int, int, Reading]]:
    """Yield the start and end of each code in the view, and the reading of what it holds.

    A code begins with a long token. Raises `CannotTell` for more than is read.
    """
    left, place = LARGEST, 0
    for token, _ in reading.tokens:
        match = CODES.match(reading.skeleton, token) if token >= place else None
        if not match:
            continue
        spend()
        start, end = match.start(), end_of(reading.text, *match.span())
        place = end
        code = reading.text[start:end]
        text = None
        if begins_as_text(code[:BEGINNING]):
            left -= len(code)
            text = decoded(code) if left >= 0 else None
        if text is None and left >= 0 and (text := text_among(code)) is not None:
            left -= len(text)
        if left < 0:
            raise CannotTell("a text holds more text in base64 than is decoded")
        if text is None:
            continue
        if not depth:
            raise CannotTell("base64 holds base64 more often than is decoded")
        child = read_text(text)
        yield start, end, child
        for _, _, grandchild in inside(child, depth - 1):
            yield start, end, grandchild


def end_of(text: str, start: int, end: int) -> int:
    """Return where a code over lines ends, which was matched to `end`: words on the lines behind it are none of it.

    A word that more follows on its line is never a part of a code. One that has a line of its own may be the end of
    one; where the code stands for a text only without it, it is none.
    """
    ends = [end]
    while len(ends) <= MOST_WORDS and (last := text.rfind("\n", start, end)) > 0:
        line = text[last + 1 : end].lstrip(BEFORE_LINES).rstrip("=")
        is_word, alone = PLAIN.fullmatch(line) is not None, ALONE.match(text, end) is not None
        if alone and not is_word:
            break
        end = last - (text[last - 1] == "\r")
        ends = [*(ends if alone or not is_word else ()), end]
    if len(ends) == 1 or not begins_as_text(text[start : min(start + BEGINNING, ends[-1])]):
        return ends[0]
    return next((one for one in ends if decoded(JOINT.sub("", text[start:one])) is not None), ends[0])


def begins_as_text(beginning: str) -> bool:
    """Tell whether a code may stand for a text, by its first characters."""
    if PLAIN.fullmatch(beginning):
        return False
    plain = LINE.sub("", beginning).rstrip("=").translate(URL_SAFE)
    try:
        data = base64.b64decode(plain[: len(plain) // 4 * 4], validate=True)
    except binascii.Error:
        return False
    if is_no_text(data, len(data) - 1):
        return False
    try:
        if not UNPRINTABLE.search(utf_8_decode(data, "strict", False)[0]):
            return True
    except UnicodeDecodeError:
        pass
    return any(otherwise(data[: len(data) - cut]) is not None for cut in (0, 1))  # a character may be cut in two


def is_no_text(data: bytes, whole: int) -> bool:
    """Tell whether bytes, `whole` of them for sure, are no text, as those of most codes: keys and digests."""
    return CONTROLS.search(data, 0, whole) is not None and MAY_BE_WIDE.match(data) is None


def decoded(code: str) -> str | None:
    """Return the text that a code stands for, of either alphabet, padded or not; none where it stands for no text."""
    data = bytes_of(code) if whole(code) else None
    if data is None:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return otherwise(data)
    return otherwise(data) if UNPRINTABLE.search(text) else text


def strings(data: bytes) -> str | None:
    """Return what can be read among bytes that are no text as a whole; none where nothing can.

    Archives and documents are read as files, so that what they hold is judged, and taken out, in its place.
    """
    if data.startswith(FILES):
        return None
    found = [one.decode("utf-8", "replace") for one in STRINGS.findall(data) if len(one) >= LEAST_STRING]
    return "\n".join(found) or None


def text_among(code: str) -> str | None:
    """Return the text among the bytes that a code stands for: records, archives' heads, a text that is cut off."""
    if PLAIN.fullmatch(code):
        return None
    data = bytes_of(code)
    return None if data is None else strings(data)


def whole(code: str) -> bool:
    """Tell whether a code can be all of what was written: one sign too many is half of a byte."""
    return len(LINE.sub("", code).rstrip("=")) % 4 != 1


def bytes_of(code: str) -> bytes | None:
    """Return what a code of either alphabet stands for, padded or not, cut off or not; none where it is no code."""
    plain = LINE.sub("", code).rstrip("=").translate(URL_SAFE)
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def otherwise(data: bytes) -> str | None:
    """Return the text of bytes that are no UTF-8, where they are surely one: UTF-16 as PowerShell has it, or GBK."""
    if is_no_text(data, len(data)):
        return None
    try:
        found = decode(data)
    except (NotText, Undecided):
        return None
    return found.text if found.encoding in OTHERS and not UNPRINTABLE.search(found.text) else None
