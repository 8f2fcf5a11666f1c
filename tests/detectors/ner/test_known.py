"""Names that people bear are known whatever their marks, and ordinary words are no names."""

import pytest

from detectors.interface import DetectorError
from detectors.ner import known
from detectors.ner.known import NAMES, ORDINARY, folded, has_known_name, is_drawn, is_ordinary, listed

KNOWN = [
    "Anna",
    "anna weber",
    "TOM",
    "Jean-Philippe",
    "Řehůřek Radim",
    "Miguel Araujo Perez",
    "Zoë",
    "Wang",
    "Tanaka Hiroshi",
    "Min-jun",
]
UNKNOWN = ["Jinja", "Castiron", "Best", "Page", "Hope", "Robert-Espagne", "Quantize Gather", "", "张伟", "Al", "URI"]


@pytest.mark.parametrize("name", KNOWN)
def test_names_that_people_bear_are_known(name):
    assert has_known_name(name)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_a_word_as_well_or_nobody_s_name_is_not(name):
    assert not has_known_name(name)


@pytest.mark.parametrize("text", ["kqTxbGaWzr!45", "sk-Ab12Cd34Ef56Gh78", "hT7rB2xQ9w", "x9KpQ2mZ7vLt!"])
def test_a_key_or_password_drawn_at_random_is_known_as_one(text):
    assert is_drawn(text)


LIKE_NAMES = ["Michael1985", "JohnSmith2024", "Web3Foundation", "Schmidtstr12B", "221BakerStreet", "x9Anna7Qk2Zt"]


@pytest.mark.parametrize(
    "text",
    [
        *LIKE_NAMES,
        "Müllerstraße12",
        "kq TxbGaWzr!45",
        "R2D2",
        "zhangwei88",
        "abc",
        "",
        "McDonald",
        "7Eleven",
        "DeShawn3rd",
        "B2B",
        "a" * 600,
    ],
)
def test_what_may_hold_a_name_is_not_taken_for_one(text):
    assert not is_drawn(text)


def test_ordinary_words_are_told_in_both_scripts():
    assert is_ordinary("共同") and is_ordinary("高鐵") and is_ordinary("范围")
    assert not is_ordinary("张伟") and not is_ordinary("")


def test_marks_and_capitals_do_not_matter():
    assert folded("ŘEHŮŘEK") == folded("rehurek") == "rehurek"


@pytest.mark.parametrize("file", [NAMES, ORDINARY], ids=["names", "ordinary"])
def test_a_list_is_sorted_as_it_is_compared_and_says_whose_it_is(file):
    first, *rest = file.read_text("utf-8").splitlines()
    assert first.startswith("# ") and "MIT" in first
    assert rest == sorted(set(rest)) and all(word == folded(word) for word in rest)


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["missing", "bytes"])
def test_a_list_that_cannot_be_read_stops_the_start(monkeypatch, tmp_path, content):
    file = tmp_path / "names.txt"
    if content:
        file.write_bytes(content)
    monkeypatch.setattr(known, "NAMES", file)
    with pytest.raises(DetectorError, match=r"names\.txt"):
        has_known_name("Anna")
    listed.cache_clear()
