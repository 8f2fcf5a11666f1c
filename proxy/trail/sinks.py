"""Keeps the audit log on disk: one line a record, chained, durable before `write` returns.

Fields go in, sealed lines go to the file (and, if asked, to a copy such as standard output). A log has one writer,
held by a lock. What is on disk is never rewritten: a line torn by a crash stays, and a `recovered` record owns up to
it. When a line cannot be kept, `StoreError` is raised and nothing may go out.
"""

import fcntl
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import structlog

from proxy.audit import Chain, Value, notice
from proxy.errors import StoreError
from proxy.trail.chain import BadLine, read_line

TAIL: Final = 1 << 20
"""Bytes read from the end of a log to find its last record; no line comes near."""


class AuditSink(Protocol):
    """Where records are kept."""

    @property
    def head(self) -> Chain:
        """The number and hash of the last line."""
        ...

    def write(self, fields: Mapping[str, Value]) -> None:
        """Keep one record; durable on return. Raises `StoreError`."""
        ...

    def write_all(self, records: Sequence[Mapping[str, Value]]) -> list[StoreError | None]:
        """Keep several; each that is durable on return has None in its place, any other its error."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class AuditLogger(structlog.BoundLoggerBase):
    """The one method of the audit log's structlog logger."""

    def append(self, fields: Mapping[str, Value]) -> None:
        """Run the fields through the processors and append the line that they make."""
        rest = {key: value for key, value in fields.items() if key != "event"}
        self._proxy_to_logger("append", str(fields["event"]), **rest)


class AuditStream:
    """A log on a stream, such as standard output: chained from its first line, but kept by whoever reads it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`, which stays open when this is closed."""
        self.head = Chain()
        self._next = self.head
        self._stream = stream
        self._lock = threading.Lock()
        self._log: AuditLogger = structlog.wrap_logger(
            self, processors=[self._seal], wrapper_class=AuditLogger, context_class=dict
        )

    def write(self, fields: Mapping[str, Value]) -> None:
        """Write one line and flush it; raises `StoreError`."""
        with self._lock:
            self._log.append(fields)
            self.head = self._next

    def write_all(self, records: Sequence[Mapping[str, Value]]) -> list[StoreError | None]:
        """Write them one after another."""
        return [failure_of(self.write, one) for one in records]

    def append(self, line: bytes) -> None:
        """Take the rendered line: structlog calls this."""
        try:
            self._stream.write(line + b"\n")
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise StoreError("the audit stream cannot be written") from error

    def close(self) -> None:
        """Flush what is left."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def _seal(self, _logger: Any, _method: str, fields: Mapping[str, Value]) -> bytes:
        line, self._next = self.head.seal(fields)
        return line


class AuditFile:
    """A log in a file, which goes on where it ended."""

    def __init__(
        self,
        path: Path,
        copy: BinaryIO | None = None,
        node: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open or create the log at `path`, mode 0600; raises `StoreError` when it is held, broken or unwritable.

        `copy` gets each line too, after the file. `node` and `now` sign the records about recovery.
        """
        self.path = path
        self.head = Chain()
        self._copy, self._node, self._now = copy, node, now
        self._next = self.head
        self._end = self._synced = 0
        self._torn = False
        self._dead = ""
        self._lock, self._sync_lock = threading.Lock(), threading.Lock()
        self._log: AuditLogger = structlog.wrap_logger(
            self, processors=[self._seal], wrapper_class=AuditLogger, context_class=dict
        )
        self._file = _open_alone(path)
        try:
            self._resume()
            self._sync(self._end)
        except BaseException:
            os.close(self._file)
            raise

    @property
    def durable(self) -> int:
        """How many bytes of the file are on the disk for certain."""
        return self._synced

    def write(self, fields: Mapping[str, Value]) -> None:
        """Append one record; it is on the disk when this returns. Raises `StoreError`."""
        with self._lock:
            self._add(fields)
            end = self._end
        self._sync(end)

    def write_all(self, records: Sequence[Mapping[str, Value]]) -> list[StoreError | None]:
        """Append several records and make them durable by one sync; one that cannot be kept stops no other."""
        with self._lock:
            found = [failure_of(self._add, one) for one in records]
            end = self._end
        if None in found:
            failure = failure_of(self._sync, end)
            found = [one or failure for one in found]
        return found

    def _add(self, fields: Mapping[str, Value]) -> None:
        """Append one record; it is not durable yet."""
        self._check()
        if self._torn:
            self._resume()
        self._log.append(fields)
        self.head = self._next

    def append(self, line: bytes) -> None:
        """Take the rendered line: structlog calls this."""
        self._put(line + b"\n")
        if self._copy is not None:
            try:
                self._copy.write(line + b"\n")
                self._copy.flush()
            except (OSError, ValueError):
                # The file is the log; a reader of the copy who went away must not stop the house.
                self._copy = None
                structlog.get_logger("proxy.trail.sinks").warning("the copy of the audit log ended; the file goes on")

    def close(self) -> None:
        """Close the file and let another process have it."""
        with self._lock, self._sync_lock:
            if self._file >= 0:
                os.close(self._file)
            self._file, self._dead = -1, "the audit log is closed"

    def _seal(self, _logger: Any, _method: str, fields: Mapping[str, Value]) -> bytes:
        line, self._next = self.head.seal(fields)
        return line

    def _check(self) -> None:
        """Refuse to write to a file that is no longer ours alone."""
        if self._dead:
            raise StoreError(self._dead)
        there = os.fstat(self._file)
        if there.st_nlink == 0:
            raise StoreError(f"the audit log {self.path} was deleted while in use; restart Sluice")
        if not self._is_in_place(there):
            raise StoreError(f"the audit log {self.path} was moved while in use; move it back, or restart Sluice")
        if there.st_size != self._end and not self._torn:
            raise StoreError(f"the audit log {self.path} was changed by somebody else; verify it, then restart Sluice")

    def _is_in_place(self, there: os.stat_result) -> bool:
        """Tell whether the file is the one that everybody finds by the name of the log."""
        try:
            return os.path.samestat(there, self.path.stat())
        except OSError:
            return False

    def _put(self, data: bytes) -> None:
        try:
            written = os.write(self._file, data)
        except OSError as error:
            raise StoreError(f"the audit log {self.path} cannot be written: {error.strerror}") from error
        self._end += written
        if written < len(data):
            self._torn = True
            raise StoreError(f"the audit log {self.path} cannot be written: no room for a whole line")

    def _sync(self, end: int) -> None:
        """Make all bytes up to `end` durable; one `fsync` serves every thread that waits here."""
        with self._sync_lock:
            if self._dead:
                raise StoreError(self._dead)
            if self._synced >= end:
                return
            reached = self._end
            try:
                os.fsync(self._file)
            except OSError as error:
                # After a failed fsync the kernel may drop the pages and call the next one a success.
                self._dead = f"the audit log {self.path} cannot be made durable; check the disk and restart Sluice"
                raise StoreError(self._dead) from error
            self._synced = reached

    def _resume(self) -> None:
        """Find the last record, and own up to whatever stands torn behind it."""
        size = os.fstat(self._file).st_size
        start = max(0, size - TAIL)
        self.head, torn = _last_record(self.path, os.pread(self._file, size - start, start), whole=start == 0)
        self._end, self._torn = size, torn is not None
        if torn is None:
            return
        notes: dict[str, Value] = {"torn_bytes": len(torn), "torn_hash": hashlib.sha256(torn).hexdigest()}
        line, after = self.head.seal(notice("recovered", self._now(), self._node, notes))
        self._put(b"\n" + line + b"\n")
        self.head, self._torn = after, False


