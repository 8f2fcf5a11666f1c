"""The text of one XML part of an office file: paragraphs, cells and rows; and apart from them the telling attributes.

Enters: the bytes of the part. Leaves: woven texts. All running text is taken, whatever element it is in: headers,
footnotes, comments, text boxes, notes, deleted and inserted words, field codes, formulas, charts, properties. Of the
attributes those are taken that people write, and any that looks like it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from proxy.adapters.carries import is_name
from proxy.documents.pieces import INNER, MOST_INNER, Edit, Piece, Weaver, Woven, Writer, in_cell, sign
from proxy.documents.reading import Reading, Unread
from proxy.documents.xml_text import attributes_in, walk, write_attribute

PARAGRAPHS: Final = frozenset({"p", "h", "si", "is"})
"""Elements that hold running text, in Word, PowerPoint, OpenDocument and Excel; in its comments `text` does, too."""
CELLS: Final = frozenset({"tc", "table-cell", "covered-table-cell"})
ROWS: Final = frozenset({"tr", "table-row"})
TABLES: Final = frozenset({"tbl", "table"})
RUNS: Final = frozenset({"t", "delText"})
LOOSE: Final = frozenset({"p", "h", "span"})
"""Elements in which a space by itself counts; in the latter, in which OpenDocument writes, only between words."""
SIGNS: Final = {
    "tab": "\t",
    "br": "\n",
    "cr": "\n",
    "line-break": "\n",
    "noBreakHyphen": "-",
    "s": " ",
}
"""Empty elements that stand for a sign."""
OURS: Final = frozenset(
    {
        *("Application", "AppVersion", "DocSecurity", "generator", "Template", "lpstr", "CreatorTool", "Producer"),
        *("creatortool", "producer", "DocumentID", "InstanceID", "OriginalDocumentID", "softwareAgent", "instanceID"),
        *("PresentationFormat",),
    }
)
"""Elements of properties that the program writes: read unless they are a plain name."""
MOST_COLUMNS: Final = 64
LONGEST_SWITCH: Final = 4
SWITCH: Final = re.compile(r"\s*(?:true|false|-?[0-9.]{1,9})\s*", re.IGNORECASE)
"""Text of an element outside of paragraphs that is a measure or a switch."""

WRITTEN: Final = frozenset(
    {
        *("descr", "title", "tooltip", "author", "initials", "userId", "displayName", "alt", "string", "prompt"),
        *("promptTitle", "error", "errorTitle", "href", "url", "value", "string-value", "text", "caption", "altText"),
        *("label", "creator", "lastModifiedBy", "userName", "reference", "location", "display"),
    }
)
"""Attributes that hold what somebody wrote, by name."""
FORMS: Final = frozenset(
    {
        *("typeface", "ascii", "hAnsi", "eastAsia", "cs", "Type", "uri", "style", "Ignorable", "ContentType", "rsid"),
        *("Requires", "PartName", "Extension", "class", "formatCode", "path", "d", "gradientshapeok"),
    }
)
"""Attributes that hold how it looks."""
TELLING: Final = re.compile(r"[^\W\x00-\x7f]|\w@\w|://|[0-9]{11}|[A-Za-z]{2} [A-Za-z]{2,} [A-Za-z]{2}")
TELLING_OF_LOOKS: Final = re.compile(r"[^\W\x00-\x7f]|\w@\w|://")
LOOKS: Final = re.compile(r"(?:.*/)?(?:theme\d*|styles\w*|numbering|settings|webSettings)\.xml")
"""Parts that say how it looks, full of names that the program gives."""
FONTS: Final = re.compile(r"(?:.*/)?(?:fontTable|fontScheme)\.xml|.*/theme/.*")
LABELS: Final = re.compile(r"(?i)(?:.*/)?LabelInfo\.xml")
BRACED: Final = re.compile(r"\{[0-9A-Fa-f\-]{36}\}")
"""Where Office says which sensitivity label a file has (MS-OFFCRYPTO, 2.6): the number of it, in braces."""
SCHEMAS: Final = re.compile(r"(?:https?://(?:schemas|purl|www\.w3|ns)\.|urn:)")


def prose(data: bytes, name: str, reading: Reading) -> list[Woven]:
    """Return the texts of the part called `name`, which their pointers leave out; raises `Unread`."""
    taker = Taker(data, name, reading)
    walk(data, taker)
    return taker.texts()


def xmp(text: str, reading: Reading) -> str:
    """Return the words of metadata in XMP (ISO 16684-1); any other text as it is."""
    start = text.find("<x:xmpmeta") if "<x:xmpmeta" in text else text.find("<rdf:RDF")
    if start < 0:
        return text
    tail = text.find("<?xpacket end", start)
    end = text.rfind(">", start, tail if tail > 0 else len(text)) + 1
    try:
        return "\n".join(one.text for one in prose(text[start:end].encode("utf-8"), "xmp", reading))
    except (Unread, UnicodeEncodeError):
        return text


class Taker:
    """Takes the text of any part."""

    def __init__(self, data: bytes, name: str, reading: Reading, source: str = "") -> None:
        """Take the part, its name, and where its pieces say they are."""
        self.data = data
        self.source = source
        self.lines = Weaver(f"{source}#", reading)
        self.attributes = Weaver(f"{source}@", reading)
        self._inside = 0
        """How many paragraphs the place is in."""
        self._tables = 0
        self._cells: list[int] = []
        """How many breaks were in each of the cells that the place is in."""
        self._wide = 1
        """How many columns the cell at hand takes."""
        self._names: list[str] = []
        self._paragraphs = PARAGRAPHS | {"text"} if name.startswith("xl/") else PARAGRAPHS
        self._looks = LOOKS.fullmatch(name) is not None
        self._labels = LABELS.fullmatch(name) is not None
        self._fonts = FONTS.fullmatch(name) is not None

    def texts(self) -> list[Woven]:
        """Return all texts."""
        return self.lines.texts() + self.attributes.texts()

    def start(self, name: str, attributes: Mapping[str, str], tag: tuple[int, int]) -> None:
        """Take the start of an element."""
        self._names.append(name)
        if name in self._paragraphs:
            if self._inside:
                self.lines.gap(self._break())
            self._inside += 1
        elif name in TABLES:
            self.lines.row()
            self.lines.table()
            self._tables += 1
        elif name in CELLS:
            self._wide = times(attributes.get("table:number-columns-repeated", ""))
            self._cells.append(0)
        elif name == "gridSpan":
            self._wide = times(attributes.get("w:val", ""))
        elif name in SIGNS and self._inside:
            shown = SIGNS[name] * spaces(attributes)
            self.lines.add(sign(self._break(shown) if shown in "\n\t" else shown))
        for raw, value in attributes.items():
            if self._takes(raw.rpartition(":")[2], raw, value, attributes):
                self._attribute(raw, value, tag)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._names.pop()
        if name in self._paragraphs:
            self._inside -= 1
            self.lines.gap(self._break())
        elif name in CELLS:
            self._cells.pop()
            for _ in range(self._wide):
                self.lines.cell()
            self._wide = 1
        elif name in ROWS:
            self.lines.row()
        elif name in TABLES:
            self._tables -= 1
            self.lines.gap("\n")
            self.lines.table()
        elif not self._inside and not self._tables:
            self.lines.gap("\n")

    def text(self, piece: Piece) -> None:
        """Take a stretch of text."""
        name = self._names[-1] if self._names else ""
        if piece.text.isspace() and not (name in RUNS or (name in LOOSE and "\n" not in piece.text)):
            return
        if name in OURS and piece.text.isascii() and is_name(piece.text):
            return
        if not self._inside and name not in ("t", "v") and SWITCH.fullmatch(piece.text):
            return
        self.lines.add(self.own(in_cell(piece) if self._cells else piece))

    def _break(self, shown: str = "\n") -> str:
        """Return how a break reads here: within a cell, such that it ends neither row nor cell."""
        if not self._cells:
            return shown
        self._cells[-1] += 1
        return INNER if self._cells[-1] <= MOST_INNER else shown

    def note(self, piece: Piece) -> None:
        """Take a comment of the file."""
        if piece.text.strip() and not piece.text.startswith("mso-"):
            self.attributes.add(self.own(piece))
            self.attributes.gap("\n")

    def own(self, piece: Piece) -> Piece:
        """Return the piece as one of this source."""
        if not self.source:
            return piece
        return replace(piece, source=self.source)

    def _takes(self, name: str, raw: str, value: str, beside: Mapping[str, str]) -> bool:
        if self._fonts or not value or raw.startswith("xmlns") or name in FORMS or "font" in name:
            return False
        if self._labels and BRACED.fullmatch(value):
            return name == "id"
        if name in ("Target", "target"):
            return beside.get("TargetMode") == "External" or (SCHEMAS.match(value) is None and "://" in value)
        if name in WRITTEN and not self._looks:
            return not value.isdecimal() or len(value) > LONGEST_SWITCH
        telling = TELLING_OF_LOOKS if self._looks else TELLING
        return telling.search(value) is not None and SCHEMAS.match(value) is None

    def _attribute(self, raw: str, value: str, tag: tuple[int, int]) -> None:
        found = {name: (start, end) for name, start, end in attributes_in(self.data, tag)}
        write: Writer = write_attribute
        if raw == "office:value":
            types = [(*found[name], b"string") for name in ("office:value-type", "calcext:value-type") if name in found]
            write = partial(write_typed, write_attribute, types)
        start, end = found[raw]
        if self._labels and BRACED.fullmatch(value):
            value, start, end = value[1:-1], start + 1, end - 1
        self.attributes.add(Piece(value, start, end, write, self.source))
        self.attributes.gap("\n")


def times(count: str) -> int:
    """Return how often a cell counts; a row that is filled up to the last column counts once."""
    return int(count) if count.isdecimal() and 0 < int(count[:4]) <= MOST_COLUMNS and len(count) < 4 else 1


def spaces(attributes: Mapping[str, str]) -> int:
    """Return how many spaces OpenDocument's `text:s` stands for."""
    count = attributes.get("text:c", "1")
    return int(count) if count.isdecimal() and len(count) < 4 else 1


def write_typed(write: Writer, types: Sequence[Edit], piece: Piece, new: str) -> Iterator[Edit]:
    """Write the value of a cell, and that it is a text from now on."""
    yield from write(piece, new)
    yield from types
