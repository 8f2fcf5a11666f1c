"""Seal originals, so that a store can keep them without being able to read them.

Enters: a master key, then users, placeholders and originals. Leaves: keys of users and sealed bytes. Nothing is stored
here. A sealed value opens only for the user and under the placeholder that it was sealed for.
"""

import secrets
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION: Final = b"\x01"
NONCE: Final = 12
TAG: Final = 16
LEAST_KEY: Final = 32


class VaultError(Exception):
    """A sealed value does not open: another user's, moved, altered, or sealed under another master key."""


class Sealer:
    """Derives the keys of users from one master key (HKDF, RFC 5869) and seals with AES-256-GCM (NIST SP 800-38D)."""

    def __init__(self, master_key: bytes, nonce: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Take a master key of 32 bytes or more; raises `ValueError` for a shorter one. `nonce` gives fresh bytes."""
        if len(master_key) < LEAST_KEY:
            raise ValueError(f"the master key must have {LEAST_KEY} bytes at least")
        self._master_key = master_key
        self._nonce = nonce

    def user_key(self, user: str) -> bytes:
        """Return the 32 bytes that a user's placeholders are made with."""
        return self._derive(b"placeholder", user)

    def seal(self, user: str, placeholder: str, original: str) -> bytes:
        """Return `original` sealed for this user and placeholder: version, nonce, ciphertext with tag."""
        nonce = self._nonce(NONCE)
        box = AESGCM(self._derive(b"seal", user))
        return (
            VERSION + nonce + box.encrypt(nonce, original.encode("utf-8", "surrogatepass"), _bound(user, placeholder))
        )

    def open(self, user: str, placeholder: str, sealed: bytes) -> str:
        """Return what `seal` was given; raises `VaultError` when anything about it differs."""
        if sealed[:1] != VERSION or len(sealed) < 1 + NONCE + TAG:
            raise VaultError("the sealed value has an unknown form")
        box = AESGCM(self._derive(b"seal", user))
        try:
            opened = box.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], _bound(user, placeholder))
        except InvalidTag as error:
            raise VaultError("the sealed value does not belong to this user and placeholder") from error
        return opened.decode("utf-8", "surrogatepass")

    def _derive(self, purpose: bytes, user: str) -> bytes:
        info = b"sluice " + purpose + b"\0" + user.encode("utf-8", "surrogatepass")
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._master_key)


def _bound(user: str, placeholder: str) -> bytes:
    """Return what a sealed value is bound to."""
    return b"\0".join((VERSION, user.encode("utf-8", "surrogatepass"), placeholder.encode("utf-8", "surrogatepass")))
