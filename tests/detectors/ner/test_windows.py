"""Windows cover every token, and exactly one of them speaks for it: the one where it is further from the edge."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.windows import cut, cut_by_cost, spoken_for


def test_a_short_text_is_one_window():
    assert list(cut(0, 5, 5)) == [(0, 5)]
    assert list(cut(3, 3, 5)) == []


def test_the_last_window_is_as_long_as_the_others():
    assert list(cut(0, 21, 10, overlap=2)) == [(0, 10), (8, 18), (11, 21)]


def test_the_middle_of_an_overlap_parts_it():
    assert spoken_for([(0, 10), (6, 16)]) == [(0, 8), (8, 16)]
    assert spoken_for([]) == []


def covered(windows, first, last):
    shares = spoken_for(windows)
    assert [token for share in shares for token in range(*share)] == list(range(first, last))
    for (start, end), (begin, stop) in zip(windows, shares, strict=True):
        assert start <= begin <= stop <= end


@given(st.integers(0, 50), st.integers(0, 400), st.integers(4, 60), st.integers(0, 80))
def test_every_token_is_spoken_for_once(first, count, most, overlap):
    windows = list(cut(first, first + count, most, overlap))
    assert all(end - start <= most for start, end in windows)
    covered(windows, first, first + count)


@given(st.lists(st.integers(1, 30), max_size=200), st.integers(1, 40), st.integers(1, 50), st.integers(0, 40))
def test_every_token_is_spoken_for_once_whatever_tokens_cost(costs, most, dearest, overlap):
    windows = list(cut_by_cost(0, len(costs), most, dearest, lambda start, end: costs[start:end], overlap))
    for start, end in windows:
        assert end - start <= most
        assert sum(costs[start:end]) <= dearest or end - start == 1, "a token dearer than all stands alone"
    covered(windows, 0, len(costs))


@given(st.integers(61, 400))
def test_a_token_is_at_least_half_an_overlap_from_the_edge_that_speaks_for_it(count):
    windows = list(cut(0, count, 60, 12))
    for (start, end), (begin, stop) in zip(windows, spoken_for(windows), strict=True):
        assert begin == start == 0 or begin - start >= 6
        assert stop == end == count or end - stop >= 6
