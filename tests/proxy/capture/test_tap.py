"""Of all that passes, only the exchange with the marker in it is taken down.

What it does between a client and a server is in `tests/e2e/test_record_command.py`.
"""

import gzip
import json
from pathlib import Path

import pytest
from mitmproxy import http
from mitmproxy.test import tflow, tutils

from proxy.capture.case import Captured
from proxy.capture.mask import SENTENCE
from proxy.capture.tap import Tap, settings_for
from proxy.settings import Settings

BODY = json.dumps({"text": SENTENCE}).encode()


def passed(host: str, body: bytes, *chunks: bytes, method: bytes = b"POST", coding: str = "", broken: bool = False):
    """Run the hooks as mitmproxy does; return what was told of."""
    found: list[Captured] = []
    tap = Tap("chat.example.com", found.append)
    fields = http.Headers([(b"host", host.encode()), (b"content-type", b"application/json"), (b"cookie", b"s=1")])
    request = tutils.treq(host=host, port=443, method=method, path=b"/turn", headers=fields, content=body)
    flow = tflow.tflow(req=request)
    if coding:
        flow.request.headers["content-encoding"] = coding
    tap.requestheaders(flow)
    tap.request(flow)
    flow.response = http.Response.make(200, b"", {"content-type": "text/event-stream", "alt-svc": "h3"})
    tap.responseheaders(flow)
    stream = flow.response.stream
    if callable(stream):
        assert [stream(chunk) for chunk in chunks] == list(chunks), "the client gets it as it comes"
    (tap.error if broken else tap.response)(flow)
    assert "alt-svc" not in flow.response.headers
    return found


TAKEN = {
    "the host": ("chat.example.com", BODY, ""),
    "one below it": ("api.chat.example.com", BODY, ""),
    "coded": ("chat.example.com", gzip.compress(BODY), "gzip"),
}


@pytest.mark.parametrize("broken", [False, True], ids=["whole", "broken off"])
@pytest.mark.parametrize(("host", "body", "coding"), TAKEN.values(), ids=TAKEN)
def test_the_marked_exchange_is_told_of_with_all_that_came(host: str, body: bytes, coding: str, broken: bool) -> None:
    (captured,) = passed(host, body, b"data: 1\n\n", b"data: 2\n\n", coding=coding, broken=broken)
    assert captured == Captured(host, "/turn", "application/json", BODY, "text/event-stream", b"data: 1\n\ndata: 2\n\n")
    assert "marker" not in repr(captured) and "PERSON" not in repr(captured)


LEFT = {
    "another host": ("example.com", BODY, b"POST", ""),
    "a host that only ends so": ("badchat.example.com", BODY, b"POST", ""),
    "no marker": ("chat.example.com", b'{"text": "hello"}', b"POST", ""),
    "no body": ("chat.example.com", BODY, b"GET", ""),
    "a coding that nobody reads": ("chat.example.com", BODY, b"POST", "rot13"),
}


@pytest.mark.parametrize(("host", "body", "method", "coding"), LEFT.values(), ids=LEFT)
def test_nothing_else_is(host: str, body: bytes, method: bytes, coding: str) -> None:
    assert passed(host, body, b"data: 1\n\n", method=method, coding=coding) == []


WAYS = {
    "regular": "regular",
    "transparent": "regular",
    "upstream:http://out.example:3128": "upstream:http://out.example:3128",
}


@pytest.mark.parametrize(("mode", "way"), WAYS.items(), ids=["regular", "transparent", "upstream"])
def test_the_way_out_is_the_companys_own_and_the_login_is_not(mode: str, way: str) -> None:
    made = settings_for(Settings(mode=mode, proxy_login=Path("htpasswd")), ("127.0.0.1", 1))
    assert (made.mode, made.listen, made.proxy_login) == (way, ("127.0.0.1", 1), None)
