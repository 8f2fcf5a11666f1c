"""A name that is all there is in a text must be surer where somebody asks, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.alone import asks, backed
from detectors.ner.mention import Mention

LATIN, HASHED, CUE = ("model:latin",), ("model:hashed",), ("cue:greeting",)
TOLD = "I met {} on Friday."
MEANT = "Dear Sam, how does {} work?"
"""A question that speaks of people."""


def seen(text, words, label, score, because=LATIN):
    start = text.index(words)
    return Mention(start, start + len(words), label, score, because)


ALONE = {
    # why: (the only name, its label, its score, kept where somebody asks)
    "one word taken for a body": ("Zuul", "ORGANIZATION", 0.94, False),
    "one that is surer": ("Zuul", "ORGANIZATION", 0.96, True),
    "several words taken for a body": ("Sicilian Defence", "ORGANIZATION", 0.69, False),
    "several that are surer": ("Quillmore Estates", "ORGANIZATION", 0.71, True),
    "one word taken for a place": ("Jira", "LOCATION", 0.89, False),
    "a place that is surer": ("Truro", "LOCATION", 0.91, True),
    "a country": ("England", "LOCATION", 0.7, True),
    "a person whose name nobody is known to bear": ("Traefik", "PERSON", 0.89, False),
    "such a person, surer": ("Traefik", "PERSON", 0.91, True),
    "a known name": ("Anna", "PERSON", 0.61, True),
    "a known name, hardly seen": ("Anna", "PERSON", 0.59, False),
    "a known name in several words": ("Anna Dilvar", "PERSON", 0.76, True),
    "the same, less sure": ("Anna Dilvar", "PERSON", 0.74, False),
    "an address": ("Gate B", "ADDRESS", 0.5, False),
    "an address that is surer": ("Gate B", "ADDRESS", 0.61, True),
}


@pytest.mark.parametrize(("words", "label", "score", "kept"), ALONE.values(), ids=ALONE)
def test_the_only_name_where_somebody_asks_must_be_surer(words, label, score, kept):
    text = MEANT.format(words)
    assert bool(backed(text, [seen(text, words, label, score)])) is kept


@pytest.mark.parametrize(("words", "label", "score"), [row[:3] for row in ALONE.values()], ids=ALONE)
def test_it_needs_no_more_than_before_where_somebody_tells(words, label, score):
    text = TOLD.format(words)
    assert backed(text, [seen(text, words, label, score)])


def test_one_name_said_twice_is_still_the_only_one():
    text = "Zuul or not? zuul is slow"
    assert backed(text, [seen(text, "Zuul", "ORGANIZATION", 0.8), seen(text, "zuul", "ORGANIZATION", 0.8)]) == []


BESIDE = {
    "another name": seen("Zuul, Bregg", "Bregg", "PERSON", 0.5),
    "the same word, by a rule": Mention(0, 4, "ORGANIZATION", 0.8, CUE),
    "by two models": Mention(0, 4, "ORGANIZATION", 0.8, (*LATIN, *HASHED)),
    "by a model from elsewhere": Mention(0, 4, "ORGANIZATION", 0.8, ("model:strange",)),
}


@pytest.mark.parametrize("other", BESIDE.values(), ids=BESIDE)
def test_what_something_else_speaks_for_stays(other):
    text = "Zuul, Bregg: who is who?"
    both = [seen(text, "Zuul", "ORGANIZATION", 0.8), other]
    assert backed(text, both) == both


def test_a_place_in_chinese_must_be_surer_where_somebody_asks_and_a_person_need_not():
    asked, told = "同事去春江有什么习俗", "昨天到了春江"
    assert backed(asked, [seen(asked, "春江", "LOCATION", 0.88, HASHED)]) == []
    assert backed(asked, [seen(asked, "春江", "LOCATION", 0.91, HASHED)])
    assert backed(asked, [seen(asked, "春江", "PERSON", 0.71, HASHED)])
    assert backed(told, [seen(told, "春江", "LOCATION", 0.88, HASHED)])


ASKS = {
    "a question": ("Bregg or Zuul?", True),
    "a question in full width": ("Bregg 好吗", True),
    "what to do": ("Explain Bregg", True),
    "politely": ("please compare Bregg with the other one", True),
    "behind another sentence": ("It is slow. Fix Bregg", True),
    "behind a heading's mark": ("# Summarise Bregg", True),
    "one against another": ("Bregg vs Zuul", True),
    "in traditional characters": ("幫我潤飾：到了春江", True),
    "a word that mostly asks, wherever it stands": ("Bregg explained nothing that I could use", True),
    "a verb within a sentence": ("They compare notes with Bregg", False),
    "part of a word": ("Howard met Bregg", False),
    "told in Chinese": ("昨天到了春江", False),
}


@pytest.mark.parametrize(("text", "want"), ASKS.values(), ids=ASKS)
def test_what_counts_as_asking(text, want):
    assert asks(text) is want


def test_a_question_counts_at_the_beginning_and_the_end_of_a_long_text():
    long = "Bregg met nobody.\n" * 1000
    assert not asks(long)
    assert asks("Shorten this:\n" + long)
    assert asks(long + "Is that right?")
    assert not asks(long + "Is that right?\n" + long), "in the middle it is part of what was pasted"


@given(
    st.text(alphabet="Anna Zuul?王芳，怎么.\n", min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 8), st.floats(0, 1)), max_size=4),
)
def test_nothing_is_added_and_nothing_changed(text, places):
    told = [
        Mention(start, min(start + length, len(text)), "PERSON", score, LATIN)
        for start, length, score in places
        if start < len(text)
    ]
    left = backed(text, told)
    assert left == [one for one in told if one in left]
