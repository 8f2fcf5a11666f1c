"""Rows and documents come whole and in order from wherever they are, and no message quotes them."""

import importlib
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from proxy.cli.index_sources import (
    csv_rows,
    detected,
    folder_documents,
    git_documents,
    query_rows,
    stop_list,
    uneven,
)
from proxy.errors import SettingsError

CSV = '姓名,账号,备注\n欧阳明月,6222,"多行\n备注, 有逗号"\nMaria,7333\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rows_are_read_in_the_encoding_that_the_file_shows(tmp_path: Path, encoding: str):
    (tmp_path / "c.csv").write_bytes(CSV.encode(encoding))
    rows = csv_rows(tmp_path / "c.csv", ["账号", "姓名", "备注"], None, None)
    assert list(rows.cells) == [["6222", "欧阳明月", "多行\n备注, 有逗号"], ["7333", "Maria", ""]]
    assert encoding.removesuffix("-sig") in rows.said.en


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found_in_the_first_line(tmp_path: Path, delimiter: str):
    (tmp_path / "c.csv").write_text(f"a{delimiter}b\n1,5{delimiter}2\n", "utf-8")
    assert list(csv_rows(tmp_path / "c.csv", ["b", "a"], None, None).cells) == [["2", "1,5"]]


def test_what_tells_a_source_changes_with_the_file(tmp_path: Path):
    path = tmp_path / "c.csv"
    path.write_text(CSV, "utf-8")
    first = csv_rows(path, ["姓名"], None, None).about
    assert csv_rows(path, ["姓名"], None, None).about == first
    path.write_text(CSV + "x,y\n", "utf-8")
    assert csv_rows(path, ["姓名"], None, None).about != first


WRONG = {
    "no such column": (CSV.encode(), ["电话"], None, "no column 电话; the first line names: 姓名, 账号, 备注"),
    "two of one name": (b"a,a\n1,2\n", ["a"], None, "several columns are called a"),
    "another encoding": (CSV.encode("gb18030"), ["姓名"], "utf-8", "--encoding"),
    "neither encoding": (b"a\n\xff\xff\xff\n", ["a"], None, "neither UTF-8 nor GB18030"),
    "nothing": (b"", ["a"], None, "no column a"),
}


