"""Of all that passes, only the exchange with the marker in it is taken down.

What it does between a client and a server is in `tests/e2e/test_record_command.py`.
"""

import asyncio
import gzip
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from mitmproxy import http
from mitmproxy.test import tflow, tutils
from mitmproxy.websocket import WebSocketData, WebSocketMessage
from wsproto.frame_protocol import Opcode

from proxy.capture.case import Captured
from proxy.capture.mask import CARD, PERSON, SENTENCE
from proxy.capture.tap import Tap, settings_for
from proxy.settings.interface import Settings

BODY = json.dumps({"text": SENTENCE}).encode()


def passed(
    host: str,
    body: bytes,
    *chunks: bytes,
    method: bytes = b"POST",
    path: bytes = b"/turn",
    coding: str = "",
    broken: bool = False,
) -> list[Captured]:
    """Run the hooks as mitmproxy does; return what was told of."""
    found: list[Captured] = []
    tap = Tap("chat.example.com", found.append)
    fields = http.Headers([(b"host", host.encode()), (b"content-type", b"application/json"), (b"cookie", b"s=1")])
    request = tutils.treq(host=host, port=443, method=method, path=path, headers=fields, content=body)
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
    "a body of a GET": ("chat.example.com", BODY, b"GET", ""),
    "a method that asks nothing": ("chat.example.com", BODY, b"PUT", ""),
    "a coding that nobody reads": ("chat.example.com", BODY, b"POST", "rot13"),
}


@pytest.mark.parametrize(("host", "body", "method", "coding"), LEFT.values(), ids=LEFT)
def test_nothing_else_is(host: str, body: bytes, method: bytes, coding: str) -> None:
    assert passed(host, body, b"data: 1\n\n", method=method, coding=coding) == []


def test_a_prompt_in_the_address_is_told_of() -> None:
    path = b"/search?q=" + quote(SENTENCE).encode()
    (captured,) = passed("chat.example.com", b"", b"data: 1\n\n", method=b"GET", path=path)
    assert (captured.method, captured.answer) == ("GET", b"data: 1\n\n")


def said(*messages: tuple[bool, str], wait: float = 0.0, host: str = "chat.example.com") -> list[Captured]:
    """Let both sides of a WebSocket say something (whether it is the client, and what); return what was told of."""
    found: list[Captured] = []
    tap = Tap("chat.example.com", found.append)
    fields = http.Headers([(b"host", host.encode())])
    flow = tflow.tflow(req=tutils.treq(host=host, port=443, path=b"/socket", headers=fields))
    flow.websocket = WebSocketData()

    async def talk() -> None:
        for from_client, text in messages:
            flow.websocket.messages.append(WebSocketMessage(Opcode.TEXT, from_client, text.encode()))
            tap.websocket_message(flow)
            assert len(flow.websocket.messages) == 1, "nothing that was said is kept"
        await asyncio.sleep(wait)
        if not wait:
            tap.websocket_end(flow)

    asyncio.run(talk())
    return found


PROMPT = json.dumps({"say": SENTENCE})
BACK = [(False, json.dumps({"text": piece})) for piece in ("Hm ", PERSON[:5], PERSON[5:], CARD)]


def test_of_a_websocket_the_marked_message_is_told_of_with_those_of_the_server_after_it() -> None:
    before = [(True, '{"hello": 1}'), (False, '{"early": 1}')]
    (captured,) = said(*before, (True, PROMPT), *BACK, (True, '{"later": 1}'))
    assert (captured.method, captured.body.decode()) == ("MESSAGE", PROMPT)
    assert captured.answer_type == "application/x-ndjson"
    assert [json.loads(line)["text"] for line in captured.answer.splitlines()] == ["Hm ", PERSON[:5], PERSON[5:], CARD]


def test_an_answer_on_a_websocket_has_ended_when_nothing_follows_and_the_marker_has_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("proxy.capture.tap.QUIET", 0.01)
    assert len(said((True, PROMPT), *BACK, wait=0.1)) == 1
    assert said((True, PROMPT), *BACK[:2], wait=0.1) == [], "the answer is still to come"


def test_a_websocket_of_another_host_or_without_the_marker_is_not_told_of() -> None:
    assert said((True, PROMPT), *BACK, host="example.com") == []
    assert said((True, '{"say": "hello"}'), *BACK) == []


WAYS = {
    "regular": "regular",
    "transparent": "regular",
    "upstream:http://out.example:3128": "upstream:http://out.example:3128",
}


@pytest.mark.parametrize(("mode", "way"), WAYS.items(), ids=["regular", "transparent", "upstream"])
def test_the_way_out_is_the_companys_own_and_the_login_is_not(mode: str, way: str) -> None:
    made = settings_for(Settings(mode=mode, proxy_login=Path("htpasswd")), ("127.0.0.1", 1))
    assert (made.mode, made.listen, made.proxy_login) == (way, ("127.0.0.1", 1), None)
