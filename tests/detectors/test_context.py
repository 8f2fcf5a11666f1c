"""Words count when they stand near, whole, in either language."""

import pytest

from detectors.context import words

NEAR = {
    "English before": ("phone 1380", True),
    "English after": ("1380 (phone)", True),
    "capitals": ("PHONE: 1380", True),
    "inside another word": ("saxophones 1380", False),
    "in an identifier": ("user_phone=1380", True),
    "Chinese glued on": ("我的电话1380", True),
    "Chinese after": ("1380是电话", True),
    "too far": ("phone" + " " * 40 + "1380", False),
    "two words over a line break": ("social\nsecurity 1380", True),
    "none": ("1380", False),
}


@pytest.mark.parametrize(("text", "want"), NEAR.values(), ids=NEAR)
def test_a_word_counts_when_it_is_near(text, want):
    start = text.index("1380")
    assert words(("phone", "电话", "social security"), 20).near(text, start, start + 4) == want


def test_a_word_inside_the_finding_is_no_context():
    assert not words(("card",), 20).near("card", 0, 4)
