"""Cut streams of Connect envelopes (connectrpc.com, "Streaming RPCs"): a flag byte, a length, a JSON message.

Enters: chunks of bytes, cut anywhere. Leaves: frames whose raw bytes, joined, are the input to the last byte; each can
be written again with another message under the same flags. A compressed message is passed as it is, without data. A
frame over the limit raises `TooLarge`; what was read of it is still there in `rest()`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from proxy.errors import TooLarge
from proxy.framing.events import LIMIT, Frame, decoded

HEAD: Final = 5
"""Bytes of flags and length."""
COMPRESSED: Final = 0x01
LAST: Final = 0x02
"""Flag of the frame that ends a stream, with an error or trailers in it."""


@dataclass(frozen=True, slots=True)
class ConnectFrame:
    """One envelope."""

    raw: bytes = field(repr=False)
    """Flags, length and message."""

    @property
    def event(self) -> str:
        """`end` for the frame that ends the stream, else empty."""
        return "end" if self.raw[:1] and self.raw[0] & LAST else ""

    @property
    def data(self) -> str | None:
        """The message; None where it is compressed, empty or not UTF-8."""
        if len(self.raw) <= HEAD or self.raw[0] & COMPRESSED:
            return None
        return decoded(self.raw[HEAD:])

    def with_data(self, data: str) -> bytes:
        """Return the envelope with another message."""
        return envelope(data.encode("utf-8"), self.raw[0])


class ConnectFramer:
    """Cuts an `application/connect+json` stream."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start a stream; `limit` is in bytes of one message."""
        self.limit = limit
        self.held = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the envelopes that `chunk` completes; raises `TooLarge` after the last good one."""
        self.held += chunk
        while len(self.held) >= HEAD:
            size = int.from_bytes(self.held[1:HEAD])
            if size > self.limit:
                raise TooLarge(f"one event of the answer is larger than {self.limit} bytes")
            if len(self.held) < HEAD + size:
                return
            raw = bytes(self.held[: HEAD + size])
            del self.held[: HEAD + size]
            yield ConnectFrame(raw)

    def end(self) -> list[Frame]:
        """Return what was cut short, as a frame without data."""
        return [ConnectFrame(left)] if (left := self.rest()) else []

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        left = bytes(self.held)
        self.held.clear()
        return left

    def make(self, event: str, data: str) -> bytes:
        """Return a new envelope; `end` makes it the last."""
        return envelope(data.encode("utf-8"), LAST if event == "end" else 0)


def envelope(message: bytes, flags: int = 0) -> bytes:
    """Return a message in its envelope."""
    return bytes([flags]) + len(message).to_bytes(HEAD - 1) + message
