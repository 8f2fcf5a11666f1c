"""`sluice run --workers N`: the supervisor. It serves no client; it keeps what there is one of, and the workers.

Enters: settings, and signals: SIGHUP looks at the policy, SIGUSR2 replaces the workers one by one, SIGTERM and SIGINT
let all leave, and end all at once when they come again. Leaves: the audit log with its signatures, the policy in force,
the processes that detect, notifications, self-tests; all of it for every worker. Without it no worker goes on.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from queue import SimpleQueue
from socket import socket
from time import monotonic
from typing import Any, Final

import structlog

from proxy.assemble import Works
from proxy.audit import Value, notice
from proxy.detecting.keeper import Apart
from proxy.errors import SettingsError, SluiceError, unkept
from proxy.keys import certificate_authority
from proxy.observe.outlook import Outlook
from proxy.reload import CLOSED
from proxy.settings.interface import Settings
from proxy.settings.read import settings_in, source_of
from proxy.shell.master import LOOKS_EVERY, begin, end, must_keep_no_keys, rehearse
from proxy.workers.clerk import Clerk
from proxy.workers.crew import Crew, Worker
from proxy.workers.desk import Common
from proxy.workers.interface import Source
from proxy.workers.listening import open_sockets, told
from proxy.workers.standing import Keeper

ONLY_WORKERS: Final = frozenset(
    {
        *("limits", "admission", "connections", "documents", "identity", "proxy_login", "scan_seconds", "resolve"),
        *("reach", "tunnel", "accounts", "language", "contact", "front_door", "upstream_auth", "digest"),
        *("directory", "tickets", "front"),
    }
)
"""Settings that new workers take from a changed file; all others are the supervisor's, too, and need its restart."""

LOG = structlog.get_logger("sluice")


type Ready = Callable[..., None]
"""Told where the workers listen, which certificate clients must trust, and the workers' numbers."""


def supervise(settings: Settings, config: Path | None, source: Source, works: Works, ready: Ready) -> None:
    """Run until a signal; raises `SettingsError`, or `WorkerFailed` where a worker does not come up."""
    must_keep_no_keys(os.environ)
    must_take_workers(settings)
    certificate_authority(settings.state, works.house.ledger.node)
    asyncio.run(rehearse(settings))  # or each worker would find it out for itself
    sockets = open_sockets(settings.listen)
    supervisor = Supervisor(settings, config, source, works, sockets)
    try:
        supervisor.run(ready)
    finally:
        for one in sockets:
            one.close()


def must_take_workers(settings: Settings) -> None:
    """Raise `SettingsError` where a mode has no socket that workers could share."""
    if not settings.mode.startswith(("regular", "upstream", "transparent", "socks5")) or "@" in settings.mode:
        raise SettingsError(
            f"mode {settings.mode} listens on sockets of its own and takes no workers; set workers to 0",
            f"{settings.mode} 模式自行监听，不支持工作进程；请把 workers 设为 0",
        )


