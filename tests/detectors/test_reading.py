"""What is searched is the view, and skeletons keep every offset of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.normalise import normalise
from detectors.reading import LONGEST_KEPT, read_text, reading_once
from detectors.syntax import BEYOND, SINGLED, standing_for
from tests.thorough import drawn

CHARACTERS = st.one_of(
    st.characters(min_codepoint=32, max_codepoint=126),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.sampled_from(
        "，。：；！？“”…·《》０１２ＡＢａ①㎡\u200b\u3000\u0301\u0430\u0391é½\ud800😀\x00\x1d\x1e\x1f\n\t한あ京使"
    ),
    st.characters(),
)


@given(st.text(CHARACTERS, max_size=60))
@settings(max_examples=drawn(200), deadline=None)
def test_a_skeleton_has_one_byte_a_character(text):
    read = read_text(text)
    assert read.text == normalise(text).text
    assert read.skeleton.decode() == "".join(map(standing_for, read.text))


@pytest.mark.parametrize("text", ["a" * 300, "今天" * 200, "ａ１" * 200, "…" * 300, "?？" * 200, "京A12345" * 50])
def test_long_texts_of_few_characters_are_read_whole(text):
    read = read_text(text)
    assert read.text == normalise(text).text
    assert read.skeleton.decode() == "".join(map(standing_for, read.text))


@given(st.text())
def test_no_view_holds_what_stands_for_others_in_a_skeleton(text):
    assert {BEYOND, *SINGLED.values()}.isdisjoint(read_text(text).text)


def test_the_text_is_in_no_repr():
    assert "secret" not in repr(read_text("secret"))


def test_a_text_is_read_once_for_all_who_ask_together_and_kept_for_nobody_after_them():
    text = "电话 139"
    with reading_once():
        first = read_text(text)
        assert read_text("".join(text)) is first
        with reading_once():
            assert read_text(text) is not first
        assert read_text(text) is first
    assert read_text(text) is not first


def test_a_long_text_is_not_kept():
    text = "a" * (LONGEST_KEPT + 1)
    with reading_once():
        assert read_text(text) is not read_text(text)
