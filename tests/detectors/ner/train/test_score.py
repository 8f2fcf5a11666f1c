"""Figures mean what they say."""

import pytest

from detectors.ner.train.records import Record
from detectors.ner.train.score import Rate, score

ONE = Record("0123456789", ((0, 4, "PERSON"), (6, 8, "LOCATION")), "en", "made up")
NONE = Record("nothing", (), "en", "made up")

CASES = [
    # found, strict micro, overlapping micro, coverage
    ([(0, 4, "PERSON"), (6, 8, "LOCATION")], (2, 0, 0), (2, 0, 0), 1.0),
    ([(0, 3, "PERSON")], (0, 1, 2), (1, 0, 1), 0.5),
    ([(0, 4, "LOCATION")], (0, 1, 2), (0, 1, 2), 4 / 6),
    ([], (0, 0, 2), (0, 0, 2), 0.0),
    ([(0, 4, "PERSON"), (4, 6, "PERSON")], (1, 1, 1), (1, 1, 1), 4 / 6),
]


@pytest.mark.parametrize(("found", "strict", "loose", "coverage"), CASES)
def test_spans_are_counted(found: list, strict: tuple, loose: tuple, coverage: float) -> None:
    result = score([ONE], [found], streets_are_places=False)
    assert result.strict["micro"] == Rate(*strict)
    assert result.overlapping["micro"] == Rate(*loose)
    assert result.coverage == pytest.approx(coverage)


def test_a_street_counts_as_a_place_where_a_set_knows_no_addresses() -> None:
    found = [[(0, 4, "PERSON"), (6, 8, "ADDRESS")]]
    assert score([ONE], found, streets_are_places=True).strict["micro"] == Rate(2, 0, 0)
    assert score([ONE], found, streets_are_places=False).strict["micro"] == Rate(1, 1, 1)


def test_false_hits_are_a_share_of_the_texts_without_names() -> None:
    result = score([ONE, NONE, NONE], [[(0, 4, "PERSON")], [(0, 2, "PERSON"), (3, 4, "PERSON")], []], False)
    assert (result.false_hits, result.empty) == (0.5, 2)


def test_rates_of_nothing_are_nought() -> None:
    assert (Rate(0, 0, 0).precision, Rate(0, 0, 0).recall, Rate(0, 0, 0).f1) == (0, 0, 0)
    assert Rate(1, 1, 1).f1 == 0.5
    assert score([NONE], [[]], False).row()["micro"] == 0.0
