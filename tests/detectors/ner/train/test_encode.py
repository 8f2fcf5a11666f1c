"""Records become numbers as at work, cut without a gap, in batches of like length."""

from random import Random

import numpy as np

from detectors.ner.hashed import FEATURES, Hashed
from detectors.ner.tags import TAGS
from detectors.ner.tokenise import tokenise
from detectors.ner.train.encode import LONGEST, UNJUDGED, batches, hashed_rows, stacked
from detectors.ner.train.records import Record

LONG = Record("张三住在北京。" * 100, tuple((at * 7, at * 7 + 2, "PERSON") for at in range(100)), "zh", "made up")


def test_a_long_text_is_cut_without_losing_a_token() -> None:
    rows = hashed_rows([LONG], Hashed())
    assert sum(map(len, rows)) == len(tokenise(LONG.text)) == 700 and max(map(len, rows)) == LONGEST["hashed"]
    whole = Hashed().features(LONG.text, tokenise(LONG.text))
    assert np.array_equal(np.concatenate([row.inputs[0] for row in rows]), whole), "as at work"


def test_tags_follow_the_spans() -> None:
    (row, *_) = hashed_rows([LONG], Hashed())
    assert [TAGS[tag] for tag in row.tags[:4]] == ["B-PERSON", "E-PERSON", "O", "O"]


def test_every_row_is_in_one_batch_and_no_batch_is_too_large() -> None:
    rows = hashed_rows([Record("一" * length, (), "zh", "made up") for length in range(1, 200)], Hashed())
    groups = batches(rows, 1000, Random(1))
    assert sorted(row for group in groups for row in group) == list(range(len(rows)))
    assert all(len(group) * max(len(rows[row]) for row in group) <= 1000 for group in groups)
    assert batches(rows, 1000, Random(1)) == groups


def test_padding_is_not_judged() -> None:
    rows = hashed_rows([Record("一二三", (), "zh", "a"), Record("一", (), "zh", "a")], Hashed())
    (features,), tags = stacked(rows)
    assert features.shape == (2, 3, FEATURES) and not features[1, 1:].any()
    assert tags.tolist() == [[0, 0, 0], [0, UNJUDGED, UNJUDGED]]
