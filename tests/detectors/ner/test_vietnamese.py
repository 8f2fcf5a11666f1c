"""A Vietnamese name is found whole, with its marks and without; a street that is called after somebody is nobody."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.vietnamese import FAMILIES, SECOND, plain, vietnamese


def told(text: str) -> list[str]:
    return [text[one.start : one.end] for one in vietnamese(text)]


FOUND = {
    # why: (the text, who is found)
    "behind a title": ("Dear Mr. Nguyễn Văn Hùng,", ["Nguyễn Văn Hùng"]),
    "in a sentence": ("Please ask Đặng Quốc Bảo to sign.", ["Đặng Quốc Bảo"]),
    "behind a word in capitals": ("Ask Đặng Quốc Bảo today", ["Đặng Quốc Bảo"]),
    "two words": ("Lê Tuấn called", ["Lê Tuấn"]),
    "four words": ("Nguyễn Thị Minh Khai 女士", ["Nguyễn Thị Minh Khai"]),
    "several": ("Bùi Xuân Phái, Ngô Bảo Châu và Võ Thị Sáu", ["Bùi Xuân Phái", "Ngô Bảo Châu", "Võ Thị Sáu"]),
    "without marks": ("Invoice for Tran Thi Mai Anh is overdue", ["Tran Thi Mai Anh"]),
    "without marks, another word behind": ("Pham Van Dong Reviewed it", ["Pham Van Dong"]),
    "without marks, two words": ("Nguyen Hue is closed", []),
    "a town": ("our Ho Chi Minh City office", []),
    "a street before": ("đường Nguyễn Huệ", []),
    "a street behind": ("on Lê Lợi Street", []),
    "a number of a house": ("12 Trần Phú, Đà Nẵng", []),
    "small letters": ("nguyễn văn hùng", []),
    "words of English": ("Do The Right Thing in Ha Long", []),
    "inside a path": ("/Le Van Dong", []),
}


@pytest.mark.parametrize(("text", "names"), FOUND.values(), ids=FOUND)
def test_who_has_a_vietnamese_name(text: str, names: list[str]) -> None:
    assert told(text) == names


@given(st.sampled_from(sorted(FAMILIES)), st.sampled_from(sorted(SECOND)), st.sampled_from(("Hùng", "Anh", "Bảo Châu")))
def test_a_family_name_a_usual_second_one_and_another_are_a_name(family: str, second: str, given_name: str) -> None:
    name = f"{family.title()} {second.title()} {given_name}"
    assert told(f"we met {name} there") == [name]


@given(st.text())
def test_whatever_is_told_begins_with_a_family_name(text: str) -> None:
    assert all(plain(one.split(" ")[0]) in FAMILIES for one in told(text))


def test_marks_written_apart_are_marks() -> None:
    name = unicodedata.normalize("NFD", "Nguyễn Văn Hùng")
    assert told(f"ask {name} now") == [name]
