"""The shipped HAProxy before proxies that run here."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.tools import DEPLOY, tool

PARTS = (("frontend", "proxy"), ("backend", "sluice"))


@contextmanager
def running(*words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the block does."""
    with log.open("wb") as output:
        process = subprocess.Popen([tool(words[0]), *words[1:]], stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the frontend for clients with a certificate takes."""

    port: int
    own: Path
    """The balancer's certificate with its key."""
    clients: Path
    """The authority of the clients' certificates."""


def balancer(
    folder: Path,
    port: int,
    proxies: Sequence[tuple[str, int]],
    source: str = "",
    certificates: Certificates | None = None,
) -> Path:
    """Write the shipped configuration with proxies behind it, by address and port of `admin`, without the PAC file."""
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text("utf-8")
    head, *sections = re.split(r"(?m)^(?=frontend |backend |# Clients that show)", text)
    gone = ["frontend pac", "backend sluice_pac"]
    gone += ["# Clients that show", *[f"{kind} {name}_with_certificates" for kind, name in PARTS]] * (not certificates)
    text = head + "".join(section for section in sections if not section.startswith(tuple(gone)))
    if certificates is not None:
        for old, new in (
            ("bind :8443", f"bind :{certificates.port}"),
            ("/etc/haproxy/proxy.pem", str(certificates.own)),
            ("/etc/haproxy/clients-ca.pem", str(certificates.clients)),
        ):
            assert old in text
            text = text.replace(old, new)
    for old, new in (
        ("bind :8080", f"bind :{port}"),
        (" port 9464", f" source {source}" if source else ""),
        ("maxconn 20000", "maxconn 500"),
        ("/run/haproxy/admin.sock", str(control(folder))),
    ):
        assert old in text
        text = text.replace(old, new)
    for number, (url, admin) in enumerate(proxies, 1):
        where = url.removeprefix("http://")
        text = text.replace(
            f"server sluice-{number} 10.0.1.{number}:8080", f"server sluice-{number} {where} port {admin}"
        )
    assert "10.0.1." not in text
    path = folder / "haproxy.cfg"
    path.write_text(text)
    return path


def control(folder: Path) -> Path:
    """Return the socket at which the administrator speaks to it."""
    return folder / "admin.sock"


def tell(folder: Path, command: str) -> str:
    """Tell it what an administrator would with socat."""
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(control(folder)))
        one.sendall(f"{command}\n".encode())
        return b"".join(iter(lambda: one.recv(65536), b"")).decode()
