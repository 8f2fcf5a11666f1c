"""Nobody is connected to the proxy itself, to its own network or to a cloud's metadata, however they write it."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from proxy.demo.server import Server
from proxy.demo.standins import ExternalStandIn
from tests.e2e.street import CHAT, Street, completion, content_of, open_street
from tests.e2e.tunnel import read_until
from tests.thorough import crossed

SPELLINGS = (
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"),
    *(
        "localhost",
        "a.localhost",
        "LOCALHOST.",
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:a9fe:a9fe]",
        "100.100.100.200",
    ),
)


@pytest.fixture
def guarded() -> Iterator[Server]:
    """A service on this machine that nobody may reach through the proxy."""
    standin = ExternalStandIn()
    standin.start()
    yield standin.server
    standin.stop()


def ask(street: Street, head: str) -> bytes:
    """Send a head to the proxy; return the head that comes and as much after it as that says."""
    host, port = street.proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(head.encode())
        answer, mark, body = read_until(raw, b"\r\n\r\n").partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *([0-9]+)", answer)
        while length and len(body) < int(length[1]) and (data := raw.recv(65536)):
            body += data
        return answer + mark + body


@crossed("host, how", {host: host for host in SPELLINGS}, {"CONNECT": "CONNECT", "GET": "GET"})
def test_an_address_inside_is_refused_plainly_and_on_record(
    street: Street, guarded: Server, host: str, how: str
) -> None:
    where = f"{host}:{guarded.port}"
    line = f"CONNECT {where}" if how == "CONNECT" else f"GET http://{where}/metadata"
    answer = ask(street, f"{line} HTTP/1.1\r\nHost: {where}\r\nAccept: application/json\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 "), answer
    assert b"leads to the proxy itself" in answer and b"`reach`" in answer
    record = street.last_record()
    assert (record["outcome"], record["code"]) == ("refused", "address_denied")
    assert record["id"].encode() in answer
    assert f'"id":"{record["id"]}"' in street.proxy.log.read_text("utf-8"), "the running log names the same one"
    assert guarded.wire == []


@pytest.mark.parametrize("how", ["CONNECT", "GET"])
def test_the_proxy_is_no_way_to_itself(street: Street, how: str) -> None:
    where = street.proxy.url.removeprefix("http://")
    line = f"CONNECT {where}" if how == "CONNECT" else f"GET http://{where}/"
    assert ask(street, f"{line} HTTP/1.1\r\nHost: {where}\r\n\r\n").startswith(b"HTTP/1.1 403 ")


def test_the_companys_model_is_reached_by_policy_and_not_by_name(street: Street) -> None:
    where = street.internal.address
    answer = ask(street, f"GET http://{where}/v1/models HTTP/1.1\r\nHost: {where}\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert street.internal.requests == []


def test_a_name_that_leads_inside_is_found_out_when_it_is_resolved(tmp_path) -> None:
    """This machine's own name stands for one of an attacker: it resolves without any name server."""
    with open_street(tmp_path, resolve={}) as street:
        name = socket.gethostname()
        with suppress(OSError):
            socket.gethostbyname(name)
            answer = ask(street, f"CONNECT {name}:22 HTTP/1.1\r\nHost: {name}:22\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 403 ")
            assert street.last_record()["code"] == "address_denied"


def test_what_the_settings_name_is_reached(tmp_path) -> None:
    """`resolve` leads the tests' services to loopback; `reach` does the same for an address."""
    with open_street(tmp_path, reach=["127.0.0.1/32"]) as street:
        assert content_of(street.post(CHAT, json=completion("hello"))).endswith("hello")
        standin = ExternalStandIn()
        standin.start()
        try:
            answer = ask(street, f"GET http://{standin.address}/x HTTP/1.1\r\nHost: {standin.address}\r\n\r\n")
            assert not answer.startswith(b"HTTP/1.1 403 ")
            assert standin.requests
        finally:
            standin.stop()
