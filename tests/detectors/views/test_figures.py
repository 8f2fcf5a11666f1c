"""What is told of the digits of a text is so: a view that is not asked for want of them would have found nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.figures import Figures

TEXTS = st.text("019aeE+-. 身", max_size=40)


@given(TEXTS, st.integers(1, 6), st.integers(1, 12))
def test_digits_crowd_where_so_many_stand_within_so_many_characters(text, digits, within):
    text = read_text(text).text
    held = any(
        sum(map(str.isdigit, text[place : place + within])) >= digits for place in range(len(text)) if digits <= within
    )
    assert Figures(read_text(text)).crowd(digits, within) is held


@given(TEXTS)
def test_an_exponent_is_told_from_other_digits(text):
    text = read_text(text).text
    assert Figures(read_text(text)).exponent() >= bool(re.search(r"[eE][+\-]?[0-9]", text))


@pytest.mark.parametrize("text", ["", "e", "12 and 3", "-1 +2", "1+1"])
def test_where_no_digit_stands_behind_an_e_there_is_no_exponent(text):
    assert not Figures(read_text(text)).exponent()


@given(TEXTS, st.integers(1, 9))
def test_each_place_knows_whether_a_digit_stands_before_it(text, within):
    text = read_text(text).text
    near = Figures(read_text(text)).near(within)
    assert [bool(one) for one in near] == [
        any(map(str.isdigit, text[max(0, place - within) : place])) for place in range(len(text))
    ]


def test_there_are_as_many_as_there_are():
    assert len(Figures(read_text("a1b22c333"))) == 6
    assert Figures(read_text("none"))
