"""A secret key in a file of its own, for its owner only. This room does I/O.

Enters: a path. Leaves: 32 bytes. A key is made at most once, whoever asks first, and is never read by halves; one that
others can read, or that has another length, is no key.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

LENGTH: Final = 32


class UnfitKey(Exception):
    """The file cannot serve as a key; the message says why, with its path, and `zh` does so in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


def _unusable(path: Path, error: OSError) -> UnfitKey:
    return UnfitKey(
        f"{path}: the key cannot be read or made: {error.strerror}", f"{path}：无法读取或生成密钥：{error.strerror}"
    )


def read_key(path: Path) -> bytes:
    """Return the key; raises `FileNotFoundError` where there is none, `UnfitKey` for one that cannot be used."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unusable(path, error) from None
    if mode & 0o077:
        raise UnfitKey(
            f"{path}: others can read this key; run: chmod 600 {path}",
            f"{path}：其他账户可以读取此密钥；请运行：chmod 600 {path}",
        )
    if len(key) != LENGTH:
        raise UnfitKey(
            f"{path}: a key has {LENGTH} bytes; this file is something else, or is damaged",
            f"{path}：密钥应为 {LENGTH} 字节；此文件不是密钥，或已损坏",
        )
    return key


def make_key(path: Path) -> None:
    """Make a key of random bytes where there is none yet; raises `UnfitKey` where it cannot be made."""
    try:
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(8)}")  # a process id comes again, in a container at once
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
    except OSError as error:
        raise _unusable(path, error) from None
