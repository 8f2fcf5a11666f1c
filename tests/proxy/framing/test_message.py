"""Messages of a WebSocket as frames of a stream: whole, in order, and each of those that are made one of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.message import MESSAGES, MessageFramer, message_framer, pack, unpack
from tests.feed import feed_every_way

MESSAGE_CASES = {
    "JSON": (b'{"a":1}', ['{"a":1}'], b'{"b":2}'),
    "Socket.IO": (b'42["m",{"a":1}]', ['["m",{"a":1}]'], b'42{"b":2}'),
    "Socket.IO with a namespace and a number": (b'42/chat,7["m"]', ['["m"]'], b'42/chat,7{"b":2}'),
    "Engine.IO": (b'0{"sid":"x"}', ['{"sid":"x"}'], b'0{"b":2}'),
    "a number": (b"12", ["12"], b'{"b":2}'),
    "text": ("你好".encode(), ["你好"], b'{"b":2}'),
    "a record": (b'{"a":1}\x1e', ['{"a":1}'], b'{"b":2}\x1e'),
}


@pytest.mark.parametrize("name", MESSAGE_CASES)
def test_a_message_is_one_frame_and_can_be_written_with_other_json(name: str) -> None:
    content, data, written = MESSAGE_CASES[name]
    (frame,) = MessageFramer().feed(pack(content))
    assert [frame.data] == data
    assert unpack(frame.raw) == [content]
    assert unpack(frame.with_data('{"b":2}')) == [written]


def test_records_are_frames_of_their_own_and_so_is_what_is_made_beside_them() -> None:
    framer = MessageFramer()
    assert unpack(framer.make("", "{}")) == [b"{}"]
    frames = list(framer.feed(pack(b'{"a":1}\x1e{"b":2}\x1e{"half":1}')))
    assert [frame.data for frame in frames] == ['{"a":1}', '{"b":2}', '{"half":1}']
    assert unpack(b"".join(frame.raw for frame in frames)) == [b'{"a":1}\x1e', b'{"b":2}\x1e', b'{"half":1}']
    assert unpack(framer.make("", "{}")) == [b"{}\x1e"]


def test_packed_messages_may_be_cut_anywhere() -> None:
    contents = [b'{"a":1}', b"", "好".encode(), b'{"b":2}\x1e']

    def read(chunks):
        framer = MessageFramer()
        return [(frame.data, frame.raw) for chunk in chunks for frame in framer.feed(chunk)] + framer.end()

    packed = b"".join(map(pack, contents))
    feed_every_way(read, packed, [(json_of(content), pack(content)) for content in contents])


def json_of(content: bytes) -> str | None:
    return content.decode().removesuffix("\x1e") or None


@given(st.lists(st.text()))
def test_whatever_text_is_packed_comes_out_the_same(texts: list[str]) -> None:
    contents = [text.encode() for text in texts]
    framer = MessageFramer()
    raw = b"".join(frame.raw for frame in framer.feed(b"".join(map(pack, contents))))
    assert raw.replace(b"\xff", b"") == b"".join(contents)
    assert unpack(b"".join(map(pack, contents))) == contents


def test_a_message_over_the_limit_is_an_error_after_those_before_it() -> None:
    framer = MessageFramer(limit=8)
    frames = framer.feed(pack(b"12345678") + pack(b"123456789"))
    assert next(frames).data == "12345678"
    with pytest.raises(TooLarge, match="larger than 8 bytes"):
        next(frames)
    assert unpack(framer.rest()) == [b"123456789"] and framer.rest() == b""


def test_only_messages_are_framed_so() -> None:
    assert message_framer("application/json") is None
    assert message_framer(MESSAGES) is not None
    assert json.loads(unpack(MessageFramer().make("ignored", "[1]"))[0]) == [1]
