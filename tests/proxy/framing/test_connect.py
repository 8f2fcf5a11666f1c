"""Connect envelopes are cut wherever the chunks are cut, and written again byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.connect import COMPRESSED, LAST, ConnectFramer, envelope
from tests.feed import feed_every_way

STREAM = (
    envelope(b'{"op":"set"}')
    + envelope(b"")
    + envelope("张".encode())
    + envelope(b"\x1f\x8b", COMPRESSED)
    + envelope(b"{}", LAST)
)


def frames(pieces: list[bytes]) -> list[tuple[str, str | None]]:
    framer = ConnectFramer()
    found = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    assert b"".join(frame.raw for frame in found) == b"".join(pieces)
    return [(frame.event, frame.data) for frame in found]


def test_every_envelope_is_a_frame_however_the_stream_is_cut() -> None:
    want = [("", '{"op":"set"}'), ("", None), ("", "张"), ("", None), ("end", "{}")]
    feed_every_way(frames, STREAM, want)


def test_another_message_keeps_the_flags_and_counts_bytes() -> None:
    (frame,) = ConnectFramer().feed(envelope(b"{}", LAST))
    assert frame.with_data("张") == bytes([LAST, 0, 0, 0, 3]) + "张".encode()
    assert ConnectFramer().make("", "{}") == bytes([0, 0, 0, 0, 2]) + b"{}"
    assert ConnectFramer().make("end", "{}")[0] == LAST


def test_a_message_over_the_limit_is_an_error_and_its_bytes_are_kept() -> None:
    framer = ConnectFramer(limit=4)
    data = envelope(b"1234") + envelope(b"12345")
    cut = framer.feed(data)
    assert next(cut).data == "1234"
    with pytest.raises(TooLarge):
        next(cut)
    assert framer.rest() == envelope(b"12345")


@given(st.binary(max_size=64))
def test_no_bytes_are_lost_whatever_comes(data: bytes) -> None:
    framer = ConnectFramer()
    out: list[bytes] = []
    try:
        out += [frame.raw for frame in framer.feed(data)]
    except TooLarge:
        out.append(framer.rest())
    out += [frame.raw for frame in framer.end()]
    assert b"".join(out) == data


@given(st.binary(min_size=5, max_size=64))
def test_the_same_data_gives_the_same_bytes(data: bytes) -> None:
    for frame in ConnectFramer().feed(envelope(data)):
        if frame.data is not None:
            assert frame.with_data(frame.data) == frame.raw
