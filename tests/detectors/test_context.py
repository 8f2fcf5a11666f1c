"""Words count when they stand near, whole, in either language."""

import pytest

from detectors.context import words

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
