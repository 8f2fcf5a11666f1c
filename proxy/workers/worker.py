"""A worker: one of several processes that serve clients of one proxy.

Enters: a pipe to the supervisor and the listening sockets, as numbers among its arguments; all else comes through the
pipe. Leaves: exchanges, each with its record, which the supervisor writes. It takes connections only once its detectors
have found a specimen and a record of its own is on the disk. It ends with the pipe: without the supervisor nothing can
be recorded.
"""

import asyncio
import os
import signal
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from detectors.interface import DetectorError
from proxy.assemble import builder_of, detecting_of, house_of, ledger_of, portal_of, watcher_of
from proxy.audit import Value, notice
from proxy.detecting.frames import Frame
from proxy.detecting.interface import Detecting
from proxy.detecting.link import Down, Wire
from proxy.errors import SluiceError
from proxy.internal.fleet import Fleet
from proxy.internal.watcher import Watcher
from proxy.no_core import leave_no_core
from proxy.overload import machine
from proxy.passage import House
from proxy.reload import CLOSED, Rejected
from proxy.runlog import configure_logging
from proxy.settings.interface import Settings
from proxy.settings.read import settings_in
from proxy.shell.guard import GuardedMaster
from proxy.shell.master import announce, make, must_keep_no_keys
from proxy.turns import take_short_turns
from proxy.workers import listening
from proxy.workers.follow import Follower
from proxy.workers.interface import Source, WorkerFailed
from proxy.workers.leaving import drain
from proxy.workers.office import Office, OfficeAudit
from proxy.workers.proof import must_find
from proxy.workers.teller import Teller

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Bench:
    """All that one worker works with."""

    settings: Settings
    house: House
    detecting: Detecting
    follower: Follower
    watcher: Watcher


