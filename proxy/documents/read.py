"""A file → what is in it, by the reader of its kind.

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
from proxy.documents.kind import kind_of
from proxy.documents.legacy import read_ole
from proxy.documents.mail import read_mail
from proxy.documents.pieces import Woven, woven
from proxy.documents.plain import as_text, read_plain
from proxy.documents.reading import Reading, Seen, Unread
from proxy.documents.rtf import read_rtf

ENTITIES: Final = re.compile(r"<!ENTITY", re.IGNORECASE)


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
