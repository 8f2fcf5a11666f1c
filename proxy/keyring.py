"""The versions of the key that wraps the vault's data keys: files for their owner alone. This room does I/O.

Enters: the folder of keys. Leaves: key bytes by version, and the least version that still opens. New data keys are
wrapped under the newest version; versions below the least one open nothing, even if their files still exist. Files are
looked at each time, so that a change beside a running proxy takes effect at once; one that has not changed is not read
again.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from detectors.key_file import UnfitKey, make_key, read_key
from detectors.vault import KeyEnded, VaultError
from proxy.errors import SettingsError
from proxy.keys import hand_over, unfit

NAME: Final = re.compile(r"vault-([1-9][0-9]{0,5})\.key")
LEAST: Final = "vault-least"
"""The file that holds the least version."""
SETTLED: Final = 100_000_000
"""Nanoseconds after which a file that is written again has another time for certain: clocks of files tick slowly."""
DERIVED: Final = 0
"""The version of what was sealed under the master key itself, before there were data keys."""


class Remembered[Made]:
    """What was made of a file, for as long as it is the same file, unchanged; may be used from several threads."""

    def __init__(self, path: Path, make: Callable[[Path], Made]) -> None:
        """Take the file and what reads it."""
        self._path, self._make = path, make
        self._held: tuple[tuple[int, ...], Made] | None = None

    def value(self) -> Made:
        """Return what the file says now; raises `OSError`, and whatever reading it raises."""
        held, stamp = self._held, self._stamp()
        if held is not None and held[0] == stamp:
            return held[1]
        self._held = None  # nothing of a file that has gone, or may no longer be read
        made = self._make(self._path)
        if self._stamp() == stamp and time.time_ns() - max(stamp[-3:-1]) > SETTLED:
            self._held = stamp, made
        return made

    def _stamp(self) -> tuple[int, ...]:
        """Return what differs whenever it is another file, or was written, or others may read it now."""
        there = self._path.stat()
        return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_mode


class Keyring:
    """All versions of one house."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not be there yet."""
        self.folder = folder
        self._least = Remembered(folder / LEAST, lambda path: int(path.read_text("ascii")))
        self._keys: dict[int, Remembered[bytes]] = {}

    def versions(self) -> tuple[int, ...]:
        """Return the versions whose files are there, the newest last."""
        names = (NAME.fullmatch(path.name) for path in self.folder.glob("vault-*.key"))
        return tuple(sorted(int(name[1]) for name in names if name))

    def least(self) -> int:
        """Return the least version that still opens; raises `VaultError` where that cannot be read."""
        try:
            return self._least.value()
        except FileNotFoundError:
            return DERIVED
        except (OSError, ValueError) as error:
            raise VaultError(f"{self.folder / LEAST}: cannot be read") from error

    def newest(self) -> tuple[int, bytes]:
        """Return the version under which keys are wrapped now, and its key; the first one is made here."""
        version = max((*self.versions(), self.least(), 1))
        try:
            if version == 1:
                make_key(self._path(1))
            return version, self.key(version)
        except UnfitKey as error:
            raise VaultError(str(error)) from error

    def key(self, version: int) -> bytes:
        """Return a version; raises `KeyEnded` below the least one, `VaultError` where its file is missing or unfit."""
        self.must_open(version)
        held = self._keys.setdefault(version, Remembered(self._path(version), read_key))
        try:
            return held.value()
        except FileNotFoundError as error:
            raise VaultError(f"{self._path(version)}: the key is missing; put it back from the backup") from error
        except UnfitKey as error:
            raise VaultError(str(error)) from error

    def must_open(self, version: int) -> None:
        """Raise `KeyEnded` for a version below the least one."""
        least = self.least()
        for ended in [one for one in [*self._keys] if one < least]:
            self._keys.pop(ended, None)  # nothing of it stays in memory, either
        if version < least:
            raise KeyEnded(f"version {version} of the vault's key was ended")

    def add(self, before: Callable[[int], None] = lambda _: None) -> int:
        """Make a newer version and return it; raises `SettingsError`.

        `before` hears of it when it is not there yet, and what it raises stops it.
        """
        try:
            version = max((*self.versions(), self.least())) + 1
            before(version)
            make_key(self._path(version))
            hand_over(self.folder.parent)
        except (UnfitKey, VaultError) as error:
            raise unfit(error) from None
        return version

    def must_be_there(self, version: int) -> None:
        """Raise `SettingsError` for a version that is not there, or was ended."""
        try:
            there = version in self.versions() and version >= self.least()
        except (OSError, VaultError) as error:
            raise SettingsError(
                f"{self.folder}: the keys cannot be read: {error}", f"{self.folder}：无法读取密钥：{error}"
            ) from None
        if not there:
            raise SettingsError(
                f"there is no version {version} of the vault's key; see: sluice keys list",
                f"保险库密钥没有版本 {version}；参见 sluice keys list",
            )

    def end_below(self, version: int) -> tuple[int, ...]:
        """Let nothing below `version` open any more, and destroy those files; returns the versions destroyed.

        Raises `SettingsError` for a version that is not there, or one that would open again what was ended.
        """
        self.must_be_there(version)
        try:
            partial = self.folder / f"{LEAST}.partial"
            partial.write_text(f"{version}\n", "ascii")
            partial.chmod(0o600)
            partial.replace(self.folder / LEAST)
            hand_over(self.folder.parent)
            ended = tuple(one for one in self.versions() if one < version)
            for one in ended:
                path = self._path(one)
                path.write_bytes(bytes(path.stat().st_size))  # what the disk keeps of it is not for us to say
                path.unlink()
        except (OSError, VaultError) as error:
            raise SettingsError(
                f"{self.folder}: the keys cannot be changed: {error}", f"{self.folder}：无法更改密钥：{error}"
            ) from None
        return ended

    def _path(self, version: int) -> Path:
        return self.folder / f"vault-{version}.key"
