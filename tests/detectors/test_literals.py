"""Every word is found, wherever it stands and whatever stands over it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import literals
from detectors.literals import Literals
from detectors.reading import read_text

FOUND = {
    "a word": ("我的密码是", [(2, 4, "密码")]),
    "a word of one character": ("★机", [(0, 1, "★")]),
    "twice": ("密码密码", [(0, 2, "密码"), (2, 4, "密码")]),
    "one in another": ("银行卡号", [(0, 2, "银行"), (0, 4, "银行卡号"), (2, 4, "卡号")]),
    "its beginning": ("银行卡", [(0, 2, "银行")]),
    "beside ASCII": ("a密码1", [(1, 3, "密码")]),
    "with ASCII in it": ("一vs二", [(0, 4, "一vs二")]),
    "ASCII": ("plain", []),
    "nothing": ("", []),
}
WORDS = ("密码", "银行", "卡号", "银行卡号", "★", "一vs二")


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_words_are_found(text, want):
    found = Literals({word: [word] for word in WORDS}).find(read_text(text))
    assert sorted((start, end, word) for start, end, (word,) in found) == want


@given(st.sets(st.text("甲乙丙😀", min_size=1, max_size=3), min_size=1, max_size=6), st.text("甲乙丙a😀", max_size=40))
def test_all_words_are_found_that_stand_in_a_text(words, text):
    want = [
        (start, start + len(word), word) for word in words for start in range(len(text)) if text.startswith(word, start)
    ]
    found = Literals({word: [word] for word in words}).find(read_text(text))
    assert sorted((start, end, word) for start, end, (word,) in found) == sorted(want)


@pytest.mark.parametrize("before", range(6))
def test_a_word_is_found_over_the_end_of_a_piece(monkeypatch, before):
    monkeypatch.setattr(literals, "PIECE", 4)
    found = Literals({"密码": [0]}).find(read_text("一" * before + "密码一"))
    assert [match[:2] for match in found] == [(before, before + 2)]


def test_without_words_nothing_is_found():
    assert list(Literals({}).find(read_text("密码"))) == []
