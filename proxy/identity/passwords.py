"""Do a name and a password hold? A file in htpasswd's form, or a directory. Blocks: called from worker threads.

Enters: names and passwords. Leaves: the person's name, or nothing. One that has held counts for some minutes,
remembered as a keyed digest that is never stored, so that each new connection costs no bcrypt and no question to the
directory. A file that changes is read anew; one that cannot be read lets nobody in.
"""

import hmac
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

import structlog
from mitmproxy.utils.htpasswd import HtpasswdFile

from proxy.errors import SettingsError

HOLDS: Final = 300.0
"""Seconds for which a password that has held needs no other check."""
MOST: Final = 20_000
LOG = structlog.get_logger("sluice")


class Check(Protocol):
    """Somewhere passwords are known."""

    def check(self, name: str, password: str) -> str:
        """Return the person's name, or nothing."""
        ...


class PasswordFile:
    """A file in htpasswd's form, of bcrypt (or, from older files, SHA-1) passwords."""

    def __init__(self, path: Path) -> None:
        """Read it; raises `SettingsError`."""
        self.path = path
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self._file: HtpasswdFile | None = read_passwords(path)

    def check(self, name: str, password: str) -> str:
        """Return the name, where the password holds."""
        self._renew()
        held = self._file
        return name if held is not None and name in held.users and held.check_password(name, password) else ""

    def _stamp(self) -> tuple[int, int, int]:
        try:
            there = self.path.stat()
        except OSError:
            return (0, 0, 0)
        return there.st_mtime_ns, there.st_size, there.st_ino

    def _renew(self) -> None:
        with self._lock:
            now = self._stamp()
            if now == self._seen:
                return
            self._seen = now
            try:
                self._file = read_passwords(self.path)
            except SettingsError:
                self._file = None
                LOG.error("the passwords cannot be read: nobody can log in", path=str(self.path))


def read_passwords(path: Path) -> HtpasswdFile:
    """Return the file's passwords; raises `SettingsError`, which quotes nothing of it."""
    try:
        return HtpasswdFile.from_file(path)
    except (OSError, ValueError) as error:
        what = (
            "cannot be read" if isinstance(error, OSError) else "holds a line that is no `name:hash` of bcrypt or SHA"
        )
        raise SettingsError(
            f"proxy_login: {path} {what}; make it with `htpasswd -B -c {path.name} name`",
            f"proxy_login：{path} 不能使用；请用 `htpasswd -B -c {path.name} 姓名` 生成",
        ) from None


class Passwords:
    """All places where passwords are known, and what has held lately."""

    def __init__(self, places: tuple[Check, ...], key: bytes, clock: Callable[[], float] = monotonic) -> None:
        """Take the places, asked in this order, and a key of this process alone."""
        self.places, self._key, self.clock = places, key, clock
        self._held: dict[bytes, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def check(self, name: str, password: str) -> str:
        """Return the person's name, or nothing; raises `DirectoryAway` where that cannot be told."""
        size = len(name.encode("utf-8", "surrogatepass"))
        digest = hmac.digest(self._key, f"{size}:{name}{password}".encode("utf-8", "surrogatepass"), "sha256")
        now = self.clock()
        with self._lock:
            known, until = self._held.get(digest, ("", 0.0))
        if known and now < until:
            return known
        for place in self.places:
            if found := place.check(name, password):
                with self._lock:
                    if len(self._held) >= MOST:
                        self._held.clear()
                    self._held[digest] = (found, now + HOLDS)
                return found
        return ""
