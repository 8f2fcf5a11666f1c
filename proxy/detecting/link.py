"""One process that detects, as the proxy sees it: started, asked, listened to, ended. Does I/O.

Enters: questions from any thread. Leaves: answers to whoever asked, or `Down`; an answer that nobody asked for, one
that cannot be read, a pipe that does not drain: each ends the process, and everybody who waits for it is told at once.
Nothing that is confidential stands in its arguments or its environment: what it must know comes through the pipe.
"""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol

from detectors.allowance import Interest
from proxy.detecting.frames import FORGET, UNASKED, Frame, Garbled, Receive, pack, read_frame, send_all

COMMAND: Final = (sys.executable, "-P", "-m", "proxy.detecting.worker")
SEND_SECONDS: Final = 10
"""After so long a process that takes nothing is stuck."""
ENDS_WITHIN: Final = 5.0
GOES_WITHIN: Final = 0.5

GARBLED: Final = "its answer could not be read"
STUCK: Final = "it takes nothing any more"


class Down(Exception):
    """The process is no more, or not to be trusted any more; says why, in words of ours."""


class Waiting:
    """Somebody who waits for an answer."""

    __slots__ = ("answer", "done")

    def __init__(self) -> None:
        """Wait."""
        self.done = threading.Event()
        self.answer: Frame | None = None


class Ending(Protocol):
    """The process at the other end of a pipe, as `subprocess.Popen` shows it."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def poll(self) -> int | None:
        """Return how it has ended, or None."""
        ...

    def wait(self, timeout: float) -> object:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        ...

    def kill(self) -> None:
        """End it, if that is ours to do."""
        ...


class Wire:
    """A pipe on which questions are asked and answered; may be used from several threads."""

    def __init__(
        self,
        pipe: socket.socket,
        process: Ending,
        ended: Callable[[], None] = lambda: None,
        pushed: Callable[[Frame], None] | None = None,
        receive: Receive | None = None,
    ) -> None:
        """Take the pipe and the process at its other end; `ended` is called once, from a thread of its own.

        `pushed` is told what the other side says unasked; without it that is garbled. `receive` is what reads the pipe.
        """
        self._process = process
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        self.heard = monotonic()
        """When it last said anything."""
        self.why = ""
        """Why it is down; empty while it is not."""
        self.load = 0
        """Bytes of what it is asked and has not answered."""
        self._pipe, self._ended, self._pushed = pipe, ended, pushed
        self._receive = receive or pipe.recv
        self._waiting: dict[int, Waiting] = {}
        self._late: dict[int, float] = {}
        """Questions without an answer for which nobody waits any more, and since when."""
        self._asked = 0
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="sluice-detecting", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(
        self,
        kind: str,
        fields: Mapping[str, Any],
        body: bytes,
        seconds: float,
        files: Sequence[int] = (),
        waits: Interest | None = None,
    ) -> Frame:
        """Return the answer to a question; raises `Down`, `TimeoutError`, or `Oversized`.

        `files` are descriptors that go along. When nobody `waits` any more, neither does this, and the other side is
        told, so that it need not look.
        """
        until = monotonic() + seconds
        waits = waits or Interest()
        waiting = Waiting()
        with self._lock:
            if self.why:
                raise Down(self.why)
            self._asked += 1
            number = self._asked
            self._waiting[number] = waiting
            self.load += len(body)
        try:
            self._send(pack(Frame(number, kind, fields, body)), until, files)
            with waits.heard(waiting.done.set):
                waiting.done.wait(max(0.0, until - monotonic()))
            if waiting.answer is not None:
                return waiting.answer
            if self.why:
                raise Down(self.why)
            if waits.over:
                self._send(pack(Frame(number, FORGET)), monotonic() + SEND_SECONDS)
            raise TimeoutError
        finally:
            with self._lock:
                self._waiting.pop(number, None)
                self.load -= len(body)
                if waiting.answer is None:
                    self._late[number] = until

    def overdue(self, seconds: float) -> int:
        """Return how many answers have not come for so long after nobody waited for them any more."""
        with self._lock:
            return sum(until + seconds < monotonic() for until in self._late.values())

    def _send(self, data: bytes, until: float, files: Sequence[int] = ()) -> None:
        if not self._sending.acquire(timeout=max(0.0, until - monotonic())):
            raise TimeoutError
        try:
            send_all(self._pipe, data, files)
        except OSError as failure:  # half a frame may be on its way: nothing can follow it
            self.end(STUCK if isinstance(failure, BlockingIOError) else "")
            raise Down(self.why) from None
        finally:
            self._sending.release()

    def _listen(self) -> None:
        """Hand answers to whoever waits for them, until there are no more."""
        why = ""
        try:
            while (frame := read_frame(self._receive)) is not None:
                self.heard = monotonic()
                self._hand_over(frame)
        except (Garbled, MemoryError):
            why = GARBLED
        except OSError:
            pass
        self.end(why)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDS_WITHIN)
        self._pipe.close()
        self._ended()

    def _hand_over(self, frame: Frame) -> None:
        if frame.id == UNASKED and self._pushed is not None:
            self._pushed(frame)
            return
        with self._lock:
            waiting = self._waiting.get(frame.id)
            if waiting is None and not 0 < frame.id <= self._asked:
                raise Garbled
            self._late.pop(frame.id, None)
        if waiting is not None:  # whoever does not wait any more needs no answer
            waiting.answer = frame
            waiting.done.set()

    def end(self, why: str = "") -> None:
        """End the process, and tell everybody who waits; the first reason is the one that is kept."""
        if not why:  # its end of the pipe is closed: it is about to go by itself
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GOES_WITHIN)
        with self._lock:
            self.why = self.why or why or told(self._process.poll())
            waiting = list(self._waiting.values())
        for one in waiting:
            one.done.set()
        self._process.kill()
        with suppress(OSError):
            self._pipe.shutdown(socket.SHUT_RDWR)


class Link(Wire):
    """A process that was started here, and the pipe to it."""

    def __init__(self, command: Sequence[str] = COMMAND, ended: Callable[[], None] = lambda: None) -> None:
        """Start the process; `ended` is called once, from a thread of its own, when it has. Raises `OSError`."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(
                    [*command, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # a library may quote what it reads
                    env={
                        "MALLOC_ARENA_MAX": "2",  # each arena of glibc keeps what one large text took
                        **os.environ,
                        "PYTHONPATH": importable(),
                    },
                    pass_fds=(theirs.fileno(),),
                )
            except OSError:
                ours.close()
                raise
        super().__init__(ours, process, ended)


def importable() -> str:
    """Return the value of `PYTHONPATH` with which another process imports what this one does."""
    return os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)


def told(status: int | None) -> str:
    """Return how a process has ended, in words."""
    if status is None:
        return "it closed its pipe"
    if status < 0:
        return f"it was ended by signal {-status}"
    return f"it ended with status {status}"
