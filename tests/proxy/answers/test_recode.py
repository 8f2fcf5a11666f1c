"""An answer in another charset comes back in UTF-8, however it is cut; one that only claims to be, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answers.recode import Recoder, as_utf8, codec_in
from tests.feed import feed_every_way

TYPES = {
    "application/json": "",
    "application/json; charset=utf-8": "",
    "text/plain;charset=GBK": "gb18030",
    'text/plain; charset="gb2312"': "gb18030",
    "text/plain; charset=utf-16": "utf-16",
    "text/plain; charset=rot13": "",
    "text/plain; charset=gbk; charset=big5": "",
}


@pytest.mark.parametrize(("content_type", "codec"), TYPES.items())
def test_the_label_names_the_codec(content_type: str, codec: str) -> None:
    assert codec_in(content_type) == codec


def test_the_new_label_names_utf8_and_keeps_the_rest() -> None:
    assert as_utf8("text/plain; charset=gbk; x=1") == "text/plain; x=1; charset=utf-8"


def recoded(codec: str):
    def feed(pieces) -> bytes:
        recoder = Recoder(codec)
        return b"".join(map(recoder.feed, pieces)) + recoder.feed(b"", ended=True)

    return feed


@pytest.mark.parametrize("codec", ["gb18030", "big5hkscs", "utf-16", "latin-1"])
@pytest.mark.parametrize("text", ["电话 [PHONE_NUMBER_7K2F9QAA] 谢谢", "plain", "", "é [A] é"])
def test_a_text_comes_back_in_utf8_however_it_is_cut(codec: str, text: str) -> None:
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        return
    feed_every_way(recoded(codec), data, text.encode())


@given(st.text(st.characters(codec="gb18030")), st.integers(1, 9))
def test_utf8_that_claims_to_be_gbk_passes_as_it_is(text: str, size: int) -> None:
    data = text.encode()
    assert recoded("gb18030")([data[at : at + size] for at in range(0, len(data), size)]) == data


@given(st.binary(), st.integers(1, 9))
def test_any_bytes_give_the_same_however_they_are_cut(data: bytes, size: int) -> None:
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    got = recoded("gb18030")(cut)
    assert got.decode("utf-8", "surrogateescape") is not None
    assert data.isascii() is (got == data and data.isascii())
