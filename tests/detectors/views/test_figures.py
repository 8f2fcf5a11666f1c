"""What is told of the digits of a text is so: a view that is not asked for want of them would have found nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.engine import compiled
from detectors.reading import read_text
from detectors.views.figures import Figures, may_match

TEXTS = st.text("019aeE+-. 身", max_size=40)


@given(TEXTS, st.integers(1, 6), st.integers(1, 12))
def test_digits_crowd_where_so_many_stand_within_so_many_characters(text, digits, within):
    text = read_text(text).text
    held = any(
        sum(map(str.isdigit, text[place : place + within])) >= digits for place in range(len(text)) if digits <= within
    )
    assert Figures(read_text(text)).crowd(digits, within) is held


@given(TEXTS, st.integers(1, 9), st.data())
def test_of_some_places_those_are_told_that_have_a_digit_before_them(text, within, data):
    text = read_text(text).text
    places = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    assert Figures(read_text(text)).before(np.array(places, np.intp), within).tolist() == [
        place for place in places if any(map(str.isdigit, text[max(0, place - within) : place]))
    ]


@given(st.text("019ae. 身\n", max_size=700), st.sampled_from([r"[0-9]e[^0-9]{0,9}", "[a ]{3}[0-9]{2}", "0.{1,30}1"]))
def test_a_pattern_of_digits_near_each_other_matches_beside_them_where_it_matches_in_the_text(text, pattern):
    reading = read_text(text)
    found = compiled(pattern, "test")
    assert may_match(found, reading) >= (found.search(reading.skeleton) is not None)


def test_only_what_stands_near_digits_is_searched():
    assert len(Figures(read_text("1" + "a" * 5_000 + "1")).beside) < 200
    assert Figures(read_text("a" * 5_000)).beside == b""


def test_there_are_as_many_as_there_are():
    assert len(Figures(read_text("a1b22c333"))) == 6
    assert Figures(read_text("none"))
