"""Looks after the company's model servers: asks each whether it answers, renews keys. A thread of its own; does I/O.

Enters: the servers, and where they really are. Leaves: their states in the fleet, in a file beside the health file, in
the log and in the audit. Nothing that anybody wrote is sent, and nothing that a server answers is kept but the status.
"""

import ssl
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import create_connection, socket
from time import monotonic
from typing import Final

import certifi
import orjson
import structlog

from proxy.audit import notice
from proxy.errors import SluiceError
from proxy.internal.failover import fails
from proxy.internal.fleet import Fleet, State
from proxy.internal.models import Checks, InternalModels, InternalServer
from proxy.settings.interface import Address
from proxy.trail.sinks import AuditSink

STATES: Final = "internal.json"
"""File of the state directory that says how each server stands."""
COMMAND_SECONDS: Final = 30.0
"""Longest time that a command may take to print a key."""
ROUND: Final = 1.0
"""Seconds between two looks at what is due."""

LOG = structlog.get_logger("sluice")


class Probe:
    """Asks a server whether it answers."""

    def __init__(self, timeout: float, resolve: Mapping[Address, Address], more_trust: Path | None = None) -> None:
        """Take the time one look may take, other addresses for hosts, and certificates besides the public ones."""
        self.timeout, self.resolve = timeout, resolve
        self.trust = ssl.create_default_context(cafile=certifi.where())
        if more_trust is not None:
            self.trust.load_verify_locations(more_trust)

    def ask(self, server: InternalServer, key: str) -> str:
        """Return what is wrong with the server in a word or two, or nothing."""
        return self.attempt(server, lambda link: self.status(server, key, link))

    def reach(self, server: InternalServer) -> str:
        """Return why no connection to the server can be made, or nothing."""
        return self.attempt(server, lambda _link: 200)

    def status(self, server: InternalServer, key: str, link: socket) -> int:
        """Return the status of its answer over a connection."""
        wire = self.trust.wrap_socket(link, server_hostname=server.host) if server.scheme == "https" else link
        with wire:
            client = HTTPConnection(server.host, server.port, timeout=self.timeout)
            client.sock = wire
            fields = dict([server.key_field(key)] if key else [])
            client.request("GET", server.check, headers={"user-agent": "sluice", **fields})
            return client.getresponse().status

    def attempt(self, server: InternalServer, look: Callable[[socket], int]) -> str:
        """Return what is wrong with a server that is connected to and looked at, or nothing."""
        address = (server.host, server.port)
        try:
            with create_connection(self.resolve.get(address, address), self.timeout) as link:
                status = look(link)
                return f"status {status}" if fails(status) else ""
        except TimeoutError:
            return "no answer in time"
        except ConnectionRefusedError:
            return "connection refused"
        except ssl.SSLError:
            return "its certificate does not hold"
        except (OSError, HTTPException):
            return "cannot be reached"


def fetch_key(server: InternalServer) -> str:
    """Return the key that a server's source gives now, or nothing where it gives none."""
    source = server.source
    try:
        if source and source.file:
            key = source.file.read_text(encoding="utf-8").strip()
        elif source and source.command:
            done = subprocess.run(
                source.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS,
                check=True,
            )
            key = done.stdout.decode().strip()
        else:
            return server.key
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # Its own message would quote the command's output.
        LOG.error("a key could not be renewed", server=server.name, error=type(error).__name__)
        return ""
    if not key.isascii() or not key.isprintable():
        LOG.error("a key could not be renewed: it holds what no header field can", server=server.name)
        return ""
    return key


class Watcher:
    """The thread that goes its rounds until it is told to stop."""

    def __init__(
        self, models: InternalModels | None, fleet: Fleet, probe: Probe, announce: Callable[[], None] = lambda: None
    ) -> None:
        """Take the servers; `start` begins, and first calls `announce`."""
        self.servers = models.all if models else ()
        self.checks = models.checks if models else Checks()
        self.fleet, self.probe, self.announce = fleet, probe, announce
        self._due: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-watcher", daemon=True)

    def start(self) -> None:
        """Fetch the keys that must be fetched, then begin the rounds, if there is anything to do in them."""
        for server in self.servers:
            self.renew(server, monotonic())
        if self.servers:
            self.announce()
        if self.servers and (self.checks.every or any(server.source for server in self.servers)):
            self._thread.start()

    def stop(self) -> None:
        """End the rounds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(self.probe.timeout * 2 + ROUND)

    def round(self, now: float) -> None:
        """Do once what is due at this moment of a monotonic clock."""
        for server in self.servers:
            if self._stop.is_set():
                return
            self.renew(server, now)
            if self.checks.every and now >= self._due.get(f"check {server.name}", 0.0):
                self._due[f"check {server.name}"] = now + self.checks.every
                self.check(server)

    def check(self, server: InternalServer) -> None:
        """Ask one server, and note how it stands."""
        if why := self.probe.ask(server, self.fleet.key(server)):
            self.fleet.failed(server, why)
        else:
            self.fleet.worked(server)

    def renew(self, server: InternalServer, now: float) -> None:
        """Fetch the key of one server where it is due; one that cannot be had anew stays, it may hold a while yet."""
        name = f"key {server.name}"
        if server.source is None or now < self._due.get(name, 0.0):
            return
        key = fetch_key(server)
        self._due[name] = now + (server.source.seconds if key else min(server.source.seconds, 10))
        if key:
            self.fleet.renew(server, key)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.round(monotonic())
            except Exception as error:  # the rounds go on: whatever broke one must not end the watch
                LOG.error("a round of checks failed", exc_info=error)
            self._stop.wait(ROUND)


def teller(
    state: Path, audit: AuditSink, node: str, clock: Callable[[], datetime], fleet: Callable[[], Fleet]
) -> Callable[[State], None]:
    """Return what writes each change of a server down: in the log, in the audit, and in the file of states."""

    def tell(changed: State) -> None:
        word = "healthy" if changed.healthy else "unhealthy"
        LOG.warning(f"a server of the company's model is {word}", server=changed.server, code=changed.why)
        write_states(state, fleet())
        with suppress(SluiceError):  # the exchange that found out has a record of its own
            told = {"server": changed.server, "state": word, "why": changed.why}
            audit.write(notice("internal_server", clock(), node, told))

    return tell


def write_states(state: Path, fleet: Fleet) -> None:
    """Write how each server stands, for whatever watches the proxy."""
    told = [
        {
            "server": one.server,
            "healthy": one.healthy,
            "why": one.why,
            "since": one.since.isoformat(timespec="seconds") if one.since else "",
        }
        for one in fleet.states()
    ]
    partial = state / f"{STATES}.partial"
    try:
        partial.write_bytes(orjson.dumps({"servers": told}))
        partial.replace(state / STATES)
    except OSError as error:
        LOG.error("the states of the model servers could not be written", exc_info=error)
