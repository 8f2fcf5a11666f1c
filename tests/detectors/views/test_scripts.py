"""Braille and the signs of Roman numbers are read and taken out; drawings made of such signs are nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.views.scripts import COMPUTER, computer, literary, scripts
from tests.detectors.views.reading import CARD, ID, MOBILE, found, redacted

CELLS = dict(zip("jabcdefghi", "⠚⠁⠃⠉⠙⠑⠋⠛⠓⠊", strict=True))
ROMAN = "〇ⅠⅡⅢⅣⅤⅥⅦⅧⅨ"


@pytest.mark.parametrize("value", [MOBILE, CARD, ID[:-1] + "X"])
@pytest.mark.parametrize("before", ["⠼", ""], ids=["a sign before the number", "a sign before each digit"])
def test_digits_in_braille_are_found(value, before):
    digits = "".join(("" if before else "⠼") + CELLS["jabcdefghi"[int(one)]] for one in value.removesuffix("X"))
    code = before + digits + ("⠠⠭" if value.endswith("X") else "")
    assert redacted(f"号码{code}谢谢") == "号码⟦⟧谢谢"


def test_an_address_in_braille_is_found():
    assert literary("⠇⠊⠲⠺⠑⠊⠼⠙⠃⠈⠁⠝⠕⠗⠞⠓⠺⠊⠝⠙⠤⠞⠗⠁⠙⠊⠝⠛⠲⠉⠝") == "li.wei42@northwind-trading.cn"


@given(st.text(COMPUTER.strip(), min_size=1))
def test_computer_braille_has_a_cell_for_each_sign(text):
    assert computer("".join(chr(0x2800 + COMPUTER.index(one)) for one in text)) == text


@given(st.integers(13_100_000_000, 19_999_999_999), st.sampled_from(["", " ", "-"]))
def test_signs_of_roman_numbers_are_read_one_a_digit(number, sign):
    assert redacted(f"电话{sign.join(ROMAN[int(one)] for one in str(number))}找我") == "电话⟦⟧找我"


@pytest.mark.parametrize("text", ["⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ installing", "⣿⣿⣿⣷⣦⣤⣀⣀⣤⣦⣷⣿⣿⣿", "Ⅰ、Ⅱ、Ⅲ、Ⅳ、Ⅴ、Ⅵ、Ⅶ、Ⅷ、Ⅸ"])
def test_drawings_and_lists_are_nobodys(text):
    assert found(text) == []


@given(st.text("⠼⠁⠃ⅠⅡ0 \u2800xN", max_size=60))
def test_any_text_can_be_read(text):
    assert all(0 <= start < end <= len(text) for start, end, _, _ in scripts(text))
