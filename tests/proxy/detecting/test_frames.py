"""What one side says is what the other side reads, however the pipe cuts it up; anything else is no frame."""

import io
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.detecting import frames
from proxy.detecting.frames import LENGTHS, MOST_BODY, MOST_HEAD, Frame, Garbled, Oversized, pack, read_frame

FIELDS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda name: name not in ("id", "kind")),
    st.integers(-(2**53), 2**53) | st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=3),
    max_size=3,
)
FRAMES = st.builds(Frame, st.integers(0, 2**53), st.sampled_from(["find", "done"]), FIELDS, st.binary(max_size=200))


def pipe(data: bytes, piece: int = 1 << 20) -> Callable[[int], bytes]:
    stream = io.BytesIO(data)
    return lambda size: stream.read(min(size, piece))


@given(st.lists(FRAMES, max_size=4), st.integers(1, 50))
def test_what_is_said_is_what_is_read_in_whatever_pieces_it_comes(said: list[Frame], piece: int) -> None:
    receive = pipe(b"".join(map(pack, said)), piece)
    assert [read_frame(receive) for _ in said] == said
    assert read_frame(receive) is None


@given(FRAMES, st.data())
def test_a_frame_that_is_cut_short_is_none(frame: Frame, data: st.DataObject) -> None:
    packed = pack(frame)
    with pytest.raises(Garbled):
        read_frame(pipe(packed[: data.draw(st.integers(1, len(packed) - 1))]))


@given(st.binary(min_size=1, max_size=300))
def test_noise_is_no_frame_and_nothing_but_garbled_is_raised(noise: bytes) -> None:
    try:
        frame = read_frame(pipe(noise))
    except Garbled as error:
        assert not error.args
    else:
        assert frame is not None and frame.id >= 0


def framed(head: bytes, body: bytes = b"") -> bytes:
    return LENGTHS.pack(len(head), len(body)) + head + body


WRONG = {
    "a head over the limit": LENGTHS.pack(MOST_HEAD + 1, 0),
    "a body over the limit": LENGTHS.pack(2, MOST_BODY + 1) + b"{}",
    "a head that is no JSON": framed(b"{"),
    "a head that is no object": framed(b"[]"),
    "no number": framed(b'{"kind":"done"}'),
    "a number below nought": framed(b'{"id":-1,"kind":"done"}'),
    "a number that is none": framed(b'{"id":true,"kind":"done"}'),
    "no kind": framed(b'{"id":1}'),
    "a kind that is no word": framed(b'{"id":1,"kind":1}'),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_no_frame_may_be_is_refused(data: bytes) -> None:
    with pytest.raises(Garbled):
        read_frame(pipe(data))


def test_what_is_announced_takes_no_room_before_it_has_come() -> None:
    asked: list[int] = []

    def receive(size: int) -> bytes:
        asked.append(size)
        return (LENGTHS.pack(2, MOST_BODY) if len(asked) == 1 else b"{}") if len(asked) < 3 else b""

    with pytest.raises(Garbled):
        read_frame(receive)
    assert max(asked) <= frames.AT_ONCE


def test_more_than_a_frame_holds_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_BODY", 10)
    assert pack(Frame(1, "find", {}, b"x" * 10))
    with pytest.raises(Oversized):
        pack(Frame(1, "find", {}, b"x" * 11))


def test_a_frame_shows_nothing_of_what_it_holds() -> None:
    shown = repr(Frame(1, "find", {"why": "confidential"}, b"confidential"))
    assert "confidential" not in shown and orjson.dumps(shown)
