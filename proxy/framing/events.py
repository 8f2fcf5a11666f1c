"""Cut streamed answers into frames: server-sent events (WHATWG HTML, section 9.2) and lines of JSON.

Enters: chunks of bytes, cut anywhere, even inside a character or a line ending. Leaves: frames whose raw bytes,
joined, are the input to the last byte; each can be written again with other data and nothing else changed. A frame
over the limit raises `TooLarge`; what was read of it is still there in `rest()`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from proxy.errors import TooLarge

LIMIT: Final = 16 * 1024 * 1024
"""Bytes of one frame."""

LINE_END: Final = re.compile(rb"\r\n|\r|\n")
LINE_FEED: Final = re.compile(rb"\n")
BOM: Final = b"\xef\xbb\xbf"
LINES: Final = frozenset({
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines",
    "application/x-jsonlines", "application/x-jsonl", "application/stream+json",
})  # fmt: skip
"""Media types of streams of lines."""


@dataclass(frozen=True, slots=True)
class SseFrame:
    """One server-sent event, or a block of comments."""

    raw: bytes = field(repr=False)
    """All its bytes, the blank line that ends it included."""
    event: str
    """Name of the event, or empty."""
    data: str | None = field(repr=False)
    """Its data, lines joined by line feeds; None when there is none or it is not UTF-8."""

    def with_data(self, data: str) -> bytes:
        """Return the event with other data; its other lines, endings and order stay."""
        written: list[bytes] = []
        waiting: list[str] | None = data.split("\n")
        for line, end in cut_lines(self.raw):
            name, prefix, _ = split_field(line)
            if name != b"data":
                written.append(line + end)
            elif waiting is not None:
                written.extend(prefix + one.encode("utf-8") + end for one in waiting)
                waiting = None
        return b"".join(written)


@dataclass(frozen=True, slots=True)
class LineFrame:
    """One line of a stream of lines."""

    raw: bytes = field(repr=False)
    """The line with its ending."""
    data: str | None = field(repr=False)
    """The line without ending and blanks around; None when it is empty or not UTF-8."""
    event: str = ""
    """Always empty: lines have no names."""

    def with_data(self, data: str) -> bytes:
        """Return the line with other data between the same blanks."""
        bare = self.raw.strip()
        before, _, after = self.raw.partition(bare)
        return before + data.encode("utf-8") + after


class Frame(Protocol):
    """One event of a stream."""

    @property
    def raw(self) -> bytes:
        """All its bytes."""
        ...

    @property
    def event(self) -> str:
        """Its name, or empty."""
        ...

    @property
    def data(self) -> str | None:
        """Its data as text, or None when there is none."""
        ...

    def with_data(self, data: str) -> bytes:
        """Return the event with other data and nothing else changed."""
        ...


class Framer(Protocol):
    """Cuts one stream."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames that `chunk` completes; raises `TooLarge` after the last good one."""
        ...

    def end(self) -> list[Frame]:
        """Return the last frame if the stream ended without its ending."""
        ...

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        ...

    def make(self, event: str, data: str) -> bytes:
        """Return a new frame of this stream."""
        ...


class Buffer:
    """Bytes of an unfinished frame, each looked at once."""

    def __init__(self, limit: int) -> None:
        """Start empty; `limit` in bytes."""
        self.limit = limit
        self.held = bytearray()
        self.line = 0  # where the current line begins
        self.seen = 0  # up to where no line ending stands
        self.half = False  # the last ending was a carriage return, and its line feed may still come

    def add(self, chunk: bytes) -> None:
        """Append `chunk`; a line feed that completes an ending already taken begins no new line."""
        if self.half and chunk:
            self.line = self.seen = len(self.held) + (chunk[:1] == b"\n")
            self.half = False
        self.held += chunk

    def next_line(self, ending: re.Pattern[bytes]) -> bytes | None:
        """Return the next complete line without its ending, or None."""
        found = ending.search(self.held, self.seen)
        if found is None:
            self.seen = len(self.held)
            return None
        line = bytes(self.held[self.line : found.start()])
        self.line = self.seen = found.end()
        self.half = found[0] == b"\r" and found.end() == len(self.held)
        return line

    def last_line(self) -> bytes:
        """Return the line that has no ending yet."""
        return bytes(self.held[self.line :])

    def take(self, end: int) -> bytes:
        """Return and forget the first `end` bytes."""
        taken = bytes(self.held[:end])
        del self.held[:end]
        self.line = self.seen = 0
        return taken

    def check(self, size: int) -> None:
        """Raise `TooLarge` when a frame of `size` bytes is over the limit."""
        if size > self.limit:
            raise TooLarge(f"one event of the answer is larger than {self.limit} bytes")


