"""Every word is found, wherever it stands and whatever stands over it, and so is every group that a text has one of."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import vocabulary
from detectors.reading import read_text
from detectors.spelt import words_of
from detectors.syntax import read
from detectors.vocabulary import MOST_WAYS, Seen, Vocabulary, rows_of
from tests.detectors.test_spelt import PATTERNS
from tests.thorough import drawn


def by_place(one):
    return one[0], one[1], str(one[2])


def found(words, text, literals=()):
    """Return where words stand in a text, each of those who wait being the word itself."""
    reading = read_text(text)
    all_words = Vocabulary({word: [word] for word in words}, {word: [word] for word in literals})
    return sorted(((start, end, word) for start, end, (word,) in all_words.find(reading, Seen(reading))), key=by_place)


LITERALS = ("密码", "银行", "卡号", "银行卡号", "★", "一vs二")
FOUND = {
    "a word": ("我的密码是", [(2, 4, "密码")]),
    "a word of one character": ("★机", [(0, 1, "★")]),
    "twice": ("密码密码", [(0, 2, "密码"), (2, 4, "密码")]),
    "one in another": ("银行卡号", [(0, 2, "银行"), (0, 4, "银行卡号"), (2, 4, "卡号")]),
    "its beginning": ("银行卡", [(0, 2, "银行")]),
    "beside ASCII": ("a密码1", [(1, 3, "密码")]),
    "with ASCII in it": ("一vs二", [(0, 4, "一vs二")]),
    "in other capitals": ("一VS二", [(0, 4, "一vs二")]),
    "ASCII": ("plain", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_words_beyond_ascii_are_found(text, want):
    assert found((), text, LITERALS) == want


@given(st.sets(st.text("甲乙丙😀", min_size=1, max_size=3), min_size=1, max_size=6), st.text("甲乙丙a😀", max_size=40))
@settings(deadline=None)
def test_all_words_beyond_ascii_are_found_that_stand_in_a_text(words, text):
    want = [
        (start, start + len(word), word) for word in words for start in range(len(text)) if text.startswith(word, start)
    ]
    assert found((), text, words) == sorted(want, key=by_place)


def test_characters_that_share_a_symbol_are_told_apart():
    words = [chr(code) * 2 for code in range(ord("一"), ord("一") + 500)]
    assert [word for _, _, word in found((), "".join(words[250:260]), words)] == words[250:260]


WIDE = "".join(map(chr, range(ord("a"), ord("z") + 1)))
FEW = st.sampled_from(["a", "b", "Aa", "1", "-", "c", WIDE, "0123456789", "-_", "\x1f"])


@given(
    st.sets(st.lists(FEW, min_size=1, max_size=6).map(tuple), min_size=1, max_size=6),
    st.text("aAbBc1-_ 甲", max_size=40),
)
@settings(max_examples=drawn(200), deadline=None)
def test_all_words_are_found_that_stand_in_a_text(words, text):
    want = {
        (match.start(), match.start() + len(word), word)
        for word in words
        for match in re.finditer(f"(?={''.join(f'[{one}]' for one in word)})", text.replace("甲", "\x1f"))
    }
    assert found(words, text) == sorted(want, key=by_place)


@given(PATTERNS, st.data())
@settings(max_examples=drawn(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_pattern_matches_has_one_of_its_words(pattern, data):
    spelt = words_of(read(pattern))
    if spelt is None:
        return
    match = re.search(pattern, data.draw(st.from_regex(re.compile(pattern), alphabet="aktoKTO ey7@_-sé")))
    if match:
        assert found(spelt[0], f"  {match.group()}  ")


@pytest.mark.parametrize("before", range(14))
def test_a_word_is_found_over_the_end_of_a_piece_and_once(monkeypatch, before):
    monkeypatch.setattr(vocabulary, "PIECE", 4)
    words = [tuple("token"), tuple("ke")]
    assert found(words, "x" * before + "token密x") == [
        (before, before + 5, words[0]),
        (before + 2, before + 4, words[1]),
    ]
    assert found((), "一" * before + "密码一", ["密码", "码"]) == [
        (before, before + 2, "密码"),
        (before + 1, before + 2, "码"),
    ]


@given(
    st.sets(st.lists(FEW, min_size=1, max_size=4).map(tuple), min_size=1, max_size=6),
    st.sets(st.text("甲乙丙", min_size=1, max_size=3), min_size=1, max_size=4),
    st.text("aAb1-甲乙丙", max_size=60),
)
@settings(max_examples=drawn(200), deadline=None)
def test_where_very_many_words_stand_each_is_in_the_stretch_that_is_told(words, literals, text):
    exact = found(words, text, literals)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "DENSE", 0)
        patch.setattr(vocabulary, "PIECE", 16)
        told = found(words, text, literals)
    assert all(
        any(one == word and first <= start < end <= last for first, last, one in told) for start, end, word in exact
    )


ROWS = {
    "a word": ("abc", 0, 1, False),
    "both cases": (("Aa", "Bb"), 0, 1, True),
    "one case": (("A", "Bb"), 0, 1, False),
    "a digit": (("a", "1"), 0, 1, False),
    "a sign": (("-", "Aa"), 0, 1, True),
    "any digit": (("Aa", "0123456789"), 0, 1, True),
    "several signs": (("a", ":="), 0, 2, False),
    "a part of what stands for too much": (("a", "b", WIDE, "z", "q", "x"), 3, 1, False),
    "what may be anything": ((WIDE + "12", WIDE), 1, 26, False),
}


@pytest.mark.parametrize(("word", "place", "rows", "whole"), ROWS.values(), ids=ROWS)
def test_a_word_is_looked_for_by_few_rows(word, place, rows, whole):
    told = rows_of(tuple(word))
    assert (told[0], len(told[1]), told[2]) == (place, rows, whole)


@given(st.lists(FEW, min_size=2, max_size=8).map(tuple))
def test_no_word_has_more_rows_than_may_be(word):
    rows = rows_of(word)[1]
    assert len(set(rows)) == len(rows)
    assert len(rows) <= MOST_WAYS or len(rows[0]) == 1


GROUPS = (("docker", "podman"), ("the",), ("密码", "口令"), ("密",), ("v信",), (":",), ("from", "token"))
MET = {
    "a rare word": ("use Docker", {("docker", "podman")}),
    "a common word": ("The end", {("the",)}),
    "a word that the cases of letters make longer": ("İ the", {("the",)}),
    "a word beyond ASCII": ("新密码", {("密码", "口令"), ("密",)}),
    "one of both kinds": ("加V信", {("v信",)}),
    "a sign": ("a: b", {(":",)}),
    "the other word of a group": ("a TOKEN", {("from", "token")}),
    "a part of a word": ("a dock", set()),
}


@pytest.mark.parametrize(("text", "want"), MET.values(), ids=MET)
def test_the_groups_are_told_of_which_a_text_has_one(text, want):
    words, reading = Vocabulary({}, {}, GROUPS), read_text(text)
    seen = Seen(reading)
    assert not list(words.find(reading, seen)), "nobody waits for a group"
    assert {group for group in GROUPS if seen.meets([words.needed(group)])} == want
    assert seen.meets([words.needed(group) for group in want])
    assert not seen.meets(map(words.needed, GROUPS))


@given(
    st.lists(st.lists(st.text("abekt密码v1", min_size=1, max_size=4), min_size=1, max_size=3).map(tuple), max_size=4),
    st.text("abektABEKT密码v1 ", max_size=30),
)
@settings(max_examples=drawn(200), deadline=None)
def test_no_group_is_missed_of_which_a_text_has_one(groups, text):
    words, reading = Vocabulary({}, {}, groups), read_text(text)
    seen = Seen(reading)
    list(words.find(reading, seen))
    for group in groups:
        assert seen.meets([words.needed(group)]) or not any(word in text.lower() for word in group)


def test_without_words_nothing_is_found():
    assert found((), "密码 token") == []
