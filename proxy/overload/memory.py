"""Gives memory back to the system after a rush, with `malloc_trim`. On the event loop, the call itself beside it.

Enters: how many readings have ended, whether any is under way, and a callback that drops expired pieces of files.
Leaves: nothing but memory. glibc keeps freed memory in each of its arenas for later use; a process that serves for
months would hold what its worst minute needed. Other C libraries give it back themselves, or have no such call: then
nothing is done.
"""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

ROUND: Final = 10.0
"""Seconds between two looks at whether there is anything to give back."""
M_ARENA_MAX: Final = -8
ARENAS: Final = 2
"""Of several threads each would get one of its own, which keeps what its largest text took."""

MANY: Final = 50
"""Readings after which what is free in circles is looked for, too: a connection and what came over it hold each other,
and Python itself looks through the old ones only when there are a quarter more of them."""

LOG = structlog.get_logger("sluice")


def few_arenas() -> bool:
    """Let threads share few arenas; to be called before there are any. Returns whether the C library does so."""
    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    return False


def give_back() -> None:
    """Return memory that is free, where the C library keeps it for itself; other threads run on meanwhile."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Tidy:
    """The addon that gives memory back whenever nobody is read and somebody was."""

    def __init__(
        self,
        read: Callable[[], int],
        quiet: Callable[[], bool],
        forget: Callable[[], bool],
        trim: Callable[[], None] = give_back,
    ) -> None:
        """Take how many readings have ended so far, whether none is under way, what forgets, and what gives back.

        `forget` drops what nobody came back for, and returns whether there was any.
        """
        self._read, self._quiet, self._forget, self._trim = read, quiet, forget, trim
        self._given = self._gathered = read()
        self._looking: asyncio.Task[None] | None = None

    def running(self) -> None:
        """Begin to look; what the start has made stays, so that nobody is held up while all of it is gone through."""
        gc.collect()
        gc.freeze()
        self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    def done(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            try:
                await self.look()
            except Exception as error:  # the next look comes
                LOG.error("memory could not be given back", exc_info=error)

    async def look(self) -> bool:
        """Forget; give back, if anything was forgotten, or read since that was done last, and nothing is read now.

        Returns whether it was given back.
        """
        forgot, read = await asyncio.to_thread(self._forget), self._read()
        if (read == self._given and not forgot) or not self._quiet():
            return False
        self._given = read
        if read - self._gathered >= MANY:
            self._gathered = read
            gc.collect()
        await asyncio.to_thread(self._trim)
        return True
