"""Signs checkpoints over the audit log: reads what is durable, hashes it into the tree, signs. This room does I/O.

Enters: an open log. Leaves: lines of a file beside it, each a signed checkpoint that names the one before. Records do
not wait for it: it reads the log behind the writers, and never past what is on the disk. A log that is not the one of
the last checkpoint is not gone on with: then `unsound` says why, and nothing more is signed.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from proxy.errors import StoreError
from proxy.trail.chain import GENESIS, BadLine, Tree
from proxy.trail.checkpoint import Checkpoint, read_checkpoint
from proxy.trail.interface import Checkpoints
from proxy.trail.signer import public_keys, sign
from proxy.trail.sinks import AuditFile

AT_ONCE: Final = 1 << 20
"""Bytes of the log read at a time, between which other threads have their turn."""
LAST: Final = 1 << 16
"""Bytes at the end of the checkpoints among which the last one stands."""


class Notary:
    """Signs over one log."""

    def __init__(
        self, log: AuditFile, state: Path, wanted: Checkpoints, node: str, policy: Callable[[], str] = lambda: ""
    ) -> None:
        """Take the log, where the key is, when to sign, and what tells the version of the policy in force.

        Raises `StoreError` where the log ends before its last checkpoint: it was cut, or a backup was put back.
        """
        self.log, self.state, self.wanted, self.node, self.policy = log, state, wanted, node, policy
        self.path = checkpoints_of(log.path)
        self.unsound = ""
        self._lock = threading.Lock()
        self._tree, self._place, self._rest = Tree(), 0, b""
        self._first = self._hash = GENESIS
        self._since: datetime | None = None
        """When a record was first seen over which nothing is signed."""
        self.last = last_checkpoint(self.path, state)
        if self.last is not None and self.last.size > log.head.seq:
            raise StoreError(
                f"the audit log {log.path} ends at record {log.head.seq}, and a checkpoint was signed over"
                f" {self.last.size}: it was cut, or a backup was put back; keep both files for the auditor, and"
                f" move {log.path.name} and {self.path.name} away to begin a new log"
            )

    def look(self, now: datetime, *, final: bool = False) -> bool:
        """Read what is new, and sign where it is time, or at the end; returns whether a checkpoint was signed.

        Raises `StoreError` where it cannot be kept.
        """
        with self._lock:
            self._read()
            unsigned = self._tree.size - (self.last.size if self.last else 0)
            if self.unsound or unsigned <= 0:
                self._since = None
                return False
            self._since = self._since or now
            if not final and unsigned < self.wanted.records and now - self._since < self.wanted.every:
                return False
            self._sign(now)
            self._since = None
            return True

    def _read(self) -> None:
        """Take every whole line that is durable."""
        with self.log.path.open("rb") as file:
            while not self.unsound and (some := min(self.log.durable - self._place, AT_ONCE)) > 0:
                file.seek(self._place)
                data = file.read(some)
                if not data:
                    break
                self._place += len(data)
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    self._take(line)

    def _take(self, line: bytes) -> None:
        record = _record(line)
        if record is None or record.get("seq") != self._tree.size + 1 or record.get("prev") != self._hash:
            return  # torn by a crash; a line that is none in any other way stands before no other record
        self._tree.add(line)
        self._hash = str(record.get("hash"))
        if self._tree.size == 1:
            self._first = self._hash
        last = self.last
        if last is None or self._tree.size != last.size:
            return
        if (last.log, last.hash, last.root) != (self._first, self._hash, self._tree.root):
            self.unsound = (
                f"the audit log {self.log.path} is not the one of its last checkpoint: it was rewritten, or a"
                f" backup was put back; keep it and {self.path.name} for the auditor, and move both away"
            )

    def _sign(self, now: datetime) -> None:
        if self.last is not None and self.last.time > now:
            now = self.last.time  # a clock that was set back is told of by the records, and no checkpoint contradicts
        line = sign(
            self.state,
            {
                "size": self._tree.size,
                "hash": self._hash,
                "root": self._tree.root,
                "log": self._first,
                "number": self.last.number + 1 if self.last else 1,
                "prev": self.last.digest if self.last else GENESIS,
                "time": now.astimezone(UTC).isoformat(timespec="milliseconds"),
                "policy": self.policy(),
                "node": self.node,
            },
        )
        append(self.path, [line])
        self.last = read_checkpoint(line, {}, proven=True)


def checkpoints_of(log: Path) -> Path:
    """Return the file of a log's checkpoints: `audit.checkpoints.jsonl` beside `audit.jsonl`."""
    return log.with_name(f"{log.stem}.checkpoints{log.suffix}")


def last_checkpoint(path: Path, state: Path) -> Checkpoint | None:
    """Return the last checkpoint in the file; raises `StoreError` for one that none of the house's keys has signed."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LAST))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the checkpoints {path} cannot be read: {error.strerror}") from error
    keys = {key.id: key for key in public_keys(state)}
    for line in reversed(lines):
        try:
            return read_checkpoint(line, keys)
        except BadLine as bad:
            if bad.problem != "unreadable":
                raise StoreError(
                    f"the last checkpoint in {path} was not signed by this house, or was changed; keep it for the"
                    " auditor, and move it and the log away to begin a new log"
                ) from bad
    return None


def append(path: Path, lines: list[bytes]) -> None:
    """Add whole lines to a file; they are on the disk when this returns. Raises `StoreError`.

    What a crash has torn before is closed by a newline, so that it spoils no other line; what a full disk takes only
    half of is taken back, so that each further try does not leave another half.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(file).st_size
            torn = size and os.pread(file, 1, size - 1) != b"\n"
            data = (b"\n" if torn else b"") + b"".join(line + b"\n" for line in lines)
            if os.write(file, data) != len(data):
                os.ftruncate(file, size)
                raise StoreError(f"{path} cannot be written: no room for a whole line")
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def waiting(path: Path, place: int, most: int) -> Iterator[tuple[bytes, int]]:
    """Yield up to `most` whole lines after `place`, each with the place after it."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(place)
        for _ in range(most):
            line = file.readline()
            if not line.endswith(b"\n"):
                return
            place += len(line)
            if _record(line) is not None:  # else torn by a crash: nobody signed it, and no witness can take it
                yield line.rstrip(b"\n"), place


def _record(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = orjson.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
