"""Who owns a state directory: one running proxy at a time. This room does I/O.

Enters: the directory. Leaves: a lock on a file in it, which the kernel lets go of when the process ends in whatever
way, and who has it. Whoever only reads asks, and waits for nobody. The file stays: a lock on one that was deleted would
keep nobody out.
"""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from proxy.errors import SettingsError
from proxy.keys import hand_over, private_directory

FILE: Final = "sluice.lock"
MODULE: Final = "proxy.cli.main"
"""What is run where it was not installed as a command."""
TRIES_FOR: Final = 2.0
"""Seconds in which somebody who only asks may have the lock for a moment."""
LARGEST: Final = 4096
NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that has a state directory."""

    pid: int
    """0 where it has not said so."""
    host: str = ""
    since: str = ""
    doing: str = "sluice run"

    @property
    def told(self) -> str:
        """Who it is, in words."""
        here = "" if self.host in ("", socket.gethostname()) else f" on {self.host}"
        since = f", since {self.since}" if self.since else ""
        return f"process {self.pid or '(unknown)'}{here} ({self.doing}{since})"


def owner_of(state: Path) -> Owner | None:
    """Return who has this directory now; None where nobody has."""
    try:
        file = os.open(state / FILE, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(file)
    except OSError:
        return None
    finally:
        os.close(file)
    return None


def command_of(owner: Owner) -> str:
    """Return the words that run its commands, as `/opt/sluice/bin/sluice`; nothing where that cannot be told."""
    try:
        words = Path(f"/proc/{owner.pid}/cmdline").read_bytes().decode().split("\0")
    except (OSError, ValueError):
        return ""
    script = next((word for word in words[:2] if word.rpartition("/")[2] == "sluice"), "")  # alone, or to its Python
    if script or words[1:3] != ["-m", MODULE]:
        return script
    return " ".join(words[:3])


@contextmanager
def owned(state: Path, doing: str = "sluice run") -> Iterator[None]:
    """Have the directory alone for as long as this lasts; raises `SettingsError` where somebody else has it."""
    file = _open(private_directory(state) / FILE)
    hand_over(state)
    try:
        until = time.monotonic() + TRIES_FOR
        while not _taken(file, state):
            if time.monotonic() > until:
                raise _in_use(state, _said(file))
            time.sleep(0.05)
        mine = Owner(os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds"), doing)
        _say(file, orjson.dumps(asdict(mine)) + b"\n")
        yield
        _say(file, b"")
    finally:
        os.close(file)


def _in_use(state: Path, owner: Owner) -> SettingsError:
    stop, stop_zh = "systemctl stop sluice", "systemctl stop sluice"
    if owner.pid:
        stop, stop_zh = f"{stop}, or kill {owner.pid}", f"{stop} 或 kill {owner.pid}"
    return SettingsError(
        f"{state}: in use by {owner.told}; nothing was started or changed. To see how it stands: sluice doctor. To"
        f" have this one instead, stop that one first ({stop}). For a second proxy beside it, set another `state` and"
        " another `listen`",
        f"{state}：正由 {owner.told} 使用；没有启动或更改任何内容。查看其状态：sluice doctor。若要改由本命令使用，"
        f"请先停止它（{stop_zh}）。若要在其旁边再运行一个代理，请另设 `state` 与 `listen`",
    )


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SettingsError(
            f"{path}: the lock of the state directory cannot be opened: {error.strerror}",
            f"{path}：无法打开状态目录的锁：{error.strerror}",
        ) from None


def _taken(file: int, state: Path) -> bool:
    """Take the lock, if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        more = "; keep `state` on a disk of this machine" if error.errno in NO_LOCKS else ""
        raise SettingsError(
            f"{state / FILE} cannot be locked: {error.strerror}{more}",
            f"无法锁定 {state / FILE}：{error.strerror}{'；请把 `state` 放在本机磁盘上' if more else ''}",
        ) from None
    return True


def _say(file: int, text: bytes) -> None:
    with suppress(OSError):  # on a full disk the lock holds all the same, of somebody unknown
        os.ftruncate(file, 0)
        os.pwrite(file, text, 0)


def _said(file: int) -> Owner:
    """Return who says that the lock is theirs."""
    try:
        found = orjson.loads(os.pread(file, LARGEST, 0))
        return Owner(int(found["pid"]), str(found["host"]), str(found["since"]), str(found["doing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Owner(0)
