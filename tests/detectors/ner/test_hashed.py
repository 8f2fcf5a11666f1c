"""Features are the same wherever a token is met in the same surroundings, and never what stands for padding."""

from threading import Thread

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner import hashed as module
from detectors.ner.hashed import BUCKETS, FEATURES, GRAMS, LONGEST, Hashed
from detectors.ner.tokenise import tokenise
from tests.thorough import drawn

TEXTS = st.text(alphabet=st.sampled_from("abXY 12_-,\n张李張é"), max_size=60)


def features(text):
    return Hashed().features(text, tokenise(text))


def test_these_are_the_numbers_that_the_shipped_weights_have_learnt_from():
    (row,) = features("Bob")
    assert row.tolist()[:7] == [13270, 2283, 2067, 566, 875, 16316, 324], "VERSION goes up when these change"


@given(TEXTS)
@settings(max_examples=drawn(60))
def test_every_token_has_numbers_within_their_tables(text):
    rows = features(text)
    assert rows.shape == (len(tokenise(text)), FEATURES) and rows.dtype == np.int32
    if len(rows):
        grams = rows[:, 4 : 4 + GRAMS]
        single = np.delete(rows, np.s_[4 : 4 + GRAMS], axis=1)
        assert single.min() >= 1, "nought is for padding"
        assert grams.min() >= 0 and grams.max() < BUCKETS["gram"]
        for column, kind in ((0, "norm"), (1, "affix"), (2, "affix"), (3, "shape")):
            assert rows[:, column].max() < BUCKETS[kind]
        assert rows[:, 4 + GRAMS : 7 + GRAMS].max() < BUCKETS["pair"]


def test_both_scripts_share_their_features():
    assert (features("張偉說") == features("张伟说")).all()


def test_case_is_in_the_shape_alone():
    lower, upper = features("bob")[0], features("Bob")[0]
    assert lower[0] == upper[0] and lower[3] != upper[3]


def test_digits_are_as_long_as_they_are_and_no_more():
    assert (features("138")[0] == features("952")[0]).all()
    assert features("138")[0][0] != features("1380")[0][0]


def test_white_space_before_a_token_is_seen():
    assert features("a b,c\nd")[:, -1].tolist() == [3, 2, 1, 1, 1, 3]


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 3)
    hashed = Hashed()
    for text in ("a b c d e", "Bob met", "d e Bob"):
        assert (hashed.features(text, tokenise(text)) == features(text)).all()
    assert len(hashed._memory) <= 3 + len(["d", "e", "Bob"])


def test_no_more_of_a_word_is_remembered_than_makes_a_difference():
    hashed = Hashed()
    text = "Pneumonoultramicroscopicsilicovolcanoconiosis" + "x" * 5000
    for shown in (text, text + "y"):
        assert (hashed.features(shown, tokenise(shown)) == features(text)).all()
    assert [*map(len, hashed._memory._places)] == [LONGEST]


def test_many_threads_may_ask_for_more_words_than_there_is_room_for_at_first():
    hashed, wrong = Hashed(), []
    texts = [
        " ".join(f"w{chr(97 + one)}{chr(97 + at % 26)}{'x' * (at // 26)}" for at in range(900)) for one in range(6)
    ]
    wanted = [features(text) for text in texts]

    def ask(one):
        for _ in range(3):
            got = hashed.features(texts[one], tokenise(texts[one]))
            wrong.extend([one] * (not np.array_equal(got, wanted[one])))

    threads = [Thread(target=ask, args=(one,)) for one in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
