"""Cut the messages of a WebSocket into frames, so that they are restored as any streamed answer is.

Enters: messages, each packed by `pack`, in chunks cut anywhere. Leaves: frames whose raw bytes are packed messages
again; what is made for a text that was held back is a message of its own. Three forms are known: one JSON value, one
with the numbers of Socket.IO before it, and records that a separator ends (SignalR).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from proxy.errors import TooLarge
from proxy.framing.events import Frame, decoded

LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one message."""

MESSAGES: Final = "application/x-websocket-messages"
"""Stands for a content type, which messages have none of."""

MARK: Final = b"\xff"
"""Ends a packed message: no UTF-8 text has it."""

SEPARATOR: Final = b"\x1e"
"""Ends a record of SignalR's JSON protocol, and of JSON text sequences."""

NUMBERS: Final = re.compile(rb"\d{1,3}(?:-)?(?:/[^,\[{]*,)?\d*(?=[\[{])")
"""What Engine.IO and Socket.IO write before the JSON of a message: kind, namespace, number."""


@dataclass(frozen=True, slots=True)
class MessageFrame:
    """One message, or one record of it."""

    raw: bytes = field(repr=False)
    """Packed."""
    data: str | None = field(repr=False)
    """Its JSON; None when it is not UTF-8 or empty."""
    before: bytes = field(default=b"", repr=False)
    after: bytes = field(default=b"", repr=False)
    """What stands around the JSON."""
    event: str = ""
    """Always empty: messages have no names outside of their JSON."""

    def with_data(self, data: str) -> bytes:
        """Return the message with other JSON, packed."""
        return pack(self.before + data.encode("utf-8") + self.after)


class MessageFramer:
    """Cuts packed messages; a message of records becomes as many messages."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Start a connection; `limit` is in bytes of one message."""
        self.limit = limit
        self.held = bytearray()
        self.after = b""
        """What ends a record on this connection."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames of the messages that `chunk` completes; raises `TooLarge` after the last good one."""
        start = len(self.held)
        self.held += chunk
        while (end := self.held.find(MARK, start)) >= 0:
            self.check(end)
            content = bytes(self.held[:end])
            del self.held[: end + 1]
            start = 0
            yield from self.frames(content)
        self.check(len(self.held))

    def check(self, size: int) -> None:
        """Raise `TooLarge` when a message of `size` bytes is over the limit."""
        if size > self.limit:
            raise TooLarge(f"one message of the answer is larger than {self.limit} bytes")

    def frames(self, content: bytes) -> Iterator[Frame]:
        """Yield the one frame of a message, or one for each of its records."""
        *records, rest = content.split(SEPARATOR)
        if records:
            self.after = SEPARATOR
        for record in records:
            yield MessageFrame(pack(record + SEPARATOR), decoded(record) or None, after=SEPARATOR)
        if rest or not records:
            numbers = NUMBERS.match(rest)
            before = numbers[0] if numbers else b""
            yield MessageFrame(pack(rest), decoded(rest[len(before) :]) or None, before)

    def end(self) -> list[Frame]:
        """Return nothing: half a message never comes."""
        return []

    def rest(self) -> bytes:
        """Return the bytes that are in no frame yet, and forget them."""
        held = bytes(self.held)
        self.held.clear()
        return held

    def make(self, event: str, data: str) -> bytes:  # noqa: ARG002 - messages have no names
        """Return a new message, packed."""
        return pack(data.encode("utf-8") + self.after)


def pack(content: bytes) -> bytes:
    """Return a message so that it can be told from the next one."""
    return content + MARK


def unpack(packed: bytes) -> Sequence[bytes]:
    """Return the messages in `packed`."""
    return packed.split(MARK)[:-1]


def message_framer(content_type: str) -> MessageFramer | None:
    """Return a framer for the messages of a WebSocket; None for any other content type."""
    return MessageFramer() if content_type == MESSAGES else None
