"""Windows cover every token, one of them speaks for each, and a change in a text moves only those around it."""

from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.windows import cut_by_content, cut_by_cost, spoken_from
from tests.thorough import drawn


def cut(numbers, most, overlap=4, **costs):
    return list(cut_by_content(0, len(numbers), most, overlap, lambda place: numbers[place], **costs))


def test_a_short_text_is_one_window():
    assert cut([0] * 5, 5) == [(0, 5)]
    assert cut([], 5) == []


def test_windows_part_where_the_sign_is_least_in_the_second_half_of_where_they_can():
    numbers = [0, 9, 9, 9, 9, 9, 9, 9, 1, 9, 2, 9, 9, 9, 9]
    assert cut(numbers, 12) == [(0, 9), (7, 15)], "the share of the first ends before the token with sign 1"


def shares(windows):
    """Return the tokens that each window speaks for."""
    begins = [begin if at == 0 else spoken_from(windows[at - 1][1], begin) for at, (begin, _) in enumerate(windows)]
    return list(zip(begins, [*begins[1:], windows[-1][1]], strict=True)) if windows else []


def covered(windows, first, last):
    assert [token for share in shares(windows) for token in range(*share)] == list(range(first, last))
    for (start, end), (begin, stop) in zip(windows, shares(windows), strict=True):
        assert start <= begin <= stop <= end


@given(st.lists(st.integers(0, 9), max_size=400), st.integers(8, 60), st.integers(0, 80))
@settings(deadline=None)
def test_every_token_is_spoken_for_once_and_from_within(numbers, most, overlap):
    windows = cut(numbers, most, overlap)
    covered(windows, 0, len(numbers))
    half = min(overlap, most // 4) // 2
    for (start, end), (begin, stop) in zip(windows, shares(windows), strict=True):
        assert end - start <= most
        assert begin == start == 0 or begin - start >= half
        assert stop == end == len(numbers) or end - stop >= half


@given(st.lists(st.integers(1, 8), max_size=300), st.integers(20, 60))
@settings(deadline=None)
def test_no_window_costs_more_than_it_may(costs, most):
    windows = cut(costs, most, 4, costs=costs, dearest=80)
    covered(windows, 0, len(costs))
    spent = [*accumulate(costs, initial=0)]
    assert all(spent[end] - spent[start] <= 80 and end - start <= most for start, end in windows)


@given(st.integers(0, 2**32), st.integers(0, 200), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=drawn(50), deadline=None)
def test_where_a_text_changes_the_windows_further_on_are_those_that_they_were(seed, place, gone, added):
    before = [hash((seed, token)) % 1000 for token in range(2000)]
    after = before[:place] + [hash((seed, "new", token)) % 1000 for token in range(added)] + before[place + gone :]
    old, new = ({tuple(numbers[a:b]) for a, b in cut(numbers, 40, 8)} for numbers in (before, after))
    assert len(new - old) <= 0.3 * len(new), "they fall into step again"


@given(st.lists(st.integers(1, 30), max_size=200), st.integers(1, 40), st.integers(1, 50), st.integers(0, 40))
def test_every_token_is_spoken_for_once_whatever_tokens_cost(costs, most, dearest, overlap):
    windows = list(cut_by_cost(0, len(costs), most, dearest, lambda start, end: costs[start:end], overlap))
    for start, end in windows:
        assert end - start <= most
        assert sum(costs[start:end]) <= dearest or end - start == 1, "a token dearer than all stands alone"
    covered(windows, 0, len(costs))
