"""Servers of Redis for tests: real ones, on free ports of this machine's loopback, gone with their folder."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tests.ports import free_port

PASSWORD = "pw-SECRET-pw"
PATIENCE = 60
SHIPPED = Path(__file__).parents[1] / "deploy" / "redis" / "redis.conf"
RIGHTS = SHIPPED.read_text("utf-8").rpartition(">LONG-PASSWORD ")[2].strip()
"""What the shipped configuration lets Sluice's user do, to keys and channels of the prefix `sluice`."""
HERE = shutil.which("redis-server") is not None
needs_redis = pytest.mark.skipif(
    not HERE, reason="NOT TESTED: redis-server is not installed (apt-get install redis-server)"
)


def until(done: Callable[[], object], what: str) -> None:
    """Wait for something; what Redis says meanwhile is no."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if done():
                return
        except redis.RedisError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"waited in vain: {what}")


class Server:
    """One process, which can be stopped, frozen and started again on the same port and folder."""

    def __init__(self, folder: Path, *options: str, port: int = 0, sentinel: bool = False) -> None:
        """Make its folder and start it."""
        self.folder, self.port, self.sentinel, self.options = folder, port or free_port(), sentinel, options
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        """Somebody who asks it without Sluice."""
        return redis.Redis(port=self.port, socket_timeout=PATIENCE)

    def start(self) -> None:
        """Start it, with what its file keeps."""
        config = self.folder / "redis.conf"
        if not config.exists():
            lines = ["bind 127.0.0.1", f"port {self.port}", f"dir {self.folder}", "save ''", *self.options]
            if self.sentinel:
                lines.remove("save ''")
            else:
                lines.append("repl-diskless-sync-delay 0")
            config.write_text("\n".join(lines) + "\n", "utf-8")
        with (self.folder / "log").open("ab") as log:
            words = ["redis-server", str(config), *(["--sentinel"] if self.sentinel else [])]
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        until(self.listens, "a server that listens")

    def listens(self) -> bool:
        """Whether it takes connections."""
        assert self.process.poll() is None, (self.folder / "log").read_text("utf-8", "replace")[-2000:]
        ports = [int(line.split()[1]) for line in self.options if line.startswith("tls-port ")] or [self.port]
        with socket.socket() as one:
            one.settimeout(1)
            return one.connect_ex(("127.0.0.1", ports[0])) == 0

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(PATIENCE)


@dataclass(frozen=True)
class Guarded:
    """A master with its replica, and three Sentinels; all of them ask for the password."""

    master: Server
    replica: Server
    sentinels: tuple[Server, ...]

    @property
    def url(self) -> str:
        """Its address, as the settings take it."""
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/house/0"

    def takes_changes(self) -> int:
        """Return the port of the one that Sentinels call the master."""
        return int(self.sentinels[0].client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "house")[1])

    def in_step(self) -> bool:
        """Whether every Sentinel knows the replica and the other two."""
        told = [one.client.execute_command("SENTINEL", "MASTER", "house") for one in self.sentinels]
        facts = [dict(zip(one[::2], one[1::2], strict=True)) if isinstance(one, list) else one for one in told]
        plain = [{_text(key): value for key, value in one.items()} for one in facts]
        return all(int(one["num-slaves"]) == 1 and int(one["num-other-sentinels"]) == 2 for one in plain)


def _text(word: bytes | str) -> str:
    return word.decode() if isinstance(word, bytes) else word


@contextmanager
def open_guarded(folder: Path) -> Iterator[Guarded]:
    """Start all five, and wait until they know each other."""
    usual = ("appendonly yes", f"masterauth {PASSWORD}", f"requirepass {PASSWORD}")
    master = Server(folder / "one", *usual)
    replica = Server(folder / "two", *usual, f"replicaof 127.0.0.1 {master.port}")
    watch = (
        f"sentinel monitor house 127.0.0.1 {master.port} 2",
        f"sentinel auth-pass house {PASSWORD}",
        "sentinel down-after-milliseconds house 1000",
        "sentinel failover-timeout house 3000",
    )
    sentinels = tuple(Server(folder / f"s{number}", *watch, sentinel=True) for number in range(3))
    made = Guarded(master, replica, sentinels)
    try:
        until(made.in_step, "sentinels that know all")
        yield made
    finally:
        for server in (*sentinels, master, replica):
            server.stop(signal.SIGKILL)
