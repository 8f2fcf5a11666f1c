import asyncio
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.demo import manner
from proxy.demo.manner import Manner, Mode, compressed, compressed_whole, pieces


@given(st.text(), st.integers(1, 9))
def test_pieces_joined_are_the_text(text: str, size: int) -> None:
    assert text == "".join(pieces(text, size))
    assert all(len(piece) <= size for piece in pieces(text, size))


def test_each_compressed_frame_can_be_read_as_soon_as_it_comes() -> None:
    reader = zlib.decompressobj(wbits=31)
    frames = [b"first ", b"second ", "第三".encode()]
    assert frames == [reader.decompress(coded) for coded in compressed(frames)][:3]
    assert zlib.decompress(compressed_whole(b"whole"), wbits=31) == b"whole"


@pytest.mark.parametrize(("mode", "fields"), [(Mode.NORMAL, ()), (Mode.GZIP, (("content-encoding", "gzip"),))])
def test_only_the_compressing_manner_names_a_coding(mode: Mode, fields: tuple) -> None:
    assert fields == Manner(mode=mode).coded([b"x"])[0]


async def collect(one: Manner, got: list[bytes]) -> None:
    async for frame in one.paced([b"1", b"2", b"3"]):
        got += [frame]  # one by one: what came before a failure counts


def test_a_held_answer_goes_on_when_it_is_released() -> None:
    one, got = Manner(hold_after=1), []
    one.released.set()
    asyncio.run(collect(one, got))
    assert (got, one.waited_in_vain) == ([b"1", b"2", b"3"], False)


def test_an_answer_held_in_vain_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manner, "HELD_AT_MOST", 0.01)
    one, got = Manner(hold_after=2), []
    with pytest.raises(TimeoutError):
        asyncio.run(collect(one, got))
    assert (got, one.waited_in_vain) == ([b"1", b"2"], True)
