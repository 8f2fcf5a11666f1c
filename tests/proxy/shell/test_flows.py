"""Flows become nouns and outcomes become flows; names of the destination must agree."""

import pytest
from mitmproxy import http
from mitmproxy.test import tutils

from proxy.exchange import Answer, Forward, Redirect
from proxy.shell.flows import Misdirected, answer, bare_host, headers_of, host_of, names_of, request_of, send
from proxy.shell.stream import OUR_ANSWER
from tests.proxy.house import SERVER, chat, flow_to

HOSTS = {
    "API.OpenAI.com": "api.openai.com",
    "api.openai.com:443": "api.openai.com",
    "api.openai.com.": "api.openai.com",
    "api.openai.com.:443": "api.openai.com",
    "[::1]:443": "::1",
    "[::1]": "::1",
    "::1": "::1",
    " 10.0.0.1:80 ": "10.0.0.1",
    "": "",
}


@pytest.mark.parametrize("authority", HOSTS)
def test_a_host_is_told_without_port_and_case(authority: str) -> None:
    assert bare_host(authority) == HOSTS[authority]


@pytest.mark.parametrize(
    ("url", "header", "sni", "host"),
    [
        ("api.openai.com", "api.openai.com:443", "API.openai.com", "api.openai.com"),
        ("203.0.113.7", "api.openai.com", "api.openai.com", "api.openai.com"),
        ("203.0.113.7", "203.0.113.7", None, "203.0.113.7"),
        ("api.openai.com", "", None, "api.openai.com"),
        ("api.openai.com", "kimi.com", "api.openai.com", None),
        ("api.openai.com", "api.openai.com", "kimi.com", None),
        ("203.0.113.7", "203.0.113.8", None, None),
    ],
)
def test_all_names_of_the_destination_must_agree(url: str, header: str, sni: str | None, host: str | None) -> None:
    flow = flow_to("openai", b"", host=header)
    flow.request.data.host, flow.client_conn.sni = url, sni
    if host is None:
        with pytest.raises(Misdirected, match="different hosts"):
            host_of(flow)
    else:
        assert host_of(flow) == host
    assert bare_host(url) in names_of(flow)


def test_a_request_is_its_head() -> None:
    request = request_of(flow_to("openai/x", chat("hi"), X_Mixed_Case="é"), "api.openai.com")
    assert (request.method, request.scheme, request.port, request.body) == ("POST", "https", 443, b"")
    assert ("x-mixed-case", "é") in request.headers


@pytest.mark.parametrize("method", ["11010519491231002X", "M4111111111111111", "GET /", ""])
def test_what_is_no_method_is_not_told_as_one(method: str) -> None:
    flow = flow_to("openai/x", chat("hi"))
    flow.request.data.method = method.encode()
    assert request_of(flow, "api.openai.com").method == ""


def test_bytes_that_are_not_utf8_survive_in_a_header() -> None:
    [(name, value)] = headers_of(http.Headers([(b"X-Raw", b"\xff")]))
    assert (name, value.encode("utf-8", "surrogateescape")) == ("x-raw", b"\xff")


def test_our_answer_is_marked_as_ours_and_asks_for_no_more_body() -> None:
    flow = flow_to("openai", b"", expect="100-continue")
    answer(flow, Answer(403, (("content-type", "text/plain"), ("x-note", "拒绝")), b"no"))
    assert flow.response is not None and flow.metadata[OUR_ANSWER]
    assert (flow.response.status_code, flow.response.content) == (403, b"no")
    assert flow.response.headers["content-length"] == "2"
    assert "expect" not in flow.request.headers


def test_a_forwarded_request_is_changed_as_the_outcome_says_and_loses_its_trailers() -> None:
    flow = flow_to("openai", chat("old"), x_user="alice", accept_encoding="br")
    flow.request.trailers = http.Headers(secret="in a trailer")
    send(flow, Forward("/p?q=1", frozenset({"x-user", "content-length"}), (("accept-encoding", "identity"),), b"new"))
    assert flow.request.trailers is None and "x-user" not in flow.request.headers
    assert flow.request.headers["accept-encoding"] == "identity"
    assert (flow.request.path, flow.request.content, flow.request.headers["content-length"]) == ("/p?q=1", b"new", "3")


def test_an_unchanged_body_keeps_its_bytes() -> None:
    flow = flow_to("openai", chat("old"))
    send(flow, Forward("/p", frozenset(), (), None))
    assert flow.request.raw_content == chat("old")


@pytest.mark.parametrize(
    ("scheme", "host", "port", "authority"),
    [
        ("http", "llm", 8000, "llm:8000"),
        ("https", "llm", 443, "llm"),
        ("http", "llm", 80, "llm"),
        ("http", "::1", 8000, "[::1]:8000"),
    ],
)
@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/2.0"])
def test_a_redirected_request_keeps_nothing_of_the_clients_head(
    version: bytes, scheme: str, host: str, port: int, authority: str
) -> None:
    flow = flow_to("openai", chat("old"), cookie="a=b")
    flow.request = tutils.treq(http_version=version, authority=b"api.openai.com", headers=flow.request.headers)
    send(flow, Redirect(scheme, host, port, "/v1/x", (("authorization", "Bearer k"),), b"{}", SERVER))
    request = flow.request
    assert (request.scheme, request.host, request.port, request.path) == (scheme, host, port, "/v1/x")
    assert {name.lower() for name in request.headers} <= {"host", "authorization", "content-length"}
    assert authority == (request.authority if request.is_http2 else request.headers["host"])
    assert request.is_http2 or request.authority == ""
    assert flow.server_conn.address == (host, port) and flow.server_conn.via is None
