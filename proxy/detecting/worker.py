"""The process that detects: it loads models, rules and indexes, and answers what the proxy asks over one private pipe.

Enters: frames on a socket whose number is its argument; the settings come as the first. Leaves: an answer to each.
It has no other way out: no port, nothing printed, no core with content in it. It ends with the pipe, so with whoever
started it, and it says of an error no more than its type, for a message might quote a text. Who started it may hand
it further pipes, for other processes of the same house: what is loaded is shared, versions of the policy are not.
"""

import gc
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final

from detectors.allowance import Interest, before
from detectors.effort import Effort
from detectors.interface import DetectorError, Searcher
from proxy.detecting.asking import say_effort
from proxy.detecting.frames import FORGET, Frame, Garbled, Oversized, WithFiles, pack, read_frame
from proxy.detecting.interface import Detecting
from proxy.detecting.messages import Question, read_brief, read_detection, read_question, say_scans
from proxy.no_core import leave_no_core
from proxy.overload.memory import give_back
from proxy.settings.detection import Detection
from proxy.turns import take_short_turns

LARGE: Final = 64 << 10
"""Bytes of a question's texts from which on it must not stand before the short ones."""
SHORT_ONES: Final = 8
LARGE_ONES: Final = 2
"""Threads for either; the more questions are looked into together, the better the models' batches are filled."""
MOST_WAITING: Final = 256
"""Questions that wait or are looked into."""
MOST_BYTES: Final = 256 << 20
"""Bytes of their texts; a single one may have more."""
MOST_TOLD: Final = 20
"""Failures of detectors that an answer takes along."""
TO_KILL_FIRST: Final = b"500"
"""Where memory runs out, this process should go, not the proxy."""
NICE: Final = 5
"""The proxy's own steps are short, and others wait for them: where cores are few, they come first."""

DONE: Final = "done"
FAILED: Final = "failed"
REFUSED: Final = "refused"
LATE: Final = "too late"

type Told = tuple[Mapping[str, Any], bytes]


def detecting_of(detection: Detection, state: Path) -> Detecting:
    """Return detection in this process."""
    from proxy.equip import Equipment, Here  # imported while the proxy waits for it, not before it can be told to end

    made = Here(Equipment(detection), state)
    made.equipment.patterns  # noqa: B018  # whatever does not load is told with the settings
    return made


def main(made: Callable[[Detection, Path], Detecting] = detecting_of) -> None:
    """Answer until there is nobody to answer any more."""
    confine()
    pipe = socket.socket(fileno=int(sys.argv[1]))
    try:
        Server(pipe, made, ready=yield_to_others).serve()
    finally:
        os._exit(0)  # threads may be at work still, for nobody


def confine() -> None:
    """Leave no core; let the one who started it say when it ends, whatever a terminal or a service manager sends."""
    leave_no_core()
    take_short_turns()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(TO_KILL_FIRST)


def yield_to_others() -> None:
    """Let the proxy's own steps come first, from now on: every thread there is, and those that they begin.

    Not before everything is loaded: until then nobody who waits for this process can be served by any other step.
    """
    try:
        threads = [int(one.name) for one in Path("/proc/self/task").iterdir()]
    except OSError:  # where there is no such folder, a process has one priority
        threads = [0]
    for thread in threads:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
        with suppress(OSError, AttributeError):  # who wakes here interrupts nobody; it costs none of the share
            os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))


class Refused(Exception):
    """A question that is not looked into; its word is one of ours."""


class Desk:
    """What all pipes of one process share: what is loaded, who looks, and how much may wait."""

    def __init__(self, made: Callable[[Detection, Path], Detecting], ready: Callable[[], None] = lambda: None) -> None:
        """Take what makes detection of settings, and what is called once something can be looked for."""
        self._made = made
        self._settings = b""
        self.detecting: Detecting | None = None
        self.counting = Lock()
        self.waiting = 0
        self.bytes = 0
        self.looked = 0
        """Bytes of texts since memory was given back after many short ones."""
        self.failures: deque[str] = deque(maxlen=MOST_TOLD)
        """Which detectors could not tell of a text, until the next answer takes it along."""
        self._ready = ready
        self.builder = ThreadPoolExecutor(1, "builder")
        self.short = ThreadPoolExecutor(SHORT_ONES, "short")
        self.large = ThreadPoolExecutor(LARGE_ONES, "large")

    def load(self, settings: bytes) -> Detecting:
        """Return detection by these settings, made once; raises `Garbled` for others. In the builder's thread."""
        if self.detecting is None:
            self.detecting = self._made(*read_detection(settings))
            self.detecting.overhear(self.failures.append)
            self._settings = settings
        elif settings != self._settings:
            raise Garbled
        return self.detecting

    def settle(self) -> None:
        """Say, once, that something can be looked for. In the builder's thread."""
        ready, self._ready = self._ready, lambda: None
        ready()


