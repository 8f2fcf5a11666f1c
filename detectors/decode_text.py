"""Bytes of a file → text, whatever a Chinese or Western desktop wrote it in; or a plain word that they are not text.

Enters: bytes. Leaves: text and the name of its encoding. UTF-8 is taken strictly; anything else is a guess that must
hold for every byte and look like writing, and is told. What cannot be told is never read as something else. `mend` is
for who only looks: it reads what is text around bytes that are none, and counts these.
"""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Final

UTF8: Final = "UTF-8"
MARKS: Final = (  # the longer one first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig", UTF8),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
SIGNATURES: Final = (
    *(b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"\x7fELF", b"BZh", b"\xfd7zXZ\0"),
    *(b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"OggS", b"\x28\xb5\x2f\xfd"),
)
"""How files begin that are no text, although some of them have no byte zero near their beginning."""
HEAD: Final = 8192
MOST_ZEROS: Final = 0.1
"""Share of zeros that a text in UTF-8 may have."""
EVIDENCE: Final = 4096
"""Characters beyond ASCII that a guess is judged by."""
SURE: Final = 0.95
WRITING: Final = re.compile("[\x20-\u024f\t\r\n\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2026]+")
"""Latin and Chinese writing."""
SIGNS: Final = frozenset(" \n,.:=，。：、")
LEAST_WIDE: Final = 6
"""Characters below which nothing is taken for UTF-16."""
COMMON: Final = 0.8
"""Share of them that must be everyday ones."""
MOST_WESTERN: Final = 0.15
"""Share of bytes beyond ASCII that a Western European text may have."""
WESTERN: Final = b"\x80\x85\x91\x92\x93\x94\x96\x97\xa0\xa3\xa7\xab\xb0\xbb" + bytes(range(0xC0, 0x100))
"""In Windows-1252: the euro, quotation marks, dashes, a hard space, pound, section and degree, and letters."""
PLAIN: Final = bytes(range(0x80))
MOST_LOST: Final = 0.05
"""Share of bytes that are no character in a text that is mended."""
CUT: Final = 3
"""Bytes that one character cut in two may leave behind, however short the text."""
MOST_CONTROLS: Final = 0.005
"""Share of control characters besides zeros that a text full of zeros may have; programs and pictures have more."""
CONTROLS: Final = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and what it was written in."""

    text: str = field(repr=False)
    encoding: str
    lost: int = 0
    """Bytes that are no character in it; each stands as U+FFFD in the text."""


class NotText(Exception):
    """The bytes are a picture, an archive, a program …"""


class Undecided(Exception):
    """The bytes may be text in an encoding that cannot be told."""


def decode(data: bytes, encoding: str = "") -> Decoded:
    """Return the text of a file, in `encoding` where one is named; raises `NotText` or `Undecided`."""
    if encoding:
        return _named(data, encoding)
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            return _strict(data, codec, name)
    if data.startswith(SIGNATURES):
        raise NotText
    return _unmarked(data)


def mend(data: bytes, encoding: str = "") -> Decoded:
    """Return the text of a file as `decode` does, or where it cannot, what is text of it; raises the same.

    A log that was cut in the middle of a character is read, and one that a crash left full of zeros.
    """
    found: Decoded | None = None
    error: NotText | Undecided = Undecided()
    try:
        found = decode(data, encoding)
    except NotText as told:
        if data.startswith(SIGNATURES):
            raise
        error = told
    except Undecided as told:
        error = told
    marked = any(data.startswith(mark) for mark, _, _ in MARKS)
    if found is not None and (encoding or marked or found.encoding in (UTF8, "UTF-16")):
        return found
    mended = _mended(data, encoding)
    if mended is not None and (found is None or _outweighs(mended)):
        return mended
    if found is None:
        raise error
    return found


def _mended(data: bytes, encoding: str) -> Decoded | None:
    """Return the text with the fewest bytes lost, if they are few; the others were told apart by every byte."""
    ways = (
        [(encoding, encoding)] if encoding else [(codec, name) for mark, codec, name in MARKS if data.startswith(mark)]
    )
    if not ways:
        wide = _wide(data[: len(data) // 2 * 2])
        ways = [(wide, "UTF-16")] if wide else [("utf-8", UTF8), ("gb18030", "GB18030"), ("big5", "Big5")]
    try:
        read = [_replaced(data, codec, name) for codec, name in ways[:1]]  # of marks the longest
    except UnicodeError:  # that of host names and such, which put nothing in the place of a byte
        return None
    if len(ways) == 3:
        read += [one for one in (_replaced(data, *way) for way in ways[1:]) if _is_everyday(one)]
    best = min(read, key=lambda one: one.lost)
    return best if _is_text(best, len(data)) else None


def _replaced(data: bytes, codec: str, name: str) -> Decoded:
    text = data.decode(codec, MARKING)
    written = data.decode(codec, "ignore").count("\ufffd")  # by whoever wrote the file
    return Decoded(text, name, text.count("\ufffd") - written)


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put one replacement character in the place of each byte that is none."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


MARKING: Final = "sluice-mark-each-byte"
codecs.register_error(MARKING, _mark)


def _is_text(found: Decoded, size: int) -> bool:
    zeros = found.text.count("\0")
    written = len(found.text) - zeros - found.lost
    few = found.lost <= MOST_LOST * (size - zeros) or (not zeros and found.lost <= min(CUT, written))
    program = zeros and len(CONTROLS.findall(found.text)) > MOST_CONTROLS * written
    return written > 0 and few and not program


def _is_everyday(found: Decoded) -> bool:
    return _everyday(found.text.replace("\ufffd", ""), "big5" if found.encoding == "Big5" else "gb18030") >= COMMON


def _outweighs(found: Decoded) -> bool:
    """Tell whether so many characters beyond ASCII are UTF-8 that no guess of another encoding stands beside it."""
    beyond = sum(char > "\x7f" for char in found.text) - found.lost
    return found.encoding == UTF8 and found.lost <= CUT * max(1, beyond // 10) and beyond > found.lost


def _unmarked(data: bytes) -> Decoded:
    """Return the text of a file that does not say what it is written in."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if "\0" not in text and (text or not data):
        return Decoded(text, UTF8)
    codec = _wide(data)
    if codec:
        return _strict(data, codec, "UTF-16")
    if text and text.count("\0") <= MOST_ZEROS * len(text):  # no program or picture stays within UTF-8
        return Decoded(text, UTF8)
    if b"\0" in data[:HEAD]:
        raise NotText
    return _guessed(data)


def _named(data: bytes, encoding: str) -> Decoded:
    return _strict(data, encoding, encoding)


def _strict(data: bytes, codec: str, name: str) -> Decoded:
    with suppress(ValueError):  # it holds the bytes, so ours is raised outside: not even its context may
        return Decoded(data.decode(codec), name)
    raise Undecided


def _wide(data: bytes) -> str:
    """Return the codec of UTF-16 without a mark in which nearly all is Latin or Chinese writing, or nothing.

    A third of all pairs of bytes are Chinese ideographs, so there must be spaces, line ends or signs among them, too.
    """
    if len(data) % 2 or len(data) < 2 * LEAST_WIDE:
        return ""
    rated = []
    for codec in ("utf-16-le", "utf-16-be"):
        text = data[:HEAD].decode(codec, "replace")
        if not SIGNS.isdisjoint(text):
            rated.append((sum(map(len, WRITING.findall(text))) / len(text), codec))
    share, codec = max(rated, default=(0.0, ""))
    return codec if share >= SURE else ""


def _guessed(data: bytes) -> Decoded:
    """Return the text in the encoding whose everyday characters it is made of; raises `Undecided`."""
    rated = []
    for codec, name in (("gb18030", "GB18030"), ("big5", "Big5")):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        rated.append((_everyday(text, codec), name, text))
    share, name, text = max(rated, default=(0.0, "", ""))
    if share >= COMMON:
        return Decoded(text, name)
    if _is_western(data):
        return _strict(data, "windows-1252", "Windows-1252")
    raise Undecided


def _everyday(text: str, codec: str) -> float:
    """Return which share of the characters beyond ASCII are punctuation or of the half that everybody uses.

    GB 2312 and Big5 both put the common ideographs first, after the rows of signs: from B0 to D7, and from A4 to C6.
    """
    beyond = ASCII.sub("", text)[:EVIDENCE]
    return sum(map(everyday(codec).__contains__, beyond)) / len(beyond) if beyond else 0.0


ASCII: Final = re.compile("[\x00-\x7f]+")


@cache
def everyday(codec: str) -> frozenset[str]:
    """Return the characters that everybody uses, by the rows of a double-byte encoding."""
    first, last, least = (0xB0, 0xD7, 0xA1) if codec == "gb18030" else (0xA4, 0xC6, 0x40)
    rows = (*range(0xA1, 0xA4), *range(first, last + 1))
    pairs = (bytes((row, column)).decode(codec, "ignore") for row in rows for column in range(least, 0xFF))
    return frozenset(pair for pair in pairs if len(pair) == 1 and pair > "\x7f")


def _is_western(data: bytes) -> bool:
    """Tell whether the bytes beyond ASCII are few, and nearly all are letters or signs of Western European writing."""
    beyond = data.translate(None, PLAIN)
    if len(beyond) > MOST_WESTERN * len(data):
        return False
    return len(beyond) - len(beyond.translate(None, WESTERN)) >= COMMON * len(beyond)
