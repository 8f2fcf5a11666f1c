"""Frames on the pipe between the proxy and a process that detects: a small head in JSON, then bytes.

Enters: what one side says. Leaves: the same on the other side, or `Garbled`; lengths are bounded before anything is
read, and nothing that is announced takes room before it has come. Frames hold what people wrote: they are never shown.
"""

import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

LENGTHS: Final = struct.Struct("!II")
"""Bytes of the head, bytes of the body."""
MOST_HEAD: Final = 16 << 20
MOST_BODY: Final = 512 << 20
AT_ONCE: Final = 1 << 20
"""Bytes asked of the pipe at once."""

UNASKED: Final = 0
"""Number of a frame that answers nothing."""
FORGET: Final = "forget"
"""Said of a question that nobody waits for any more, under its number; it has no answer of its own."""
MOST_FILES: Final = 4
"""Descriptors that go along with one frame."""

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


def send_all(pipe: socket.socket, data: bytes, files: Sequence[int] = ()) -> None:
    """Send all of it, with descriptors that the other side then has, too; raises `OSError`."""
    if not files:
        pipe.sendall(data)
        return
    sent = socket.send_fds(pipe, [data], list(files))
    pipe.sendall(memoryview(data)[sent:])


class WithFiles:
    """Reads a pipe on which descriptors come along; these wait, in order, until they are taken."""

    def __init__(self, pipe: socket.socket) -> None:
        """Take the pipe."""
        self._pipe = pipe
        self._came: deque[int] = deque()

    def __call__(self, size: int) -> bytes:
        """Return up to so many bytes, none at the end."""
        data, files, flags, _ = socket.recv_fds(self._pipe, size, MOST_FILES)
        for one in files:
            os.set_inheritable(one, False)
        self._came.extend(files)
        if flags & socket.MSG_CTRUNC:
            raise Garbled
        return data

    def take(self) -> socket.socket:
        """Return the pipe that came with the frame just read; raises `Garbled` where none did."""
        if not self._came:
            raise Garbled
        return socket.socket(fileno=self._came.popleft())
