"""A streamed array is cut into its objects, however its bytes arrive, and no byte is lost."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import TooLarge
from proxy.framing.array import ArrayFramer
from tests.feed import feed_every_way
from tests.thorough import drawn


def cut(pieces: Sequence[bytes]) -> list[tuple[bytes, str | None]]:
    framer = ArrayFramer()
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.end()
    return [(frame.raw, frame.data) for frame in frames]


STREAMS = {
    "two objects": (
        b'[{"a": 1}\n,\r\n{"b": [1, {"c": 2}]}\n]\n',
        [
            (b'[{"a": 1}', '{"a": 1}'),
            (b'\n,\r\n{"b": [1, {"c": 2}]}', '{"b": [1, {"c": 2}]}'),
            (b"\n]", "[DONE]"),
        ],
    ),
    "nothing": (b" [ ]", [(b" [ ]", "[DONE]")]),
    "one object and no array": (
        b' {"error": {"code": 403}}',
        [(b' {"error": {"code": 403}}', '{"error": {"code": 403}}')],
    ),
    "brackets, quotes and backslashes in strings": (
        '[{"t": "]}\\"{[\\\\"},{"t": "您好"}]'.encode(),
        [
            (b'[{"t": "]}\\"{[\\\\"}', '{"t": "]}\\"{[\\\\"}'),
            (',{"t": "您好"}'.encode(), '{"t": "您好"}'),
            (b"]", "[DONE]"),
        ],
    ),
    "numbers between objects": (b'[1,{"a":2},"x"]', [(b'[1,{"a":2}', '{"a":2}'), (b',"x"]', "[DONE]")]),
}


@pytest.mark.parametrize(("data", "want"), STREAMS.values(), ids=STREAMS.keys())
def test_an_array_is_cut_into_its_objects(data: bytes, want: list) -> None:
    def known(pieces: Sequence[bytes]) -> list:
        return [frame for frame in cut(pieces) if frame[1] is not None]

    feed_every_way(known, data, want)


@pytest.mark.parametrize(
    "data", [b'[{"a": "b', b"[", b"<html>[{}]</html>", b"[{}]tail[{}]", b'"text"', b"", b"]", b"}{", b'[{"\xff": 1}]']
)
def test_whatever_comes_no_byte_is_lost(data: bytes) -> None:
    feed_every_way(lambda pieces: b"".join(raw for raw, _ in cut(pieces)), data, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=drawn(150), deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), JSON), max_size=4), st.integers(1, 9), st.sampled_from(["", "\n"])
)
def test_any_array_of_objects_reads_back_in_pieces_of_any_size(values: list, size: int, gap: str) -> None:
    data = ("[" + f"{gap},{gap}".join(map(json.dumps, values)) + gap + "]").encode()
    found = cut([data[at : at + size] for at in range(0, len(data), size)])
    assert b"".join(raw for raw, _ in found) == data
    assert [json.loads(text) for _, text in found if text not in (None, "[DONE]")] == values


@settings(max_examples=drawn(100), deadline=None)
@given(st.binary(max_size=60), st.integers(1, 7))
def test_any_bytes_come_out_as_they_went_in(data: bytes, size: int) -> None:
    assert b"".join(raw for raw, _ in cut([data[at : at + size] for at in range(0, len(data), size)])) == data


def test_an_element_written_anew_keeps_its_separator_and_a_new_one_has_its_own() -> None:
    framer = ArrayFramer()
    first, second = framer.feed(b'[ {"a":1} ,\r\n{"a":2}')
    assert first.with_data('{"a":"您"}') == '[ {"a":"您"}'.encode()
    assert second.with_data("{}") == b" ,\r\n{}"
    assert json.loads(first.raw + framer.make("", '{"b":0}') + second.raw + b"]") == [{"a": 1}, {"b": 0}, {"a": 2}]


def test_an_element_over_the_limit_is_refused_and_still_there() -> None:
    framer = ArrayFramer(limit=20)
    frames = framer.feed(b'[{"a":1},{"b":"' + b"x" * 30)
    assert next(frames).data == '{"a":1}'
    with pytest.raises(TooLarge, match="20 bytes"):
        next(frames)
    assert framer.rest() == b',{"b":"' + b"x" * 30
