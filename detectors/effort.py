"""What has been worked for whoever asks about texts, so that too much text is told from a machine with too much to do.

Enters: the seconds that processors have worked for it: this thread's, read from its own clock, and those that others
say they have. Leaves: whether it would have been too much on an idle machine, too. Nothing here ends anything: the
deadline is that of the clock on the wall, for people wait by it; this tells what is to be said when it is over. What
mostly waited is never called too long, whatever its length, and what was worked on is never said to have waited.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Final

OWN: Final = 0.5
"""The part of the time for which it must have been worked on. Alone on a machine a text is worked on nearly all the
time, by one processor after the other; two of a kind beside each other leave half to each."""


class Effort:
    """The work for one who asks; may be used from several threads."""

    __slots__ = ("_began", "_clock", "_lock", "_read", "_seconds", "_since", "crowded", "short")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin now, with nothing."""
        self.short = False
        """Whether something could not be looked for because the time was over."""
        self.crowded = False
        """Whether something could not be looked for because others were before it: no time of its own was given."""
        self._clock, self._began = clock, clock()
        self._seconds = 0.0
        self._read: Callable[[], float] | None = None
        self._since = 0.0
        self._lock = Lock()

    def add(self, seconds: float) -> None:
        """Note what others have worked for it."""
        with self._lock:
            self._seconds += seconds

    @contextmanager
    def here(self, read: Callable[[], float] | None = None) -> Iterator[None]:
        """Count what this thread works inside; it can be read from others meanwhile."""
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
        """How long processors have worked for it so far."""
        with self._lock:
            try:
                return self._seconds + (self._read() - self._since if self._read else 0.0)
            except OSError:  # its thread has ended
                return self._seconds

    @property
    def lacked(self) -> bool:
        """Whether anything could not be looked for for want of time or room."""
        return self.short or self.crowded

    @property
    def too_much(self) -> bool:
        """Whether the time that is over now was used by it, not by others before it."""
        return not self.crowded and self.seconds >= OWN * (self._clock() - self._began)

    @property
    def waited(self) -> bool:
        """Whether something could not be looked for, and that was for others' sake."""
        return self.lacked and not self.too_much


def noted[Made](note: Effort, work: Callable[..., Made], *given: object) -> Made:
    """Do some work in this thread, and note how long that takes it."""
    with note.here():
        return work(*given)


def thread_clock() -> Callable[[], float]:
    """Return what reads how long this thread has worked, from any other one where the system allows that."""
    own = get_ident()
    try:
        number = time.pthread_getcpuclockid(own)
    except (AttributeError, OSError):  # not on macOS: there others hear of it when the work is done
        return lambda: own_time(own)
    return lambda: time.clock_gettime(number)


def own_time(thread: int) -> float:
    """Return how long this thread has worked, if it is the one with that number; raises `OSError`."""
    if get_ident() != thread:
        raise OSError
    return time.thread_time()


class Watched:
    """Another process of this machine, and what it works from now on."""

    __slots__ = ("_began", "_had", "_pid")

    def __init__(self, pid: int) -> None:
        """Begin now."""
        self._pid, self._began, self._had = pid, time.monotonic(), process_seconds(pid)

    @property
    def seconds(self) -> float:
        """How long it has worked, all its threads together; where nobody can say, as if it did nothing else."""
        has, passed = process_seconds(self._pid), time.monotonic() - self._began
        return passed if self._had is None or has is None else has - self._had


def process_seconds(pid: int) -> float | None:
    """Return how long a process has worked since it began; None where nobody can say, as of one that has gone.

    The number of its clock is made as the C library's `clock_getcpuclockid` makes it, which Python does not offer.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except (OSError, OverflowError):
        return None
