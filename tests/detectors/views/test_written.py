"""Numbers with an exponent, a fraction or letters for digits are found where they stand; sums are left alone."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.detectors.views.reading import CARD, ID, MOBILE, finder, found, redacted

LETTERS = {"0": "Oo", "1": "lI"}
PLAIN_ID = "110101199003074477"


def shifted(digits: str, places: int) -> str:
    """Return a number with its point `places` from its end, and the exponent that brings it back."""
    return f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}e{places}"


@given(st.sampled_from([(PLAIN_ID, ""), (MOBILE, "电话 "), (CARD, "card ")]), st.integers(0, 12), st.sampled_from("eE"))
def test_a_number_with_an_exponent_is_found_and_taken_out_whole(number, places, sign):
    digits, word = number
    places = min(places, len(digits))
    assert redacted(f"{word}{shifted(digits, places).replace('e', sign)}，谢谢") == f"{word}⟦⟧，谢谢"


@pytest.mark.parametrize("literal", ["13912345678.0", "1.3912345678E10", "1.3912345678e+10", "13912345678e0"])
@pytest.mark.parametrize("around", ["", '{{"phone": {}}}', "手机{}。", "tel {}, ask for Li"])
def test_a_mobile_number_as_programs_write_it_is_found_beside_its_word_or_alone(literal, around):
    text = around.format(literal) if around else literal
    assert ("PHONE_NUMBER", literal) in found(text)


@given(st.sampled_from([(ID, ""), (PLAIN_ID, "证件 "), (MOBILE, "手机 "), (CARD, "card ")]), st.data())
def test_letters_for_digits_are_read_as_the_digits_they_are_drawn_like(number, data):
    digits, word = number
    typed = "".join(data.draw(st.sampled_from(one + LETTERS.get(one, ""))) for one in digits)
    assume(sum(map(str.isdigit, typed)) >= 4)
    assert redacted(f"{word}{typed} 谢谢") == f"{word}⟦⟧ 谢谢"


ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PINYIN = ("ling", "yao", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu")


@pytest.mark.parametrize("words", [ENGLISH, PINYIN])
@pytest.mark.parametrize("sign", [" ", "-", ", "])
@pytest.mark.parametrize(("digits", "word"), [(PLAIN_ID, "id "), (MOBILE, "phone "), (CARD, "card ")])
def test_digits_that_are_said_are_read(words, sign, digits, word):
    assert redacted(f"{word}{sign.join(words[int(one)] for one in digits)} 谢谢") == f"{word}⟦⟧ 谢谢"


def test_a_number_of_ten_digits_is_found_when_it_is_said():
    said = "four one five five five five two six seven one"
    assert redacted(f"phone {said} please") == "phone ⟦⟧ please"


@pytest.mark.parametrize("sign", ["x", "点", " 空格 ", "，然后", "😀", "-呵-", " - - "])
@pytest.mark.parametrize(
    ("groups", "word"),
    [
        (("139", "1234", "5678"), "手机 "),
        (("4111", "1111", "1111", "1111"), "card "),
        (("110105", "19491231", "002X"), ""),
    ],
)
def test_a_number_with_the_same_between_its_groups_is_found(sign, groups, word):
    assert redacted(f"{word}{sign.join(groups)}，谢谢") == f"{word}⟦⟧，谢谢"


@pytest.mark.parametrize(
    "text", ["手机 136<1234>8765", "身份证 110105 1949年12月31日 002X", "证件 110105****19491231****002X"]
)
def test_a_number_parted_by_brackets_or_by_its_date_is_found(text):
    assert redacted(text) == f"{text.partition(' ')[0]} ⟦⟧"


@pytest.mark.parametrize(
    "text",
    [
        "150*1024*1024",
        "call 150 of 1024 and 1024",
        "one two three four five six seven eight nine ten",
        "phone zero one two three",
        "136 of 1234 of 8765 rows",
        "size 1.3912345678e10 bytes",
        "epoch = 13912345678.123",
        "x = 1.10101199003074478e17",
        "phone 2.3912345678e10",
        "commit lO11OI0101O1",
        "call lol lol lol lol",
        "phone l0O1lO0I1l0",
        "0x13912345678e0",
        "v13912345678.0",
        "card 1e15",
    ],
)
def test_sums_and_words_are_no_numbers_of_people(text):
    assert found(text) == []


@given(st.text(st.sampled_from("0139lIOo.eE+-X 电话phone"), max_size=60))
def test_no_text_makes_it_raise_and_what_is_found_is_a_slice_with_digits(text):
    assert all(any(map(str.isdigit, slice_)) for _, slice_ in found(text))


TAPS = ("-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----.", "-..-")
MORSE = dict(zip("0123456789X", TAPS, strict=True))
NAMED = [(PLAIN_ID, "id "), (ID, "id "), (MOBILE, "电话 "), (CARD, "card ")]
ONE_BY_ONE = {
    "Morse code": lambda digits: " ".join(MORSE[one] for one in digits),
    "Morse code with strokes": lambda digits: " / ".join(MORSE[one] for one in digits),
    "a tag each": "</td><td>".join,
    "a tag each, on lines": "</li>\n  <li class='a'>".join,
    "rows of a table": lambda digits: " |\n".join(f"| {n} | {one}" for n, one in enumerate(digits, 1)),
    "a numbered list": lambda digits: "\n".join(f"{n}. {one}" for n, one in enumerate(digits, 1)),
    "elements": lambda digits: "; ".join(f"a[{n}] = '{one}'" for n, one in enumerate(digits)),
    "keys": lambda digits: ", ".join(f'"d{n}": {one}' for n, one in enumerate(digits)),
    "letters drawn like digits": lambda digits: digits.translate(str.maketrans("35", "ES")),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("way", ONE_BY_ONE)
@pytest.mark.parametrize(("digits", "word"), NAMED)
def test_a_number_one_digit_at_a_time_is_found_forwards_and_backwards(way, digits, word, turned):
    written = ONE_BY_ONE[way](digits[::-1] if turned else digits)
    shown = redacted(f"{word}{written} 谢谢")
    assert "⟦⟧" in shown and len(shown) < len(word) + 16, shown


@pytest.mark.parametrize(
    "text",
    [
        "card " + "3E8A" * 4,  # hexadecimal
        "card 4EA1B2A4E5A6B7A8",
        "phone lBo5o7G8o9l",  # too few digits
        "phone ----- ----- ----- ----- ----- ----- ----- ----- ----- ----- -----",
        "phone " + "".join(f"<td>{one}</td>" for one in "12345678901"),
        "phone " + "\n".join(f"{n}. {n % 10}" for n in range(1, 12)),
        "card " + "\n".join(f"| {n} | {n % 2} |" for n in range(1, 17)),
        "id " + "\n".join(f"{n}. {one}" for n, one in zip((1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12), MOBILE, strict=True)),
    ],
)
def test_rows_of_single_digits_that_are_no_number_of_anybody_are_left_alone(text):
    assert redacted(text) == text


@pytest.mark.parametrize("row", [f"{ID}7", f"{PLAIN_ID}0", f"7{PLAIN_ID}", f"1{ID}"])
def test_a_citizen_number_with_a_digit_too_many_is_taken_out_whole_where_a_word_says_what_it_is(row):
    assert redacted(f"身份证 {row} 核对") == "身份证 ⟦⟧ 核对"
    assert redacted(f"citizen id {row}, please") == "citizen id ⟦⟧, please"
    assert redacted(f"流水号 {row} 已发") == f"流水号 {row} 已发"
    assert redacted(f"身份证 {row[:9]}0{row[10:]}")[:4] == "身份证 "


@pytest.mark.parametrize(
    "written", [f"-{MOBILE}.0e0", f"{MOBILE}00E-2", f"-1.{MOBILE[1:]}e10", f"-{MOBILE}.0", f"{PLAIN_ID}0000E-4"]
)
def test_a_literal_that_is_all_of_a_text_is_a_number_with_a_sign_too(written):
    assert redacted(written).lstrip("-") == "⟦⟧"


@pytest.mark.parametrize("sign", [" ", "-", ", ", " / "])
@pytest.mark.parametrize("nought", ["N", "0", "O", "〇"])
@pytest.mark.parametrize(("digits", "word"), [(PLAIN_ID, "id "), (MOBILE, "电话"), (CARD, "card ")])
def test_digits_as_roman_numbers_are_read(sign, nought, digits, word):
    signs = (nought, "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    assert redacted(f"{word}{sign.join(signs[int(one)] for one in digits)}。") == f"{word}⟦⟧。"


def test_a_list_numbered_as_the_romans_did_is_nobodys():
    assert found("chapters I, II, III, IV, V, VI, VII, VIII, IX, X, XI, XII") == []


@pytest.mark.parametrize("ahead", ["0: 5", "step 0: 5 is what one may begin with, long before", "1: 2"])
def test_a_number_far_ahead_begins_no_row_and_hides_none_in_one_text_or_beside_others(ahead):
    row = "phone " + " ".join(f"{n}: {one}" for n, one in enumerate(MOBILE, 1))
    assert redacted(f"{ahead}. That is a word of another kind. {row}").endswith(" phone 1: ⟦⟧")
    alone, several = finder().find(row).findings, finder().find_all([ahead, row, "a", "b"])[1].findings
    assert alone == several != ()
