"""What Redis gets to see of names and records: ciphertext alone. Pure.

Enters: names and plain fields. Leaves: AES-SIV (RFC 5297) of them, under a key derived from the house's master key and
bound to where they stand. It is deterministic: one name is one key, and a record that has not changed is the same
bytes, so that Redis can compare what it cannot read. What was moved or changed there never opens.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from proxy.errors import UnreadableRecord
from proxy.store.plain import document

BUCKETS: Final = 32
"""Parts of what is kept of people: each is in one slot of a Cluster, and nobody is in two."""
UNREADABLE: Final = "the store holds a record that cannot be read; restore it"


class Veil:
    """Closes and opens."""

    def __init__(self, master: bytes) -> None:
        """Take the house's master key."""
        self._siv = AESSIV(hmac.digest(master, b"sluice: the store that nodes share, 1", "sha512"))

    def __repr__(self) -> str:
        """Show no key."""
        return "Veil()"

    def name(self, text: str) -> str:
        """Return what a name is called in Redis."""
        data = b"n" + text.encode("utf-8", "surrogatepass")  # the mark: an empty text could not be closed
        return urlsafe_b64encode(self._siv.encrypt(data, [b"name"])).decode("ascii").rstrip("=")

    def told(self, name: bytes) -> str:
        """Return the name that `name` has closed; raises `StoreError`."""
        try:
            data = self._siv.decrypt(urlsafe_b64decode(name + b"=" * (-len(name) % 4)), [b"name"])
        except (InvalidTag, Error, ValueError) as error:
            raise UnreadableRecord(UNREADABLE) from error
        return data[1:].decode("utf-8", "surrogatepass")

    def close(self, fields: object, *place: str) -> bytes:
        """Return a record that opens at its place alone; raises `TypeError` for what is no plain value."""
        return self._siv.encrypt(document(fields).encode(), [one.encode("utf-8", "surrogatepass") for one in place])

    def open(self, data: bytes, *place: str) -> Any:
        """Return the fields of a record; raises `StoreError`."""
        try:
            return orjson.loads(self._siv.decrypt(data, [one.encode("utf-8", "surrogatepass") for one in place]))
        except (InvalidTag, ValueError) as error:
            raise UnreadableRecord(UNREADABLE) from error


def bucket(name: str) -> int:
    """Return the bucket of a closed name."""
    return sha256(name.encode("ascii")).digest()[0] % BUCKETS
