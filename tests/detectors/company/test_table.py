"""Terms are found by the longest, and words end where words end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.table import Table, is_edge


def spans(terms, text: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end, _ in Table(dict.fromkeys(terms, "")).spans(text, lambda *_: True)]


@given(st.lists(st.text("ab华", min_size=2, max_size=4), max_size=6), st.text("ab华 ", max_size=30))
def test_the_first_and_longest_terms_are_found_and_none_overlap(terms, text):
    want, place = [], 0
    while place < len(text):
        lengths = [len(one) for one in terms if text.startswith(one, place)]
        if lengths:
            want.append((place, place + max(lengths)))
        place += max(lengths, default=1)
    assert spans(terms, text) == want


def test_a_term_that_is_not_accepted_gives_way_to_a_shorter_one():
    table = Table({"华星科技": "long", "华星": "short"})
    found = list(table.spans("华星科技", lambda _a, _b, note: note == "short"))
    assert found == [(0, 2, "short")]


def test_an_empty_table_says_so():
    assert not Table({})
    assert Table({"ab": 1})


@pytest.mark.parametrize(
    ("text", "place", "edge"),
    [
        ("ab", 1, False),
        ("a1", 1, False),
        ("a b", 1, True),
        ("a华", 1, True),
        ("华星", 1, True),
        ("a", 0, True),
        ("a", 1, True),
    ],
)
def test_a_word_ends_between_letters_of_an_alphabet_only_where_something_parts_them(text, place, edge):
    assert is_edge(text, place) is edge
