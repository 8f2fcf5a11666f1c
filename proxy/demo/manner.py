"""How a stand-in behaves: the size of its pieces, its pauses, its failures. Nothing is sent from here.

A held answer proves streaming by the order of events, not by a clock: the stand-in sends a first piece, then waits
until the client says that it has got it. A proxy that lumps answers would wait for ever.
"""

import asyncio
import gzip
import threading
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from proxy.demo.seen import Fields

HELD_AT_MOST: Final = 10.0
"""Seconds a held answer waits for its release before it breaks off."""

SLOW: Final = 30.0
"""Seconds of silence before a slow stand-in answers."""


class Mode(StrEnum):
    """The ways to answer."""

    NORMAL = "normal"
    GZIP = "gzip"
    """Compressed, whether the client can read that or not."""
    RESET = "reset"
    """Broken off after the first piece."""
    FAIL = "fail"
    """Status 500 in the protocol's own shape."""
    SLOW = "slow"
    GARBAGE = "garbage"
    """Status 200 and a body that is no answer at all."""


@dataclass(slots=True)
class Manner:
    """What may be changed between two requests."""

    mode: Mode = Mode.NORMAL
    piece: int = 5
    """Characters of text in each streamed piece."""
    pause: float = 0.0
    """Seconds between streamed pieces."""
    hold_after: int = 0
    """Streamed frames after which the answer waits for `released`; 0 never waits."""
    released: threading.Event = field(default_factory=threading.Event)
    waited_in_vain: bool = False
    """Whether a held answer was never released: the proof that somebody lumps."""

    async def paced(self, frames: Iterable[bytes]) -> AsyncIterator[bytes]:
        """Yield the frames of a streamed answer as this manner has it; raises `TimeoutError` if held in vain."""
        for number, frame in enumerate(frames, start=1):
            yield frame
            if number == self.hold_after and not await asyncio.to_thread(self.released.wait, HELD_AT_MOST):
                self.waited_in_vain = True
                raise TimeoutError
            await asyncio.sleep(self.pause)

    def coded(self, frames: Iterable[bytes]) -> tuple[Fields, Iterator[bytes]]:
        """Return the content coding's header field, if any, and the frames in that coding, each complete in itself."""
        if self.mode is not Mode.GZIP:
            return (), iter(frames)
        return (("content-encoding", "gzip"),), compressed(frames)


def compressed(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield gzip pieces that can each be read as soon as they come."""
    coder = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for frame in frames:
        yield coder.compress(frame) + coder.flush(zlib.Z_SYNC_FLUSH)
    yield coder.flush()


def compressed_whole(body: bytes) -> bytes:
    """Return `body` as one gzip member."""
    return gzip.compress(body, mtime=0)


def pieces(text: str, size: int) -> Iterator[str]:
    """Cut `text` every `size` characters."""
    return (text[start : start + size] for start in range(0, len(text), size))
