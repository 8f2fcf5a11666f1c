"""Only connections of the catalogue are opened, by whatever name they are known."""

from types import SimpleNamespace

import pytest
from mitmproxy.addons.next_layer import NeedsMoreData
from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow

from proxy.shell.layers import CatalogueLayers
from proxy.shell.patience import is_patient

OURS = "api.openai.com"


def layers() -> tuple[CatalogueLayers, list[str]]:
    counted: list[str] = []
    return CatalogueLayers(lambda host: host.lower() == OURS, counted.append), counted


def context(address: str | None, *, sni: str | None = None, mode: str = "regular", port: int = 443) -> Context:
    client: Client = tflow.tclient_conn()
    client.sni, client.proxy_mode = sni, ProxyMode.parse(mode)
    client.state = ConnectionState.OPEN
    made = Context(client, Options())
    made.server = Server(address=(address, port) if address else None)
    return made


@pytest.mark.parametrize(
    ("host", "port", "tunnelled"),
    [
        (OURS, 443, False),
        (OURS, 22, False),
        ("example.org", 443, False),
        ("example.org", 8080, False),
        ("example.org", 22, True),
        ("mail.example.org", 993, True),
        ("203.0.113.7", 9000, False),
        ("2001:db8::1", 22, False),
    ],
)
def test_a_target_of_nobodys_interest_is_tunnelled_at_once_unless_its_client_speaks_first(
    host: str, port: int, tunnelled: bool
) -> None:
    chosen, counted = layers()
    assert chosen.tunnels(host, port) is tunnelled
    assert counted == (["tunnelled"] if tunnelled else [])


CASES = {
    "by address": (context(OURS), b"", False),
    "by sni": (context("203.0.113.7", sni=OURS), b"", False),
    "by host header": (context("203.0.113.7"), f"GET / HTTP/1.1\r\nHost: {OURS}\r\n\r\n".encode(), False),
    "by host header with a port": (
        context("203.0.113.7"),
        f"GET / HTTP/1.1\r\nHost: {OURS}:8443\r\n\r\n".encode(),
        False,
    ),
    "by none": (context("203.0.113.7", sni="example.org"), b"GET / HTTP/1.1\r\nHost: a.b\r\n\r\n", True),
    "by sni on another port": (context("203.0.113.7", sni=OURS, port=9000), b"", False),
    "by a server that greets": (context("203.0.113.7", port=25), b"", True),
    "no address yet": (context(None), b"", False),
    "the resolver of WireGuard": (context("10.0.0.53", mode="wireguard", port=53), b"", False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_connection_is_opened_as_soon_as_one_of_its_names_is_ours(name: str) -> None:
    given, data, ignored = CASES[name]
    chosen, counted = layers()
    assert chosen._ignore_connection(given, data, b"") is ignored
    assert counted == (["tunnelled"] if ignored else [])


@pytest.mark.parametrize(
    ("offers", "chosen"), [([b"http/1.1", b"h2"], b"h2"), ([b"http/1.1"], None), ([], None)], ids=str
)
def test_http2_is_spoken_wherever_the_client_can(offers: list[bytes], chosen: bytes | None) -> None:
    given = context(OURS)
    given.client.alpn = None
    data = SimpleNamespace(context=given, client_hello=SimpleNamespace(alpn_protocols=offers))
    layers()[0].tls_clienthello(data)
    assert given.client.alpn == chosen


BEGINNINGS = {
    b"\x16": True,
    b"\x16\x03": True,
    b"\x16\x04": False,
    b"G": True,
    b"GET": True,
    b"GET /x": True,
    b"PRI * HTT": True,
}
BEGINNINGS |= {b"SSH-2.0": False, b"get key\r\n": False, b"GET /x\n": False, b"\x00\x01": False, b"GETX": False}


@pytest.mark.parametrize(("data", "waits"), BEGINNINGS.items(), ids=repr)
def test_a_beginning_that_may_become_tls_or_http_is_waited_for_however_it_is_cut(data: bytes, waits: bool) -> None:
    chosen, counted = layers()
    if waits:
        with pytest.raises(NeedsMoreData):
            chosen._ignore_connection(context("203.0.113.7", port=9000), data, b"")
    else:
        assert chosen._ignore_connection(context("203.0.113.7", port=9000), data, b"")
    assert counted == ([] if waits else ["tunnelled"])
    assert chosen._ignore_connection(context("203.0.113.7", port=9000), data, b"220 hello")


@pytest.mark.parametrize(
    ("host", "port", "patient"),
    [("203.0.113.7", 9000, True), ("::1", 22, True), ("203.0.113.7", 443, False), ("example.org", 9000, False)],
)
def test_patience_is_for_bare_addresses_on_ports_where_a_server_may_greet(host: str, port: int, patient: bool) -> None:
    assert is_patient(host, port) is patient
