"""AWS event streams are cut into messages, and what is written anew is what AWS's own parser reads."""

import base64
import json
from collections.abc import Sequence

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.aws import AwsFramer, header, message, pack, read_headers
from tests.feed import feed_every_way
from tests.thorough import drawn

FIRST = message("contentBlockDelta", '{"delta":{"text":"您"}}'.encode())
SECOND = message("messageStop", b'{"stopReason":"end_turn"}')


def read_by_aws(data: bytes) -> list[tuple[dict, bytes]]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(dict(event.headers), event.payload) for event in buffer]


def cut(pieces: Sequence[bytes], wrapping: str = "") -> list[tuple[bytes, str, str | None]]:
    framer = AwsFramer(wrapping)
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    return [(frame.raw, frame.event, frame.data) for frame in frames]


def test_messages_are_cut_however_they_arrive() -> None:
    want = [
        (FIRST, "contentBlockDelta", '{"delta":{"text":"您"}}'),
        (SECOND, "messageStop", '{"stopReason":"end_turn"}'),
    ]
    feed_every_way(cut, FIRST + SECOND, want)


def test_what_we_make_is_what_aws_reads() -> None:
    ((headers, payload),) = read_by_aws(AwsFramer().make("contentBlockDelta", '{"a":"您"}'))
    assert payload == '{"a":"您"}'.encode()
    assert headers == {
        ":event-type": "contentBlockDelta",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    ((headers, _),) = read_by_aws(message("throttlingException", b"{}", "exception"))
    assert headers[":message-type"] == "exception" and headers[":exception-type"] == "throttlingException"


@settings(max_examples=drawn(100), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["", "json", "text"]))
def test_a_message_written_anew_keeps_its_headers_and_all_else(text: str, wrapping: str) -> None:
    data = json.dumps(text, ensure_ascii=False)
    around = {"p": "abcd", "bytes": base64.b64encode(b'"old"').decode()}
    heads = header(":event-type", "chunk") + b"\x03num\x04\x00\x00\x00\x07" + b"\x02ok\x00"
    raw = pack(heads, json.dumps(around).encode() if wrapping else b'{"old":1}')
    (frame,) = AwsFramer(wrapping).feed(raw)
    ((headers, payload),) = read_by_aws(frame.with_data(data))
    assert headers == {":event-type": "chunk", "num": 7, "ok": True}
    if wrapping:
        held = json.loads(payload)
        assert held["p"] == "abcd"
        assert base64.b64decode(held["bytes"]).decode() == (data if wrapping == "json" else text)
    else:
        assert payload.decode() == data


def test_what_a_payload_wraps_is_the_data() -> None:
    coded = base64.b64encode(b'{"type":"ping"}').decode()
    chunk = message("chunk", json.dumps({"bytes": coded}).encode())
    assert [data for _, _, data in cut([chunk], "json")] == ['{"type":"ping"}']
    assert [data for _, _, data in cut([chunk], "text")] == ['"{\\"type\\":\\"ping\\"}"']
    assert [data for _, _, data in cut([chunk])] == [json.dumps({"bytes": coded})]
    made = AwsFramer("json").make("chunk", '{"a":1}')
    assert [data for _, _, data in cut([made], "json")] == ['{"a":1}']


BROKEN = {
    "a prelude whose sum does not hold": FIRST[:8] + b"\x00\x00\x00\x00" + FIRST[12:] + SECOND,
    "a length that is too small": pack(b"", b"")[:0] + b"\x00\x00\x00\x0f" + FIRST[4:],
    "a message whose sum does not hold": FIRST[:-1] + bytes([FIRST[-1] ^ 1]) + SECOND,
    "headers of no known type": pack(b"\x01a\x63", b"{}"),
    "headers that end too early": pack(b"\x01a\x07\x00\x09x", b"{}"),
    "a name that is no text": pack(b"\x01\xff\x07\x00\x01x", b"{}"),
    "half a message": FIRST + SECOND[:-3],
    "no event stream": b"<html>bad gateway</html>",
    "a few bytes": b"abc",
    "nothing": b"",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_passes_to_the_last_byte(data: bytes) -> None:
    feed_every_way(lambda pieces: b"".join(raw for raw, _, _ in cut(pieces)), data, data)


@pytest.mark.parametrize("name", ["a message whose sum does not hold", "headers of no known type"])
def test_a_message_that_cannot_be_trusted_is_no_data(name: str) -> None:
    assert cut([BROKEN[name]])[0][2] is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"bytes":7}', b'{"bytes":"/w=="}', b'{"bytes":"!"}'])
def test_a_chunk_that_wraps_nothing_readable_passes(payload: bytes) -> None:
    chunk = message("chunk", payload)
    assert cut([chunk], "json") == [(chunk, "chunk", None)]


@settings(max_examples=drawn(150), deadline=None)
@given(st.binary(max_size=80), st.integers(1, 9), st.sampled_from(["", "json", "text"]))
def test_any_bytes_come_out_as_they_went_in(data: bytes, size: int, wrapping: str) -> None:
    data = FIRST + data
    assert (
        b"".join(raw for raw, _, _ in cut([data[at : at + size] for at in range(0, len(data), size)], wrapping)) == data
    )


@settings(max_examples=drawn(100), deadline=None)
@given(st.binary(max_size=40))
def test_any_block_of_headers_is_read_or_not(block: bytes) -> None:
    found = read_headers(block)
    assert found is None or all(isinstance(name, str) for name in found)


def test_a_message_over_the_limit_is_refused_and_still_there() -> None:
    framer = AwsFramer(limit=len(FIRST))
    big = message("contentBlockDelta", b"x" * 200)
    frames = framer.feed(FIRST + big)
    assert next(frames).raw == FIRST
    with pytest.raises(TooLarge, match="bytes"):
        next(frames)
    assert framer.rest() == big
