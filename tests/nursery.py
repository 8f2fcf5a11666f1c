"""Proxies begun by fork from one process that has imported everything: imports take longer than all else of a start.

Enters: what `subprocess.Popen` takes, for a module of ours. Leaves: a process that runs this module, seen as `Popen`
shows it; the processes that it starts in turn come from here, too. Each has its own memory, arguments, environment,
files and end, as one that was begun cold; what differs is who its parent is, and what `ps` shows of it. Where that
matters a test begins its proxy cold, and in a thorough run all of them are. The nursery ends with whoever began it.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from fcntl import F_DUPFD, fcntl
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import Any

from proxy.scratch import make
from tests.thorough import THOROUGH

ROOT = Path(__file__).parents[1]

MAINS = (
    *("proxy.cli.main", "proxy.demo.employee"),
    *("proxy.detecting.worker", "proxy.documents.worker", "proxy.workers.worker"),
    *("tests.proxy.detecting.small", "tests.proxy.trail.crashing", "tests.proxy.workers.small_worker"),
)
"""What is begun here; each is executed anew as `__main__`."""

BESIDES = (
    *("proxy.cli.run", "proxy.equip", "proxy.shell.stock", "typer.rich_utils", "typer._adapters"),
    *("openai.resources", "anthropic.resources"),
)
"""What those import only when they need it."""

DOOR = "NURSERY_DOOR"
"""The variable that tells the workers of a run where its nursery listens: one for all, for it takes seconds to make."""

NETWORK = Path("/proc/thread-self/ns/net")
"""The network of a thread: a child is in that of whoever asks for it, as one that was begun cold."""
HOME = NETWORK.readlink() if NETWORK.exists() else None
"""That of this process and of the nursery."""
IN_NETWORK = -1
"""Stands for it among the numbers of descriptors."""

OUT_OF_THE_WAY = 300
"""Descriptors from here on hold what a child is given, until each stands where it belongs."""

LENGTH = struct.Struct("!I")
STATUS = struct.Struct("!i")

REAL = subprocess.Popen


class Forked(subprocess.Popen[bytes]):
    """A process of a nursery; whatever a nursery does not bear is begun as ever."""

    door = ""
    """Where the nursery listens; empty while there is none."""

    def __init__(self, args: Any, **options: Any) -> None:
        """Begin a process; see `subprocess.Popen`."""
        module = module_of(args)
        self._line: socket.socket | None = None
        self._reading = Lock()
        if module is None or not self.door:
            super().__init__(args, **options)
            return
        self.args, self.returncode = args, None
        self.stdin = self.stdout = self.stderr = None
        self._communication_started, self._input, self.text_mode = False, None, False  # what `communicate` looks at
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(self.door)
        given, ours = self._streams(options)
        for number in options.pop("pass_fds", ()):
            given[number] = number
        if HOME and NETWORK.readlink() != HOME:
            given[IN_NETWORK] = os.open(NETWORK, os.O_RDONLY)
            ours.append(given[IN_NETWORK])
        env, cwd = options.pop("env", None), options.pop("cwd", None)
        assert not options, f"a nursery knows nothing of {sorted(options)}"
        told = json.dumps(
            (module, args[args.index(module) + 1 :], dict(env or os.environ), os.fspath(cwd or Path.cwd()), list(given))
        ).encode()
        socket.send_fds(self._line, [LENGTH.pack(len(told))], list(given.values()))
        self._line.sendall(told)
        for fd in ours:
            os.close(fd)
        self.pid = STATUS.unpack(receive(self._line, STATUS.size))[0]

    def _streams(self, options: dict[str, Any]) -> tuple[dict[int, int], list[int]]:
        """Return what stands where in the child, and what is to be closed here once it has it."""
        given: dict[int, int] = {}
        ours: list[int] = []
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            match options.pop(name, None):
                case None:
                    given[number] = number
                case subprocess.PIPE:
                    reads, writes = os.pipe()
                    given[number], kept = (reads, writes) if number == 0 else (writes, reads)
                    ours.append(given[number])
                    setattr(self, name, os.fdopen(kept, "wb" if number == 0 else "rb"))
                case subprocess.DEVNULL:
                    given[number] = os.open(os.devnull, os.O_RDWR)
                    ours.append(given[number])
                case subprocess.STDOUT:
                    given[number] = given[1]
                case stream:
                    given[number] = stream if isinstance(stream, int) else stream.fileno()
        return given, ours

    def poll(self) -> int | None:
        """Return how it has ended, or None."""
        return super().poll() if self._line is None else self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return how it has ended, once it has; raises `subprocess.TimeoutExpired`."""
        if self._line is None:
            return super().wait(timeout)
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def _ended(self, seconds: float | None) -> int | None:
        """Return its status, waiting for it no longer than so."""
        assert self._line is not None
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        if self.returncode is None and poll.poll(None if seconds is None else max(0, seconds) * 1000):
            with self._reading:
                if self.returncode is None:
                    told = receive(self._line, STATUS.size)
                    self.returncode = STATUS.unpack(told)[0] if told else -signal.SIGKILL
        return self.returncode

    def __del__(self) -> None:
        """Hang up; a process that is begun as ever has its own way."""
        if self._line is None:
            super().__del__()
        else:
            self._line.close()


