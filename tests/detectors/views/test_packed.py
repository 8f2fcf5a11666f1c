"""Bytes are read as the text that they surely stand for, packed or not, and never as one by chance."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.views.packed import bare, inflated, otherwise, text_of, unpacked

SAID = "身份证 110101199003074477 已核，please check it"


def deflated(level):
    machine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return machine.compress(SAID.encode()) + machine.flush()


READ = {
    "gzip": gzip.compress(SAID.encode()),
    "zlib": zlib.compress(SAID.encode()),
    "deflate, stored": deflated(0),
    "deflate, with codes of its own": deflated(9),
    "brotli": brotli.compress(SAID.encode()),
    "GB 18030": SAID.encode("gb18030"),
    "GBK in gzip": gzip.compress(SAID.encode("gbk")),
    "UTF-16": SAID.encode("utf-16"),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_a_text_is_read_however_it_is_packed_or_written(data):
    assert unpacked(data) == SAID


@pytest.mark.parametrize("data", [b"", b"short", b"\xff" * 16, b"\x1f\x8b" + b"nothing of the kind"])
def test_what_stands_for_no_text_is_none(data):
    assert unpacked(data) is None and text_of(data) is None


def test_letters_of_other_scripts_are_no_text_in_gb_18030():
    assert otherwise("договор".encode("gb18030")) is None and otherwise("合同，甲方".encode("gb18030")) == "合同，甲方"


@given(
    st.binary(min_size=11, max_size=60)
    | st.tuples(st.text("abc 身份", max_size=60), st.integers(0, 9)).map(
        lambda one: zlib.compress(one[0].encode(), one[1])[2:-4].ljust(11, b"\0")
    ),
    st.integers(0, 400),
)
def test_what_is_told_of_a_block_by_its_head_is_what_unpacking_it_tells(data, flipped):
    at = flipped % (len(data) * 8)
    changed = bytearray(data)
    changed[at // 8] ^= 1 << at % 8
    for one in (data, bytes(changed)):
        assert bare(one) == inflated(one, -15)
