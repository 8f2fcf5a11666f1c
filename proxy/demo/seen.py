"""The nouns of a stand-in: what it saw, and how it answers. Values and one protocol; no socket here.

What was seen is kept to the byte, for the stand-in is the witness of what left the company.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

type Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as it came over the wire."""

    protocol: str
    """`HTTP/1.1` or `HTTP/2`."""
    method: str
    host: str
    """The Host field or `:authority`, as sent."""
    path: str
    """With its query."""
    headers: Fields
    """Names in lower case, in order; without HTTP/2's pseudo-fields."""
    head: bytes
    """HTTP/1.1: the very bytes of the head. HTTP/2: its fields, one a line, since the wire holds them compressed."""
    body: bytes
    """Without HTTP/1.1's chunk sizes, still content-encoded."""
    trailers: Fields = ()

    @property
    def everything(self) -> bytes:
        """All that came: head, body and trailers."""
        tail = "".join(f"{name}: {value}\r\n" for name, value in self.trailers)
        return self.head + self.body + tail.encode()

    def header(self, name: str) -> str:
        """Return the first value of the field `name` (lower case), or an empty string."""
        return next((value for key, value in self.headers if key == name), "")

    def json(self) -> Any:
        """Return the body as JSON; raises `ValueError`."""
        return orjson.loads(self.body)


class Reply(Protocol):
    """Where an answer is written, piece by piece; each piece leaves at once."""

    async def start(self, status: int, headers: Fields) -> None:
        """Send the head."""
        ...

    async def send(self, data: bytes) -> None:
        """Send a piece of the body."""
        ...

    async def end(self) -> None:
        """Say that the body is complete."""
        ...

    def break_off(self) -> None:
        """Break the exchange off in the middle: a reset, not an end."""
        ...


type Answering = Callable[[Seen, Reply], Awaitable[None]]
"""What a stand-in does with a request it has read whole."""


class BrokenOff(Exception):
    """The client went away, or the stand-in broke off on purpose."""


async def send_whole(reply: Reply, status: int, kind: str, body: bytes, extra: Fields = ()) -> None:
    """Send an answer of a known length with content type `kind`."""
    await reply.start(status, (("content-type", kind), ("content-length", str(len(body))), *extra))
    await reply.send(body)
    await reply.end()