class Post:
    """Hands messages that the supervisor sends unasked from the pipe's thread to their receiver."""

    def __init__(self) -> None:
        """Begin with nobody who hears."""
        self._kept: list[Frame] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self.follower: Follower | None = None
        self.leave, self.stop = asyncio.Event(), asyncio.Event()

    def __call__(self, frame: Frame) -> None:
        """Hear a word; in the pipe's thread."""
        if frame.kind == "policy" and self.follower is not None:
            self.follower.want(frame.fields)
        elif frame.kind in ("leave", "stop"):
            self._set(self.leave if frame.kind == "leave" else self.stop)

    def ended(self) -> None:
        """Hear that the supervisor has gone; in the pipe's thread."""
        if self._loop is None:
            os._exit(1)  # nothing has begun
        self._set(self.stop)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to hear on a loop."""
        self._loop = loop

    def _set(self, event: asyncio.Event) -> None:
        if self._loop is None:
            event.set()
        else:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(event.set)


def main() -> None:
    """Serve until the supervisor says that it is enough."""
    leave_no_core()
    take_short_turns()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's; the supervisor hears it, too
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    pipe, *sockets = (int(one) for one in sys.argv[1:])
    post = Post()
    office = Office(socket.socket(fileno=pipe), post, post.ended)
    try:
        told = office.put("brief")
        source = Source(told.body.decode(), str(told.fields["name"]), Path(told.fields["directory"]))
        settings = shared(settings_in(source, os.environ), int(told.fields["of"]))
        configure_logging(settings.log_level, sys.stderr)
        bench = bench_of(settings, office, told.fields["policy"])
        post.follower = bench.follower
        must_find(bench.house.street.finder)
        about: dict[str, Value] = {"worker": int(told.fields["worker"]), "state": "ready", "pid": os.getpid()}
        about["policy"] = bench.house.street.policy.label
        office_record(bench.house, about)
        asyncio.run(serve(bench, office, post, [listening.Handed(fileno=one) for one in sockets]))
    except (SluiceError, DetectorError, Down, Rejected, WorkerFailed) as error:
        office.closing = True
        say(office, {"why": str(error)})
        os._exit(1)
    except Exception as error:
        office.closing = True
        LOG.error("a worker has failed", exc_info=error)
        say(office, {"why": f"{type(error).__name__} at {place_of(error)}; the log says more"})
        sys.stderr.flush()
        os._exit(1)
    office.closing = True
    sys.stderr.flush()
    os._exit(0)  # nothing waits any more, and threads may be at work for nobody


def shared(settings: Settings, processes: int) -> Settings:
    """Return the settings of one of several: what is said of all is divided."""
    max_body = settings.limits.max_body
    admission = settings.admission.fitted(machine.cores(), machine.memory(), max_body)
    return replace(
        settings,
        admission=admission.shared(processes, max_body),
        connections=settings.connections.shared(processes),
    )


def bench_of(settings: Settings, office: Office, policy: Mapping[str, Any]) -> Bench:
    """Return what a worker works with, at the version of the policy that is in force."""
    detecting = detecting_of(settings, lender_of(office))
    ledger = replace(ledger_of(settings, OfficeAudit(office)), must_hold=office.must_hold)
    build = builder_of(settings, detecting)
    house = house_of(settings, ledger, build(CLOSED))
    house.portal = portal_of(settings, house)
    house.fleet = Fleet(settings.internal, house.clock)

    def told(label: str) -> None:
        with suppress(SluiceError):
            office.put("stands", {"policy": label})

    follower = Follower(house, build, detecting.own_entities, told)
    follower.want(policy)
    follower.take(policy)
    return Bench(settings, house, detecting, follower, watcher_of(settings, house, lambda: None))


def lender_of(office: Office) -> Any:
    """Return what finds a process that detects: one that is not in use here already."""
    held: set[int] = set()

    def find(ended: Any) -> Wire:
        number = 0

        def gone() -> None:
            held.discard(number)
            ended()

        wire = office.detector(held, gone)
        number = wire.pid
        held.add(number)
        return wire

    return find


def office_record(house: House, notes: Mapping[str, Value]) -> None:
    """Have it recorded how this worker stands; raises `StoreError`."""
    house.ledger.audit.write(notice("worker", house.clock(), house.ledger.node, notes))


async def serve(bench: Bench, office: Office, post: Post, sockets: Sequence[socket.socket]) -> None:
    """Serve clients until this worker is told to leave and has left."""
    must_keep_no_keys(os.environ)
    loop = asyncio.get_running_loop()
    post.bind(loop)
    listening.install(sockets)
    made, addon = make(bench.settings, bench.house)
    teller = Teller(bench.settings, bench.house, addon, office)
    loop.add_signal_handler(signal.SIGTERM, post.leave.set)
    bench.follower.start()
    await loop.run_in_executor(None, bench.watcher.start)

    def ready(_listen: str, _ca: Path) -> None:
        told = {"state": "ready", "policy": bench.house.street.policy.label}
        loop.run_in_executor(None, partial(say, office, told))

    teller.start()
    watch = asyncio.create_task(announce(made, bench.settings, ready))
    leaving = asyncio.create_task(leave(made, bench, office, post))
    try:
        await made.run()
    except SystemExit:  # mitmproxy's way to say that an error was logged while it started
        raise WorkerFailed("it cannot listen; the log says why") from None
    finally:
        await loop.run_in_executor(None, teller.stop)
        office.closing = True
        for task in (watch, leaving):
            task.cancel()
        bench.follower.stop()
        await loop.run_in_executor(None, bench.detecting.close)
        await loop.run_in_executor(None, bench.watcher.stop)
        bench.house.ledger.store.close()


async def leave(made: GuardedMaster, bench: Bench, office: Office, post: Post) -> None:
    """Wait for the word to leave or to stop; then serve what has begun, as long as there is time, and end."""
    said = [asyncio.create_task(event.wait()) for event in (post.leave, post.stop)]
    await asyncio.wait(said, return_when=asyncio.FIRST_COMPLETED)
    loop = asyncio.get_running_loop()
    try:
        if not post.stop.is_set():
            loop.run_in_executor(None, partial(say, office, {"state": "leaving"}))
            servers = list(made.addons.get("proxyserver").servers)
            await drain(bench.settings.workers, partial(listening.listen_no_more, servers), post.stop)
    except Exception as error:
        LOG.error("a worker could not leave in peace", exc_info=error)
    finally:
        made.shutdown()


def place_of(error: BaseException) -> str:
    """Return where an error was raised."""
    places = traceback.extract_tb(error.__traceback__)
    return f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else "an unknown place"


def say(office: Office, told: Mapping[str, Any]) -> None:
    """Tell the supervisor how this worker stands."""
    with suppress(SluiceError, Down):
        office.put("stands", told)


if __name__ == "__main__":
    main()
