"""A text without the words that a pattern needs holds nothing that the pattern matches."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.needed import Words, is_common, marks_of, needed
from detectors.patterns import seekers, shipped_rules
from detectors.reading import read_text
from detectors.sieve import Opening, Sieve
from detectors.syntax import read
from tests.thorough import drawn

NEEDED = {
    "a word": ("token[0-9]+", [("token",)]),
    "in capitals, too": ("(?i:Token)[0-9]", [("token",)]),
    "two words": ("pass[a-z]*from", [("from",), ("pass",)]),
    "either": ("(?:密码|口令)[0-9]+", [("密码", "口令")]),
    "what may be missing": ("pass[ ]?word[0-9]", [("pass word", "password")]),
    "of each branch": ("password[0-9]+zip|密码[0-9]+号", [("password", "密码"), ("zip", "号")]),
    "in a group that is repeated": ("[a-z]+(?:[0-9]dot[0-9]){1,4}", [("dot",)]),
    "a sign": ("[a-z]+@[a-z]+", [("@",)]),
}


@pytest.mark.parametrize(("pattern", "want"), NEEDED.values(), ids=NEEDED)
def test_the_words_that_a_pattern_needs_are_told(pattern, want):
    assert [sorted(group) for group in needed(read(pattern))] == [sorted(group) for group in want]


@pytest.mark.parametrize(
    "pattern", ["[a-z]+", "token|[0-9]{9}", "(?:token)?[0-9]", "(?:token)*[0-9]", "[^a]{3}", r"\b"]
)
def test_what_can_do_without_any_word_needs_none(pattern):
    assert needed(read(pattern)) == ()


ATOMS = st.sampled_from(
    ["a", "k", "key", "sk-", "7", "@", "[0-9]", "[ab]", "[_-]", r"\s", "(?i:tok)", r"\b", "密", "号码"]
)
TIMES = st.sampled_from(["", "", "?", "{2}", "{0,2}", "+", "*"])
SEQUENCES = st.lists(
    st.builds(lambda atom, times: atom if atom == r"\b" else f"(?:{atom}){times}", ATOMS, TIMES), min_size=1, max_size=5
).map("".join)
PATTERNS = st.lists(SEQUENCES, min_size=1, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})")


@given(PATTERNS, PATTERNS, st.data())
@settings(max_examples=drawn(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_pattern_matches_has_the_words_that_it_needs(one, other, data):
    pattern = f"{one}x{other}"
    text = data.draw(st.from_regex(re.compile(pattern), alphabet="aktoKTObsey7@_-x 密号码"))
    assert Words(read_text(text)).meet(map(marks_of, needed(read(pattern))))


def test_the_examples_of_all_rules_have_the_words_that_their_rules_need():
    lacking = [
        one.rule.id
        for one in seekers(shipped_rules())
        for example in one.rule.examples
        if not any(Words(read_text(example.replace("¦", ""))).meet(map(marks_of, way.needs)) for way in one.openings)
        and one.pattern.search(read_text(example.replace("¦", "")).text.encode())
    ]
    assert not lacking


def test_a_seeker_whose_words_are_missing_is_not_opened():
    sieve = Sieve([[Opening(",", (), None, needs=(("docker", "podman"),))]])
    assert sieve.open(read_text("one, two"), {0}) == {}
    assert sieve.open(read_text("one, Podman"), {0}) == {0: [(0, 11)]}


def test_a_single_character_beyond_ascii_is_missing_in_texts_of_ascii_only():
    sieve = Sieve([[Opening(",", (), None, needs=(("docker", "从"),))]])
    assert sieve.open(read_text("one, two"), {0}) == {}
    assert sieve.open(read_text("one, 从"), {0}) == {0: [(0, 6)]}


def test_a_word_is_missing_where_only_its_beginning_and_its_end_stand():
    password = (marks_of(("password",)),)
    assert not Words(read_text("a passage, a lord")).meet(password)
    assert Words(read_text("a PassWord")).meet(password)


COMMON = {"the": True, "for": True, "id": True, ":": True, "密": True, "docker": False, "密码": False, "token": False}


@pytest.mark.parametrize(("word", "common"), COMMON.items())
def test_words_that_most_texts_have_are_told(word, common):
    assert is_common(word) is common
