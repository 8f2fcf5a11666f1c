"""The shipped resolver answers what leads to a service, and not what leads round the proxy."""

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.balancer import running
from tests.deploy.tools import DEPLOY, run
from tests.ports import free_port
from tests.redis_servers import until

A, HTTPS, NAME_ERROR = 1, 65, 3
HOST, ADDRESS = "chatgpt.com", "203.0.113.10"
OFFER = "00010000010006026833026832"
"""Priority 1, at the same name: HTTP/3, and HTTP/2."""
RELAY = "mask.icloud.com"
SHIPPED = DEPLOY / "dns" / "dnsmasq.conf"


def ask(port: int, name: str, kind: int) -> tuple[int, int]:
    """Return the code and how many answers there are."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(5)
        one.connect(("127.0.0.1", port))
        one.send(struct.pack(">6H", 77, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1))
        number, flags, _, answers, _, _ = struct.unpack_from(">6H", one.recv(4096))
    assert number == 77
    return flags & 15, answers


def answers(port: int) -> bool:
    try:
        return ask(port, HOST, A) == (0, 1)
    except OSError:
        return False


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A resolver beyond, with such records, and the shipped one before it."""
    beyond, here = free_port(), free_port()
    common = ("dnsmasq", "--keep-in-foreground", "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces")
    records = (f"--address=/{HOST}/{ADDRESS}", f"--address=/{RELAY}/{ADDRESS}", f"--dns-rr={HOST},{HTTPS},{OFFER}")
    text = SHIPPED.read_text("utf-8")
    assert "server=10.0.0.53\n" in text
    ours = tmp_path / "dnsmasq.conf"
    ours.write_text(text.replace("server=10.0.0.53", f"server=127.0.0.1#{beyond}"))
    with ExitStack() as stack:
        for port, words in ((beyond, ("--no-resolv", "--no-hosts", *records)), (here, ())):
            file = f"--conf-file={ours if port == here else '/dev/null'}"
            asked = (*common, f"--port={port}", file, "--pid-file=", *words)
            stack.enter_context(running(*asked, log=tmp_path / f"{port}.log"))
            until(lambda port=port: answers(port), "a resolver that answers")
        yield beyond, here


def test_dnsmasq_takes_the_file_and_no_other_word(tmp_path: Path) -> None:
    run("dnsmasq", "--test", f"--conf-file={SHIPPED}")
    broken = tmp_path / "dnsmasq.conf"
    broken.write_text(SHIPPED.read_text("utf-8").replace("filter-rr=HTTPS", "filter-rr=HTTPSS"))
    assert run("dnsmasq", "--test", f"--conf-file={broken}", ok=False).returncode != 0


def test_offers_of_http3_and_of_other_resolvers_are_not_answered(ports: tuple[int, int]) -> None:
    beyond, here = ports
    assert ask(beyond, HOST, HTTPS) == (0, 1) and ask(beyond, RELAY, A) == (0, 1)
    assert ask(here, HOST, HTTPS) == (0, 0), "the name is there, and such a record is not"
    assert ask(here, HOST, A) == (0, 1)
    for name in (RELAY, "use-application-dns.net"):
        assert ask(here, name, A) == (NAME_ERROR, 0), name
