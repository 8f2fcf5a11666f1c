"""Each stretch goes to the model that reads its script, with what stands around."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.script import has_latin, has_others, stretches
from detectors.ner.tokenise import tokenise

SCRIPTS = {
    "English": ("Hello", True, False),
    "accents": ("Zoë Łukasz", True, False),
    "Chinese": ("你好", False, True),
    "both": ("Hi 你好", True, True),
    "kana": ("さくら", False, True),
    "Cyrillic": ("Иван", False, True),
    "Arabic": ("محمد", False, True),
    "Thai": ("สมชาย", False, True),
    "numbers and marks": ("12:30 — ¥5 😀", False, False),
    "nothing": ("", False, False),
}


@pytest.mark.parametrize(("text", "latin", "others"), SCRIPTS.values(), ids=SCRIPTS)
def test_every_letter_is_latin_or_another(text, latin, others):
    assert (has_latin(text), has_others(text)) == (latin, others)


def ranges(text, wanted, context):
    return stretches(text, tokenise(text), wanted, context)


def test_a_run_comes_with_its_surroundings():
    assert ranges("你好你好Bob你好你好", has_latin, 2) == [(2, 7)]


def test_runs_whose_surroundings_meet_are_one():
    assert ranges("Bob你好你好Eve", has_latin, 2) == [(0, 6)]
    assert ranges("Bob你好你好你Eve", has_latin, 2) == [(0, 3), (4, 7)]


def test_without_a_run_there_is_nothing_to_ask():
    assert ranges("你好", has_latin, 2) == []


@given(st.text(alphabet=st.sampled_from("aB你好 1,"), max_size=60), st.integers(0, 5))
def test_every_token_wanted_lies_in_one_stretch(text, context):
    places = tokenise(text)
    for wanted in (has_latin, has_others):
        found = stretches(text, places, wanted, context)
        inside = [token for first, last in found for token in range(first, last)]
        assert inside == sorted(set(inside))
        assert {at for at, (start, end) in enumerate(places) if wanted(text[start:end])} <= set(inside)
