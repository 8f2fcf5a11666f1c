"""A model's spans have exact offsets, wherever a window begins or ends."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.batch import Batcher
from detectors.ner.tagger import AT_ONCE
from tests.detectors.ner.small import foreign, hashed, latin, words
from tests.thorough import drawn

BATCHER = Batcher()
TAGGERS = {"hashed": hashed(), "latin": latin(), "foreign": foreign().tagger}
TEXT = "then we saw Anna Weber at home, 张伟说 and Bob wrote"


def spans(tagger, text, **options):
    with BATCHER.caller() as caller:
        asked = tagger.ask(text, caller, time.monotonic() + 60, **options)
        caller.came()
        return asked.spans()


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
@settings(max_examples=drawn(30), deadline=None)
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


class Counting:
    """A model that counts the windows it is run on."""

    def __init__(self, model):
        self.name, self.cost, self.padding = model.name, model.cost, model.padding
        self.model, self.rows = model, 0

    def run(self, inputs):
        self.rows += len(next(iter(inputs.values())))
        return self.model.run(inputs)


LONG = "".join(
    f"line {at}: then we saw Anna Weber and she met {'xyz' * (at % 3)}corp at home, 张伟说\n" for at in range(60)
)
CHANGED = LONG.replace("line 20: then we saw Anna", "line 20: later we met Bob, and then we saw Anna")


@pytest.mark.parametrize("make", [hashed, latin], ids=["hashed", "latin"])
def test_a_long_text_with_one_change_is_read_anew_around_it_alone_and_gives_what_it_gives_alone(make):
    tagger = make(60)
    counting = Counting(tagger.model)
    tagger = replace(tagger, model=counting)
    first, whole = spans(tagger, LONG), counting.rows
    assert (spans(tagger, LONG), counting.rows) == (first, whole), "nothing is run again"
    changed, again = spans(tagger, CHANGED), counting.rows - whole
    assert changed == spans(make(60), CHANGED) != first
    assert 0 < again <= 0.4 * whole


def test_a_short_text_is_not_remembered():
    tagger = hashed()
    counting = Counting(tagger.model)
    for _ in range(2):
        spans(replace(tagger, model=counting), TEXT)
    assert counting.rows == 2
