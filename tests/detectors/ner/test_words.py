"""The word lists that ship can be read, and one that cannot stops the start."""

import re

import pytest

from detectors.interface import DetectorError
from detectors.ner import words
from detectors.ner.words import any_of, word_lists


@pytest.mark.parametrize("name", ["stop", "chinese", "english"])
def test_a_shipped_list_holds_each_word_once(name):
    for listed in word_lists(name).values():
        assert listed and len(listed) == len(set(listed)) and all(word == word.strip() for word in listed)


def test_lists_are_parted_by_commas_where_there_are_any():
    assert "monte carlo" in word_lists("stop")["PERSON"]
    assert "王" in word_lists("chinese")["surnames"]


def test_stop_words_are_written_as_they_are_compared():
    for listed in word_lists("stop").values():
        assert [word for word in listed if word != word.casefold()] == []


BROKEN = {
    "no file": None,
    "no mapping": "- a",
    "a list": "a: [b]",
    "twice": "a: b\na: c",
    "no YAML": "a: [",
    "bytes": b"\xff",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_list_that_cannot_be_read_stops_the_start(monkeypatch, tmp_path, content):
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    word_lists.cache_clear()
    if content is not None:
        (tmp_path / "own.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DetectorError, match=r"own\.yaml"):
        word_lists("own")
    word_lists.cache_clear()


def test_the_longest_word_is_matched():
    assert re.match(any_of(("a", "a b", "a.")), "a  b").group() == "a  b"
    assert re.match(any_of(("a", "a.")), "a.").group() == "a."
