"""The proxy's login: who is let in, who is asked, and that no password goes anywhere."""

import asyncio
from base64 import b64encode

import pytest
from mitmproxy import connection, http
from mitmproxy.proxy import mode_specs
from mitmproxy.proxy.layers import modes
from mitmproxy.test import tflow

from proxy.errors import DirectoryAway
from proxy.identity import login as module
from proxy.identity.interface import LOGIN
from proxy.identity.login import FIELD, Login
from proxy.identity.passwords import Passwords

KEY = b"k" * 32


class Place:
    def check(self, name: str, password: str) -> str:
        if name == "away":
            raise DirectoryAway("gone")
        if name == "bug":
            raise RuntimeError(password)
        return name if password == "p:密" else ""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)


def basic(name: str, password: str) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


def flow_with(*fields: str, mode: str = "regular") -> http.HTTPFlow:
    flow = tflow.tflow()
    flow.client_conn.proxy_mode = mode_specs.ProxyMode.parse(mode)
    for field in fields:
        flow.request.headers.add(FIELD, field)
    return flow


def asked(flow: http.HTTPFlow, hook: str = "requestheaders", made: Login | None = None) -> http.HTTPFlow:
    asyncio.run(getattr(made or Login(Passwords((Place(),), KEY)), hook)(flow))
    return flow


@pytest.mark.parametrize("hook", ["requestheaders", "http_connect"])
def test_whoever_has_the_password_is_known_and_the_field_goes_nowhere(hook: str) -> None:
    flow = asked(flow_with(basic("王芳", "p:密")), hook)
    assert flow.response is None and flow.metadata[LOGIN] == "王芳" and FIELD not in flow.request.headers
    assert "p:密" not in repr(flow.metadata)


WRONG = {
    "nothing": (),
    "a wrong password": (basic("alice", "x"),),
    "no name": (basic("", "p:密"),),
    "a name that is none": (basic("a\nb", "p:密"),),
    "no colon": (f"Basic {b64encode(b'alice').decode()}",),
    "no base64": ("Basic !!!",),
    "another scheme": ("Bearer abc",),
    "tickets that nobody takes": (f"Negotiate {b64encode(b'x').decode()}",),
    "two fields": (basic("王芳", "p:密"), basic("王芳", "p:密")),
    "a mistake of ours": (basic("bug", "p"),),
    "no scheme": ("",),
}


@pytest.mark.parametrize("name", WRONG)
def test_whoever_has_not_is_asked_and_the_field_goes_nowhere(name: str) -> None:
    flow = asked(flow_with(*WRONG[name]))
    assert flow.response is not None and flow.response.status_code == 407 and LOGIN not in flow.metadata
    assert flow.response.headers["proxy-authenticate"].startswith("Basic realm=")
    assert FIELD not in flow.request.headers


def test_a_directory_that_is_away_is_no_wrong_password() -> None:
    flow = asked(flow_with(basic("away", "p")))
    assert flow.response is not None and flow.response.status_code == 503


def test_a_tunnel_is_asked_once_and_an_inner_field_is_taken_out() -> None:
    made = Login(Passwords((Place(),), KEY))
    tunnel = asked(flow_with(basic("alice", "p:密")), "http_connect", made)
    made.http_connected(tunnel)
    inner = flow_with(basic("eve", "x"))
    inner.client_conn = tunnel.client_conn
    asked(inner, made=made)
    assert inner.response is None and inner.metadata[LOGIN] == "alice" and FIELD not in inner.request.headers


def test_a_tunnel_that_was_refused_says_nothing_of_the_next_request() -> None:
    made = Login(Passwords((Place(),), KEY))
    refused = asked(flow_with(basic("alice", "p:密")), "http_connect", made)
    later = flow_with()
    later.client_conn = refused.client_conn
    asked(later, made=made)
    assert later.response is not None and later.response.status_code == 407 and LOGIN not in later.metadata


def test_a_client_that_cannot_be_asked_is_not() -> None:
    flow = asked(flow_with(mode="transparent"))
    assert flow.response is None and LOGIN not in flow.metadata


@pytest.mark.parametrize(("password", "valid"), [("p:密", True), ("x", False)])
def test_socks_has_the_same_passwords(password: str, valid: bool) -> None:
    client = connection.Client(peername=("10.0.0.1", 1), sockname=("10.0.0.2", 2), timestamp_start=0.0)
    data = modes.Socks5AuthData(client, "alice", password)
    asyncio.run(Login(Passwords((Place(),), KEY)).socks5_auth(data))
    assert data.valid is valid


class Ticket:
    """The acceptor's side of an exchange of two steps."""

    complete, client_principal, negotiated_protocol = False, None, "kerberos"

    def step(self, token: bytes) -> bytes | None:
        if token == b"first":
            return b"more"
        if token != b"second":
            raise RuntimeError("no ticket of ours")
        self.complete, self.client_principal = True, "wangfang@CORP"
        return None


def test_tickets_take_as_many_steps_as_they_need() -> None:
    made = Login(None, Ticket)
    first = asked(flow_with("Negotiate " + b64encode(b"first").decode()), "http_connect", made)
    assert first.response is not None and first.response.status_code == 407
    assert first.response.headers["proxy-authenticate"] == "Negotiate " + b64encode(b"more").decode()
    second = flow_with("Negotiate " + b64encode(b"second").decode())
    second.client_conn = first.client_conn
    asked(second, "http_connect", made)
    assert second.response is None and second.metadata[LOGIN] == "wangfang"
    wrong = asked(flow_with("Negotiate " + b64encode(b"wrong").decode()), "http_connect", made)
    assert wrong.response is not None and wrong.response.headers["proxy-authenticate"] == "Negotiate"
