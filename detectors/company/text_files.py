"""The text of a file, whatever kind it is: plain text in the encodings that people use, office documents.

Enters: a name and bytes. Leaves: text, or None for what holds none or cannot be read here (pictures, programs, PDF).
Pure. An encoding is never guessed where its marks or its strictness do not tell it.
"""

from typing import Final

from detectors.company.office import UnreadableFile, is_office, office_text

LARGEST: Final = 64 << 20
"""Bytes of a file that is read as text."""
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
ENCODINGS: Final = ("utf-8", "gb18030")
LOOKED_AT: Final = 8_192
TROUBLE: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def text_of(name: str, data: bytes) -> str | None:
    """Return the text of the file called `name`."""
    if is_office(data):
        try:
            return office_text(data) if name.lower().endswith(OFFICE) else None
        except UnreadableFile:
            return None
    return plain_text(data) if len(data) <= LARGEST else None


OFFICE: Final = (".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".odt", ".ods", ".odp")


def plain_text(data: bytes) -> str | None:
    """Return the text of a plain file: UTF-8 or GB18030, or UTF-16 with its mark; None for what is none of these."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    if not TROUBLE.isdisjoint(data[:LOOKED_AT]):
        return None
    return next((text for text in (_decoded(data, each) for each in ENCODINGS) if text is not None), None)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None