def failure_of[Given](work: Callable[[Given], object], given: Given) -> StoreError | None:
    """Do something, and return the error that it raised, if it did."""
    try:
        work(given)
    except StoreError as error:
        return error
    return None


def open_audit(target: str, base: Path, node: str = "", copy: BinaryIO | None = None) -> AuditSink:
    """Open the log that the settings name: `-` for standard output, else a file, relative to `base`."""
    if target == "-":
        return AuditStream(sys.stdout.buffer)
    return AuditFile(base / target, copy, node)


def _open_alone(path: Path) -> int:
    """Return a descriptor that appends to `path` and holds its lock."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"the audit log {path} cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise StoreError(f"the audit log {path} is no plain file, and nothing could be read back from it")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(file, 0o600)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # a new file's name must be durable too
        finally:
            os.close(folder)
    except BlockingIOError as error:
        os.close(file)
        raise StoreError(
            f"another process writes the audit log {path}: a running Sluice (see sluice doctor), or one with the same"
            " `audit` file; stop that one first, or set another `state` and `audit`"
        ) from error
    except OSError as error:
        os.close(file)
        raise StoreError(f"the audit log {path} cannot be locked: {error.strerror}") from error
    return file


def _last_record(path: Path, tail: bytes, *, whole: bool) -> tuple[Chain, bytes | None]:
    """Return the end of the chain in `tail`, and the torn bytes after it, or None if it ends cleanly.

    Only bytes that are no JSON at all may be torn: a record that parses but does not hold was edited, and a log that
    was edited is not gone on with.
    """
    end = len(tail)
    while end:
        start = tail.rfind(b"\n", 0, end - 1) + 1
        if start == 0 and not whole:
            break
        try:
            record = read_line(tail[start:end].removesuffix(b"\n"))
        except BadLine as bad:
            if bad.problem != "unreadable":
                raise StoreError(
                    f"the last record of the audit log {path} was edited; verify it and move it away"
                ) from bad
            end = start
            continue
        chain = Chain(record["seq"], record["hash"])
        if tail.endswith(b"\n") and end == len(tail):
            return chain, None
        return chain, tail[end:] if tail[end - 1 : end] == b"\n" else b""
    if tail and not whole:
        raise StoreError(f"the audit log {path} does not end in records; verify it and move it away")
    return Chain(), tail or None
