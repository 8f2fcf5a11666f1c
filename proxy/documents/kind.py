"""Which kind a file is of: told by its content, by its name only where text formats look alike.

Enters: the bytes of a file, and its name. Leaves: the kind. It stands apart from the readers, which take a moment
to import, and of which a text needs none.
"""

import re
from typing import Final

from proxy.documents.mail import is_mail

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
