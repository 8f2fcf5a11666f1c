"""Which reader a file is for: told by its content, by its name only where text formats look alike.

Enters: bytes of any origin, a name, limits. Leaves: a `Document`, always: what cannot be read is opaque with a reason.
Pure but for the clock. This is the reading itself; hostile files belong into `proxy.documents.reader`, which does it in
another process.
"""

import re
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Final

from proxy.documents import archives, json_file, markup
from proxy.documents.document import Document, Limits, sealed
from proxy.documents.legacy import read_ole
from proxy.documents.mail import is_mail, read_mail
from proxy.documents.pieces import Woven, woven
from proxy.documents.plain import as_text, read_plain
from proxy.documents.reading import Reading, Seen, Unread
from proxy.documents.rtf import read_rtf

MAGIC: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF87a", "picture"),
    (b"GIF89a", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
)
PDF: Final = b"%PDF-"
PDF_HEAD: Final = 1024
"""Bytes within which a PDF file says that it is one."""
MARKUP: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|\?xml|html|head|body|svg|div|table|p|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
PAGES: Final = (".html", ".htm", ".xhtml", ".shtml", ".svg", ".xml", ".vml")
JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
ENTITIES: Final = re.compile(r"<!ENTITY", re.IGNORECASE)

TEXTUAL: Final = frozenset({"text", "json", "html"})
"""Kinds in which nothing unpacks, nests or runs."""


def kind_of(data: bytes, name: str) -> str:
    """Return what kind of file this is, as far as its first bytes tell; `text` for what may be any text."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if data[:2] == b"BM" and int.from_bytes(data[2:6], "little") == len(data):
        return "picture"
    if PDF in data[:PDF_HEAD]:
        return "pdf"
    if data[257:262] == b"ustar":
        return "tar"
    if is_mail(data):
        return "mail"
    if MARKUP.match(data[:4096]) or name.lower().endswith(PAGES):
        return "html"
    return "json" if JSON.match(data[:4096]) else "text"


def read_document(
    data: bytes, name: str, limits: Limits, clock: Callable[[], float] = monotonic, seen: dict[str, Seen] | None = None
) -> Document:
    """Return what is in the file called `name`; `seen` remembers what is written in pictures."""
    return Reading(limits, clock, open_file, seen).within(data, name)


def open_file(data: bytes, name: str, reading: Reading) -> Document:
    """Return what is in a file, on behalf of `reading`; a whole that cannot be read is opaque."""
    kind = kind_of(data, name)
    if not data:
        return Document("empty", data)
    if len(data) > reading.limits.size:
        return sealed(kind, data, "too_large")
    try:
        reading.wait()
        return READERS[kind](data, name, reading)
    except Unread as error:
        return sealed(kind, data, error.reason)
    except RecursionError:
        return sealed(kind, data, "too_deep")
    except MemoryError:
        return sealed(kind, data, "too_large")


def _read_pdf(data: bytes, _name: str, reading: Reading) -> Document:
    from proxy.documents.pdf import read_pdf  # libraries are imported with the first file that needs them

    return read_pdf(data, reading)


def _read_picture(data: bytes, _name: str, reading: Reading) -> Document:
    from proxy.documents.picture import read_picture

    return read_picture(data, reading)


def _woven(
    kind: str, weave: Callable[[str, Reading], list[Woven] | None], data: bytes, name: str, reading: Reading
) -> Document:
    text, back = as_text(data)
    if kind == "html" and ENTITIES.search(text):
        return sealed(kind, data, "entities")
    texts = weave(text, reading)
    if texts is None or back is None:
        return read_plain(data, reading, name)
    source = text.encode("utf-8", "surrogatepass")
    return woven(kind, data, texts, source, lambda new: back(new.decode("utf-8", "replace")))


def _nameless(read: Callable[[bytes, Reading], Document]) -> Callable[[bytes, str, Reading], Document]:
    return lambda data, _name, reading: read(data, reading)


READERS: Final[dict[str, Callable[[bytes, str, Reading], Document]]] = {
    "text": lambda data, name, reading: read_plain(data, reading, name),
    "html": partial(_woven, "html", markup.weave),
    "json": partial(_woven, "json", json_file.weave),
    "mail": _nameless(read_mail),
    "rtf": _nameless(read_rtf),
    "ole": _nameless(read_ole),
    "zip": _nameless(archives.read_zip),
    "tar": _nameless(archives.read_tar),
    **{kind: partial(archives.read_packed, kind) for kind in archives.PACKED},
    "pdf": _read_pdf,
    "picture": _read_picture,
}
