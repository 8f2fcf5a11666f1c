"""Streams are cut at the same places however they arrive, and put together again to the last byte."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.events import Frame, LineFramer, SseFramer
from tests.feed import feed_every_way

SSE = {
    "line feeds": (b"data: a\n\ndata: b\n\n", [("", "a"), ("", "b")]),
    "carriage returns and line feeds": (b"event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [("x", "a"), ("", "b")]),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [("", "a"), ("", "b")]),
    "endings of every kind": (b"data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", [("", "a"), ("", "b"), ("", "c")]),
    "no space after the colon": (b"data:a\ndata: b\ndata:  c\n\n", [("", "a\nb\n c")]),
    "all fields": (b": hi\nid: 7\nevent: delta\nretry: 10\ndata: {}\nodd\n\n", [("delta", "{}")]),
    "a data field without a colon": (b"data\n\n", [("", "")]),
    "comments alone": (b": ping\n\n:\n\ndata: a\n\n", [("", None), ("", None), ("", "a")]),
    "blank lines": (b"\n\ndata: a\n\n\n", [("", None), ("", None), ("", "a"), ("", None)]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("", "a")]),
    "Chinese": ("event: 增量\ndata: 张伟😀\n\n".encode(), [("增量", "张伟😀")]),
    "not UTF-8": (b"data: \xff\n\ndata: b\n\n", [("", None), ("", "b")]),
    "no end": (b"data: a\n\ndata: [DONE]", [("", "a"), ("", "[DONE]")]),
    "half an end": (b"event: e\ndata: a\n", [("e", "a")]),
    "nothing": (b"", []),
}

LINES = {
    "lines": (b'{"a": 1}\n{"b": 2}\r\n', ['{"a": 1}', '{"b": 2}']),
    "blanks and blank lines": (b' {"a": 1} \n\n{}', ['{"a": 1}', None, "{}"]),
    "Chinese": ('{"名": "张伟"}\n'.encode(), ['{"名": "张伟"}']),
    "not UTF-8": (b"\xff\n{}\n", [None, "{}"]),
}


def cut(framer: SseFramer | LineFramer, pieces) -> list[Frame]:
    frames = list(itertools.chain.from_iterable(framer.feed(piece) for piece in pieces))
    return frames + framer.end()


@pytest.mark.parametrize(("stream", "want"), SSE.values(), ids=SSE.keys())
def test_events_are_the_same_however_they_are_cut(stream: bytes, want):
    def events(pieces):
        frames = cut(SseFramer(), pieces)
        assert b"".join(frame.raw for frame in frames) == stream
        # a line feed that came apart from its carriage return may stand alone at the very end
        return [(one.event, one.data) for one in frames if one.raw != b"\n" or stream.startswith(b"\n")]

    feed_every_way(events, stream, want)


@pytest.mark.parametrize(("stream", "want"), LINES.values(), ids=LINES.keys())
def test_lines_are_the_same_however_they_are_cut(stream: bytes, want):
    def lines(pieces):
        frames = cut(LineFramer(), pieces)
        assert b"".join(frame.raw for frame in frames) == stream
        return [frame.data for frame in frames]

    feed_every_way(lines, stream, want)


REWRITTEN = {
    "the other fields stay": (
        b": c\r\nid: 7\r\nevent:e\r\ndata:old\r\n\r\n",
        b": c\r\nid: 7\r\nevent:e\r\ndata:NEW\r\n\r\n",
    ),
    "several data lines become one": (b"data: a\nid: 7\ndata: b\n\n", b"data: NEW\nid: 7\n\n"),
    "the byte order mark stays": (b"\xef\xbb\xbfdata: a\n\n", b"\xef\xbb\xbfdata: NEW\n\n"),
    "an event without end gets none": (b"data: a", b"data: NEW"),
}


@pytest.mark.parametrize(("raw", "want"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_an_event_is_written_again_with_nothing_but_its_data_changed(raw: bytes, want: bytes):
    (frame,) = cut(SseFramer(), [raw])
    assert want == frame.with_data("NEW")


def test_data_of_several_lines_stays_several_lines():
    (frame,) = cut(SseFramer(), [b"data: a\n\n"])
    assert frame.with_data("b\nc") == b"data: b\ndata: c\n\n"


def test_a_line_is_written_again_between_the_same_blanks():
    (frame,) = cut(LineFramer(), [b'  {"a": 1}\r\n'])
    assert frame.with_data("{}") == b"  {}\r\n"


def test_a_new_event_has_the_ending_of_its_stream():
    framer = SseFramer()
    list(framer.feed(b"data: a\r\n\r\n"))
    assert framer.make("e", "x") == b"event: e\r\ndata: x\r\n\r\n"
    assert SseFramer().make("", "x") == b"data: x\n\n"
    assert LineFramer().make("", "{}") == b"{}\n"


@pytest.mark.parametrize("make", [SseFramer, LineFramer])
def test_a_frame_over_the_limit_is_too_large_and_its_bytes_are_not_lost(make):
    good = make().make("", "ok")
    stream = good + b"data: " + b"x" * 50 + b"\n\n" + good

    def everything(pieces):
        framer, got, pieces = make(limit=30), b"", list(pieces)
        with pytest.raises(TooLarge, match="larger than 30 bytes"):
            while pieces:
                for frame in framer.feed(pieces.pop(0)):
                    got += frame.raw
        return got + framer.rest() + b"".join(pieces)

    feed_every_way(everything, stream, stream)


@given(
    st.lists(
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b"data", b":", b" ", b"x", b"event: e", b"\xe5\xbc\xa0", b"\xe5", b"\xef\xbb\xbf"]
        ),
        max_size=30,
    ),
    st.sampled_from([SseFramer, LineFramer]),
)
def test_joined_frames_are_the_stream_and_what_they_say_does_not_depend_on_the_cuts(pieces, make):
    whole, apart = cut(make(), [b"".join(pieces)]), cut(make(), pieces)
    assert b"".join(frame.raw for frame in apart) == b"".join(pieces)
    said = [[(one.event, one.data) for one in frames if one.data is not None] for frames in (whole, apart)]
    assert said[0] == said[1]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=9), min_size=1))
def test_what_was_put_in_comes_out(lines):
    framer = SseFramer()
    (frame,) = cut(framer, [b"data: old\n\n"])
    (again,) = cut(SseFramer(), [frame.with_data("\n".join(lines))])
    assert again.data == "\n".join(lines)
