"""The words of a pattern are told; that they stand in whatever it matches is shown where they are found."""

import pytest
from hypothesis import strategies as st

from detectors.spelt import rarity, words_of
from detectors.syntax import read

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
