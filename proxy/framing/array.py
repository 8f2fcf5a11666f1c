"""Cut a streamed JSON array into frames: one for each object in it, as Google's interfaces send without `alt=sse`.

Enters: chunks of bytes, cut anywhere. Leaves: frames whose raw bytes, joined, are the input to the last byte; commas
and blanks belong to the object after them. The closing bracket is a frame whose data is `[DONE]`, the word by which
other streams end, so that what is held back goes out before it. A single object is one frame. Whatever else comes is
never lost: it passes as a frame without data. A frame over the limit raises `TooLarge`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from proxy.errors import TooLarge
from proxy.framing.events import LIMIT, Frame, decoded

DONE: Final = "[DONE]"
OUTSIDE: Final = re.compile(rb'["\[\]{}]')
INSIDE: Final = re.compile(rb'["\\]')
OPENING: Final = frozenset(b"[{")


@dataclass(frozen=True, slots=True)
class ElementFrame:
    """One object of the array, with what separates it from the one before."""

    raw: bytes = field(repr=False)
    data: str | None = field(repr=False)
    """The object as text, `[DONE]` for the end of the array, None for anything else."""
    start: int = 0
    """Where in `raw` the object begins."""
    event: str = ""
    """Always empty: elements have no names."""

    def with_data(self, data: str) -> bytes:
        """Return the element with other data behind the same separator."""
        return self.raw[: self.start] + data.encode("utf-8")


class ArrayFramer:
    """Cuts one array."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start a stream; `limit` is in bytes of one element."""
        self.limit = limit
        self.held = bytearray()
        self.seen = 0  # up to where the bytes are understood
        self.start = -1  # where the current element begins
        self.depth = 0
        self.base = -1  # depth of the elements; known with the first byte that is no blank
        self.quoted = False
        self.over = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the elements that `chunk` completes; raises `TooLarge` after the last good one."""
        self.held += chunk
        if self.base < 0 and (first := self.held.lstrip()):
            self.base = int(first[:1] == b"[")
            self.over = first[0] not in OPENING
        while not self.over and (token := self.next_token()) is not None:
            if (frame := self.advance(*token)) is not None:
                yield frame
        if self.over and self.held:
            yield ElementFrame(self.take(len(self.held)), None)
        if len(self.held) > self.limit:
            raise TooLarge(f"one element of the answer is larger than {self.limit} bytes")

    def next_token(self) -> tuple[int, int] | None:
        """Return place and byte of the next bracket outside a string, or None where more must come."""
        while True:
            found = (INSIDE if self.quoted else OUTSIDE).search(self.held, self.seen)
            if found is None:
                self.seen = len(self.held)
                return None
            byte = found[0][0]
            if byte == ord("\\"):
                if found.end() == len(self.held):
                    self.seen = found.start()
                    return None
                self.seen = found.end() + 1
                continue
            self.seen = found.end()
            if byte != ord('"'):
                return found.start(), byte
            self.quoted = not self.quoted

    def advance(self, at: int, byte: int) -> ElementFrame | None:
        """Go over a bracket, and return the frame that it ends."""
        if byte in OPENING:
            if self.depth == self.base:
                self.start = at
            self.depth += 1
            return None
        self.depth -= 1
        if self.depth == self.base:
            start = self.start
            self.over = self.base == 0
            raw = self.take(at + 1)
            return ElementFrame(raw, decoded(raw[start:]), start)
        if self.depth < self.base:
            self.over = True
            return ElementFrame(self.take(at + 1), DONE)
        return None

    def end(self) -> list[Frame]:
        """Return what is left of a stream that broke off; it has no data."""
        return [ElementFrame(self.rest(), None)] if self.held else []

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        return self.take(len(self.held))

    def take(self, end: int) -> bytes:
        """Return and forget the first `end` bytes."""
        taken = bytes(self.held[:end])
        del self.held[:end]
        self.seen, self.start = 0, -1
        return taken

    def make(self, event: str, data: str) -> bytes:  # noqa: ARG002 - elements have no names
        """Return a new element, behind one that was there."""
        return b",\n" + data.encode("utf-8")
