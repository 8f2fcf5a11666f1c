"""Events in base64 are shown as their texts, and no byte is lost."""

import json
from base64 import b64encode
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.framing.coded import CodedFramer
from tests.feed import feed_every_way
from tests.thorough import drawn

TEXT = '您 "Ann" 😀'
CODED = b64encode(TEXT.encode()).decode()
MARKS = ("<end>", "cht000b@dx18c<sid>", "[geeError]", "[error]", "zw", "no base64!")
DATA = "".join(f"data:{one}\r\n\r\n" for one in (CODED, CODED.rstrip("="), *MARKS)).encode() + b": ping\r\n\r\n"


def cut(pieces: Sequence[bytes]) -> list[dict[str, str]]:
    framer = CodedFramer()
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)
    return [json.loads(frame.data) for frame in frames if frame.data is not None]


def test_what_is_base64_of_a_text_is_the_text_and_all_else_is_left() -> None:
    want = [{"text": TEXT}, {"text": TEXT}, {"end": "<end>"}, *({"mark": one} for one in MARKS[1:])]
    feed_every_way(cut, DATA, want)


def test_nothing_but_text_is_written_anew() -> None:
    (frame,) = CodedFramer().feed(b"data:<end>\n\n")
    assert frame.with_data('{"end": "something else"}') == b"data:<end>\n\n"


@settings(max_examples=drawn(80), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.binary(max_size=40))
def test_any_text_reads_back_once_written_anew_or_made(text: str, noise: bytes) -> None:
    framer = CodedFramer()
    (frame,) = framer.feed(b"id: 7\ndata:" + CODED.encode() + b"\n\n")
    held = json.dumps({"text": text})
    for made in (frame.with_data(held), framer.make("", held)):
        (again,) = CodedFramer().feed(made)
        assert json.loads(again.data or "") == {"text": text}
    cut([noise])
