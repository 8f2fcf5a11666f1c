"""Counts the processor time of a scan, so that a text that is too long can be told from a machine that is too busy.

Enters: seconds of processor time: those of this thread, read from its own clock, and those that other processes report.
Leaves: whether the scan would have been too long on an idle machine, too. Nothing here ends a scan: its deadline is one
of wall time, since people wait by it; this tells which message is right once it has passed. A scan that mostly waited
is never called too long, and one that mostly worked is never said to have waited.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Final

OWN: Final = 0.5
"""Share of the wall time that must have been processor time for a text to count as too long. Alone on a machine a scan
works nearly all the time; two of a kind beside each other get half each."""


class Effort:
    """The processor time of one scan. Safe to use from several threads."""

    __slots__ = ("_began", "_clock", "_lock", "_read", "_seconds", "_since", "crowded", "short")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin now, at nought."""
        self.short = False
        """Whether something was not looked for because the deadline had passed."""
        self.crowded = False
        """Whether something was not looked for because the queue was full: the scan never got its turn."""
        self._clock, self._began = clock, clock()
        self._seconds = 0.0
        self._read: Callable[[], float] | None = None
        self._since = 0.0
        self._lock = Lock()

    def add(self, seconds: float) -> None:
        """Add seconds that another process or thread has worked."""
        with self._lock:
            self._seconds += seconds

    @contextmanager
    def here(self, read: Callable[[], float] | None = None) -> Iterator[None]:
        """Count the time of this thread inside the block; other threads can read `seconds` meanwhile."""
        read = read or thread_clock()
        with self._lock:
            self._read, self._since = read, read()
        try:
            yield
        finally:
            with self._lock:
                self._seconds += read() - self._since
                self._read = None

    @property
    def seconds(self) -> float:
        """Processor seconds so far."""
        with self._lock:
            try:
                return self._seconds + (self._read() - self._since if self._read else 0.0)
            except OSError:  # its thread has ended
                return self._seconds

    @property
    def lacked(self) -> bool:
        """Whether anything was not looked for, for want of time or of room in the queue."""
        return self.short or self.crowded

    @property
    def too_much(self) -> bool:
        """Whether the scan itself used the time, and not others before it."""
        return not self.crowded and self.seconds >= OWN * (self._clock() - self._began)

    @property
    def waited(self) -> bool:
        """Whether something was not looked for because the machine was busy with others."""
        return self.lacked and not self.too_much


def noted[Made](note: Effort, work: Callable[..., Made], *given: object) -> Made:
    """Return `work(*given)`, its time in this thread counted."""
    with note.here():
        return work(*given)


def thread_clock() -> Callable[[], float]:
    """Return a clock of this thread's processor seconds, readable from other threads where the system allows it."""
    own = get_ident()
    try:
        number = time.pthread_getcpuclockid(own)
    except (AttributeError, OSError):  # not on macOS: there others hear of it when the work is done
        return lambda: own_time(own)
    return lambda: time.clock_gettime(number)


def own_time(thread: int) -> float:
    """Return this thread's processor seconds if its id is `thread`; raises `OSError` otherwise."""
    if get_ident() != thread:
        raise OSError
    return time.thread_time()


class Watched:
    """The processor time of another process of this machine, from now on."""

    __slots__ = ("_began", "_had", "_pid")

    def __init__(self, pid: int) -> None:
        """Begin now."""
        self._pid, self._began, self._had = pid, time.monotonic(), process_seconds(pid)

    @property
    def seconds(self) -> float:
        """Its processor seconds, all threads together; the wall time where the system cannot say."""
        has, passed = process_seconds(self._pid), time.monotonic() - self._began
        return passed if self._had is None or has is None else has - self._had


def process_seconds(pid: int) -> float | None:
    """Return the processor seconds of a process since its start; None where the system cannot say.

    The id of its clock is made as the C library's `clock_getcpuclockid` makes it, which Python does not offer.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except (OSError, OverflowError):
        return None
