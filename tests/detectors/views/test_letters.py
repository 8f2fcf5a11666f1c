"""Addresses and keys written letter by letter are found and taken out whole."""

import pytest

from tests.detectors.views.reading import MAIL, found, redacted


@pytest.mark.parametrize("sign", [" ", "-", "*", "\u3164", "\u2800", "\n"])
@pytest.mark.parametrize("value", [MAIL, "AKIAQ3EGRZBWX4Y7LMNP"])
def test_a_value_written_letter_by_letter_is_found(sign, value):
    text = f"write to={sign.join(value)} , please"
    assert redacted(text) == "write to=⟦⟧ , please"


def test_a_word_before_or_behind_the_row_is_no_part_of_it():
    key = "\u2800".join("AKIARPHYDGPLQNJHWMYU")
    assert redacted(f"the key {key} is mine") == "the key ⟦⟧ is mine"


@pytest.mark.parametrize(
    "text", ["| a | b | c | d | e | f | g | h | i | j |", "- - - - - - - - - - - -", "a b c d e f g h i j k"]
)
def test_a_row_of_letters_is_no_value(text):
    assert found(text) == []
