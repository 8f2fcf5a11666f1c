"""Files that are text: notes, tables with commas, logs, source code, in whatever encoding they are.

Enters: bytes. Leaves: a document of one text, which goes back in the encoding that it came in; or the text and the way
back, for formats that are more than text.
"""

import codecs
import re
from collections.abc import Callable, Sequence
from typing import Final

from detectors.decode_text import NotText, Undecided, decode
from proxy.documents.document import Document, Text, unwritable
from proxy.documents.reading import Reading, Unread
from proxy.documents.settings_file import values

CODECS: Final = {
    "UTF-8": ("utf-8", "utf-8-sig"),
    "UTF-16": ("utf-16-le", "utf-16-be"),
    "UTF-32": ("utf-32-le", "utf-32-be"),
    "GB18030": ("gb18030", "gbk"),
    "Big5": ("big5", "big5hkscs"),
    "Windows-1252": ("cp1252",),
}
MARKS: Final = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}

CONTROLS: Final = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
MOST_CONTROLS: Final = 0.005
"""Share of control characters that a text may have; messages of programs have more, and lengths that must hold."""

type Back = Callable[[str], bytes]


def as_text(data: bytes) -> tuple[str, Back | None]:
    """Return the text of a file, and what writes another in the same encoding, where that can be done.

    Raises `Unread` for what is no text, or is in an encoding that cannot be told.
    """
    try:
        decoded = decode(data)
    except NotText:
        raise Unread("unknown") from None
    except Undecided:
        raise Unread("encoding") from None
    if "\0" in decoded.text or len(CONTROLS.findall(decoded.text)) > MOST_CONTROLS * len(decoded.text):
        raise Unread("unknown")
    for codec in CODECS.get(decoded.encoding, ()):
        for mark in (b"", MARKS.get(codec, b"")):
            if data.startswith(mark) and _same(data, mark, codec, decoded.text):
                return decoded.text, _writer(codec, mark)
    return decoded.text, None


def _same(data: bytes, mark: bytes, codec: str, text: str) -> bool:
    try:
        return mark + text.encode(codec) == data
    except UnicodeEncodeError:
        return False


def _writer(codec: str, mark: bytes) -> Back:
    return lambda text: mark + text.encode(codec, "replace")


def read_plain(data: bytes, reading: Reading, name: str = "") -> Document:
    """Return a text file; raises `Unread`."""
    text, back = as_text(data)
    reading.text(len(text))

    def write(texts: Sequence[str]) -> bytes:
        return back(texts[0]) if back is not None else unwritable(texts)

    parts = (Text("", text, fixed=back is None, fields=values(text, name)),) if text else ()
    return Document("text", data, parts, write=write)
