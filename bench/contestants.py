"""Proxies that run beside each other: Sluice's own process, and stock mitmproxy that only forwards.

Enters: what was started, or where a service answers. Leaves: an address for clients, and what each process of a proxy
has used so far, out of /proc and the processes' own clocks (Linux only).
"""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.soak.machine import family, held
from detectors.effort import process_seconds
from proxy.demo.process import RunningProxy, end

FORWARD = '''"""Stock mitmproxy, led to the stand-in; it reads nothing."""
def server_connect(data):
    data.server.address = ("127.0.0.1", {port})
def responseheaders(flow):
    flow.response.stream = True
'''


@dataclass(frozen=True, slots=True)
class Contestant:
    """A proxy that runs."""

    pid: int
    url: str
    ca: Path

    def spent(self) -> dict[str, float]:
        """Return the seconds of the processor that its processes have used, by what they are for."""
        told: dict[str, float] = {}
        for role, pid in family(self.pid):
            told[role] = told.get(role, 0.0) + (process_seconds(pid) or 0.0)
        return told

    def looped(self) -> float:
        """Return the seconds of the processor of the thread that has its event loop."""
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def megabytes(self) -> dict[str, float]:
        """Return the memory that is each process's own share."""
        found = [one for role, pid in family(self.pid) if (one := held(role, pid, 0))]
        return {one.role: one.memory / 2**20 for one in found}


def contestant_of(proxy: RunningProxy) -> Contestant:
    """Return Sluice's own, once it runs."""
    return Contestant(proxy.process.pid, proxy.url, proxy.ca)


@contextmanager
def mitmdump(folder: Path, address: str, authority: Path, tunnelled: str = "") -> Iterator[Contestant]:
    """Run stock mitmproxy beside it, which opens TLS, streams as it comes, and reads nothing.

    It opens no connection to the host that is `tunnelled`.
    """
    folder.mkdir()
    script = folder / "forward.py"
    script.write_text(FORWARD.format(port=address.rpartition(":")[2]), "utf-8")
    port = free_port()
    (trusted,) = {path for path in authority.glob("*.pem") if b"PRIVATE" not in path.read_bytes()}
    options = {
        "confdir": folder,
        "ssl_verify_upstream_trusted_ca": trusted,
        "flow_detail": 0,
        "termlog_verbosity": "error",
        **({"ignore_hosts": re.escape(tunnelled)} if tunnelled else {}),
    }
    sets = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    command = ["mitmdump", "-q", "--listen-host", "127.0.0.1", "-p", str(port), "-s", str(script), *sets]
    executable = Path(sys.executable).with_name(command[0])
    process = subprocess.Popen([str(executable), *command[1:]], stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: (folder / "mitmproxy-ca-cert.pem").exists() and listens(port))
        yield Contestant(process.pid, f"http://127.0.0.1:{port}", folder / "mitmproxy-ca-cert.pem")
    finally:
        end(process)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], bool], patience: float = 60) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("mitmproxy did not start")
        time.sleep(0.1)
