"""Frames on the pipe between the proxy and a process that detects: a small head in JSON, then bytes.

Enters: what one side says. Leaves: the same on the other side, or `Garbled`; lengths are bounded before anything is
read, and nothing that is announced takes room before it has come. Frames hold what people wrote: they are never shown.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

LENGTHS: Final = struct.Struct("!II")
"""Bytes of the head, bytes of the body."""
MOST_HEAD: Final = 16 << 20
MOST_BODY: Final = 512 << 20
AT_ONCE: Final = 1 << 20
"""Bytes asked of the pipe at once."""

type Receive = Callable[[int], bytes]
"""Returns up to so many bytes, none at the end: `socket.recv`."""


class Garbled(Exception):
    """What came is no frame, or not what a frame of its kind must be. Says nothing of what stood in it."""


class Oversized(Exception):
    """More than one frame may hold."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one side says to the other."""

    id: int
    """Number of the question, on its answer too."""
    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


def pack(frame: Frame) -> bytes:
    """Return the bytes of a frame; raises `Oversized`."""
    head = orjson.dumps({**frame.fields, "id": frame.id, "kind": frame.kind})
    if len(head) > MOST_HEAD or len(frame.body) > MOST_BODY:
        raise Oversized
    return b"".join((LENGTHS.pack(len(head), len(frame.body)), head, frame.body))


def read_frame(receive: Receive) -> Frame | None:
    """Return the next frame, None where the other side has ended between two; raises `Garbled`."""
    lengths = take(receive, LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) != LENGTHS.size:
        raise Garbled
    size, rest = LENGTHS.unpack(lengths)
    if size > MOST_HEAD or rest > MOST_BODY:
        raise Garbled
    head, body = take(receive, size), take(receive, rest)
    if len(head) != size or len(body) != rest:
        raise Garbled
    try:
        fields = orjson.loads(head)
    except ValueError:
        raise Garbled from None
    if not isinstance(fields, dict):
        raise Garbled
    number, kind = fields.pop("id", None), fields.pop("kind", None)
    if type(number) is not int or not isinstance(kind, str) or number < 0:
        raise Garbled
    return Frame(number, kind, fields, body)


def take(receive: Receive, size: int) -> bytes:
    """Return so many bytes, or all there were before the end."""
    taken = bytearray()
    while len(taken) < size:
        some = receive(min(AT_ONCE, size - len(taken)))
        if not some:
            break
        taken += some
    return bytes(taken)
