"""Sheets of a workbook as tables: a row is a line, its cells stand in order with tabs between them.

Enters: the parts of a workbook. Leaves: woven texts over all of them. A text that many cells share is written once, so
a change of it in one row holds in all; a number that changes becomes a text, and its cell says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial, reduce
from html import unescape
from typing import Final

from proxy.documents.office_xml import Taker, write_typed
from proxy.documents.pieces import Edit, Piece, Weaver, Woven, in_cell
from proxy.documents.reading import Reading
from proxy.documents.xml_text import attributes_in, walk, write_text

SHEET: Final = re.compile(r"xl/(?:worksheets|dialogsheets|macrosheets)/[^/]+\.xml")
SHARED: Final = "xl/sharedStrings.xml"
NAME: Final = re.compile(rb"<[^\s/>]+")
COLUMN: Final = re.compile("[A-Z]{1,3}")
MOST_COLUMNS: Final = 256
PLAIN: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
HEADS: Final = frozenset({f"{which}{what}" for which in ("odd", "even", "first") for what in ("Header", "Footer")})
"""Elements that hold what is printed above and below a page, with codes of how (ECMA-376, 18.3.1.46)."""
SIGN: Final = rb"(?:&amp;|&#38;|&#[xX]26;)"
CODE: Final = re.compile(
    SIGN + rb"(?:(?P<itself>" + SIGN + rb")|(?:&quot;|\")[^&\"]*(?:&quot;|\")|K[0-9A-Fa-f]{6}|K[0-9]{2}[+\-][0-9]{3}"
    rb"|[0-9]{1,3}|[A-Z])"
)
"""One such code; a sign twice stands for itself."""


def workbook(parts: Mapping[str, bytes], reading: Reading) -> list[Woven]:
    """Return the texts of all sheets in `parts`, and of the shared strings that no cell shows; raises `Unread`."""
    shared: list[Sequence[Piece]] = []
    if SHARED in parts:
        table = Table(reading)
        walk(parts[SHARED], table)
        shared = table.entries
    shown: set[int] = set()
    found: list[Woven] = []
    for name in sorted(filter(SHEET.fullmatch, parts), key=in_order):
        sheet = Sheet(parts[name], name, reading, shared)
        walk(parts[name], sheet)
        found += sheet.texts()
        shown |= sheet.shown
    hidden = Weaver(f"{SHARED}#", reading)
    for number, pieces in enumerate(shared):
        if number not in shown:
            for piece in pieces:
                hidden.add(piece)
            hidden.gap("\n")
    return found + hidden.texts()


def in_order(name: str) -> tuple[int, str]:
    """Return what sorts `sheet10` after `sheet9`."""
    return len(name), name


class Table:
    """Takes the strings that cells share."""

    def __init__(self, reading: Reading) -> None:
        """Take what counts."""
        self.entries: list[Sequence[Piece]] = []
        self._reading = reading
        self._pieces: list[Piece] = []
        self._texts = 0

    def start(self, name: str, _attributes: Mapping[str, str], _tag: tuple[int, int]) -> None:
        """Begin an entry, or a text in one."""
        if name == "si":
            self._pieces = []
        self._texts += name == "t"

    def end(self, name: str) -> None:
        """End it."""
        self._texts -= name == "t"
        if name == "si":
            self._reading.wait()
            self.entries.append(tuple(self._pieces))

    def text(self, piece: Piece) -> None:
        """Take a stretch of text."""
        if self._texts or not piece.text.isspace():
            self._pieces.append(replace(piece, source=SHARED))

    def note(self, piece: Piece) -> None:
        """Take a comment as text of the entry it is in."""
        self._pieces.append(replace(piece, source=SHARED))


class Sheet(Taker):
    """Takes one sheet."""

    def __init__(self, data: bytes, name: str, reading: Reading, shared: Sequence[Sequence[Piece]]) -> None:
        """Take the part and the shared strings."""
        super().__init__(data, name, reading, name)
        self.formulas = Weaver(f"{name}#f", reading)
        self.shown: set[int] = set()
        self._shared = shared
        self._cell: tuple[str, tuple[int, int]] | None = None
        self._in = ""
        self._column = 0

    def texts(self) -> list[Woven]:
        """Return all texts, those of formulas last."""
        return super().texts() + self.formulas.texts()

    def start(self, name: str, attributes: Mapping[str, str], tag: tuple[int, int]) -> None:
        """Take the start of an element."""
        super().start(name, attributes, tag)
        if name == "row":
            self._column = 0
        elif name == "c":
            self._cell = attributes.get("t", "n"), tag
            self._cells = [0]
            self._skip(attributes.get("r", ""))
        elif name in ("v", "f") and self._cell is not None:
            self._in = name

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == self._in:
            self._in = ""
        if name == "c":
            self._names.pop()
            self._cell, self._cells = None, []
            self.lines.cell()
            self._column += 1
        elif name == "is" and self._cell is not None:
            self._names.pop()
            self._inside -= 1
        elif self._cell is not None:
            self._names.pop()
        elif name == "row":
            self._names.pop()
            self.lines.row()
        else:
            super().end(name)

    def _skip(self, place: str) -> None:
        """Come to the cell `C5`: cells without anything in them need not be written."""
        found = COLUMN.match(place)
        wanted = reduce(lambda sum, letter: sum * 26 + ord(letter) - 64, found[0], 0) - 1 if found else self._column
        while self._column < min(wanted, MOST_COLUMNS):
            self.lines.cell()
            self._column += 1

    def text(self, piece: Piece) -> None:
        """Take a stretch of text: of a cell, of a formula, or of anything else."""
        if self._names and self._names[-1] in HEADS:
            for part in without_codes(self.data, piece):
                super().text(part)
                self.lines.gap("\n")
        elif self._cell is None or not self._in:
            super().text(piece)
        elif self._in == "f":
            self.formulas.add(self.own(piece))
            self.formulas.gap("\n")
        else:
            self._value(piece, *self._cell)

    def _value(self, piece: Piece, kind: str, tag: tuple[int, int]) -> None:
        if kind == "s":
            number = int(piece.text) if piece.text.strip().isdecimal() and len(piece.text) < 10 else -1
            if 0 <= number < len(self._shared):
                self.shown.add(number)
                for each in self._shared[number]:
                    self.lines.add(in_cell(each))
        elif kind in ("n", "d", "b", "e"):
            write = partial(write_typed, write_text, tuple(as_text(self.data, tag)))
            self.lines.add(replace(self.own(piece), text=plainly(piece.text), write=write))
        else:
            self.lines.add(self.own(in_cell(piece)))


def without_codes(data: bytes, piece: Piece) -> Iterator[Piece]:
    """Yield what is printed above or below a page, left, in the middle and right; the codes between belong to none."""
    at = piece.start
    codes = (code for code in CODE.finditer(data, piece.start, piece.end) if not code["itself"])
    for code in (*codes, None):
        end = code.start() if code else piece.end
        written = unescape(data[at:end].decode("utf-8"))
        if written:
            yield replace(piece, text=written, start=at, end=end)
        at = code.end() if code else end


def as_text(data: bytes, tag: tuple[int, int]) -> Iterator[Edit]:
    """Yield what makes a cell of any kind one that holds a text."""
    for name, start, end in attributes_in(data, tag):
        if name == "t":
            yield start, end, b"str"
            return
    at = next(NAME.finditer(data, *tag)).end()
    yield at, at, b' t="str"'


def plainly(text: str) -> str:
    """Return a number with all its digits, as a person sees it: card numbers are stored as 4.1E15."""
    if PLAIN.fullmatch(text) or "E" not in text.upper():
        return text
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    return f"{number:f}" if abs(number.adjusted()) < 30 else text
