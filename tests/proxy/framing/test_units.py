"""Frames counted in UTF-16 units are cut where their lengths say, however bytes arrive, and no byte is lost."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.units import UnitFramer, counted, units
from tests.feed import feed_every_way
from tests.thorough import drawn

ANSWER = [["wrb.fr", None, '[null,["您😀"]]']]
OPENED = '[["wrb.fr",null,[null,["您😀"]]]]'
TEXT = json.dumps(ANSWER, ensure_ascii=False)
FRAME = f"{len((TEXT + '__').encode('utf-16-le')) // 2}\n{TEXT}\n"


def cut(pieces: Sequence[bytes]) -> list[str | None]:
    framer = UnitFramer()
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)
    return [frame.data for frame in frames if frame.data is not None]


STREAMS = {
    "two frames behind the guard": (f')]}}\'\n\n{FRAME}13\n[["e",4,1]]\n', [OPENED, '[["e",4,1]]']),
    "no guard": (FRAME, [OPENED]),
    "blanks between frames": (f"{FRAME}\r\n{FRAME}\n", [OPENED, OPENED]),
    "a length that counts one line end only": ("4\n[1]\n4\n[2]\n", ["[1]", "[2]"]),
    "a frame that ends in a character of several bytes": ('2"您3"😀', ['"您', '"😀']),
    "no lengths": (f")]}}'\n\n{TEXT}\n", [OPENED]),
    "an error without guard": ('{"error": "您"}', ['{"error":"您"}']),
    "JSON in a string that is none": ('22\n[["wrb.fr",1,"[1,"]]\n', ['[["wrb.fr",1,"[1,"]]']),
    "broken off in a frame": (f"{FRAME}99\n[1", [OPENED]),
    "broken off in a length": (f"{FRAME}9", [OPENED]),
    "a length of too many digits": ("1234567890\n[1]\n", ["1234567890\n[1]\n"]),
    "a length that ends within a pair of units": ('4\n"😀"\n', ['\n"😀', '"\n']),
    "no array": ("<html>", ["<html>"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("data", "want"), STREAMS.values(), ids=STREAMS.keys())
def test_frames_end_where_their_lengths_say(data: str, want: list[str]) -> None:
    feed_every_way(cut, data.encode(), want)


@pytest.mark.parametrize("data", [b"5\n\xff\xf0\x80\x80", b"3\n\xf0[1]", b"\xff", b")]}", b"4\n\xe6\x82"])
def test_bytes_that_are_no_utf_8_pass(data: bytes) -> None:
    feed_every_way(lambda pieces: len(cut(pieces)) * 0, data, 0)


@settings(max_examples=drawn(80), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_reads_back_once_written_anew_or_made(text: str) -> None:
    data = json.dumps([["wrb.fr", None, [[text]]], ["di", 5]])
    framer = UnitFramer()
    (frame,) = framer.feed(FRAME.encode())
    for made in (frame.with_data(data), framer.make("", data)):
        number, _, rest = made.decode().partition("\n")
        assert int(number) == len(("\n" + rest).encode("utf-16-le")) // 2
        (again,) = UnitFramer().feed(made)
        assert json.loads(again.data or "") == json.loads(data)
        assert json.loads(json.loads(rest)[0][2]) == [[text]]


def test_an_answer_without_lengths_is_written_without() -> None:
    framer = UnitFramer()
    assert not list(framer.feed(b'[["wrb.fr",null,"[1]"]]\n'))
    (frame,) = framer.end()
    assert frame.with_data('[["wrb.fr",null,[2]]]') == b'[["wrb.fr",null,"[2]"]]\n'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_units_are_those_of_a_script(text: str) -> None:
    assert units(text.encode()) == len(text.encode("utf-16-le")) // 2


def test_a_frame_over_the_limit_is_refused_and_its_bytes_are_still_there() -> None:
    framer = UnitFramer(limit=100)
    fed = counted("[1]") + b"999\n" + b"x" * 200
    frames = []
    with pytest.raises(TooLarge):
        for frame in framer.feed(fed):
            frames.append(frame.raw)  # noqa: PERF401 - what came before the error counts
    assert b"".join(frames) + framer.rest() == fed
