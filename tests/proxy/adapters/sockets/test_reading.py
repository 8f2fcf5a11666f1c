"""One message, read: heartbeats say nothing, and whatever is not understood is read as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.json_adapter import nobody
from proxy.adapters.prompt import shapes
from proxy.adapters.sockets.reading import is_heartbeat, read_message
from proxy.errors import Unreadable, WireError


def parts(body: bytes, *ignored: str, strict: bool = False) -> dict[str, str]:
    prompt = read_message(body, shapes(*ignored), nobody, strict=strict)
    assert prompt.rewrite([part.text for part in prompt.parts]) == body
    return {part.pointer: part.text for part in prompt.parts}


READ = {
    "JSON": (b'{"text":"Ann"}', {"/text": "Ann"}),
    "JSON in text": ('"你好张伟"'.encode(), {"": "你好张伟"}),
    "Socket.IO": (b'42["message",{"text":"Ann"}]', {"/0": "message", "/1/text": "Ann"}),
    "Socket.IO with a namespace": (b'42/chat,["Ann"]', {"/0": "Ann"}),
    "records": (b'{"a":"Ann"}\x1e{"b":"Lee"}\x1e', {"/0/a": "Ann", "/1/b": "Lee"}),
    "a record without its end": (b'{"a":"Ann"}\x1e{"b":"Lee"}', {"/0/a": "Ann", "/1/b": "Lee"}),
    "lines of JSON": (b'{"a":"Ann"}\n{"b":"Lee"}', {"#lines/0/a": "Ann", "#lines/1/b": "Lee"}),
    "prose": ("请问张伟在吗？".encode(), {"": "请问张伟在吗？"}),
    "prose that begins like Socket.IO": (b"42 is [Ann]", {"": "42 is [Ann]"}),
    "what only looks like JSON": (b'{"a":"Ann"', {"": '{"a":"Ann"'}),
    "a key twice": (b'{"a":"x","a":"Ann"}', {"": '{"a":"x","a":"Ann"}'}),
}


@pytest.mark.parametrize("name", READ)
def test_every_text_of_a_message_is_a_part(name: str) -> None:
    body, found = READ[name]
    assert parts(body) == found


REWRITTEN = {
    "Socket.IO": (b'42/chat,7["m","Ann"]', '42/chat,7["m","[PERSON_7K2F9ABC]"]'),
    "records": (b'{"t":6}\x1e{"a":"Ann"}\x1e', '{"t":6}\x1e{"a":"[PERSON_7K2F9ABC]"}\x1e'),
    "a record without its end": (b'{"t":6}\x1e{"a":"Ann"}', '{"t":6}\x1e{"a":"[PERSON_7K2F9ABC]"}'),
    "prose": (b"Ann", "[PERSON_7K2F9ABC]"),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_what_stands_around_the_json_stays(name: str) -> None:
    body, written = REWRITTEN[name]
    prompt = read_message(body, frozenset(), nobody, strict=True)
    texts = [part.text.replace("Ann", "[PERSON_7K2F9ABC]") for part in prompt.parts]
    assert prompt.rewrite(texts).decode() == written


@pytest.mark.parametrize(
    "body", [b'{"a":"Ann"', b'{"a":"x","a":"Ann"}', b'{"a":1}\x1e{'], ids=["cut", "twice", "record"]
)
def test_a_format_that_has_nothing_but_json_takes_nothing_that_two_readers_read_differently(body: bytes) -> None:
    with pytest.raises(WireError):
        parts(body, strict=True)


def test_bytes_that_are_no_text_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        parts(b"\x00\x01\xff sound")


def test_words_of_the_interface_are_no_parts() -> None:
    assert parts(b'{"event":"send","id":"a-1","text":"Ann"}', "/event", "/id") == {"/text": "Ann"}


BEATS = (
    *(
        b"",
        b"ping",
        b"PONG",
        b" ping\n",
        b"2",
        b"3probe",
        b"{}",
        b"[]",
        b'"ping"',
        b'{"type":"ping"}',
        b'{"event":"pong"}',
    ),
    *(
        b'{"type":"ping","ts":1764216000123}',
        b'{"op":"heartbeat","d":12345}',
        b'{"ping":1764216000}',
        b'{"type":"ack","id":7}',
    ),
)
NO_BEATS = (
    *(b"Falcon", b"ping Ann", b"13912345678", b'{"type":"ping","ts":13912345678}', b'{"type":"ping","note":"x"}'),
    *(
        b'{"type":"ping","data":"Ann"}',
        b'{"ping":{"who":"Ann"}}',
        b'{"type":"ping"',
        b"\xff",
        b'{"type":"6222020200112230327"}',
    ),
    *(b'{"type":"ping","id":4158586273}', b"ping " * 80),
)


@pytest.mark.parametrize("body", BEATS, ids=repr)
def test_a_heartbeat_says_nothing(body: bytes) -> None:
    assert is_heartbeat(body)
    assert parts(body) == {}


@pytest.mark.parametrize("body", NO_BEATS, ids=lambda body: repr(body[:40]))
def test_whatever_says_more_than_a_heartbeat_is_none(body: bytes) -> None:
    assert not is_heartbeat(body)


prose = st.text("abc张伟 .?", min_size=1, max_size=12)


def strings(value: object) -> set[str]:
    """Return every string of a value that is no key."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for child in inner for text in strings(child)}


@given(st.recursive(prose, lambda inner: st.dictionaries(prose, inner, max_size=3) | st.lists(inner, max_size=3)))
def test_no_text_of_any_value_is_lost(value: object) -> None:
    body = json.dumps({"said": value, "more": "than a heartbeat"}, ensure_ascii=False).encode()
    assert strings(value) <= set(parts(body).values())
