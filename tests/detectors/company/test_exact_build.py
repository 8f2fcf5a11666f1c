"""Rows are registered once, whole, and so that the index gives none of them away."""

from itertools import islice
from pathlib import Path

import pytest

from detectors.company import exact_build
from detectors.company.exact import ExactMatch
from detectors.company.exact_build import ExactBuilder, column_of
from detectors.company.index_file import open_index
from detectors.company.keys import index_key
from detectors.interface import DetectorError
from tests.detectors.company.samples import ROWS, SALT, exact, folder_in, plan, values

MANY = [(f"客户{n}号人", "", f"62220212{n:08d}", f"137{n:08d}", f"E{n:08d}", f"c{n}@example.org") for n in range(500)]


def test_no_value_stands_in_the_files_of_an_index(tmp_path: Path):
    exact(tmp_path)
    data = (tmp_path / "indexes" / "customers.idx").read_bytes()
    for value in (cell for row in ROWS for cell in row if cell):
        digits = "".join(filter(str.isdigit, value))
        for written in {value, value.lower(), value.upper(), value.replace(" ", ""), digits} - {""}:
            for encoding in ("utf-8", "utf-16-le", "utf-32-le", "gb18030"):
                assert len(written) < 5 or written.encode(encoding) not in data


def test_no_value_is_kept_while_it_is_being_built(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(exact_build, "BATCH", 2)
    monkeypatch.setattr(exact_build, "RUN", 2)
    builder = ExactBuilder(folder_in(tmp_path), plan(), index_key(tmp_path), SALT, "")
    with pytest.raises(RuntimeError):
        builder.build(cut_off(ROWS, 3))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "indexes" / "customers.building").iterdir())
    assert kept
    assert all(cell.encode() not in kept for row in ROWS for cell in row if cell)


def cut_off(rows, after: int):
    """Give some rows, then fail as a source that is cut off."""
    yield from islice(rows, after)
    raise RuntimeError


@pytest.mark.parametrize("after", [0, 39, 40, 499, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 41, 200))])
def test_a_build_that_was_cut_off_goes_on_and_comes_to_the_same_index(tmp_path: Path, monkeypatch, after: int):
    monkeypatch.setattr(exact_build, "BATCH", 20)
    monkeypatch.setattr(exact_build, "RUN", 40)
    folder, key = folder_in(tmp_path), index_key(tmp_path)
    ExactBuilder(folder, plan(), key, SALT, "then").build(MANY)
    whole = (folder / "customers.idx").read_bytes()
    (folder / "customers.idx").unlink()
    with pytest.raises(RuntimeError):
        ExactBuilder(folder, plan(), key, SALT, "then").build(cut_off(MANY, after))
    again = ExactBuilder(folder, plan(), key, b"another salt, 16", "later")
    assert again.rows == after // 40 * 40
    went_on = again.rows > 0
    again.build(MANY[again.rows :])
    if went_on:
        assert (folder / "customers.idx").read_bytes() == whole
    assert not (folder / "customers.building").exists()
    match = ExactMatch("CUSTOMER", open_index(folder / "customers.idx", key))
    assert values(match, "客户321号人 13700000321") == ["客户321号人", "13700000321"]


def test_a_build_of_something_else_begins_anew(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(exact_build, "BATCH", 20)
    monkeypatch.setattr(exact_build, "RUN", 40)
    folder, key = folder_in(tmp_path), index_key(tmp_path)
    with pytest.raises(RuntimeError):
        ExactBuilder(folder, plan(), key, SALT, "").build(cut_off(MANY, 200))
    for other in (plan(need=3), plan(stop=("x",)), plan(alone=("账号",)), plan(near=50)):
        assert ExactBuilder(folder, other, key, SALT, "").rows == 0


def test_the_old_index_stays_until_the_new_one_is_whole(tmp_path: Path):
    before = exact(tmp_path)
    data = (tmp_path / "indexes" / "customers.idx").read_bytes()
    with pytest.raises(RuntimeError):
        ExactBuilder(tmp_path / "indexes", plan(need=3), index_key(tmp_path), SALT, "").build(cut_off(MANY, 100))
    assert (tmp_path / "indexes" / "customers.idx").read_bytes() == data
    exact(tmp_path, MANY)
    assert values(before, "欧阳明月 13812340001") == ["欧阳明月", "13812340001"], "who has the old one keeps it"


def test_parts_sorted_one_by_one_are_sorted_as_a_whole(tmp_path: Path, monkeypatch):
    exact(tmp_path, MANY)
    whole = (tmp_path / "indexes" / "customers.idx").read_bytes()
    monkeypatch.setattr(exact_build, "PART", 37)
    monkeypatch.setattr(exact_build, "BATCH", 16)
    monkeypatch.setattr(exact_build, "RUN", 64)
    exact(tmp_path, MANY)
    assert (tmp_path / "indexes" / "customers.idx").read_bytes() == whole


@pytest.mark.parametrize("written", ["姓名", "姓名:", ":name", "姓名:person", ""])
def test_a_column_that_is_written_wrongly_is_refused_with_all_kinds(written: str):
    with pytest.raises(DetectorError, match="name, text, number, account, phone, id, email"):
        column_of(written)


@pytest.mark.parametrize("kind", ["name", "text", "number"])
def test_values_that_many_people_share_cannot_be_made_to_match_alone(kind: str):
    with pytest.raises(DetectorError, match="never matches alone"):
        column_of(f"x:{kind}", ("x",))
