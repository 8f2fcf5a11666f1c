"""Bytes are read as the text they are, whatever packs them, and nothing else is taken for text."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.views.packed import LARGEST, UNPRINTABLE, otherwise, text_of, unpacked

CHINESE = "客户王芳的手机号是13800138000"
ENGLISH = "call Jane on 13800138000 today"


def deflated(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


PACKS = {"gzip": gzip.compress, "zlib": zlib.compress, "deflate": deflated, "brotli": brotli.compress}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_what_is_packed_is_read(pack: str, text: str) -> None:
    assert unpacked(PACKS[pack](text.encode())) == text


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_cut_is_no_text(pack: str) -> None:
    whole = PACKS[pack]((CHINESE + ENGLISH).encode())
    assert unpacked(whole[:-9]) is None


@pytest.mark.parametrize("pack", ["gzip", "zlib", "brotli"])
def test_what_unpacks_beyond_the_bound_is_no_text(pack: str) -> None:
    assert unpacked(PACKS[pack](b"a" * (LARGEST + 1))) is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (CHINESE.encode("gb18030"), CHINESE),
        (ENGLISH.encode("utf-16"), ENGLISH),
        (ENGLISH.encode("utf-16-le"), ENGLISH),
        (ENGLISH.encode("utf-16-be"), ENGLISH),
        (bytes(range(128, 160)), None),
    ],
)
def test_another_charset_is_read_where_bytes_are_hardly_anything_else(data: bytes, text: str | None) -> None:
    assert (otherwise(data) or "").removeprefix("\ufeff") == (text or "")


@given(st.text(min_size=11))
def test_text_of_utf_8_is_that_text_or_holds_what_nobody_prints(text: str) -> None:
    assert text_of(text.encode()) == (None if UNPRINTABLE.search(text) else text)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_none(data: bytes) -> None:
    found = unpacked(data)
    assert found is None or not UNPRINTABLE.search(found)
