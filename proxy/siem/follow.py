"""The audit log, read as it grows. This room does I/O; it never writes.

Enters: the path of a log and the place where one left off. Leaves: whole lines, in order. A line that a crash has torn
is none, the end of one that is being written is waited for. A log that is no longer the one that was read is told
(`Moved`), never gone on with at a place that means nothing in it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import orjson

from proxy.errors import unreadable

LONGEST: Final = 1 << 24
"""Bytes that are read at once; no line comes near."""


class Moved(Exception):
    """The log at this path is another one than before, or was cut."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in a log: behind a record, which tells whether it is still that log."""

    seq: int = 0
    hash: str = ""
    start: int = 0
    """Where the line of the record begins."""
    end: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the log."""

    record: dict[str, Any]
    raw: bytes
    place: Place
    """Behind it."""


class Follower:
    """Reads one log."""

    def __init__(self, path: Path, place: Place | None = None) -> None:
        """Open the log behind `place`; raises `SettingsError`, or `Moved` where another record stands there."""
        self.path, self.at = path, Place()
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise unreadable(path, error.strerror) from None
        if place is not None and place.seq:
            self._file.seek(place.start)
            raw = self._file.readline(LONGEST)
            found = _record(raw)
            if found is None or (found["seq"], found.get("hash"), place.start + len(raw)) != (
                *(place.seq, place.hash),
                place.end,
            ):
                self._file.close()
                raise Moved
            self.at = place

    def read(self, most: int) -> list[Line]:
        """Return up to `most` whole lines that are there now."""
        found: list[Line] = []
        try:
            self._file.seek(self.at.end)
            start = self.at.end
            while len(found) < most and (raw := self._file.readline(LONGEST)).endswith(b"\n"):
                record = _record(raw)
                if record is not None:
                    place = Place(record["seq"], str(record.get("hash", "")), start, start + len(raw))
                    found.append(Line(record, raw, place))
                start += len(raw)
        except OSError as error:
            raise unreadable(self.path, error.strerror) from None
        if found:
            self.at = found[-1].place
        return found

    def go_back(self, place: Place) -> None:
        """Read on behind `place`, which was read before."""
        self.at = place

    def moved(self) -> bool:
        """Return whether the path names another file now, or the file is shorter than what was read."""
        mine = os.fstat(self._file.fileno())
        if mine.st_size < self.at.end:
            return True
        try:
            return not os.path.samestat(mine, self.path.stat())
        except OSError:
            return False  # moved away, and none is in its place yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _record(raw: bytes) -> dict[str, Any] | None:
    """Return the record in a line, or None where it holds none: `sluice audit verify` tells of such lines."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or type(record.get("seq")) is not int or record["seq"] < 1:
        return None
    return record
