"""What is the company's own shows none of it, and knows when there is nothing."""

import pytest

from policies.own import TermList


@pytest.mark.parametrize(
    ("own", "empty"),
    [
        (TermList("X"), True),
        (TermList("X", variants=frozenset({"pinyin"})), True),
        (TermList("X", ("华星",)), False),
        (TermList("X", (), ("HX",)), False),
        (TermList("X", indexes=("customers",)), False),
        (TermList("X", labels=("机密",)), False),
    ],
)
def test_it_is_empty_where_nothing_could_be_found(own, empty):
    assert own.empty is empty


def test_words_stand_in_no_representation():
    assert "华星" not in repr(TermList("X", ("华星",), ("华星科技",)))
