"""A table in one test loses no row: each is run, and those that fail are named."""

import pytest

from tests.rows import each


def test_every_row_is_run_and_those_that_fail_are_named():
    seen = []

    @each(("number", "word"), [(1, "one"), pytest.param(2, "two", id="TWO"), (3, "three"), (4, "four")], ids=str)
    def body(number, word):
        seen.append((number, word))
        assert number % 2, "even"

    with pytest.raises(ExceptionGroup, match="2 of 4 rows: 1: TWO, 3: 4-four") as raised:
        body()
    assert seen == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]
    assert [error.__notes__ for error in raised.value.exceptions] == [["in the row 1: TWO"], ["in the row 3: 4-four"]]


def test_tables_over_one_another_are_run_in_every_combination_beside_fixtures():
    seen = []

    @each("first", "ab")
    @each("second", {"x": 1, "y": 2}.values(), ids={"x": 1, "y": 2})
    def body(first, second, tmp_path):
        seen.append((first, second, tmp_path))

    body(tmp_path="here")
    assert seen == [("a", 1, "here"), ("a", 2, "here"), ("b", 1, "here"), ("b", 2, "here")]


def test_a_table_without_rows_and_a_row_with_a_mark_are_refused():
    with pytest.raises(ValueError, match="no rows for word"):
        each("word", [])
    with pytest.raises(ValueError, match="a test of its own"):
        each("word", [pytest.param("x", marks=pytest.mark.xfail)])


def test_a_column_that_the_body_does_not_take_is_an_error():
    @each("number", [1])
    def body():
        pass

    with pytest.raises(ExceptionGroup, match="1 of 1 rows"):
        body()
