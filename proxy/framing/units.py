"""Answers of Google's own pages: a guard against scripts, then JSON arrays, each behind its length in UTF-16 units.

Enters: chunks of bytes, cut anywhere. Leaves: frames whose raw bytes, joined, are the input to the last byte. What an
array holds as JSON in a string is shown opened, and is closed into a string again where it is written; lengths are
counted anew. An answer without lengths is one frame, known with its end. Whatever else comes passes as a frame without
data. A frame over the limit raises `TooLarge`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.errors import SluiceError, TooLarge
from proxy.framing.events import LIMIT, Frame, decoded
from proxy.wire import json_text

GUARD: Final = b")]}'"
ANSWER: Final = "wrb.fr"
"""What an entry begins with whose third value is JSON in a string."""
NUMBER: Final = re.compile(rb"(\s*)(\d{1,9})(?=\D)")
UNFINISHED: Final = re.compile(rb"\s*\d{0,9}")
CONTINUED: Final = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""
BELOW_PAIRS: Final = bytes(range(0xF0))
"""Bytes of UTF-8 that begin no character of two units."""
LONGER: Final = ((0xF0, 4), (0xE0, 3), (0xC0, 2))
"""First bytes from which a character has so many."""


@dataclass(frozen=True, slots=True)
class UnitFrame:
    """One array, with its length."""

    raw: bytes = field(repr=False)
    data: str | None = field(default=None, repr=False)
    """The array, opened; None for anything else."""
    before: bytes = field(default=b"", repr=False)
    """What stands before the length."""
    text: str = field(default="", repr=False)
    """What the length counts: the array as it came, with the line ends around it."""
    counted: bool = True
    """Whether there is a length."""
    event: str = ""
    """Always empty: arrays have no names."""

    def with_data(self, data: str) -> bytes:
        """Return the frame with another array, between the same blanks and behind its own length."""
        first, _, last = self.text.partition(self.text.strip())
        text = (first + closed(data) + last).encode("utf-8")
        return self.before + (b"%d" % units(text) if self.counted else b"") + text


class UnitFramer:
    """Cuts one answer."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start an answer; `limit` is in bytes of one frame."""
        self.limit = limit
        self.held = bytearray()
        self.guarded = False  # whether the beginning has been looked at
        self.loose = False  # whether what follows has no length
        self.start = self.seen = 0  # where the counted text begins, and up to where it is counted
        self.left = 0  # units that are still missing

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames that `chunk` completes; raises `TooLarge` after the last good one."""
        self.held += chunk
        while (frame := self.next_frame()) is not None:
            yield frame
        if len(self.held) > self.limit:
            raise TooLarge(f"one frame of the answer is larger than {self.limit} bytes")

    def next_frame(self) -> UnitFrame | None:
        """Return the next complete frame, or None where more must come."""
        if not self.guarded:
            if len(self.held) < len(GUARD) and GUARD.startswith(self.held):
                return None
            self.guarded = True
            if self.held.startswith(GUARD):
                return UnitFrame(self.take(len(GUARD)))
        if self.loose or not (self.start or self.begin()) or (end := self.count()) is None:
            return None
        start = self.start
        raw = self.take(end)
        return frame_of(raw, start)

    def begin(self) -> bool:
        """Read a length, if it is there; what has none has none to the end."""
        number = NUMBER.match(self.held)
        if number is None:
            self.loose = UNFINISHED.fullmatch(self.held) is None
            return False
        self.start = self.seen = number.end()
        self.left = int(number[2])
        return True

    def count(self) -> int | None:
        """Return where the counted text ends, or None where more must come; no byte is counted twice."""
        while self.left > 0:
            piece = self.held[self.seen : self.seen + self.left]
            if not piece:
                return None
            self.left -= units(piece)
            self.seen += len(piece)
        end = self.seen
        while end > self.start and self.held[end - 1] in CONTINUED:
            end -= 1
        if end > self.start:
            first = self.held[end - 1]
            end += next((size for least, size in LONGER if first >= least), 1) - 1
        end = max(end, self.seen)
        return end if len(self.held) >= end else None

    def end(self) -> list[Frame]:
        """Return what is left: an answer without lengths, or a frame that broke off and has no data."""
        if not self.held:
            return []
        loose = self.loose
        raw = self.rest()
        text = decoded(raw) if loose else None
        return [UnitFrame(raw) if text is None else UnitFrame(raw, opened(text), text=text, counted=False)]

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        return self.take(len(self.held))

    def take(self, end: int) -> bytes:
        """Return and forget the first `end` bytes."""
        taken = bytes(self.held[:end])
        del self.held[:end]
        self.start = self.seen = self.left = 0
        return taken

    def make(self, event: str, data: str) -> bytes:  # noqa: ARG002 - arrays have no names
        """Return a new frame."""
        return counted(closed(data))


def frame_of(raw: bytes, start: int) -> UnitFrame:
    """Return the frame whose counted text begins at `start`."""
    number = NUMBER.match(raw)
    text = decoded(raw[start:])
    if number is None or text is None:
        return UnitFrame(raw)
    return UnitFrame(raw, opened(text), before=number[1], text=text)


def counted(text: str) -> bytes:
    """Return an array as a frame, as the service writes it: its length counts the line ends around it."""
    lines = f"\n{text}\n".encode()
    return b"%d" % units(lines) + lines


def units(text: bytes | bytearray) -> int:
    """Return how many UTF-16 units a text in UTF-8 has, or the part of one, by the characters that begin in it."""
    return len(text.translate(None, CONTINUED)) + len(text.translate(None, BELOW_PAIRS))


def opened(text: str) -> str:
    """Return an array in which JSON in strings is JSON; any other text as it is."""
    try:
        value = json_text.parse(text.encode("utf-8"))
    except SluiceError:
        return text
    for entry in answers(value):
        if isinstance(entry[2], str):
            try:
                inner = json_text.parse(entry[2].encode("utf-8"))
            except SluiceError:
                continue
            if isinstance(inner, list | dict):
                entry[2] = inner
    return json_text.dump(value).decode("utf-8")


def closed(data: str) -> str:
    """Return an array in which that JSON stands in strings again."""
    value = json_text.parse(data.encode("utf-8"))
    for entry in answers(value):
        if isinstance(entry[2], list | dict):
            entry[2] = json_text.dump(entry[2]).decode("utf-8")
    return json_text.dump(value).decode("utf-8")


def answers(value: Any) -> Iterator[list[Any]]:
    """Yield the entries of an array that may hold JSON in a string."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, list) and len(entry) > 2 and entry[0] == ANSWER:
            yield entry
