"""Labelled texts are read strictly: a line that cannot be used is named, and neither skipped nor quoted."""

import gzip
import json
from pathlib import Path

import pytest

from proxy.cli.labelled import Labelled, Names, pairs_of, read_labelled
from proxy.errors import SettingsError

GOOD = {"text": "ask 王芳 now", "spans": [[4, 6, "PER"]], "lang": "zh"}


def read(path: Path, *entries: object, names: Names | None = None, removed: str = "") -> list[Labelled]:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in entries), "utf-8")
    return list(read_labelled([path], names or Names(), removed))


def test_a_text_is_read_with_its_spans_language_and_name(tmp_path: Path) -> None:
    [one, other] = read(tmp_path / "a", GOOD, {**GOOD, "id": "t-7", "lang": None})
    assert (one.text, one.spans, one.language) == (GOOD["text"], ((4, 6, "PER"),), "zh")
    assert one.name == f"{tmp_path}/a:1" and other.name == f"{tmp_path}/a:2 (t-7)"
    assert other.language == "–" and "王芳" not in repr(one)


def test_labels_are_mapped_and_an_empty_name_leaves_one_out(tmp_path: Path) -> None:
    names = Names({"PER": "PERSON", "WORK": ""}, {"ADDRESS": "LOCATION"})
    entry = {**GOOD, "spans": [[4, 6, "PER"], [0, 3, "WORK"], [7, 10, "ADDRESS"]]}
    [one] = read(tmp_path / "a", entry, names=names)
    assert one.spans == ((4, 6, "PERSON"), (7, 10, "LOCATION"))


def test_offsets_count_without_the_characters_that_are_taken_out(tmp_path: Path) -> None:
    [one] = read(tmp_path / "a", {"text": "sk¦-¦1 x", "spans": [[0, 4, "API_KEY"]]}, removed="¦")
    assert one.text == "sk-1 x" and one.text[slice(*one.spans[0][:2])] == "sk-1"


def test_gzip_is_known_by_its_beginning_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(json.dumps(GOOD).encode() + b"\n\n"))
    assert len(list(read_labelled([tmp_path / "a"], Names()))) == 1


BAD = {
    "no JSON": ("nonsense", "it is no JSON"),
    "no text": ({"spans": []}, "`text`, or the list `spans`, is missing"),
    "no spans": ({"text": "x"}, "`text`, or the list `spans`, is missing"),
    "a list": ([1], "`text`, or the list `spans`, is missing"),
    "a span past the end": (
        {"text": "nonsense", "spans": [[0, 1, "A"], [0, 9, "A"]]},
        "span 2 goes from 0 to 9, but the text has 8 characters",
    ),
    "an empty span": ({"text": "x", "spans": [[1, 1, "A"]]}, "span 1 goes from 1 to 1"),
    "a span that is a flag": ({"text": "xy", "spans": [[False, True, "A"]]}, "span 1 is not two offsets and a label"),
    "a span of two": ({"text": "x", "spans": [[0, 1]]}, "span 1 is not two offsets and a label"),
    "a label that is a number": ({"text": "x", "spans": [[0, 1, 5]]}, "span 1 is not two offsets and a label"),
    "a language that is a number": ({"text": "x", "spans": [], "lang": 5}, "`lang` is no text"),
}


@pytest.mark.parametrize(("bad", "why"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named_by_file_and_number_with_what_is_wrong(tmp_path: Path, bad: object, why: str) -> None:
    path = tmp_path / "a"
    path.write_text(f"{json.dumps(GOOD)}\n\n{bad if isinstance(bad, str) else json.dumps(bad)}\n", "utf-8")
    with pytest.raises(SettingsError, match=rf"a:3: {why}.*; expected") as error:
        list(read_labelled([path], Names()))
    assert "nonsense" not in str(error.value)
    assert "a:3：" in error.value.told.zh and "；应为 {" in error.value.told.zh


BROKEN = {
    "two bytes": b"\x1f\x8b",
    "cut off": gzip.compress(b"x" * 999)[:-12],
    "of noughts": b"\x1f\x8b\x08" + b"\0" * 30,
}


@pytest.mark.parametrize("name", BROKEN)  # by name: an archive has the second in it at which it was made
def test_a_broken_archive_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_bytes(BROKEN[name])
    with pytest.raises(SettingsError, match="not a whole gzip file"):
        list(read_labelled([tmp_path / "a"], Names()))


def test_what_counts_as_an_entity_is_looked_for_too() -> None:
    names = Names(merged={"ADDRESS": "LOCATION"})
    assert names.sources(frozenset({"LOCATION"})) == {"LOCATION", "ADDRESS"}
    assert names.of_finding("ADDRESS") == "LOCATION" and names.of_data("ADDRESS") == "LOCATION"
    assert Names(merged={"A": "B"}).sources(frozenset({"A"})) == frozenset()


def test_a_pair_needs_its_sign() -> None:
    assert pairs_of(["A=B", "C="], "--map") == {"A": "B", "C": ""}
    with pytest.raises(SettingsError, match="--map AB: write it as NAME=OTHER"):
        pairs_of(["AB"], "--map")
