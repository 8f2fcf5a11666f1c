"""The key that registered data is digested with, and what derives from it. This room does I/O.

Enters: the state directory, and the salt of an index. Leaves: the key of that index. The key stands in a file for its
owner only; whoever has an index without it can try no value against it.
"""

import hashlib
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from detectors.interface import DetectorError
from detectors.key_file import LENGTH, UnfitKey, make_key, read_key

FOLDER: Final = "keys"
FILE: Final = "index.key"
PURPOSE: Final = b"sluice index"
NONCE: Final = 12


def index_key(state: Path, *, make: bool = False) -> bytes:
    """Return the key of all indexes in the state directory; with `make`, a fresh one where there is none yet.

    Raises `DetectorError` for a key that is missing, damaged, or readable by others.
    """
    path = state / FOLDER / FILE
    try:
        if make:
            make_key(path)
        return read_key(path)
    except FileNotFoundError:
        raise DetectorError(
            f"{path}: the key of the indexes is not there; put it back, or build every index anew with `sluice index`",
            f"{path}：索引的密钥不在了；请放回原处，或用 `sluice index` 重建每个索引",
        ) from None
    except UnfitKey as error:
        raise DetectorError(str(error)) from None


def derive(key: bytes, salt: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose of one index."""
    return hashlib.blake2b(salt + purpose.encode(), key=key, digest_size=LENGTH, person=PURPOSE).digest()


def seal(key: bytes, data: bytes) -> bytes:
    """Return `data` so that only who has the key can read it (AES-256-GCM)."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, PURPOSE)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """Return what was sealed; raises `ValueError` where it was sealed with another key, or altered."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], PURPOSE)
    except (InvalidTag, ValueError):
        raise ValueError("not sealed with this key, or altered") from None