@pytest.mark.parametrize(("data", "columns", "encoding", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_told_and_not_quoted(tmp_path: Path, data, columns, encoding, said):
    (tmp_path / "c.csv").write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        list(csv_rows(tmp_path / "c.csv", columns, encoding, None).cells)
    assert said in str(caught.value)
    assert "明月" not in str(caught.value)


def test_an_encoding_that_breaks_off_in_the_midst_is_told_by_its_line(tmp_path: Path):
    (tmp_path / "c.csv").write_bytes(b"a,b\n" + b"x,y\n" * 400_000 + "欧阳明月,1\n".encode("gb18030"))
    with pytest.raises(SettingsError, match=r"after line \d+ something is not utf-8") as caught:
        list(csv_rows(tmp_path / "c.csv", ["a"], None, None).cells)
    assert "明月" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be read"):
        csv_rows(tmp_path / "none.csv", ["a"], None, None)


def test_a_character_cut_in_two_hides_no_encoding():
    assert detected(Path("x"), "甲\n乙".encode()[:-1]) == "utf-8"


@pytest.fixture
def database(tmp_path: Path, monkeypatch) -> None:
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE customers (name TEXT, account INTEGER)")
    connection.executemany("INSERT INTO customers VALUES (?, ?)", [("欧阳明月", 6222), ("Maria", None)])
    connection.commit()
    connection.close()
    monkeypatch.setenv("CRM_URL", f"sqlite:///{tmp_path / 'crm.db'}")


@pytest.mark.usefixtures("database")
def test_rows_of_a_query_come_as_text():
    rows = query_rows("SELECT name, account FROM customers ORDER BY name DESC", ["account", "name"], "CRM_URL")
    assert list(rows.cells) == [["6222", "欧阳明月"], ["", "Maria"]]


@pytest.mark.usefixtures("database")
def test_a_query_without_an_order_is_never_gone_on_with():
    plain = [query_rows("SELECT name FROM customers", ["name"], "CRM_URL").about for _ in range(2)]
    ordered = [query_rows("SELECT name FROM customers ORDER BY\n name", ["name"], "CRM_URL").about for _ in range(2)]
    assert plain[0] != plain[1]
    assert ordered[0] == ordered[1]
    assert "customers" not in str(ordered)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("sql", "variable", "said"),
    [
        ("SELECT 1", "NOT_SET", "set the environment variable NOT_SET"),
        ("SELECT secret FROM nowhere", "CRM_URL", "the query names a table or view that is not there"),
        ("SELECT secret FROM customers", "CRM_URL", "names a column that is not there"),
        ("SELEC secret", "CRM_URL", "is not valid SQL"),
    ],
)
def test_a_database_that_cannot_be_asked_is_told_without_url_or_query(sql, variable, said):
    with pytest.raises(SettingsError, match=said) as caught:
        list(query_rows(sql, ["x"], variable).cells)
    assert "secret" not in str(caught.value)
    assert "SELEC" not in str(caught.value) and "sqlite://" not in str(caught.value)


def test_a_folder_gives_its_files_in_order_without_hidden_ones_and_links(tmp_path: Path):
    for name in ("b/z.txt", "b/a.txt", "a.txt", ".hidden", ".git/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    found = folder_documents(tmp_path)
    assert [(one.name, one.read().decode()) for one in found] == [(n, n) for n in ("a.txt", "b/a.txt", "b/z.txt")]
    os.utime(tmp_path / "a.txt", ns=(1, 1))
    assert [one.mark for one in folder_documents(tmp_path)] != [one.mark for one in found]
    with pytest.raises(SettingsError, match="no folder"):
        folder_documents(tmp_path / "a.txt")


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_a_repository_gives_the_files_of_its_head(tmp_path: Path):
    git(tmp_path, "init", "-q")
    (tmp_path / "源码.py").write_text("first", "utf-8")
    (tmp_path / "b.txt").write_bytes(b"line\n" * 9)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    (tmp_path / "源码.py").write_text("changed, not committed", "utf-8")
    (tmp_path / "new.txt").write_text("x", "utf-8")
    assert [(one.name, one.read()) for one in git_documents(tmp_path)] == [
        ("b.txt", b"line\n" * 9),
        ("源码.py", b"first"),
    ]


def test_what_is_no_repository_is_told(tmp_path: Path):
    with pytest.raises(SettingsError, match="a repository with a commit"):
        list(git_documents(tmp_path))


def test_a_stop_list_is_read_line_by_line(tmp_path: Path):
    (tmp_path / "stop.txt").write_text("某客户\n\n 13800000000 \n", "utf-8")
    assert stop_list(tmp_path / "stop.txt") == ("某客户", "13800000000")
    assert stop_list(None) == ()
    with pytest.raises(SettingsError, match="stop list"):
        stop_list(tmp_path / "none")


UNEVEN = {
    "a cell too many": ("name,account\nJoe,1\nx,y,z\n\nAnn,2\n", [3, 1]),
    "cells missing": ("name,account\nx\nJoe,1\ny\n", [2, 2]),
    "a quote that nobody closes": ('name,account\nJoe,1\n"Ann,2\nBob,3\n', [4, 1]),
    "a break in quotes, which is fine": ('name,account\n"Joe\nRoe",1\n', []),
}


@pytest.mark.parametrize(("written", "odd"), UNEVEN.values(), ids=UNEVEN)
def test_rows_of_another_length_are_counted_and_the_first_is_told(tmp_path: Path, written: str, odd: list[int]):
    path = tmp_path / "rows.csv"
    path.write_text(written)
    rows = csv_rows(path, ["name", "account"], None, None)
    assert all(len(row) == 2 for row in rows.cells)
    assert rows.odd == odd
    if odd:
        said = uneven(path.name, odd)
        assert (
            f": {odd[1]}; the first ends in line {odd[0]}" in said.en
            and f"{odd[1]} 行；第一处在第 {odd[0]} 行" in said.zh
        )


def test_a_driver_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INDEX_DATABASE_URL", "firebird+nodriver://reader:secret@db/x")
    monkeypatch.setattr("sqlalchemy.create_engine", lambda _url: importlib.import_module("nodriver_of_sluice"))
    with pytest.raises(SettingsError, match="nodriver_of_sluice is not installed") as error:
        list(query_rows("SELECT 1", ["x"], "INDEX_DATABASE_URL").cells)
    assert "secret" not in str(error.value)
