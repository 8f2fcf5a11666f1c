"""Whatever a pattern matches, its shape matches the shape of."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.engine import compiled
from detectors.shapes import digits_of, shape_of, shaped
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
    "somewhere": ("a[0-9]b", 1),
    "in each branch": ("a[0-9]|[0-9]{3}b", 1),
    "in a group": ("a(?:[0-9]{2}|x[0-9]{4})[0-9]", 3),
    "several times": ("(?:[0-9]{2}-?){3,5}", 6),
    "in one branch": ("a[0-9]|b", 0),
    "perhaps": ("a[0-9]?", 0),
    "or a letter": ("[0-9a-f]", 0),
    "and an edge": (r"\b[0-9]\b", 1),
}


@pytest.mark.parametrize(("pattern", "want"), DIGITS.values(), ids=DIGITS)
def test_of_patterns_it_is_told_how_many_digits_they_cannot_do_without(pattern, want):
    assert digits_of(read(pattern)) == want
