"""Figures of a set are the house's own measure over all its records, in percent."""

import pytest

from detectors.measure import Counts, micro
from detectors.ner.train.records import Record
from detectors.ner.train.score import row, score

ONE = Record("0123456789", ((0, 4, "PERSON"), (6, 8, "LOCATION")), "en", "made up")
NONE = Record("nothing", (), "en", "made up")

CASES = [
    # found; hits, found and there, strictly and overlapping; coverage
    ([(0, 4, "PERSON"), (6, 8, "LOCATION")], (2, 2, 2), (2, 2, 2), 1.0),
    ([(0, 3, "PERSON")], (0, 1, 2), (1, 1, 2), 0.5),
    ([(0, 4, "LOCATION")], (0, 1, 2), (0, 1, 2), 4 / 6),
    ([], (0, 0, 2), (0, 0, 2), 0.0),
    ([(0, 4, "PERSON"), (4, 6, "PERSON")], (1, 2, 2), (1, 2, 2), 4 / 6),
    ([(0, 4, "PERSON"), (4, 6, "PRODUCT")], (1, 1, 2), (1, 1, 2), 4 / 6),
]


@pytest.mark.parametrize(("found", "strict", "loose", "coverage"), CASES)
def test_spans_are_counted(found: list, strict: tuple, loose: tuple, coverage: float) -> None:
    counted = score([ONE], [found], streets_are_places=False)
    assert (micro(counted.strict), micro(counted.overlapping)) == (Counts(*strict), Counts(*loose))
    assert counted.covered.recall == pytest.approx(coverage)


def test_a_street_counts_as_a_place_where_a_set_knows_no_addresses() -> None:
    found = [[(0, 4, "PERSON"), (6, 8, "ADDRESS")]]
    assert micro(score([ONE], found, streets_are_places=True).strict) == Counts(2, 2, 2)
    assert micro(score([ONE], found, streets_are_places=False).strict) == Counts(1, 2, 2)


def test_false_hits_are_a_share_of_the_texts_without_names() -> None:
    counted = score([ONE, NONE, NONE], [[(0, 4, "PERSON")], [(0, 2, "PERSON"), (3, 4, "PERSON")], []], False)
    assert (row(counted)["false_hits"], counted.free) == (50.0, 2)


def test_the_row_is_in_percent_and_has_nought_for_a_share_of_nothing() -> None:
    figures = row(score([ONE], [[(0, 4, "PERSON")]], False))
    assert (figures["PERSON"], figures["LOCATION"], figures["micro"], figures["coverage"]) == (100.0, 0.0, 66.7, 66.7)
    assert row(score([NONE], [[]], False))["micro"] == 0.0
