"""Words count when they stand near, whole, in either language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.context import words
from tests.thorough import drawn

NEAR = {
    "English before": ("phone 1380", "phone"),
    "English after": ("1380 (phone)", "phone"),
    "capitals": ("PHONE: 1380", "phone"),
    "in the plural": ("phones: 1380", "phone"),
    "of somebody": ("the phone's 1380", "phone"),
    "inside another word": ("saxophones 1380", ""),
    "in an identifier": ("user_phone=1380", "phone"),
    "Chinese glued on": ("我的电话1380", "电话"),
    "Chinese after": ("1380是电话", "电话"),
    "too far": ("phone" + " " * 40 + "1380", ""),
    "two words over a line break": ("Social\nsecurity 1380", "social security"),
    "none": ("1380", ""),
}


@pytest.mark.parametrize(("text", "want"), NEAR.values(), ids=NEAR)
def test_a_word_counts_when_it_is_near_and_is_told_as_the_rule_has_it(text, want):
    start = text.index("1380")
    assert words(("phone", "电话", "social security"), 20).near(text, start, start + 4) == want


def test_a_word_inside_the_finding_is_no_context():
    assert not words(("card",), 20).near("card", 0, 4)


def test_a_word_may_be_asked_for_only_before():
    look = words(("card", "卡"), 10)
    assert look.before("my card 4111 卡", 8) == "card"
    assert look.before("4111 card 卡", 0) == look.before("card" + " " * 20 + "4111", 24) == ""


LOOK = words(("id", "id card", "téléphone", "İstanbul", "卡", "卡号", "no.", "ключ"), 8)


@given(st.lists(st.sampled_from([*LOOK.terms, "ID", "s", "'s", " ", "\n", "x", "1", "号", "É", "i̇", "ı"])), st.data())
@settings(max_examples=drawn(200), deadline=None)
def test_the_word_is_the_one_that_a_slow_look_finds(parts, data):
    text = "".join(parts)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    match = LOOK.pattern.search(text[max(0, start - LOOK.within) : start])
    match = match or LOOK.pattern.search(text[end : end + LOOK.within])
    assert LOOK.near(text, start, end) == (LOOK.terms[match.lastindex - 1] if match else "")


@pytest.mark.parametrize(
    ("text", "want"), [("my card 4111", True), ("4111 卡", True), ("4111" + " " * 30 + "card", False)]
)
def test_it_is_told_in_advance_whether_a_word_may_stand_near(text, want):
    place = text.index("4111")
    assert words(("card", "卡"), 10).around(text, place, place + 4) is want
