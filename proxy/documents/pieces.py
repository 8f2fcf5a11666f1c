"""Texts that are made of many small stretches of a file, and how a new text goes back into them.

Enters: pieces in reading order, each with its place in a source, and the signs that stand between them. Leaves: texts
of some paragraphs each; and edits of the source for a new text. A value that is split over several pieces is one value
in the text: the first piece it touches takes what stands for it, and what the others had of it is gone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import partial
from typing import Final

from detectors.views.columns import tells
from proxy.documents.document import Document, FixedText, Text
from proxy.documents.reading import Reading
from proxy.exchange import Field

LONGEST: Final = 8_000
"""Characters after which a text ends with its line; context goes no further anyway."""
LONGEST_HEADING: Final = 1_000
"""Characters of the heading of a table."""
HEADING_ROWS: Final = 5
"""Rows of a table in which its heading may be: titles stand above it."""
TOKEN: Final = re.compile(r"\[[A-Z0-9_]+\]|[A-Za-z0-9_]+|\s+|.", re.DOTALL)
BREAKS: Final = re.compile(r"\r\n|[\r\n\t]")
INNER: Final = "\f"
"""What a break or a tab within a cell reads as, so that it ends neither row nor cell; no XML file holds this sign."""
MOST_INNER: Final = 4
"""Breaks of a cell that read so; one with more holds paragraphs, not a value."""
MOST_COMPARED: Final = 4_000
"""Lines, or tokens of one line, that are compared one by one."""

type Edit = tuple[int, int, bytes]
"""Start, end and new content of a stretch of a source."""
type Writer = Callable[["Piece", str], Iterable[Edit]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or a sign between two."""

    text: str = field(repr=False)
    start: int = 0
    end: int = 0
    """Where it is written in its source, in bytes."""
    write: Writer | None = None
    """Returns the edits that write another text in its place; None for what cannot be changed."""
    source: str = ""
    """Which of several sources it is in."""
    sign: bool = False
    """Whether it says nothing by itself: a tab, a line end, a colon."""
    label: str | None = field(default=None, repr=False)
    """The label that its key gives it; None for text that is not a value."""


def sign(text: str) -> Piece:
    """Return what stands between pieces."""
    return Piece(text, sign=True)


def in_cell(piece: Piece) -> Piece:
    """Return a piece of a cell, its breaks such as end neither row nor cell; they are written as they were."""
    breaks = BREAKS.findall(piece.text)
    if not 0 < len(breaks) <= MOST_INNER:
        return piece
    write = piece.write and partial(_with_breaks, piece.write, tuple(breaks))
    return replace(piece, text=BREAKS.sub(INNER, piece.text), write=write)


def _with_breaks(write: Writer, breaks: Sequence[str], piece: Piece, new: str) -> Iterable[Edit]:
    """Write a text with the breaks that stood in it; where some are gone nobody knows which are left."""
    left = iter(breaks if new.count(INNER) == len(breaks) else ())
    return write(piece, re.sub(INNER, lambda _: next(left, breaks[0]), new))


@dataclass(frozen=True, slots=True)
class Woven:
    """A text and the pieces that it is made of."""

    pointer: str
    pieces: tuple[Piece, ...] = field(repr=False)
    bounded: bool = False
    """Whether all pieces that are no values are keys."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def fields(self) -> Iterator[Field]:
        """The values in the text; where not all else are keys, those alone of which a key says something."""
        at = 0
        for piece in self.pieces:
            if piece.label or (self.bounded and piece.label is not None):
                yield Field(at, at + len(piece.text), piece.label)
            at += len(piece.text)


class Weaver:
    """Makes texts of pieces as they come."""

    def __init__(self, pointer: str, reading: Reading, *, bounded: bool = False) -> None:
        """Take where the texts stand, what counts them, and whether all but their values are keys."""
        self._bounded = bounded
        self._pointer = pointer
        self._reading = reading
        self._done: list[Woven] = []
        self._pieces: list[Piece] = []
        self._size = 0
        self._gap = self._edge = ""
        self._filled = self._open = False
        self._lines = 0
        self._first = self._row = 0
        self._rows = 0
        self._head: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Add a piece after the sign that is due."""
        gap = self._gap if self._pieces else self._gap.lstrip("\n ")
        if gap:
            self._pieces.append(sign(gap))
            self._size += len(gap)
        self._gap = ""
        self._filled = True
        self._pieces.append(piece)
        self._size += len(piece.text)
        self._reading.text(len(piece.text))

    def gap(self, sign: str) -> None:
        """Set the sign that stands before the next piece, in place of one that was due already."""
        self._gap = sign
        if sign == "\n":
            self._lines += 1
            if self._size >= LONGEST:
                self._cut()

    def cell(self) -> None:
        """End a cell of a table; one that is empty has its sign, too, so that columns stay columns."""
        self._gap = "\t" if self._filled else self._edge + "\t"
        self._edge, self._filled = self._gap, False

    def next_cell(self) -> None:
        """Begin a cell, which ends the one before it in its row."""
        if self._open:
            self.cell()
        self._open = True

    def row(self) -> None:
        """End a row, or what stands before one; a heading that tells is read again before rows that are cut from it."""
        mine = self._pieces[self._row :]
        if self._rows < HEADING_ROWS and len(mine) > 1:
            self._rows += 1
            words = "".join(piece.text for piece in mine).strip("\n")
            if "\t" in words.strip() and len(words) <= LONGEST_HEADING and tells(words):
                self._head = [piece for piece in mine if piece.text != "\n"]
        self.gap("\n")
        if not self._pieces and self._head:
            self._pieces = [*self._head]
            self._gap = "\n"
        self._row = len(self._pieces)
        self._edge, self._filled, self._open = self._gap, False, False

    def table(self) -> None:
        """Begin or end a table."""
        self._head, self._rows, self._row = [], 0, len(self._pieces)

    def _cut(self) -> None:
        if not all(piece.sign for piece in self._pieces) and self._pieces != self._head:
            self._done.append(Woven(f"{self._pointer}{self._first}", tuple(self._pieces), self._bounded))
        self._pieces, self._size, self._gap, self._first = [], 0, "", self._lines
        self._edge, self._row = "", 0

    def texts(self) -> list[Woven]:
        """Return all texts."""
        self._cut()
        return self._done


