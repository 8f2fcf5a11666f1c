"""The key that registered data is digested with, and what derives from it. This room does I/O.

Enters: the state directory, and the salt of an index. Leaves: the key of that index. The key stands in a file for its
owner only; whoever has an index without it can try no value against it.
"""

import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from detectors.interface import DetectorError

LENGTH: Final = 32
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
        if make and not path.exists():
            _make(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except FileNotFoundError:
        raise DetectorError(
            f"{path}: the key of the indexes is not there; put it back, or build every index anew with `sluice index`"
        ) from None
    except OSError as error:
        raise DetectorError(f"{path}: the key cannot be read or made: {error.strerror}") from None
    if mode & 0o077:
        raise DetectorError(f"{path}: others can read this key; run: chmod 600 {path}")
    if len(key) != LENGTH:
        raise DetectorError(f"{path}: a key has {LENGTH} bytes; this file is something else, or is damaged")
    return key


def derive(key: bytes, salt: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose of one index."""
    return hashlib.blake2b(salt + purpose.encode(), key=key, digest_size=LENGTH, person=PURPOSE).digest()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(LENGTH))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # whoever comes first; nobody ever reads half a key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


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
