"""The words of a pattern stand in whatever it matches, and all of them are found."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import spelt
from detectors.spelt import Spelt, rarity, words_of
from detectors.syntax import read
from tests.thorough import drawn

WORDS = {
    "a word": ("token", ["token"], True),
    "and more": ("token[0-9]+", ["token"], False),
    "either": ("abc|xyz", ["abc", "xyz"], True),
    "a group": ("k(?:ey|ing)s", ["keys", "kings"], True),
    "what may be missing": ("colou?rs", ["colors", "colours"], True),
    "the rarer of two": ("the[0-9]+quiz", ["quiz"], False),
    "one that begins with another": ("tok|token", ["tok"], True),
    "a sign": (r"sk\-ant\-[a-z]{5}", ["sk-ant-"], False),
}


@pytest.mark.parametrize(("pattern", "words", "whole"), WORDS.values(), ids=WORDS)
def test_the_words_of_a_pattern_are_told(pattern, words, whole):
    found = words_of(read(pattern))
    assert found is not None
    assert (sorted("".join(word) for word in found[0]), found[1]) == (words, whole)


@pytest.mark.parametrize("pattern", ["[a-z]{5}", "[0-9]{9}", "a", "abc|[0-9]{3}", "x*", r"\bé"])
def test_what_spells_nothing_has_no_words(pattern):
    assert words_of(read(pattern)) is None


def test_both_cases_of_a_letter_are_one_word():
    assert words_of(read("(?i:key)")) == ((("Kk", "Ee", "Yy"),), True)


def test_rare_words_are_told_from_common_ones():
    rare, common = (words_of(read(word)) for word in ("zxqj", "other"))
    assert rarity(rare[0]) > rarity(common[0]) > rarity([]) == 0


ATOMS = st.sampled_from(["a", "k", "key", "sk-", "7", "@", "[0-9]", "[A-Za-z]", "[_-]", r"\s", "(?i:tok)", r"\b", "é"])
TIMES = st.sampled_from(["", "", "?", "{2}", "{0,2}", "+"])


def repeated(atom, times):
    return atom if atom == r"\b" else f"(?:{atom}){times}"


SEQUENCES = st.lists(st.builds(repeated, ATOMS, TIMES), min_size=1, max_size=4).map("".join)
PATTERNS = st.lists(SEQUENCES, min_size=1, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})")


@given(PATTERNS, st.data())
@settings(max_examples=drawn(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_pattern_matches_has_one_of_its_words(pattern, data):
    found = words_of(read(pattern))
    if found is None:
        return
    match = re.search(pattern, data.draw(st.from_regex(re.compile(pattern), alphabet="aktoKTO ey7@_-sé")))
    if match:
        text = match.group().replace("é", "\x1f").encode()
        assert list(Spelt({word: [word] for word in found[0]}).find(b"  " + text + b"  "))


FEW = st.sampled_from(["a", "b", "Aa", "1", "-", "c"])


@given(
    st.sets(st.lists(FEW, min_size=2, max_size=6).map(tuple), min_size=1, max_size=6),
    st.text("aAbBc1-_ ", max_size=40),
)
@settings(deadline=None)
def test_all_words_are_found_that_stand_in_a_text(words, text):
    want = {
        (match.start(), match.start() + len(word), word)
        for word in words
        for match in re.finditer(f"(?={''.join(f'[{one}]' for one in word)})", text)
    }
    found = Spelt({word: [word] for word in words}).find(text.encode())
    assert sorted((start, end, word) for start, end, (word,) in found) == sorted(want)


@pytest.mark.parametrize("before", range(10))
def test_a_word_is_found_over_the_end_of_a_piece(monkeypatch, before):
    monkeypatch.setattr(spelt, "PIECE", 8)
    found = Spelt({tuple("token"): [0]}).find(b"x" * before + b"token x")
    assert [match[:2] for match in found] == [(before, before + 5)]