class Supervisor:
    """What runs until a signal."""

    def __init__(
        self, settings: Settings, config: Path | None, source: Source, works: Works, sockets: list[socket]
    ) -> None:
        """Take the settings and where they were read, the house, and the sockets that listen."""
        self.settings, self.config, self.works, self.sockets = settings, config, works, sockets
        self.house = works.house
        self.turn = 0
        """Counts the streets of the house: the same version is built anew where an index has changed."""
        self.refused = ""
        self.clerk = Clerk(self.house.ledger.audit)
        lender = works.detecting if isinstance(works.detecting, Apart) else None
        common = Common(self.clerk, self.house.ledger.must_hold, lender, self.policy)
        self.crew = Crew(settings.workers, common, sockets, source, self.changed)
        self.outlook = Outlook(settings, works, self.crew)
        self.clerk.recorded, self.clerk.unrecorded = self.outlook.prober.heard, self.outlook.prober.missed
        self.keeper = Keeper(settings.state)
        self.signals: SimpleQueue[int] = SimpleQueue()
        self.hurry = threading.Event()
        self.ending = False
        works.reloader.swapped = self.swapped

    def policy(self) -> Mapping[str, Any]:
        """Return the version in force, as workers are told of it."""
        policy = self.house.street.policy
        return {"version": "" if policy is CLOSED else policy.label, "turn": self.turn}

    def swapped(self) -> None:
        """Tell the workers that a version was put in force."""
        self.turn += 1
        self.crew.tell_policy()
        self.keep()

    def changed(self, _crew: Crew, worker: Worker, word: str) -> None:
        """Write down how a worker stands now."""
        self.keep()
        if word == "gone":
            LOG.error("a worker has ended", code=worker.why, count=worker.place)
        if word in ("gone", "left", "leaving"):
            notes: dict[str, Value] = {"worker": worker.place, "pid": worker.process.pid, "state": word}
            try:
                record = notice("worker", self.house.clock(), self.house.ledger.node, {**notes, "why": worker.why})
                self.house.ledger.audit.write(record)
            except SluiceError as error:
                LOG.error(unkept(error), exc_info=error)

    def keep(self) -> None:
        """Write the file that says how all stand."""
        self.keeper.write(self.crew, self.house.street.policy.label, self.refused)

    def run(self, ready: Ready) -> None:
        """Run until a signal."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
            signal.signal(number, lambda number, _: self.hear(number))
        works = self.works
        self.clerk.start()
        begin(works, self.settings)
        looking = threading.Thread(target=self.look, name="sluice-policy", daemon=True)
        self.looking, self.at_once = threading.Event(), threading.Event()
        try:
            works.watcher.start()
            works.reloader.hear(self.at_once.set)
            looking.start()
            self.crew.start(lambda: self.ending)
            address, ca = told(self.sockets), self.settings.state.resolve() / "sluice-ca.pem"
            self.keep()
            self.outlook.start()
            ready(address, ca, *(one.now.process.pid for one in self.crew.places if one.now))
            if works.canaries is not None:
                host, _, port = address.rpartition(":")
                works.canaries.start((host.strip("[]"), int(port)))
            self.serve()
        finally:
            self.outlook.prober.drain()
            self.looking.set()
            self.at_once.set()
            if works.canaries is not None:
                works.canaries.stop()
            self.crew.stop()
            looking.join(LOOKS_EVERY * 2)
            self.outlook.stop()
            self.clerk.stop()
            works.detecting.close()
            works.watcher.stop()
            end(works)
            self.house.ledger.audit.close()
            self.house.ledger.store.close()
            self.keeper.forget()

    def hear(self, number: int) -> None:
        """Take a signal; the second one that ends is in a hurry."""
        self.ending = self.ending or number in (signal.SIGTERM, signal.SIGINT)
        self.signals.put(number)

    def serve(self) -> None:
        """Do what signals say, until one says that it is enough."""
        while True:
            number = self.signals.get()
            if number == signal.SIGHUP:
                self.at_once.set()
            elif number == signal.SIGUSR2:
                threading.Thread(target=self.roll, name="sluice-restart", daemon=True).start()
            else:
                break
        LOG.info("all workers leave")
        self.outlook.prober.drain()
        for one in self.sockets:  # who comes now is refused at once, and goes elsewhere
            one.close()
        threading.Thread(target=self.listen_for_hurry, daemon=True).start()
        self.crew.drain(self.hurry)

    def listen_for_hurry(self) -> None:
        """Wait for the second signal."""
        while self.signals.get() not in (signal.SIGTERM, signal.SIGINT):
            pass
        self.hurry.set()

    def roll(self) -> None:
        """Replace the workers one by one, with the settings as they stand in the file now."""
        began = monotonic()
        try:
            source = source_of(self.config)
            settings = settings_in(source, os.environ)
            self.must_be_theirs(settings)
            asyncio.run(rehearse(settings))
            self.refused = self.crew.roll(source)
        except SluiceError as error:
            self.refused = str(error)
        except Exception as error:
            LOG.error("the workers could not be replaced", exc_info=error)
            self.refused = type(error).__name__
        if self.refused:
            LOG.error("the workers are not replaced", code=self.refused)
        else:
            LOG.info("all workers are replaced", ms=int(1000 * (monotonic() - began)))
        self.keep()

    def must_be_theirs(self, settings: Settings) -> None:
        """Raise `SettingsError` where a setting has changed that workers alone cannot take."""
        own = replace(settings, workers=replace(settings.workers, count=self.settings.workers.count))
        changed = {one.name for one in fields(Settings) if getattr(own, one.name) != getattr(self.settings, one.name)}
        if others := sorted(changed - ONLY_WORKERS):
            raise SettingsError(
                f"{', '.join(others)} changed: that needs a restart of the whole proxy",
                f"{'、'.join(others)} 已更改：须重启整个代理",
            )

    def look(self) -> None:
        """Look at the policy every second, and at once when told."""
        while not self.looking.is_set():
            self.at_once.wait(LOOKS_EVERY)
            hurry = self.at_once.is_set()
            self.at_once.clear()
            if self.looking.is_set():
                return
            try:
                self.works.reloader.poll(at_once=hurry)
            except Exception as error:  # the next look may find the files again
                LOG.error("the policy could not be looked at", exc_info=error)
