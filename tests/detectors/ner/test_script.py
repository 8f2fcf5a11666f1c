"""English sentences go to the model for Latin script, all the rest to the other one, and nothing to nobody."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.script import SENTENCE, beside, has_latin, has_others, sentences
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


SENTENCES = {
    "a name in a Chinese sentence": ("我和Bob Ross说了", []),
    "a mail address": ("发到anna.weber@corp.example，谢谢", []),
    "a sentence": ("请翻译：we saw Bob at home。", ["：we saw Bob at home。"]),
    "before and behind": (
        "we saw Bob at home 张伟 and then we met him",
        ["we saw Bob at home", "and then we met him"],
    ),
    "Chinese alone": ("张伟说", []),
    "Cyrillic between": ("we saw Иван at home then", []),
}


@pytest.mark.parametrize(("text", "want"), SENTENCES.values(), ids=SENTENCES)
def test_latin_words_enough_for_a_sentence_are_one(text, want):
    places = tokenise(text)
    found = [text[places[first][0] : places[last - 1][1]] for first, last in sentences(text, places)]
    assert found == want


def test_the_rest_comes_with_its_surroundings_and_what_meets_is_one():
    assert beside([(3, 9)], 12, 2) == [(0, 5), (7, 12)]
    assert beside([(3, 6)], 12, 2) == [(0, 12)]
    assert beside([(0, 12)], 12, 2) == []
    assert beside([], 12, 2) == [(0, 12)]


@given(st.text(alphabet=st.sampled_from("aB你好 1,\n"), max_size=80), st.integers(0, 5))
def test_every_token_is_judged_by_somebody_and_no_sentence_holds_another_script(text, context):
    places = tokenise(text)
    english = sentences(text, places)
    for first, last in english:
        words = [text[start:end] for start, end in places[first:last]]
        assert sum(map(has_latin, words)) >= SENTENCE and not any(map(has_others, words))
    rest = beside(english, len(places), context)
    judged = {token for first, last in (*english, *rest) for token in range(first, last)}
    assert judged == set(range(len(places)))
    assert all(one[1] < other[0] for one, other in pairwise(rest))
