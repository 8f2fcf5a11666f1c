"""Frames of a WebSocket: fragments put together and cut again, and what control frames may carry. Pure.

Enters: the pieces of messages, pings and pongs. Leaves: whole messages, their pieces, and pings whose payload is ours.
A fragment never ends inside a character, and nothing that a client writes into a control frame reaches a server: those
bytes are in no message, so nobody has looked at them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

MOST_PINGS: Final = 64
"""Unanswered pings that are remembered for either side."""


class Assembly:
    """One message that is still coming."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.fragments: list[bytearray] = []
        self.whole = True
        self.size = 0

    def add(self, data: bytes, *, ends: bool) -> None:
        """Add a piece of a fragment; `ends` when the fragment is complete with it."""
        if self.whole:
            self.fragments.append(bytearray())
        self.fragments[-1] += data
        self.whole = ends
        self.size += len(data)

    def take(self) -> tuple[bytes, list[int]]:
        """Return the message and the lengths of its fragments, and begin anew."""
        content, lengths = b"".join(self.fragments), [len(one) for one in self.fragments]
        self.fragments, self.whole, self.size = [], True, 0
        return content, lengths


def cut(content: bytes, lengths: Sequence[int], *, text: bool) -> Iterator[bytes]:
    """Yield `content` in fragments like those of `lengths`, of which there is one at least.

    One frame stays one frame, for some servers know no fragments; several stay as small as the largest, for some take
    no large ones.
    """
    if len(lengths) < 2:
        yield content
        return
    same = sum(lengths) == len(content)
    largest = max(*lengths, 1)
    sizes = list(lengths[:-1]) if same else [largest] * (len(content) // largest)
    at = 0
    for size in sizes:
        end = border(content, at + size) if text else at + size
        yield content[at:end]
        at = max(at, end)
    yield content[at:]


def border(content: bytes, at: int) -> int:
    """Return the first place from `at` on where a character of UTF-8 begins."""
    while at < len(content) and content[at] & 0xC0 == 0x80:
        at += 1
    return at


class Heartbeats:
    """Pings and pongs of one connection: that they were sent is passed on, what the client wrote in them is not."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.by_client: dict[bytes, bytes] = {}
        """What the client's unanswered pings carried, by what stands for it towards the server."""
        self.by_server: deque[bytes] = deque(maxlen=MOST_PINGS)
        """What the server's unanswered pings carried."""

    def ping(self, payload: bytes, *, from_client: bool) -> bytes:
        """Return what a ping carries on to the other side."""
        if not from_client:
            self.by_server.append(payload)
            return payload
        self.count += 1
        token = self.count.to_bytes(8, "big")
        self.by_client[token] = payload
        while len(self.by_client) > MOST_PINGS:
            del self.by_client[next(iter(self.by_client))]
        return token

    def pong(self, payload: bytes, *, from_client: bool) -> bytes:
        """Return what a pong carries on to the other side; a client's may repeat nothing but what it was sent."""
        if not from_client:
            return self.by_client.pop(payload, payload)
        if payload not in self.by_server:
            return b""
        self.by_server.remove(payload)
        return payload
