"""Reads the text of office documents that are registered. Standard library only.

Enters: the bytes of a file. Leaves: text. Pure. Files come from anywhere: what unpacks to more than a document holds,
nests, or defines entities of its own is not read, and the caller is told by `UnreadableFile`.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

MOST_MEMBERS: Final = 5_000
MOST_BYTES: Final = 128 << 20
"""Of one part, unpacked, and of all parts that are read."""
PIECE: Final = 1 << 16
TEXT_PARTS: Final = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    r"|ppt/(?:slides/slide|notesSlides/notesSlide|slideMasters/slideMaster|comments/comment)\d+\.xml"
    r"|xl/(?:sharedStrings|comments\d*|worksheets/sheet\d+)\.xml"
    r"|content\.xml|styles\.xml"
)
WRITTEN: Final = frozenset({"t", "delText"})
"""Elements whose text is text of the document in OOXML."""
ENDS: Final = frozenset({"p", "si", "h", "row", "comment", "br", "cr"})
"""Elements after which a line ends."""


class UnreadableFile(Exception):
    """The file is not read: no office document, damaged, encrypted, or larger than any document."""


def is_office(data: bytes) -> bool:
    """Tell whether the bytes may be an office document: all of today's formats are ZIP archives."""
    return data[:4] == b"PK\x03\x04"


def office_text(data: bytes) -> str:
    """Return the text of a document, headers and footers included; raises `UnreadableFile`."""
    return "\n".join(_texts(data))


def _texts(data: bytes) -> Iterator[str]:
    with _opened(data) as archive:
        for name in sorted(archive.namelist()):
            if TEXT_PARTS.fullmatch(name):
                pieces: list[str] = []
                for tag, text in _elements(archive, name):
                    if tag in WRITTEN or not name.startswith(("word", "ppt", "xl")):
                        pieces.append(text)
                    if tag in ENDS:
                        pieces.append("\n")
                    elif tag == "tab":
                        pieces.append("\t")
                yield "".join(pieces)


def _opened(data: bytes) -> zipfile.ZipFile:
    """Return the archive; raises `UnreadableFile`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise UnreadableFile("this is no office document, or it is damaged") from None
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or len(members) != len({one.filename for one in members}):
        raise UnreadableFile("the document has too many parts, or two of one name")
    read = [one for one in members if TEXT_PARTS.fullmatch(one.filename)]
    if sum(one.file_size for one in read) > MOST_BYTES or any(one.flag_bits & 1 for one in read):
        raise UnreadableFile("the document is encrypted, or unpacks to more than a document holds")
    return archive


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str]]:
    """Give tag without namespace and text of each element of a part, as it ends."""
    parser: XMLPullParser[Element] = XMLPullParser(("end",))
    left = MOST_BYTES
    try:
        with archive.open(name) as file:
            while piece := file.read(PIECE):
                left -= len(piece)
                if left < 0 or b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                    raise UnreadableFile("the document defines entities, or unpacks to more than it says")
                parser.feed(piece)
                for _, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
                    yield element.tag.rpartition("}")[2], element.text or ""
                    element.clear()
        parser.close()
    except (
        ParseError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ):
        raise UnreadableFile("a part of the document is damaged") from None
