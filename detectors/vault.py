"""Seal originals, so that a store can keep them without being able to read them: envelope encryption. Pure.

Enters: keys, owners, placeholders, originals. Leaves: sealed bytes, and data keys wrapped for the store. Nothing is
stored here. A sealed value opens only under the data key it was sealed with, for the owner, the conversation and the
placeholder it was sealed for; a data key only under the version of the wrapping key, and for whom it was wrapped. So
what is moved elsewhere in the store opens nothing, and who destroys a wrapped key destroys all that it sealed.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DERIVED: Final = b"\x01"
"""First byte of what was sealed before there were data keys: under a key derived from the master key."""
ENVELOPE: Final = b"\x02"
ID: Final = 8
NONCE: Final = 12
TAG: Final = 16
LEAST_KEY: Final = 32
UTF8: Final = ("utf-8", "surrogatepass")

type Chance = Callable[[int], bytes]
"""Gives fresh bytes."""


class VaultError(Exception):
    """A sealed value does not open: another user's, moved, altered, or sealed under another key."""


class KeyEnded(VaultError):
    """What it was sealed under is below the least version that still opens; nothing brings it back."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A random key of one owner, or of one conversation; seals with AES-256-GCM (NIST SP 800-38D)."""

    id: bytes
    """Which it is; it stands in front of everything that it sealed."""
    key: bytes = field(repr=False)

    @classmethod
    def fresh(cls, chance: Chance = secrets.token_bytes) -> "DataKey":
        """Return a new one."""
        return cls(chance(ID), chance(LEAST_KEY))

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for another purpose, which end with this key."""
        return _derive(self.key, b"sluice " + purpose.encode())

    def seal(self, owner: str, talk: str, place: str, original: str, chance: Chance = secrets.token_bytes) -> bytes:
        """Return `original` sealed for this owner, conversation and placeholder."""
        nonce = chance(NONCE)
        bound = _bound(ENVELOPE, self.id, owner, talk, place)
        return ENVELOPE + self.id + nonce + AESGCM(self.key).encrypt(nonce, _bytes(original), bound)

    def open(self, owner: str, talk: str, place: str, sealed: bytes) -> str:
        """Return what `seal` was given; raises `VaultError` when anything about it differs."""
        return self.opener(owner, talk, place)(sealed)

    def opener(self, owner: str, talk: str, place: str) -> Callable[[bytes], str]:
        """Return what opens many things that were sealed alike; that raises `VaultError` for any other."""
        begins, box, bound = ENVELOPE + self.id, AESGCM(self.key), _bound(ENVELOPE, self.id, owner, talk, place)

        def opened(sealed: bytes) -> str:
            if not sealed.startswith(begins) or len(sealed) < 1 + ID + NONCE + TAG:
                raise VaultError("the sealed value has an unknown form, or its key was destroyed")
            return _opened(box, sealed[1 + ID : 1 + ID + NONCE], sealed[1 + ID + NONCE :], bound).decode(*UTF8)

        return opened

    def wrap(self, key: bytes, version: int, owner: str, talk: str, chance: Chance = secrets.token_bytes) -> bytes:
        """Return this key, sealed under version `version` of the wrapping key."""
        nonce = chance(NONCE)
        return nonce + AESGCM(key).encrypt(nonce, self.key, _bound(b"wrap", self.id, str(version), owner, talk))

    @classmethod
    def unwrap(cls, id: bytes, wrapped: bytes, key: bytes, version: int, owner: str, talk: str) -> "DataKey":
        """Return the key that `wrap` sealed; raises `VaultError` when anything about it differs."""
        bound = _bound(b"wrap", id, str(version), owner, talk)
        return cls(id, _opened(AESGCM(key), wrapped[:NONCE], wrapped[NONCE:], bound))


class Sealer:
    """Derives keys of the house from its master key (HKDF, RFC 5869), and opens what was sealed under such keys."""

    def __init__(self, master_key: bytes, nonce: Chance = secrets.token_bytes) -> None:
        """Take a master key of 32 bytes or more; raises `ValueError` for a shorter one. `nonce` gives fresh bytes."""
        if len(master_key) < LEAST_KEY:
            raise ValueError(f"the master key must have {LEAST_KEY} bytes at least")
        self._master_key = master_key
        self._nonce = nonce

    def user_key(self, user: str) -> bytes:
        """Return 32 bytes for digests of the house."""
        return _derive(self._master_key, b"sluice placeholder\0" + _bytes(user))

    def seal(self, user: str, placeholder: str, original: str) -> bytes:
        """Return `original` as it was sealed before there were data keys: version, nonce, ciphertext with tag."""
        nonce = self._nonce(NONCE)
        return DERIVED + nonce + self._box(user).encrypt(nonce, _bytes(original), _old_bound(user, placeholder))

    def open(self, user: str, placeholder: str, sealed: bytes) -> str:
        """Return what `seal` was given; raises `VaultError` when anything about it differs."""
        if sealed[:1] != DERIVED or len(sealed) < 1 + NONCE + TAG:
            raise VaultError("the sealed value has an unknown form")
        key, rest = _derive(self._master_key, b"sluice seal\0" + _bytes(user)), sealed[1:]
        opened = _opened(AESGCM(key), rest[:NONCE], rest[NONCE:], _old_bound(user, placeholder))
        return opened.decode(*UTF8)

    def _box(self, user: str) -> AESGCM:
        return AESGCM(_derive(self._master_key, b"sluice seal\0" + _bytes(user)))


def _opened(box: AESGCM, nonce: bytes, data: bytes, bound: bytes) -> bytes:
    try:
        return box.decrypt(nonce, data, bound)
    except (InvalidTag, ValueError) as error:
        raise VaultError("what is sealed does not belong here, was altered, or is of another key") from error


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _bytes(text: str) -> bytes:
    return text.encode(*UTF8)


def _bound(*parts: bytes | str) -> bytes:
    """Return what a sealed value is bound to; each part with its length, so that no two lists are written alike."""
    held = [part if isinstance(part, bytes) else _bytes(part) for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in held)


def _old_bound(user: str, placeholder: str) -> bytes:
    return b"\0".join((DERIVED, _bytes(user), _bytes(placeholder)))
