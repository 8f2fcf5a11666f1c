"""A file is what its content says, whatever it is called; and anything is read or told."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.documents.document import Limits
from proxy.documents.read import read_document
from tests.proxy.documents.files import (
    everything,
    excel,
    open_document,
    pdf,
    read,
    reasons,
    slides,
    word,
)
from tests.thorough import drawn


def test_nothing_holds_nothing():
    assert (read(b"").parts, read(b"").opaque) == ((), ())


@pytest.mark.parametrize(
    "data", [b"\x7fELF\2\1\1\0\0\0", b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf'\x1c\0\0", b"OggS\0\2", b"\0asm\1\0\0\0"]
)
def test_what_nobody_knows_is_told(data: bytes):
    assert reasons(read(data)) == [("", "unknown")]


def test_time_that_is_over_is_told():
    ticks = iter(range(0, 10_000, 20))
    document = read_document(word(["a"]), "", Limits(seconds=15), clock=lambda: float(next(ticks)))
    assert "too_slow" in {reason for _, reason in reasons(document)}


WHOLE = [
    word(["a"]),
    excel([["a", 1]]),
    slides("a"),
    open_document("<text:p>a</text:p>"),
    pdf("a page of text, long enough"),
    b"{\\rtf1 a}",
]


@settings(deadline=None, max_examples=drawn(60))
@given(st.sampled_from(range(len(WHOLE))), st.randoms(use_true_random=False))
def test_anything_cut_short_or_damaged_is_read_or_told(which: int, chance: random.Random):
    data = bytearray(WHOLE[which])
    if chance.random() < 0.5:
        del data[chance.randrange(len(data)) :]
    for _ in range(chance.randrange(4)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    document = read(bytes(data), "", Limits(ocr=False, seconds=100))
    assert document.rewrite([part.text for part in document.parts]) == bytes(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_told(data: bytes):
    document = read(data, "", Limits(ocr=False, seconds=100))
    assert document.parts or document.opaque or not everything(document).strip()
