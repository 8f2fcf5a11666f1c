"""What all adapters of WebSockets have in common."""

import json
from dataclasses import replace

import pytest

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.sockets.entries import ANY
from proxy.adapters.sockets.socket_adapter import ANYWHERE, SocketAdapter, SocketEntry, SocketShape, Telltale, parsed
from proxy.framing.message import MESSAGES, MessageFramer

REFUSAL = Refusal(403, "blocked_by_policy", "Sluice did not send it.", "SLC-20261127-7K2F9Q")
UPGRADE = (("upgrade", "websocket"), ("sec-websocket-version", "13"))
TELLING = SocketAdapter(
    "x", SocketShape(texts=()), telling=lambda refusal, message: ({"m": message, "s": refusal.message},)
)


def test_a_refusal_is_told_by_messages_made_after_the_one_refused() -> None:
    (told,) = TELLING.refuse_message(REFUSAL, b'{"id":1}')
    assert json.loads(told) == {"m": {"id": 1}, "s": "Sluice did not send it."}
    assert isinstance(TELLING, Telltale)


def test_where_messages_are_records_so_is_what_is_told() -> None:
    (told,) = TELLING.refuse_message(REFUSAL, b'{"id":1}\x1e{"id":2}\x1e')
    assert told.endswith(b"\x1e") and json.loads(told[:-1])["m"] == {"id": 2}


@pytest.mark.parametrize("body", [b"prose", b"\xff", b"", b"\x1e"], ids=["prose", "bytes", "nothing", "no record"])
def test_a_message_that_is_no_json_is_told_about_all_the_same(body: bytes) -> None:
    assert parsed(body) is None
    assert len(TELLING.refuse_message(REFUSAL, body)) == 1


def test_a_format_that_has_no_words_for_it_tells_nothing() -> None:
    assert list(ANY.refuse_message(REFUSAL, b"{}")) == []


def test_the_handshake_is_refused_as_most_clients_know_it() -> None:
    answer = TELLING.refuse(REFUSAL)
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (403, "Sluice did not send it.")
    assert dict(answer.headers)["x-request-id"] == "SLC-20261127-7K2F9Q"


def test_the_empty_body_of_a_handshake_has_no_parts() -> None:
    assert list(TELLING.read(b"", "").parts) == []


@pytest.mark.parametrize("shape", [TELLING.shape, ANY.shape], ids=["told", "any"])
def test_messages_are_framed_and_so_is_the_answer_to_a_handshake_that_failed(shape) -> None:
    assert isinstance(shape.framer(MESSAGES), MessageFramer)
    assert shape.framer("text/event-stream") is not None and not isinstance(
        shape.framer("text/event-stream"), MessageFramer
    )
    assert shape.framer("application/json") is None


ENTRY = SocketEntry(TELLING, ANYWHERE)
ASKED = Asked("GET", "/ws", UPGRADE, "poe")
FITTING = {
    "any": (ENTRY, ASKED, True),
    "a message": (ENTRY, replace(ASKED, method="MESSAGE"), True),
    "no upgrade": (ENTRY, replace(ASKED, headers=()), False),
    "a post": (ENTRY, replace(ASKED, method="POST"), False),
    "its wire": (replace(ENTRY, wires=frozenset({"poe"})), ASKED, True),
    "another wire": (replace(ENTRY, wires=frozenset({"spark"})), ASKED, False),
}


@pytest.mark.parametrize("name", FITTING)
def test_only_what_opens_a_websocket_is_read_as_one(name: str) -> None:
    entry, asked, fits = FITTING[name]
    assert entry.fits(asked) is fits