class SseFramer:
    """Cuts a `text/event-stream`."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start a stream; `limit` is in bytes of one event."""
        self.buffer = Buffer(limit)
        self.lines: list[bytes] = []
        self.ending = b"\n"

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the events that `chunk` completes; raises `TooLarge` after the last good one."""
        self.buffer.add(chunk)
        while (line := self.buffer.next_line(LINE_END)) is not None:
            self.lines.append(line)
            if not line:
                self.buffer.check(self.buffer.line)
                yield self.finish(self.buffer.line)
        self.buffer.check(len(self.buffer.held))

    def end(self) -> list[Frame]:
        """Return the last event if no blank line ended it: some servers forget it, and clients still read it."""
        if not self.buffer.held:
            return []
        self.lines.append(self.buffer.last_line())
        return [self.finish(len(self.buffer.held))]

    def finish(self, end: int) -> SseFrame:
        """Return the frame of the lines so far."""
        raw, lines, self.lines = self.buffer.take(end), self.lines, []
        if b"\r\n" in raw:
            self.ending = b"\r\n"
        if len(lines) == 2 and not lines[1] and lines[0].startswith(b"data: "):  # as nearly all of them are
            return SseFrame(raw, "", decoded(lines[0][6:]))
        fields = [split_field(line) for line in lines]
        data = [value for name, _, value in fields if name == b"data"]
        names = [value for name, _, value in fields if name == b"event"]
        return SseFrame(raw, (decoded(names[-1]) or "") if names else "", decoded(b"\n".join(data)) if data else None)

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        self.lines = []
        return self.buffer.take(len(self.buffer.held))

    def make(self, event: str, data: str) -> bytes:
        """Return a new event with the stream's own line ending."""
        lines = [f"event: {event}"] * bool(event) + [f"data: {line}" for line in data.split("\n")]
        return b"".join(line.encode("utf-8") + self.ending for line in (*lines, ""))


class LineFramer:
    """Cuts a stream of lines, each one JSON value."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start a stream; `limit` is in bytes of one line."""
        self.buffer = Buffer(limit)

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the lines that `chunk` completes; raises `TooLarge` after the last good one."""
        self.buffer.add(chunk)
        while self.buffer.next_line(LINE_FEED) is not None:
            self.buffer.check(self.buffer.line)
            yield line_frame(self.buffer.take(self.buffer.line))
        self.buffer.check(len(self.buffer.held))

    def end(self) -> list[Frame]:
        """Return the last line if nothing ended it."""
        return [line_frame(self.rest())] if self.buffer.held else []

    def rest(self) -> bytes:
        """Return the bytes that are in no line yet, and forget them."""
        return self.buffer.take(len(self.buffer.held))

    def make(self, event: str, data: str) -> bytes:  # noqa: ARG002 - lines have no names
        """Return a new line."""
        return data.encode("utf-8") + b"\n"


def framer_for(content_type: str) -> Framer | None:
    """Return the framer of server-sent events or lines of JSON; None for any other type."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return SseFramer()
    return LineFramer() if kind in LINES else None


def line_frame(raw: bytes) -> LineFrame:
    """Return the frame of one line."""
    return LineFrame(raw, decoded(raw.strip()) or None)


def cut_lines(raw: bytes) -> list[tuple[bytes, bytes]]:
    """Return the lines of `raw`, each with its ending."""
    lines: list[tuple[bytes, bytes]] = []
    at = 0
    for found in LINE_END.finditer(raw):
        lines.append((raw[at : found.start()], found[0]))
        at = found.end()
    return [*lines, (raw[at:], b"")] if at < len(raw) else lines


def split_field(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return name, everything before the value, and value of a line; a mark at the stream's beginning is no name."""
    name, colon, value = line.partition(b":")
    space = b" " if value[:1] == b" " else b""
    return name.removeprefix(BOM), name + colon + space, value[len(space) :]


def decoded(data: bytes) -> str | None:
    """Return `data` as text, or None if it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class Shown:
    """An event whose data is shown in another form; bytes and name are those of the inner event."""

    inner: Frame = field(repr=False)

    @property
    def raw(self) -> bytes:
        """All its bytes."""
        return self.inner.raw

    @property
    def event(self) -> str:
        """Its name."""
        return self.inner.event


class ShownFramer(SseFramer):
    """Cuts a stream whose events are shown otherwise."""

    def shown(self, frame: Frame) -> Frame:
        """Return the frame as readers see it."""
        raise NotImplementedError

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the events that `chunk` completes; raises `TooLarge` after the last good one."""
        return map(self.shown, super().feed(chunk))

    def end(self) -> list[Frame]:
        """Return the last event if no blank line ended it."""
        return [self.shown(frame) for frame in super().end()]
