"""Whatever a pattern matches, its shape matches the shape of."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.engine import compiled
from detectors.shapes import asks_for_digits, shape_of, shaped
from detectors.syntax import read
from tests.thorough import drawn

ATOMS = st.sampled_from(["a", "K", "7", "@", r"\-", r"\.", "[0-9]", "[A-F]", "[a-z5]", "[^a-z]", r"\d", r"\s", "\x1f"])
TIMES = st.sampled_from(["", "", "?", "{2}", "{0,2}", "{3,}"])
SEQUENCES = st.lists(st.builds(str.__add__, ATOMS, TIMES), min_size=1, max_size=4).map("".join)
PATTERNS = st.one_of(SEQUENCES, st.lists(SEQUENCES, min_size=1, max_size=3).map(lambda ways: f"x?(?:{'|'.join(ways)})"))


@given(PATTERNS, st.data())
@settings(max_examples=drawn(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_shape_of_a_pattern_matches_the_shape_of_whatever_it_matches(pattern, data):
    known = re.compile(pattern, re.ASCII)
    text = data.draw(st.from_regex(known, fullmatch=True, alphabet=st.characters(max_codepoint=127)))
    assert compiled(shaped(read(pattern)), "shape").fullmatch(shape_of(text.encode()))


SHAPES = {
    "digits": (b"A13b9", b"A00a0"),
    "letters, as hexadecimal digits and others": (b"afgzAFGZ", b"aaggAAGG"),
    "signs": (b"+1 (2)_-/.@\n\x1f", b"+0 (0)_-/.@\n\x1f"),
}


@pytest.mark.parametrize(("skeleton", "want"), SHAPES.values(), ids=SHAPES)
def test_texts_of_one_shape_are_told_apart_no_more(skeleton, want):
    assert shape_of(skeleton) == want


APART = {
    "another number of digits": ("[0-9]{4}", b"123"),
    "capitals": ("[A-Z]{2}", b"ab"),
    "a sign": (r"[0-9]\-[0-9]", b"1.2"),
    "no word's edge": (r"\b[0-9]{3}\b", b"a123"),
}


@pytest.mark.parametrize(("pattern", "text"), APART.values(), ids=APART)
def test_what_patterns_of_numbers_tell_apart_their_shapes_do_too(pattern, text):
    assert not compiled(shaped(read(pattern)), "shape").search(shape_of(text))


DIGITS = {
    "somewhere": ("a[0-9]b", True),
    "in each branch": ("a[0-9]|[0-9]b", True),
    "in a group": ("a(?:[0-9]{2}|x[0-9])", True),
    "in one branch": ("a[0-9]|b", False),
    "perhaps": ("a[0-9]?", False),
    "or a letter": ("[0-9a-f]", False),
}


@pytest.mark.parametrize(("pattern", "want"), DIGITS.values(), ids=DIGITS)
def test_patterns_are_told_that_cannot_do_without_a_digit(pattern, want):
    assert asks_for_digits(read(pattern)) is want
