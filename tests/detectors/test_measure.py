"""Scores mean what the page says: counted once, the same from both sides, and perfect only where nothing is wrong."""

from functools import reduce
from itertools import pairwise, permutations
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.measure import Counts, Kind, Span, Tally, by_label, micro, pairs, slips, tally, united

PERSON, PLACE = "PERSON", "LOCATION"

spans = some.lists(
    some.tuples(some.integers(0, 30), some.integers(1, 8), some.sampled_from([PERSON, PLACE])).map(
        lambda one: (one[0], one[0] + one[1], one[2])
    ),
    max_size=7,
)


@pytest.mark.parametrize(
    ("there", "found", "strict", "overlapping"),
    [
        ([(0, 3, PERSON)], [(0, 3, PERSON)], (1, 1, 1), (1, 1, 1)),
        ([(0, 3, PERSON)], [(0, 2, PERSON)], (0, 1, 1), (1, 1, 1)),
        ([(0, 3, PERSON)], [(0, 3, PLACE)], (0, 1, 1), (0, 1, 1)),
        ([(0, 9, PERSON)], [(0, 3, PERSON), (5, 9, PERSON)], (0, 2, 1), (1, 2, 1)),
        ([(0, 3, PERSON), (5, 9, PERSON)], [(0, 9, PERSON)], (0, 1, 2), (1, 1, 2)),
        ([(0, 3, PERSON)], [(3, 5, PERSON)], (0, 1, 1), (0, 1, 1)),
        ([], [(3, 5, PERSON)], (0, 1, 0), (0, 1, 0)),
    ],
    ids=["exact", "shorter", "other label", "cut in two", "joined", "beside", "nothing there"],
)
def test_a_hit_is_counted_once(there: list[Span], found: list[Span], strict: tuple, overlapping: tuple) -> None:
    got = tally(there, found)
    assert micro(got.strict) == Counts(*strict)
    assert micro(got.overlapping) == Counts(*overlapping)


def test_covered_characters_do_not_ask_for_the_label() -> None:
    got = tally([(0, 4, PERSON), (10, 14, PERSON)], [(2, 6, PLACE), (3, 7, PERSON)])
    assert got.covered == Counts(hits=2, found=5, there=8)


def test_only_a_text_without_anything_can_raise_a_false_alarm() -> None:
    got = tally([], [(0, 1, PERSON)]) + tally([], []) + tally([(0, 1, PERSON)], [(5, 6, PERSON)])
    assert (got.texts, got.free, got.alarmed, got.false_alarms) == (3, 2, 1, 0.5)


def test_nothing_to_divide_by_is_no_score() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1, Tally().false_alarms) == (None, None, None, None)
    assert Counts(0, 0, 2).f1 == 0.0


@given(spans)
def test_what_is_found_as_it_is_there_is_perfect(there: list[Span]) -> None:
    got = tally(there, there)
    for counts in (*got.strict.values(), *got.overlapping.values(), got.covered):
        assert counts.hits == counts.found == counts.there
    assert not slips(there, there) and not got.alarmed


@given(spans, spans)
def test_changing_sides_changes_precision_for_recall(there: list[Span], found: list[Span]) -> None:
    one, other = tally(there, found), tally(found, there)
    for way in ("strict", "overlapping"):
        ours, theirs = micro(getattr(one, way)), micro(getattr(other, way))
        assert (ours.precision, ours.recall, ours.f1) == (theirs.recall, theirs.precision, theirs.f1)
    assert one.covered.hits == other.covered.hits


@given(spans, spans)
def test_a_strict_hit_is_an_overlapping_one_and_a_hit_is_no_more_than_there_is(
    there: list[Span], found: list[Span]
) -> None:
    got = tally(there, found)
    for label, strict in got.strict.items():
        overlapping = got.overlapping[label]
        assert strict.hits <= overlapping.hits <= min(overlapping.found, overlapping.there)
    marked = {place for start, end, _ in there for place in range(start, end)}
    taken = {place for start, end, _ in found for place in range(start, end)}
    assert got.covered == Counts(len(marked & taken), len(taken), len(marked))


@given(some.lists(some.tuples(spans, spans), max_size=5))
def test_tallies_add_up_in_any_order(texts: list[tuple[list[Span], list[Span]]]) -> None:
    each = [tally(*text) for text in texts]
    assert reduce(add, each, Tally()) == reduce(add, reversed(each), Tally())
    assert reduce(add, each, Tally()).texts == len(texts)


@given(spans, spans)
def test_as_many_are_paired_as_can_be(there: list[Span], found: list[Span]) -> None:
    for label in (PERSON, PLACE):
        one, other = (by_label(row).get(label, [])[:4] for row in (there, found))
        got = pairs(one, other)
        assert len({a for a, _ in got}) == len({b for _, b in got}) == len(got)
        longer, shorter = sorted((one, other), key=len, reverse=True)
        best = max(
            sum(a[0] < b[1] and b[0] < a[1] for a, b in zip(row, shorter, strict=True))
            for row in permutations(longer, len(shorter))
        )
        assert len(got) == best


@given(spans)
def test_uniting_covers_the_same_characters_without_overlap(row: list[Span]) -> None:
    got = united(row)
    assert {place for start, end in got for place in range(start, end)} == {
        place for start, end, _ in row for place in range(start, end)
    }
    assert all(one[1] <= other[0] for one, other in pairwise(got))


@pytest.mark.parametrize(
    ("there", "found", "kinds"),
    [
        ([(0, 3, PERSON)], [], [Kind.MISSED]),
        ([], [(0, 3, PERSON)], [Kind.SPURIOUS]),
        ([(0, 3, PERSON)], [(1, 3, PERSON)], [Kind.BOUNDARY]),
        ([(0, 3, PERSON)], [(0, 3, PLACE)], [Kind.LABEL]),
        ([(0, 3, PERSON)], [(1, 4, PLACE)], [Kind.BOTH]),
        ([(0, 3, PERSON)], [(0, 3, PERSON)], []),
        ([(0, 9, PERSON)], [(0, 3, PERSON), (5, 9, PERSON)], [Kind.BOUNDARY, Kind.SPURIOUS]),
    ],
)
def test_an_error_is_told_by_its_kind(there: list[Span], found: list[Span], kinds: list[Kind]) -> None:
    assert [slip.kind for slip in slips(there, found)] == kinds


@given(spans, spans)
def test_every_span_that_is_no_strict_hit_is_in_one_error(there: list[Span], found: list[Span]) -> None:
    got, counts = slips(there, found), micro(tally(there, found).strict)
    assert sum(slip.there is not None for slip in got) == counts.there - counts.hits
    assert sum(slip.found is not None for slip in got) == counts.found - counts.hits
