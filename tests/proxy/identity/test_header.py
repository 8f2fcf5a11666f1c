"""The header of a front: it counts only where the front can have written it, and goes nowhere."""

from ipaddress import ip_network

import pytest
from mitmproxy import http
from mitmproxy.proxy import mode_specs
from mitmproxy.test import tflow

from proxy.caller import HeaderSource
from proxy.exchange import Headers
from proxy.identity.header import TrustedHeader
from proxy.identity.interface import VOUCHED

ANYBODY = (ip_network("0.0.0.0/0"),)
ALICE, BOSS = ("X-User", "alice"), ("x-user", "boss")
FRONT, RELAY = HeaderSource("x-user", ANYBODY, "x-groups", inside_tunnels=True), HeaderSource("x-user", ANYBODY)


def flow_with(*fields: tuple[str, str], mode: str = "regular", tls: bool = False) -> http.HTTPFlow:
    flow = tflow.tflow()
    flow.client_conn.proxy_mode = mode_specs.ProxyMode.parse(mode)
    flow.client_conn.tls = tls
    for name, value in fields:
        flow.request.headers.add(name, value)
    return flow


def counted(made: TrustedHeader, flow: http.HTTPFlow) -> Headers:
    """Return what counts for a request; nothing of it may be left on the request."""
    made.requestheaders(flow)
    assert "x-user" not in flow.request.headers and "header" in flow.request.headers
    return flow.metadata[VOUCHED]


def inside(
    made: TrustedHeader, on_connect: tuple[tuple[str, str], ...], *written: tuple[str, str], connected: bool = True
) -> Headers:
    """Return what counts inside a tunnel."""
    outer, inner = flow_with(*on_connect), flow_with(*written, tls=True)
    inner.client_conn = outer.client_conn
    if connected:
        made.http_connected(outer)
    return counted(made, inner)


TUNNELS = {
    "nothing on the CONNECT, somebody inside": (RELAY, (), (BOSS,), ()),
    "another inside": (RELAY, (ALICE,), (BOSS,), (("x-user", "alice"),)),
    "nothing inside": (RELAY, (ALICE,), (), (("x-user", "alice"),)),
    "two on the CONNECT, of whom none is believed later": (
        *(RELAY, (ALICE, BOSS), ()),
        (("x-user", "alice"), ("x-user", "boss")),
    ),
    "a front that decrypts": (FRONT, (), (ALICE,), (("x-user", "alice"),)),
    "a front that decrypts and says it of the connection": (FRONT, (ALICE,), (), (("x-user", "alice"),)),
    "groups alone inside": (
        *(HeaderSource("x-user", ANYBODY, "x-groups"), (ALICE,), (("x-groups", "legal"),)),
        (("x-user", "alice"),),
    ),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_inside_a_tunnel_only_what_stood_on_its_connect_counts(name: str) -> None:
    source, on_connect, written, expected = TUNNELS[name]
    assert inside(TrustedHeader(source), on_connect, *written) == expected


PLACES = {
    "to the proxy": ("regular", False, True),
    "to the proxy by TLS": ("regular", True, True),
    "to a proxy with another behind it": ("upstream:http://127.0.0.1:1", False, True),
    "on the way, in clear": ("transparent", False, True),
    "on the way, by TLS": ("transparent", True, False),
    "in SOCKS": ("socks5", False, False),
    "to a server that it stands for, by TLS": ("reverse:https://a.example", True, False),
}


@pytest.mark.parametrize("name", PLACES)
def test_without_a_connect_it_counts_where_the_front_speaks_to_the_proxy_itself(name: str) -> None:
    mode, tls, counts = PLACES[name]
    expected = (("x-user", "alice"),) if counts else ()
    assert counted(TrustedHeader(RELAY), flow_with(ALICE, mode=mode, tls=tls)) == expected
    assert counted(TrustedHeader(FRONT), flow_with(ALICE, mode=mode, tls=tls)) == (("x-user", "alice"),)


def test_a_connect_that_was_refused_says_nothing_of_what_comes_next_on_the_connection() -> None:
    made = TrustedHeader(RELAY)
    assert inside(made, (ALICE,), BOSS, connected=False) == (("x-user", "boss"),), "a request to the proxy itself"


def test_a_second_connect_in_a_tunnel_names_nobody_else() -> None:
    made, outer, again = TrustedHeader(RELAY), flow_with(ALICE), flow_with(BOSS)
    again.client_conn = outer.client_conn
    made.http_connected(outer)
    made.http_connected(again)
    assert counted(made, again) == (("x-user", "alice"),)
