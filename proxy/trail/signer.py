"""The key that signs checkpoints, and the public keys that auditors hold. This room does I/O.

Enters: the state directory. Leaves: signed checkpoints, and public keys as PEM. The private key stands in a file of its
own, for its owner only, and is read each time: a key that was changed beside the running proxy counts from the next
checkpoint on. A key that was left never comes back: of it only the public part is kept, with the time of its end.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from detectors.key_file import UnfitKey, make_key, read_key
from proxy.errors import SettingsError
from proxy.keys import hand_over, private_directory, unfit
from proxy.trail.chain import canonical
from proxy.trail.checkpoint import FORM, Key, read_keys

KEY: Final = "audit.key"
"""In the folder of keys."""
ENDED: Final = "audit-keys-ended.pem"
"""There, too: the public parts of keys that were left."""
HANDING: Final = timedelta(seconds=2)
"""A running proxy may sign with the old key until the new one is in its place; what it signed then must hold."""


def sign(state: Path, fields: Mapping[str, str | int]) -> bytes:
    """Return the line of a checkpoint, without a newline: the fields, the key's id and the signature."""
    private = _private(state)
    told = {**fields, "key": _key(private).id}
    return canonical({**told, "signature": private.sign(FORM + canonical(told)).hex()})


def public_keys(state: Path) -> tuple[Key, ...]:
    """Return all keys that have signed or sign, the present one last."""
    try:
        ended = read_keys((_folder(state) / ENDED).read_text("ascii"))
    except FileNotFoundError:
        ended = ()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{_folder(state) / ENDED}: the public keys cannot be read: {error}",
            f"{_folder(state) / ENDED}：无法读取公钥：{error}",
        ) from None
    return (*ended, _key(_private(state)))


def as_pem(keys: tuple[Key, ...]) -> str:
    """Return public keys as auditors get them: PEM, each with its id, and with the time of its end where it has one."""
    return "\n".join(
        f"Key-Id: {key.id}\n" + (f"Revoked: {key.revoked}\n" if key.revoked else "") + _pem(key.public) for key in keys
    )


def change_key(
    state: Path, ends: datetime | None = None, before: Callable[[Key, Key], None] = lambda _old, _new: None
) -> tuple[Key, Key]:
    """Make a new key, and keep of the old one that it counts for nothing from `ends` on, or now; returns old and new.

    `before` hears of both when nothing has changed yet, and what it raises stops it. Raises `SettingsError`. What
    crashes half way may be done again.
    """
    folder = _folder(state)
    *left, old = public_keys(state)
    fresh, listed = folder / f"{KEY}.new", folder / ENDED
    try:
        fresh.unlink(missing_ok=True)  # somebody was interrupted
        make_key(fresh)
        new = _key(Ed25519PrivateKey.from_private_bytes(read_key(fresh)))
        before(old, new)
        ended = Key(old.public, (ends or datetime.now(UTC) + HANDING).isoformat(timespec="seconds"))
        kept = {key.id: key for key in (*left, ended)}
        partial = listed.with_suffix(".partial")
        partial.write_text(as_pem(tuple(kept.values())), "ascii")
        partial.chmod(0o600)
        _sync(partial)
        partial.replace(listed)
        fresh.replace(folder / KEY)
        _sync(folder)
        hand_over(state)
    except (OSError, UnfitKey) as error:
        raise SettingsError(
            f"{folder}: the key cannot be changed: {error}", f"{folder}：无法更改密钥：{error}"
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return ended, new


def _folder(state: Path) -> Path:
    return private_directory(state / "keys")


def _private(state: Path) -> Ed25519PrivateKey:
    path = _folder(state) / KEY
    try:
        if not path.exists():
            make_key(path)
            hand_over(state)
        return Ed25519PrivateKey.from_private_bytes(read_key(path))
    except (UnfitKey, FileNotFoundError) as error:
        raise unfit(error) from None


def _key(private: Ed25519PrivateKey) -> Key:
    return Key(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _pem(public: bytes) -> str:
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
