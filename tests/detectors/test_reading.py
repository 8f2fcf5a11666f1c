"""The quick way reads as the careful one does, and skeletons keep every offset."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import reading
from detectors.normalise import normalise
from detectors.reading import read_text
from detectors.syntax import BEYOND

CHARACTERS = st.one_of(
    st.characters(min_codepoint=32, max_codepoint=126),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.sampled_from(
        "，。：；！？（）“”‘’—…·、《》【】０１２ＡＢａ①㎡\u200b\u3000\u0301\u0430\u0391é½\ud800😀\x00\x1f\n\t한あ"
    ),
    st.characters(),
)


def spans(view):
    return [view.span(place, place + 1) for place in range(len(view.text))]


@given(st.text(CHARACTERS, max_size=60), st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_quick_way_reads_as_the_careful_one(text, escaped):
    text = text + ("\\u4e00 %41 &amp;" if escaped else "") + "今" * (reading.SHORT + 1)
    quick, careful = read_text(text).view, normalise(text)
    assert quick.text == careful.text
    assert spans(quick) == spans(careful)


@given(st.text(CHARACTERS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_skeleton_has_one_byte_a_character(text):
    read = read_text(text)
    assert len(read.skeleton) == len(read.text)
    assert all(
        chr(byte) == character if character.isascii() else chr(byte) == BEYOND
        for byte, character in zip(read.skeleton, read.text, strict=True)
    )


@pytest.mark.parametrize("text", ["a" * 300, "今天" * 200, "ａ１" * 200, "…" * 300, "?？" * 200])
def test_long_texts_of_few_characters_are_read_whole(text):
    assert read_text(text).text == normalise(text).text


def test_the_text_is_in_no_repr():
    assert "secret" not in repr(read_text("secret"))
