"""The shipped HAProxy before proxies that run here."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.tools import DEPLOY, tool


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


def balancer(folder: Path, port: int, proxies: Sequence[tuple[str, int]], source: str = "") -> Path:
    """Write the shipped configuration with proxies behind it, by address and port of `admin`, without certificates."""
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text("utf-8")
    text = (
        text.partition("# Clients that show a certificate")[0]
        + "backend sluice\n"
        + (text.partition("\nbackend sluice\n")[2].partition("backend sluice_with_certificates")[0])
    )
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
