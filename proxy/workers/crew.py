"""Keeps the workers: starts them, hears of their end, starts them anew, replaces them one by one. Threads; does I/O.

Enters: the listening sockets, the settings as they were read, what is common. Leaves: processes. A worker that dies is
started anew, with pauses where it dies again and again; one that is replaced leaves only when its successor serves, and
one whose successor does not come up stays. Whoever leaves has a bounded time for what it had begun.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import environ
from time import monotonic
from typing import Any, Final

import structlog

from proxy.detecting.keeper import PAUSES, SETTLED
from proxy.detecting.link import importable, told
from proxy.observe.merge import merge
from proxy.workers.desk import Common, Desk
from proxy.workers.interface import Condition, Source, WorkerFailed, Workers

COMMAND: Final = (sys.executable, "-P", "-m", "proxy.workers.worker")
READY_WITHIN: Final = 300.0
"""Seconds until a worker must be ready; it loads no model, but waits for the processes that do."""
STOPS_WITHIN: Final = 10.0
"""Seconds for a worker that is told to stop at once."""
LOOKS_EVERY: Final = 0.2
LATE: Final = 30.0
"""Seconds beyond the time to drain after which one that still has not left is ended."""

LOG = structlog.get_logger("sluice")


@dataclass(slots=True, eq=False)
class Worker:
    """One process, and how it stands."""

    place: int
    process: subprocess.Popen[bytes]
    desk: Desk
    state: Condition = "starting"
    policy: str = ""
    why: str = ""
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, eq=False)
class Place:
    """Where one worker is kept, and its successors."""

    number: int
    now: Worker | None = None
    """The one that serves; None while none does."""
    renew: bool = False
    """Whether a successor is wanted."""
    refused: str = ""
    """Why the last successor did not come up."""
    failures: int = 0
    starts: int = 0
    why: str = ""
    """Why the last one ended."""
    deaths: int = 0
    """How often one ended that was not told to."""
    died_of: str = ""
    """Why the last of these did."""


class Crew:
    """All workers of one supervisor; may be used from several threads."""

    def __init__(
        self,
        limits: Workers,
        common: Common,
        sockets: Sequence[socket.socket],
        source: Source,
        changed: Callable[["Crew", Worker, str], None] = lambda *_: None,
    ) -> None:
        """Take the limits, what is common, the sockets that listen, the settings, and who hears of each change."""
        self.limits, self.source = limits, source
        self.places = [Place(number) for number in range(1, limits.count + 1)]
        self.leaving: list[Worker] = []
        self._common, self._sockets, self._changed = common, sockets, changed
        self._left = b""
        """What workers have counted that have ended: a counter never goes back."""
        self._change = threading.Condition()
        self._stopping = False
        self._rolling = threading.Lock()
        self._threads = [threading.Thread(target=self._keep, args=(place,), daemon=True) for place in self.places]

    def start(self, given_up: Callable[[], bool] = lambda: False) -> None:
        """Start all; raises `WorkerFailed` where one does not become ready, or somebody has given it up."""
        for thread in self._threads:
            thread.start()
        until = monotonic() + READY_WITHIN
        with self._change:
            while not all(one.now or one.why for one in self.places) and monotonic() < until and not given_up():
                self._change.wait(LOOKS_EVERY)
            failed = [one.why or "it did not become ready in time" for one in self.places if one.now is None]
        if failed:
            self.stop()
            raise WorkerFailed(failed[0])

    def tell_policy(self) -> None:
        """Tell every worker which version is in force."""
        version = self._common.policy()
        for worker in self._all():
            worker.desk.push("policy", version)

    def roll(self, source: Source) -> str:
        """Replace all workers one by one, with the settings of `source`; return why that was given up, or nothing."""
        with self._rolling:
            before, self.source = self.source, source
            for place in self.places:
                with self._change:
                    old = place.now
                    place.renew, place.refused = True, ""
                    self._change.notify_all()
                    self._change.wait_for(
                        lambda place=place, old=old: (
                            self._stopping  # type: ignore[misc]
                            or place.refused
                            or (not place.renew and place.now is not None and place.now is not old)
                        )
                    )
                    if place.refused:
                        self.source = before
                        return place.refused
        return ""

    @property
    def serving(self) -> bool:
        """Whether any worker takes connections."""
        with self._change:
            return any(place.now is not None and place.now.state == "ready" for place in self.places)

    def metrics(self) -> Sequence[bytes]:
        """Return what each worker has told last, and what those have left that ended."""
        with self._change:
            return [text for text in (*(one.desk.metrics for one in self._all()), self._left) if text]

    def drain(self, hurry: threading.Event) -> None:
        """Let all workers leave, in the time they have; stop at once where there is a hurry."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        for worker in self._all():
            worker.desk.push("leave")
        until = monotonic() + self.limits.drain_seconds + LATE
        while self._all() and not hurry.is_set() and monotonic() < until:
            hurry.wait(0.1)
        self.stop()

    def stop(self) -> None:
        """End all workers at once."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        workers = self._all()
        for worker in workers:
            worker.desk.push("stop")
        until = monotonic() + STOPS_WITHIN
        for worker in workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.1, until - monotonic()))
            worker.process.kill()
            worker.desk.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOPS_WITHIN)

    def _all(self) -> list[Worker]:
        with self._change:
            every = [place.now for place in self.places if place.now] + self.leaving
        return [one for one in every if one.process.poll() is None]

    # -- one place --------------------------------------------------------------------------------------------------

    def _keep(self, place: Place) -> None:
        """See that somebody serves here until all is shut down."""
        while not self._stopping:
            began = monotonic()
            try:
                worker = self._begin(place)
            except OSError as error:
                LOG.error("a worker cannot be started", exc_info=error)
                worker = None
            if worker is None or not self._becomes_ready(worker):
                self._not_ready(place, worker)
                if not self._pause(place, monotonic() - began):
                    continue
                return
            self._serves(place, worker)
            if not self._watch(place, worker):
                continue  # a successor is wanted
            if self._stopping or not self._pause(place, monotonic() - began):
                continue
            return

    def _begin(self, place: Place) -> Worker:
        """Start a process; raises `OSError`."""
        ours, theirs = socket.socketpair()
        handed = [theirs.fileno(), *(one.fileno() for one in self._sockets)]
        with theirs:
            process = subprocess.Popen(
                [*COMMAND, *map(str, handed)],
                stdin=subprocess.DEVNULL,
                pass_fds=handed,
                env={
                    "MALLOC_ARENA_MAX": "2",  # each arena of glibc keeps what one large text took
                    **environ,
                    "PYTHONPATH": importable(),
                },
            )
        brief = self.source, {"worker": place.number, "of": self.limits.count}
        worker: Worker

        def stands(fields: Mapping[str, Any]) -> None:
            self._hear(worker, fields)

        worker = Worker(place.number, process, Desk(ours, self._common, brief, stands))
        worker.desk.start()
        threading.Thread(target=self._wait, args=(worker,), daemon=True).start()
        return worker

    def _wait(self, worker: Worker) -> None:
        """Wait for the end of a process."""
        status = worker.process.wait()
        worker.desk.close()
        with self._change:
            left = worker.state == "leaving" and status == 0
            worker.state, worker.since = "gone", datetime.now(UTC)
            worker.why = worker.why or ("" if left or (status == 0 and self._stopping) else told(status))
            if worker in self.leaving:
                self.leaving.remove(worker)
            if worker.desk.metrics:
                self._left = merge([self._left, worker.desk.metrics], left=True)
                worker.desk.metrics = b""
            self._change.notify_all()
        self._changed(self, worker, "left" if not worker.why else "gone")

    def _hear(self, worker: Worker, fields: Mapping[str, Any]) -> None:
        """Note what a worker says of itself."""
        with self._change:
            if (state := fields.get("state")) in ("ready", "leaving") and worker.state != "gone":
                worker.state, worker.since = state, datetime.now(UTC)
            worker.policy = str(fields.get("policy", worker.policy))
            worker.why = str(fields.get("why", worker.why))
            self._change.notify_all()
        if state == "ready":
            worker.desk.push("policy", self._common.policy())  # it may have changed while it was starting
        else:  # one that is ready is told of once it has its place (`_serves`)
            self._changed(self, worker, str(state or "policy"))

    def _becomes_ready(self, worker: Worker) -> bool:
        with self._change:
            self._change.wait_for(lambda: worker.state != "starting" or self._stopping, READY_WITHIN)
            return worker.state == "ready" or (worker.state == "leaving" and worker.process.poll() is None)

    def _not_ready(self, place: Place, worker: Worker | None) -> None:
        """Give up a process that did not become ready; whoever serves here goes on."""
        if worker is not None:
            worker.process.kill()
        with self._change:
            if worker is not None and not worker.why:
                self._change.wait_for(lambda: worker.state == "gone", STOPS_WITHIN)
            place.failures += 1
            place.why = (worker.why if worker else "") or "it did not become ready"
            if place.renew:
                place.renew, place.refused = False, place.why
            self._change.notify_all()
        if not self._stopping:
            LOG.error("a worker did not become ready", code=place.why)

    def _serves(self, place: Place, worker: Worker) -> None:
        """Let a worker serve, and its predecessor leave."""
        with self._change:
            old, place.now = place.now, worker
            place.starts += 1
            place.renew, place.refused, place.why = False, "", ""
            if old is not None and old.process.poll() is None:
                self.leaving.append(old)
            self._change.notify_all()
        self._changed(self, worker, "ready")
        if old is not None:
            old.desk.push("leave")
            threading.Thread(target=self._see_out, args=(old,), daemon=True).start()

    def _see_out(self, old: Worker) -> None:
        """End a worker that does not leave in time."""
        with suppress(subprocess.TimeoutExpired):
            old.process.wait(self.limits.drain_seconds + LATE)
        old.process.kill()

    def _watch(self, place: Place, worker: Worker) -> bool:
        """Wait until a worker ends; False where a successor is wanted before that."""
        with self._change:
            self._change.wait_for(lambda: worker.state == "gone" or place.renew or self._stopping)
            if worker.state == "gone":
                place.now, place.why = None, worker.why
                if worker.why and not self._stopping:
                    place.failures += 1
                    place.deaths, place.died_of = place.deaths + 1, worker.why
                self._change.notify_all()
                return True
            return self._stopping

    def _pause(self, place: Place, lasted: float) -> bool:
        """Wait before the next one is started; returns whether all is being shut down.

        One that still serves here is watched meanwhile.
        """
        with self._change:
            if place.now is not None and place.now.state != "gone":
                serving = place.now
                self._change.wait_for(lambda: serving.state == "gone" or place.renew or self._stopping)
                if serving.state == "gone":
                    place.now = None
                return self._stopping
            if lasted >= SETTLED:
                place.failures = min(place.failures, 1)
            pause = PAUSES[min(max(place.failures, 1), len(PAUSES)) - 1]
            self._change.wait_for(lambda: self._stopping, pause)
            return self._stopping