class Server:
    """Answers the questions of one proxy: each version of its policy has a finder of its own."""

    def __init__(
        self,
        pipe: socket.socket,
        made: Callable[[Detection, Path], Detecting],
        desk: Desk | None = None,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the pipe, and what makes detection of settings; one of several pipes takes the desk of the first.

        `ready` is called once something can be looked for.
        """
        self._pipe, self._made = pipe, made
        self._desk = desk or Desk(made, ready)
        self._first = desk is None
        self._sending = Lock()
        self._finders: dict[int, Searcher] = {}
        self._asked: dict[int, Interest] = {}
        """Questions that wait or are looked into, and who waits for each."""

    def serve(self) -> None:
        """Take questions until the pipe ends; raises `Garbled` for what is none."""
        receive = WithFiles(self._pipe)
        while (frame := read_frame(receive)) is not None:
            match frame.kind:
                case "ping":
                    self._answer(frame.id, DONE)
                case "find":
                    self._take(frame)
                case one if one == FORGET:
                    if (waits := self._asked.get(frame.id)) is not None:
                        waits.end()
                case "settings":
                    self._desk.builder.submit(self._work, frame, self._load)
                case "build":
                    self._desk.builder.submit(self._work, frame, self._build)
                case "drop":
                    self._desk.builder.submit(self._work, frame, self._drop)
                case "join" if self._first:
                    self._join(receive.take())
                    self._answer(frame.id, DONE)
                case _:
                    raise Garbled

    def _join(self, pipe: socket.socket) -> None:
        """Answer on one more pipe, until it ends; what goes wrong there is the end of that pipe alone."""

        def serve() -> None:
            other = Server(pipe, self._made, self._desk)
            with suppress(Garbled, OSError):
                other.serve()
            pipe.close()
            for waits in list(other._asked.values()):
                waits.end()
            other._finders.clear()
            gc.collect()

        Thread(target=serve, name="joined", daemon=True).start()

    def _give_up(self, status: int) -> None:
        """End: the process where this is the pipe of whoever started it, otherwise the pipe."""
        if self._first:
            os._exit(status)
        with suppress(OSError):
            self._pipe.shutdown(socket.SHUT_RDWR)

    def _take(self, frame: Frame) -> None:
        """Let a question wait for its turn, or refuse it where too many do."""
        came, size = monotonic(), len(frame.body)
        desk = self._desk
        with desk.counting:
            full = desk.waiting >= MOST_WAITING or (desk.bytes and desk.bytes + size > MOST_BYTES)
            if not full:
                desk.waiting += 1
                desk.bytes += size
        if full:
            self._answer(frame.id, REFUSED, {"why": "too many texts wait", "crowded": True})
            return

        waits = self._asked[frame.id] = Interest()

        def find(frame: Frame) -> Told:
            try:
                return self._find(read_question(frame.fields, frame.body), came, waits)
            finally:
                self._asked.pop(frame.id, None)
                with desk.counting:
                    desk.waiting -= 1
                    desk.bytes -= size
                    desk.looked += size
                    rested = desk.looked > LARGE and not desk.waiting
                    desk.looked = 0 if rested else desk.looked
                if size > LARGE or rested:
                    give_back()

        (desk.large if size > LARGE else desk.short).submit(self._work, frame, find)

    def _find(self, question: Question, came: float, waits: Interest) -> Told:
        if waits.over:
            raise Refused("nobody waits")
        finder = self._finders.get(question.version)
        if finder is None:
            raise Refused("no such version")
        if monotonic() - came >= question.seconds:
            raise Refused(LATE)
        note = Effort()
        with before(came + question.seconds, waits=waits, effort=note), note.here():
            if question.groups:
                scans = finder.find_spread(question.texts, question.groups, question.entities)
            else:
                scans = finder.find_all(question.texts, question.entities)
        failures = []
        with suppress(IndexError):  # another thread may take the last ones along
            while True:
                failures.append(self._desk.failures.popleft())
        return {"failures": failures, **say_effort(note)}, say_scans(scans)

    def _load(self, frame: Frame) -> Told:
        return {"entities": sorted(self._desk.load(frame.body).own_entities)}, b""

    def _build(self, frame: Frame) -> Told:
        version = frame.fields.get("version")
        detecting = self._desk.detecting
        if detecting is None or type(version) is not int:
            raise Garbled
        if version not in self._finders:
            self._finders[version] = detecting.searcher(read_brief(frame.body))
            gc.collect()
            self._desk.settle()
        return {"entities": sorted(self._finders[version].entities), "notes": list(detecting.notes)}, b""

    def _drop(self, frame: Frame) -> Told:
        self._finders.pop(int(frame.fields["version"]), None)
        gc.collect()
        return {"versions": sorted(self._finders)}, b""

    def _work(self, frame: Frame, work: Callable[[Frame], Told]) -> None:
        """Answer with what comes of it, whatever that is."""
        try:
            fields, body = work(frame)
            self._answer(frame.id, DONE, fields, body)
        except Refused as reason:
            self._answer(frame.id, REFUSED, {"why": str(reason)} | ({"short": True} if str(reason) == LATE else {}))
        except DetectorError as error:  # names a file, a rule or a class
            self._answer(frame.id, FAILED, {"why": str(error), "chinese": error.chinese, "known": True})
        except Garbled:
            self._give_up(1)
        except Exception as error:
            self._answer(frame.id, FAILED, {"why": type(error).__name__, "known": False})

    def _answer(self, number: int, kind: str, fields: Mapping[str, Any] | None = None, body: bytes = b"") -> None:
        """Send an answer; without anybody there is no reason to go on."""
        try:
            data = pack(Frame(number, kind, fields or {}, body))
        except Oversized:
            data = pack(Frame(number, REFUSED, {"why": "the answer is too long"}))
        try:
            with self._sending:
                self._pipe.sendall(data)
        except OSError:
            self._give_up(0)


if __name__ == "__main__":
    main()
