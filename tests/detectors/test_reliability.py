"""What a score is worth: counted by band, added up over texts, and off by as much as its definition says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reliability import BANDS, Band, Reliability

NAME = "PERSON"


def counted(*texts):
    reliability = Reliability()
    for there, found in texts:
        reliability.count(there, found)
    return reliability


def test_what_overlaps_a_span_of_its_label_is_right_and_what_does_not_is_not():
    told = counted(
        ([(0, 4, NAME)], [((2, 6, NAME), 0.9375), ((9, 12, NAME), 0.90625), ((0, 4, "PLACE"), 0.375)]),
        ([], [((0, 2, NAME), 0.5)]),
    )
    assert told.since(NAME) == [
        (0.5, Band(1, 0, 0.5), Band(3, 1, 2.34375)),
        (0.9, Band(2, 1, 1.84375), Band(2, 1, 1.84375)),
    ]
    assert told.since("PLACE") == [(0.3, Band(1, 0, 0.375), Band(1, 0, 0.375))], "right is the same label"
    assert told.there == {NAME: 1}


@pytest.mark.parametrize(
    ("found", "error"),
    [
        ([(0.8, True)] * 4 + [(0.8, False)], 0.0),
        ([(1.0, False)], 1.0),
        ([(0.9, True), (0.9, False), (0.2, False)], (2 * 0.4 + 0.2) / 3),
    ],
)
def test_the_calibration_error_is_the_mean_distance_of_bands_from_their_scores(found, error):
    texts = [([(0, 1, NAME)] if right else [], [((0, 1, NAME), score)]) for score, right in found]
    assert counted(*texts).error(NAME) == pytest.approx(error)


def test_nothing_found_has_no_error():
    assert counted(([(0, 1, NAME)], [])).error(NAME) is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5), st.floats(0, 1))))
def test_every_finding_is_in_one_band_whose_scores_it_has(found):
    told = counted(([(3, 9, NAME)], [((start, start + length, NAME), score) for start, length, score in found]))
    rows = told.since(NAME)
    assert sum(band.found for _, band, _ in rows) == len(found)
    for least, band, _ in rows:
        assert band.found * least - 1e-6 <= band.scores <= band.found * (least + 1 / BANDS) + 1e-6
