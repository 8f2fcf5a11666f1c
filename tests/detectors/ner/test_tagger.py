"""A model's spans have exact offsets, wherever a window begins or ends."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.batch import Batcher
from detectors.ner.tagger import AT_ONCE, log_softmax
from tests.detectors.ner.small import foreign, hashed, latin, words

BATCHER = Batcher()
TAGGERS = {"hashed": hashed(), "latin": latin(), "foreign": foreign().tagger}
TEXT = "then we saw Anna Weber at home, 张伟说 and Bob wrote"


def spans(tagger, text, **options):
    return tagger.spans(text, BATCHER, time.monotonic() + 60, **options)


@pytest.mark.parametrize("name", TAGGERS)
def test_what_the_model_has_learnt_is_found_where_it_stands(name):
    found = words(TEXT, spans(TAGGERS[name], TEXT))
    assert {"PERSON:Anna Weber", "PERSON:张伟", "PERSON:Bob"} <= set(found)


@pytest.mark.parametrize("name", TAGGERS)
@pytest.mark.parametrize("text", ["", " ", "\n", "\t \n"])
def test_a_text_without_words_has_no_names(name, text):
    assert spans(TAGGERS[name], text) == []


SENTENCES = st.lists(
    st.sampled_from(
        ["Anna", "Weber", "张伟", "saw", "met", "and", "Bob Ross", "then", "xyzcorp", ",", "\n", "说", "12"]
    ),
    max_size=80,
).map(" ".join)


@given(SENTENCES, st.integers(12, 24))
@settings(max_examples=30, deadline=None)
def test_windows_borders_change_nothing(text, most):
    for small, large in ((hashed(most), TAGGERS["hashed"]), (latin(most), TAGGERS["latin"])):
        assert spans(small, text) == spans(large, text), "these models look two tokens far, overlaps are wider"


def test_more_windows_than_are_handed_over_at_once_are_put_together():
    text = "we saw Anna Weber and then she met xyzcorp at home, " * 60
    small = hashed(16)
    assert len(list(small.reader.windows(text, small.reader.places(text), 0, 720))) > 2 * AT_ONCE
    assert spans(small, text) == spans(TAGGERS["hashed"], text)


def test_only_the_stretches_asked_for_are_judged():
    text = "Anna saw him and then later we met Bob"
    assert words(text, spans(TAGGERS["hashed"], text, stretches=[(0, 3), (7, 9)])) == ["PERSON:Anna", "PERSON:Bob"]
    assert words(text, spans(TAGGERS["hashed"], text, stretches=[(2, 6)])) == []


def test_it_says_when_the_first_windows_are_handed_over():
    said = []
    spans(TAGGERS["hashed"], TEXT, came=lambda: said.append(1))
    assert said == [1]


def test_chances_are_probabilities():
    import numpy as np

    chances = log_softmax(np.array([[1000.0, 1000.0, -1000.0], [0.0, 1.0, 2.0]], np.float32))
    assert np.exp(chances).sum(1) == pytest.approx([1, 1])