def module_of(args: Any) -> str | None:
    """Return which module of ours a command runs, if that is what it does."""
    words = list(args) if isinstance(args, list | tuple) else []
    if words[:1] != [sys.executable] or "-m" not in words[1:3]:
        return None
    module = words[words.index("-m") + 1]
    return module if module in MAINS else None


def receive(line: socket.socket, size: int) -> bytes:
    """Return so many bytes; fewer where it ends before."""
    got = b""
    while len(got) < size and (more := line.recv(size - len(got))):
        got += more
    return got


def begin(args: Any, **options: Any) -> subprocess.Popen[bytes]:
    """Begin a process as `subprocess.Popen` does: from a nursery, but cold in a thorough run."""
    if THOROUGH:
        return REAL(args, **options)
    if not Forked.door:
        open_door()
    return Forked(args, **options)


def take_the_place_of_popen(set_attribute: Callable[[object, str, object], None]) -> None:
    """Let `subprocess.Popen` of this process begin children in a nursery, too; in a thorough run all are begun cold."""
    if not THOROUGH:
        if not Forked.door:
            open_door()
        set_attribute(subprocess, "Popen", Forked)


def open_door() -> None:
    """Let there be a nursery, for as long as whoever begins it lives: that of the whole run, or one of our own."""
    Forked.door = os.environ.get(DOOR, "")
    if not Forked.door:
        begin_nursery()()


def begin_nursery() -> Callable[[], None]:
    """Begin a nursery for this process and all that it begins; returns what waits until it is open."""
    folder = make("nursery")
    door = str(Path(folder, "door"))
    process = REAL(
        [sys.executable, "-P", __file__, door],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "OPENBLAS_NUM_THREADS": "1"},
    )

    def close() -> None:
        Forked.door = ""
        os.environ.pop(DOOR, None)
        assert process.stdin and process.stdout
        process.stdin.close()
        process.stdout.close()
        process.wait()
        rmtree(folder, ignore_errors=True)

    def wait() -> None:
        assert process.stdout and process.stdout.readline() == b"open\n", "the nursery did not open"
        Forked.door = os.environ[DOOR] = door

    atexit.register(close)
    return wait


# -- in the nursery ----------------------------------------------------------------------------------------------------


def prepare() -> None:
    """Import everything, nothing twice; build what is shipped."""
    for name in (*MAINS, *BESIDES):
        importlib.import_module(name)
    for name in MAINS:
        del sys.modules[name]
    load_everything()
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy all of it
    assert len([*Path("/proc/self/task").iterdir()]) == 1, "whoever forks has one thread"


def load_everything() -> None:
    """Make what is shipped and kept in memory; models for names begin threads, and are each child's own."""
    from detectors.find import shipped_patterns
    from proxy.services.catalogue import load_catalogue

    load_catalogue()
    shipped_patterns()


def bear(door: str) -> tuple[str, list[str]]:
    """Fork a child for each that asks, until the end of whoever began this; return in the child, with what it runs."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(door)
    listening.listen(64)
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdout.write("open\n")
    sys.stdout.flush()
    poll = select.poll()
    for one in (0, listening, woken):
        poll.register(one, select.POLLIN)
    lines: dict[int, socket.socket] = {}
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if 0 in ready:
            os._exit(0)
        if woken.fileno() in ready:
            woken.recv(4096)
            tell_ends(lines)
        if listening.fileno() in ready:
            line, _ = listening.accept()
            size, files, _, _ = socket.recv_fds(line, LENGTH.size, 64)
            module, words, env, cwd, numbers = json.loads(receive(line, LENGTH.unpack(size)[0]))
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                for one in (listening, woken, wakes, line, *lines.values()):
                    one.close()  # now, not when it is collected: its number may be another file's by then
                begin_life(dict(zip(numbers, files, strict=True)), env, cwd)
                return module, words
            for fd in files:
                os.close(fd)
            lines[pid] = line
            line.sendall(STATUS.pack(pid))


def tell_ends(lines: dict[int, socket.socket]) -> None:
    """Tell of each child that has ended, how."""
    while lines:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        line = lines.pop(pid)
        with suppress(OSError):  # nobody may ask any more
            line.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))
        line.close()


def begin_life(files: dict[int, int], env: dict[str, str], cwd: str) -> None:
    """Make a child what a new process is: its own files, environment, folder and signals."""
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if IN_NETWORK in files:
        os.setns(files.pop(IN_NETWORK), os.CLONE_NEWNET)
    held = {number: fcntl(fd, F_DUPFD, OUT_OF_THE_WAY) for number, fd in files.items()}
    for number, fd in held.items():
        os.dup2(fd, number)
    for below, above in pairwise([-1, *sorted(held), os.sysconf("SC_OPEN_MAX")]):
        if below + 1 < above:  # an empty range is the whole range to the system
            os.closerange(below + 1, above)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # that of the new environment
    os.chdir(cwd)
    tempfile.tempdir = None
    time.tzset()


if __name__ == "__main__":
    from tests import nursery

    prepare()
    nursery.Forked.door = sys.argv[1]
    module, words = bear(sys.argv[1])
    subprocess.Popen = nursery.Forked  # type: ignore[misc]
    sys.argv = ["", *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
