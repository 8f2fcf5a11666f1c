"""Office files of before 2007, and encrypted ones of today: both are OLE files.

Enters: bytes. Leaves: for an encrypted file nothing; for an old one the words that can be seen in it, and that it could
not be looked into: its text may be in pieces, and only a part of it is seen.
"""

from typing import Final

from proxy.documents.document import Document, Opaque, Text, sealed
from proxy.documents.reading import Reading
from proxy.documents.strings import strings

ENCRYPTED: Final = tuple(name.encode("utf-16-le") for name in ("EncryptedPackage", "EncryptionInfo"))


def read_ole(data: bytes, reading: Reading) -> Document:
    """Return the file; raises `Unread`."""
    if any(name in data for name in ENCRYPTED):
        return sealed("ole", data, "encrypted")
    text = "\n".join(strings(data))
    reading.text(len(text))
    parts = (Text("#", text, fixed=True),) if text else ()
    return Document("ole", data, parts, (Opaque("", "legacy"),))
