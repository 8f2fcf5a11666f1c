"""Lists of other projects are gathered the same way twice; which of their entries are names in Latin letters."""

import gzip
from pathlib import Path

import pytest

from detectors.ner.train import gather


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Jörg", True),
        ("O'Neil", True),
        ("Nguyễn", True),
        ("Иван", False),
        ("张", False),
        ("{{last_name}}", False),
        (" ", False),
    ],
)
def test_a_name_in_latin_letters_is_told_from_others(name: str, latin: bool) -> None:
    assert gather._latin(name) is latin


def test_lists_tuples_sets_and_tables_of_weights_are_read() -> None:
    assert gather._values({"b": 0.2, "a": 0.8}) == ["b", "a"]
    assert gather._values({"only"}) == ["only"] and gather._values(("x", " y ")) == ["x", "y"]
    assert gather._values(3) == []


def test_a_file_is_the_same_bytes_whenever_it_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gather, "LISTS", tmp_path)
    gather._write("one.gz", "张三")
    first = (tmp_path / "one.gz").read_bytes()
    gather._write("one.gz", "张三")
    assert (tmp_path / "one.gz").read_bytes() == first and gzip.decompress(first).decode() == "张三"
