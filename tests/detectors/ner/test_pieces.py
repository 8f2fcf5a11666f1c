"""Every token has its pieces, and a tokenizer's own limits cut nothing away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.pieces import FIRST, LAST, MOST, NEW_LINE, TYPES, UNKNOWN, Pieces
from detectors.ner.tokenise import tokenise
from tests.detectors.ner.small import CASES
from tests.thorough import drawn

PIECES = Pieces(CASES / "latin" / "tokenizer.json")


def row(text):
    return PIECES.row(text, tokenise(text))


def test_a_sentence_is_framed_and_each_token_begins_where_it_says():
    ids, types, first = row("Bob ok")
    assert (ids[0], ids[-1]) == (FIRST, LAST)
    assert first == [1, 4] and len(ids) == len(types) == 7


def test_a_long_text_is_not_cut_although_the_file_says_so():
    assert len(row("bob " * 300).first) == 300, "the tokenizer of this test is shipped with truncation at 8"


def test_a_token_of_unknown_letters_is_one_unknown_piece_and_a_long_one_is_cut():
    assert row("ж").ids == [FIRST, UNKNOWN, LAST]
    assert len(row("a" * 50).ids) == MOST + 2


def test_a_word_that_is_as_long_as_a_text_is_not_remembered():
    pieces, text = Pieces(CASES / "latin" / "tokenizer.json"), "bob " + "a" * 5000
    assert pieces.row(text, tokenise(text)) == row(text)
    assert {*pieces._known} == {"\n", "bob"}


def test_a_line_break_has_a_number_of_its_own():
    assert row("\n").ids == [FIRST, NEW_LINE, LAST]


KINDS = {
    "lower case at the start": ("bob", 12),
    "title case at the start": ("Bob", 13),
    "capitals": ("BOB", 14),
    "mixed": ("zÉb", 15),
    "one capital": ("B", 14),
    "digits": ("42", 16),
    "Chinese": ("张", 17),
}


@pytest.mark.parametrize(("text", "want"), KINDS.values(), ids=KINDS)
def test_types_carry_letter_case(text, want):
    assert row(text).types[1] == want


def test_types_carry_the_white_space_before():
    types = row("a b,\nc").types
    assert [types[at] // 6 for at in row("a b,\nc").first] == [2, 1, 0, 0, 2]


@given(st.text(alphabet=st.sampled_from("abXY 12_-,\n张é"), max_size=60))
@settings(max_examples=drawn(60), deadline=None)
def test_every_token_has_a_piece_and_every_type_is_one_of_the_tables(text):
    ids, types, first = row(text)
    assert len(first) == len(tokenise(text)) and sorted(set(first)) == first
    assert len(ids) == len(types) and all(0 <= one < TYPES for one in types)
