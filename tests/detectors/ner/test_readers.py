"""A window shows its tokens as they are in the whole text."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.hashed import Hashed
from detectors.ner.readers import PIECES, HashedReader, PiecesReader, excerpt
from detectors.ner.tokenise import tokenise
from tests.detectors.ner.small import CASES
from tests.thorough import drawn

TOKENIZER = CASES / "latin" / "tokenizer.json"
TEXTS = st.text(alphabet=st.sampled_from("abX 1,\n张李"), min_size=1, max_size=120)


@given(TEXTS, st.integers(4, 12))
@settings(max_examples=drawn(60), deadline=None)
def test_features_at_a_windows_edge_are_those_of_the_whole_text(text, most):
    places = tokenise(text)
    whole = Hashed().features(text, places)
    for window in HashedReader(most).windows(text, places, 0, len(places)):
        assert (window.inputs["ids"] == whole[window.first : window.last]).all()


@given(TEXTS, st.integers(4, 12))
@settings(max_examples=drawn(60), deadline=None)
def test_each_token_has_the_pieces_that_it_has_in_the_whole_text(text, most):
    places = tokenise(text)
    reader = PiecesReader(TOKENIZER, most)
    whole = next(iter(PiecesReader(TOKENIZER, 1000).windows(text, places, 0, len(places))), None)
    for window in reader.windows(text, places, 0, len(places)):
        assert window.heads is not None and len(window.heads) == window.last - window.first
        for name in ("input_ids", "token_type_ids"):
            here = window.inputs[name][window.heads]
            assert (here == whole.inputs[name][whole.heads[window.first : window.last]]).all()


def test_no_window_has_more_pieces_than_the_model_has_positions_for():
    text = "abcdefgh" * 3 + " " + "abcdefgh " * 400
    windows = list(PiecesReader(TOKENIZER, 160).windows(text, tokenise(text), 0, len(tokenise(text))))
    assert len(windows) > 3 and all(len(window) <= PIECES + 2 for window in windows)
    assert windows[-1].last == len(tokenise(text))


def test_the_mask_is_one_everywhere():
    (window,) = PiecesReader(TOKENIZER).windows("a b", tokenise("a b"), 0, 2)
    assert window.inputs["attention_mask"].tolist() == [1, 1, 1, 1]
    assert window.inputs["attention_mask"].dtype == np.int64


def test_an_excerpt_shows_what_stands_before_it():
    assert excerpt("ab cd ef", [(0, 2), (3, 5), (6, 8)], 1, 2) == (" cd", [(1, 3)])
    assert excerpt("ab cd", [(0, 2), (3, 5)], 0, 1) == ("ab", [(0, 2)])
