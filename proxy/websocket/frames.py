"""Frames of a WebSocket: fragments put together and cut again, and what control frames may carry. Pure.

Enters: the pieces of messages, pings and pongs. Leaves: whole messages, their pieces, pings whose payload is ours, and
whether a client goes away.
A fragment never ends inside a character, and nothing that a client writes into a control frame reaches a server: those
bytes are in no message, so nobody has looked at them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

MOST_PINGS: Final = 64
"""Unanswered pings that are remembered for either side."""

CLOSES: Final = 8
"""Opcode of the frame that closes a connection."""
GOING_AWAY: Final = 1001
"""Its code where a page is left or a program ends: nobody reads an answer any more. Any other may follow what was said
on purpose, to be delivered."""


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


class Lookout:
    """Sees in a client's bytes, before anybody has read them, that it goes away."""

    def __init__(self) -> None:
        """Start before the first frame."""
        self._head = bytearray()
        self._rest = 0
        """Bytes of the frame at hand that are none of its head."""
        self.leaving = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes, wherever they are cut."""
        at = 0
        while at < len(data) and not self.leaving:
            if self._rest:
                step = min(self._rest, len(data) - at)
                self._rest -= step
                at += step
                continue
            self._head.append(data[at])
            at += 1
            self._look()

    def _look(self) -> None:
        """Read the head at hand where it is whole; of a frame that closes, its code belongs to it."""
        head = self._head
        if len(head) < 2:
            return
        length, masked = head[1] & 0x7F, bool(head[1] & 0x80)
        begins = 2 + {126: 2, 127: 8}.get(length, 0)
        content = begins + 4 * masked
        if len(head) < content:
            return
        size = length if begins == 2 else int.from_bytes(head[2:begins], "big")
        if head[0] & 0x0F == CLOSES and size >= 2:
            if len(head) < content + 2:
                return
            mask = head[begins:content] or bytes(2)
            self.leaving = int.from_bytes(bytes(head[content + n] ^ mask[n] for n in range(2)), "big") == GOING_AWAY
        self._rest = content + size - len(head)
        head.clear()


class Heartbeats:
    """Pings and pongs of one connection: that they were sent is passed on, what the client wrote in them is not."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.by_client: dict[bytes, bytes] = {}
        """Payloads of the client's unanswered pings, by the payloads sent to the server in their place."""
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