def woven(
    kind: str, data: bytes, texts: Sequence[Woven], source: bytes = b"", encode: Callable[[bytes], bytes] = bytes
) -> Document:
    """Return the document of a file whose pieces stand in `source`, or else in its own bytes.

    `encode` makes a file of a changed source.
    """

    def write(changed: Sequence[str]) -> bytes:
        return encode(splice(source or data, edits(texts, changed).get("", ())))

    return Document(kind, data, parts_of(texts), write=write)


def parts_of(texts: Iterable[Woven]) -> tuple[Text, ...]:
    """Return the texts as parts of a document."""
    return tuple(
        Text(one.pointer, one.text, not any(piece.write for piece in one.pieces), tuple(one.fields), one.bounded)
        for one in texts
    )


def edits(texts: Sequence[Woven], changed: Sequence[str]) -> dict[str, list[Edit]]:
    """Return by source what must be written for the texts to read `changed`; a place is written once.

    A piece that stands in several texts takes the first change of it.
    """
    written: dict[str, dict[tuple[int, int], bytes]] = {}
    for one, text in zip(texts, changed, strict=True):
        for piece, fresh in distribute(one.pieces, text):
            place = written.setdefault(piece.source, {})
            if piece.write is not None:
                for start, end, content in piece.write(piece, fresh):
                    place.setdefault((start, end), content)
    return {source: [(*span, content) for span, content in sorted(place.items())] for source, place in written.items()}


def splice(source: bytes, changes: Iterable[Edit]) -> bytes:
    """Return the source with other content at some places, which must not overlap."""
    pieces: list[bytes] = []
    at = 0
    for start, end, content in changes:
        pieces += (source[at:start], content)
        at = end
    pieces.append(source[at:])
    return b"".join(pieces)


def distribute(pieces: Sequence[Piece], new: str) -> Iterator[tuple[Piece, str]]:
    """Yield each piece that reads otherwise in the text `new`, with its new text; raises `FixedText`."""
    old = "".join(piece.text for piece in pieces)
    if old == new:
        return
    fresh = [""] * len(pieces)
    bounds: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        bounds.append((at, at + len(piece.text)))
        at += len(piece.text)
    place = kept = 0
    for start, end, chunk in changes(old, new):
        place = _keep(fresh, bounds, old, kept, start, place)
        owner = _owner(pieces, bounds, start, end, place)
        fresh[owner] += chunk
        kept = end
    _keep(fresh, bounds, old, kept, len(old), place)
    for piece, text in zip(pieces, fresh, strict=True):
        if piece.write is not None and piece.text != text:
            yield piece, text


def _keep(fresh: list[str], bounds: Sequence[tuple[int, int]], old: str, start: int, end: int, place: int) -> int:
    """Give each piece what it keeps of a stretch; return the piece where the stretch ends."""
    while place < len(bounds) - 1 and bounds[place][1] <= start:
        place += 1
    at: int = place
    while at < len(bounds) and bounds[at][0] < end:
        first, last = max(start, bounds[at][0]), min(end, bounds[at][1])
        if first < last:
            fresh[at] += old[first:last]
        at += 1
    return max(place, at - 1)


def _owner(pieces: Sequence[Piece], bounds: Sequence[tuple[int, int]], start: int, end: int, place: int) -> int:
    """Return which piece takes what stands for a stretch: the first that it touches and that can be written."""
    at = place
    touched: list[int] = []
    while at < len(pieces) and bounds[at][0] < max(end, start + 1):
        if bounds[at][1] > start:
            touched.append(at)
        at += 1
    if any(pieces[one].write is None and not pieces[one].sign for one in touched):
        raise FixedText
    order: list[int] = [*touched, *range(min(at, len(pieces)) - 1, -1, -1), *range(at, len(pieces))]
    found = [other for other in order if pieces[other].write is not None]
    if not found:
        raise FixedText
    return found[0]


def changes(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches of `old` that are otherwise in `new`, and what is there: lines first, then words in them."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    at = 0
    for first, last, start, end in _pairs(before, after):
        size = sum(map(len, before[first:last]))
        if last - first == end - start:
            for one, other in zip(before[first:last], after[start:end], strict=True):
                yield from _in_line(one, other, at)
                at += len(one)
        else:
            yield from _in_line("".join(before[first:last]), "".join(after[start:end]), at)
            at += size


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield ranges of lines that belong to each other, so that every line is in one."""
    if len(before) == len(after) or max(len(before), len(after)) > MOST_COMPARED:
        yield 0, len(before), 0, len(after)
        return
    for _, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield first, last, start, end


def _in_line(old: str, new: str, at: int) -> Iterator[tuple[int, int, str]]:
    if old == new:
        return
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    if len(before) * len(after) > MOST_COMPARED * 100:
        yield at, at + len(old), new
        return
    place = at
    lengths = [len(token) for token in before]
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        size = sum(lengths[first:last])
        if tag != "equal":
            yield place, place + size, "".join(after[start:end])
        place += size
