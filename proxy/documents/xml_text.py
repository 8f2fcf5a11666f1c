"""The text of an XML file with the place of each stretch in its bytes, so that it can be changed and all else stays.

Enters: bytes. Leaves: calls to a handler, in the order of the file. Only the parser of the standard library reads it;
a document type is refused whole, so there are no entities, no other files, and no text that stands nowhere.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final, Protocol
from xml.parsers import expat

from proxy.documents.pieces import Edit, Piece
from proxy.documents.reading import Unread

ATTRIBUTE: Final = re.compile(rb"\s([^\s=/>]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL)
TAG: Final = re.compile(rb"<[^\s/>]+(?:\s+[^\s=/>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>", re.DOTALL)
ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
DECLARED: Final = re.compile(r"(<\?xml[^>]*?)\s+encoding\s*=\s*([\"'])[^\"']*\2")
DASHES: Final = re.compile(r"-(?=-|\Z)")
WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Handler(Protocol):
    """What takes the file as it is read; names come without their prefix."""

    def start(self, name: str, attributes: Mapping[str, str], tag: tuple[int, int]) -> None:
        """Take the start of an element, with where its tag is written."""
        ...

    def end(self, name: str) -> None:
        """Take its end."""
        ...

    def text(self, piece: Piece) -> None:
        """Take a stretch of text."""
        ...

    def note(self, piece: Piece) -> None:
        """Take a comment or an instruction, which no reader shows."""
        ...


def as_utf8(data: bytes) -> bytes:
    """Return the file in UTF-8, whatever it was; raises `Unread`."""
    if not data.startswith(WIDE):
        return data
    try:
        return DECLARED.sub(r"\1", data.decode("utf-16"), count=1).encode("utf-8")
    except UnicodeError:
        raise Unread("broken") from None


def local(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]


def walk(data: bytes, handler: Handler) -> None:
    """Give the file to the handler; raises `Unread` for what is broken or has a document type."""
    walker = _Walker(data, handler)
    try:
        walker.parser.Parse(data, True)
    except expat.ExpatError:
        raise Unread("broken") from None
    walker.flush(len(data))


class _Walker:
    """Joins what the parser gives in crumbs."""

    def __init__(self, data: bytes, handler: Handler) -> None:
        self._data = data
        self._handler = handler
        self._crumbs: list[str] = []
        self._from = -1
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = False
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._cdata
        parser.EndCdataSectionHandler = lambda: None
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction

    def flush(self, end: int) -> None:
        """Hand on the text up to `end`."""
        if self._crumbs:
            self._handler.text(Piece("".join(self._crumbs), self._from, end, write_text))
        self._crumbs, self._from = [], -1

    def _here(self) -> int:
        at = self.parser.CurrentByteIndex
        self.flush(at)
        return at

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii", "ascii"):
            raise Unread("encoding")

    def _doctype(self, *_: object) -> None:
        raise Unread("entities")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        at = self._here()
        found = TAG.match(self._data, at)
        self._handler.start(local(name), attributes, (at, found.end() if found else at))

    def _end(self, name: str) -> None:
        self._here()
        self._handler.end(local(name))

    def _text(self, text: str) -> None:
        if self._from < 0:
            self._from = self.parser.CurrentByteIndex
        self._crumbs.append(text)

    def _cdata(self) -> None:
        if self._from < 0:
            self._from = self.parser.CurrentByteIndex

    def _comment(self, text: str) -> None:
        at = self._here()
        self._handler.note(Piece(text, at + 4, self._data.find(b"-->", at), write_comment))

    def _instruction(self, target: str, text: str) -> None:
        self._here()
        self._handler.note(Piece(f"{target} {text}"))


def write_text(piece: Piece, new: str) -> Iterator[Edit]:
    """Write text between tags."""
    yield piece.start, piece.end, escape(ILLEGAL.sub("", new), quote=False).encode("utf-8")


def write_comment(piece: Piece, new: str) -> Iterator[Edit]:
    """Write a comment, which must not hold its own end."""
    yield piece.start, piece.end, DASHES.sub("- ", ILLEGAL.sub("", new)).encode("utf-8")


def write_attribute(piece: Piece, new: str) -> Iterator[Edit]:
    """Write the value of an attribute, whichever quotes stand round it."""
    value = escape(ILLEGAL.sub("", new)).replace("\n", "&#10;").replace("\t", "&#9;")
    yield piece.start, piece.end, value.encode("utf-8")


def attributes_in(data: bytes, tag: tuple[int, int]) -> Iterator[tuple[str, int, int]]:
    """Yield name, and place of the value, of each attribute in a tag."""
    for found in ATTRIBUTE.finditer(data, *tag):
        group = 2 if found[2] is not None else 3
        yield found[1].decode("utf-8"), found.start(group), found.end(group)
