"""Events of plain text are shown as JSON strings, and no byte is lost."""

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.framing.words import WordFramer
from tests.feed import feed_every_way
from tests.thorough import drawn

EVENTS = ('event: output\r\ndata: 您 "Ann"\r\ndata:  two', "event: done\r\ndata: {}", ": ping", "event: output")
DATA = "".join(event + "\r\n\r\n" for event in EVENTS).encode()


def cut(pieces: Sequence[bytes]) -> list[tuple[str, str | None]]:
    framer = WordFramer("output")
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)
    return [(frame.event, frame.data) for frame in frames if frame.data is not None]


def test_only_events_of_that_name_are_words() -> None:
    want = [("output", json.dumps('您 "Ann"\n two', ensure_ascii=False)), ("done", "{}")]
    feed_every_way(cut, DATA, want)


def test_the_last_event_may_lack_its_ending() -> None:
    assert cut([b"event: output\ndata: x"]) == [("output", '"x"')]


@settings(max_examples=drawn(80), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.sampled_from(["\n", ""]))
def test_any_text_reads_back_once_written_anew_or_made(text: str, end: str) -> None:
    text += end + "x"
    framer = WordFramer("output")
    (frame,) = framer.feed(b"event: output\nid: 7\ndata: old\n\n")
    for made in (frame.with_data(json.dumps(text)), framer.make("output", json.dumps(text))):
        (again,) = WordFramer("output").feed(made)
        assert json.loads(again.data or "") == text
    assert framer.make("done", "{}") == b"event: done\ndata: {}\n\n"
