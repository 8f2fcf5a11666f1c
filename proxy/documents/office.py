"""Office files of today: Word, Excel, PowerPoint, Visio, OpenDocument and EPUB are ZIP archives of XML parts.

Enters: an opened archive. Leaves: one document with the text of every part, pictures and embedded files included; each
part that is no text is read as the file that it is. Macros cannot be looked into.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document, Opaque, Reason, Text
from proxy.documents.office_xml import prose
from proxy.documents.pieces import Woven, edits, parts_of, splice, woven
from proxy.documents.reading import Reading, Unread
from proxy.documents.sheet import SHARED, SHEET, workbook
from proxy.documents.strings import strings
from proxy.documents.xml_text import as_utf8
from proxy.documents.zip_file import Archive

TYPES: Final = "[Content_Types].xml"
MIMETYPE: Final = "mimetype"
FAMILIES: Final = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx", "visio/": "vsdx"}
OPEN: Final = re.compile(rb"application/(?:vnd\.oasis\.opendocument\.([a-z]+)|(epub)\+zip)")
NAMES: Final = {"text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg", "epub": "epub"}
LONGEST_TYPE: Final = 200
XML: Final = re.compile(r".*\.(?:xml|rels|vml|opf|ncx|rdf|xsd)", re.IGNORECASE)
MACRO: Final = re.compile(r"(?i).*(?:vba(?:Project|Data)[^/]*|activeX\d*\.bin|/?Basic/.*\.xml|/?Scripts/.*)")
DEVICE: Final = re.compile(r"(?i).*printerSettings\d*\.bin")
"""Parts that say how to print: they hold a printer's name and numbers."""


def family(archive: Archive) -> str:
    """Return which office file an archive is; empty for an archive like any other. Raises `Unread`."""
    names = {info.filename: info for info in archive.members}
    if TYPES in names:
        found = (kind for start, kind in FAMILIES.items() if any(name.startswith(start) for name in names))
        return next(found, "package")
    if MIMETYPE in names and names[MIMETYPE].file_size < LONGEST_TYPE:
        said = OPEN.match(archive.read(names[MIMETYPE]))
        if said is not None:
            return NAMES.get((said[1] or said[2]).decode(), "opendocument")
    return ""


def read_office(kind: str, data: bytes, archive: Archive, reading: Reading) -> Document:
    """Return the document; a part that cannot be read is opaque."""
    bundle = Bundle()
    grid: dict[str, bytes] = {}
    for info in archive.members:
        name = info.filename
        try:
            content = archive.read(info)
            if SHEET.fullmatch(name) or name == SHARED:
                grid[name] = as_utf8(content)
            else:
                bundle.add(name, read_part(name, content, reading))
        except Unread as error:
            bundle.close(name, error.reason)
    first, sheets = len(bundle.parts), read_sheets(grid, bundle, reading)
    bundle.parts += parts_of(sheets)
    archive.gather_rest(bundle)

    def write(texts: Sequence[str]) -> bytes:
        changed = dict(bundle.changed(texts))
        for name, changes in edits(sheets, texts[first : first + len(sheets)]).items():
            changed[name] = splice(grid[name], changes)
        return archive.written(changed)

    return bundle.document(kind, data, write)


def read_sheets(grid: Mapping[str, bytes], bundle: Bundle, reading: Reading) -> list[Woven]:
    """Return the texts of all sheets; where one cannot be read they are all opaque, for they share their texts."""
    try:
        return workbook(grid, reading)
    except Unread as error:
        for name in grid:
            bundle.close(name, error.reason)
        return []


def read_part(name: str, content: bytes, reading: Reading) -> Document:
    """Return one part as a document; raises `Unread`."""
    if MACRO.fullmatch(name):
        return words("macro", content, "macro")
    if DEVICE.fullmatch(name):
        return words("device", content)
    if name in (TYPES, MIMETYPE) or not content.strip():
        return Document("part", content)
    if XML.fullmatch(name):
        plain = as_utf8(content)
        try:
            return woven("xml", plain, prose(plain, name, reading))
        except Unread as error:
            if error.reason != "broken" or not name.endswith(".vml"):  # old drawings are seldom well formed
                raise
    return reading.within(content, name)


def words(kind: str, content: bytes, reason: Reason | None = None) -> Document:
    """Return what can be read in bytes that nobody parses."""
    text = "\n".join(strings(content))
    return Document(
        kind,
        content,
        (Text("", text, fixed=True),) if text else (),
        (Opaque("", reason),) if reason else (),
    )
