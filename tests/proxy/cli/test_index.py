"""`sluice index` registers, shows, checks and takes away, and prints no registered value."""

import json
from pathlib import Path

import pytest

from tests.detectors.company.test_fingerprints import PLAN
from tests.proxy.cli.invoke import sluice

CSV = "姓名,账号,手机\n欧阳明月,6222021234567890,13812340001\nMaria Lopez,99887766554433,13912340002\n"
BUILD = ("index", "build", "customers", "--csv", "c.csv", "--columns", "姓名:name,账号:account,手机:phone")

IN_CHINESE = ((*BUILD, "--alone", "账号"), ("index", "show", "customers"), ("index", "remove", "customers"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.csv").write_text(CSV, "utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.txt").write_text(PLAN, "utf-8")
    return tmp_path


def test_an_index_is_built_listed_shown_checked_and_removed(here: Path):
    steps = [
        sluice(*BUILD, "--alone", "账号"),
        sluice("index", "list"),
        sluice("index", "show", "customers"),
        sluice("index", "verify", "customers"),
    ]
    assert [done.exit_code for done in steps] == [0, 0, 0, 0]
    assert all("customers  exact  2 rows" in done.stdout for done in steps)
    assert "column 账号: account, 2 values, matches alone" in steps[2].stdout
    assert all("明月" not in done.output and "6222" not in done.output for done in steps)
    chinese = [sluice(*(str(one) for one in words), LC_ALL="zh_CN.UTF-8").output for words in IN_CHINESE]
    assert "customers  exact  2 行" in chinese[0] and "c.csv：utf-8，列以 , 分隔" in chinese[0]
    assert "列 账号：account，2 个值，单独出现即匹配" in chinese[1] and "来源：csv：c.csv" in chinese[1]
    assert "删除索引 customers？" in chinese[2]
    assert sluice("index", "remove", "customers", "--yes").exit_code == 0
    assert [path.name for path in (here / "state" / "indexes").iterdir()] == []
    assert sluice("index", "show", "customers").exit_code == 3


@pytest.mark.parametrize(
    ("lang", "told"), [("en_US.UTF-8", "The same command goes on"), ("zh_CN.UTF-8", "再执行同一命令")]
)
def test_a_build_that_somebody_stops_leaves_the_index_and_says_how_to_go_on(monkeypatch, lang: str, told: str):
    assert sluice(*BUILD).exit_code == 0

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("proxy.cli.index_build.build", stop)
        done = sluice(*BUILD, LC_ALL=lang)
    assert (done.exit_code, told in done.stderr) == (130, True)
    assert "customers  exact  2 rows" in sluice("index", "verify", "customers").stdout


def test_documents_are_registered_and_their_names_told_only_when_asked():
    assert "1 documents" in sluice("index", "build", "plans", "--folder", "docs").stdout
    assert "plan.txt" not in sluice("index", "show", "plans").stdout
    assert "0  plan.txt" in sluice("index", "show", "plans", "--documents").stdout


def test_a_list_is_told_as_json_too():
    sluice(*BUILD)
    (told,) = json.loads(sluice("index", "list", "--json").stdout)
    assert (told["name"], told["rows"], [one["name"] for one in told["columns"]]) == (
        "customers",
        2,
        ["姓名", "账号", "手机"],
    )


def test_a_damaged_index_is_found(here: Path):
    sluice(*BUILD)
    path = here / "state" / "indexes" / "customers.idx"
    data = bytearray(path.read_bytes())
    data[4100] ^= 1
    path.write_bytes(data)
    done = sluice("index", "verify", "customers")
    assert (done.exit_code, "damaged" in done.stderr) == (1, True)
    path.write_bytes(data[:100])
    listed = sluice("index", "list")
    assert (listed.exit_code, "cut off" in listed.stdout) == (1, True)


WRONG = {
    "no source": (("index", "build", "x"), 3, "name one source"),
    "two sources": (("index", "build", "x", "--csv", "c.csv", "--folder", "docs"), 3, "name one source"),
    "a bad name": (("index", "build", "X!", "--folder", "docs"), 3, "small letters"),
    "no columns": (("index", "build", "x", "--csv", "c.csv"), 3, "--columns names each column once"),
    "a column twice": (("index", "build", "x", "--csv", "c.csv", "--columns", "姓名:name,姓名:name"), 3, "once"),
    "an unknown kind": (("index", "build", "x", "--csv", "c.csv", "--columns", "姓名:nom"), 3, "a kind is one of"),
    "a name alone": ((*BUILD, "--alone", "姓名"), 3, "never matches alone"),
    "an unknown column alone": ((*BUILD, "--alone", "x"), 3, "no column is called x"),
    "one column that says nothing": (
        ("index", "build", "x", "--csv", "c.csv", "--columns", "账号:account"),
        3,
        "--alone",
    ),
    "too many needed": ((*BUILD, "--need", "4"), 3, "--need"),
    "an unknown encoding": ((*BUILD, "--encoding", "latin-1"), 2, "utf-8, gb18030"),
    "a long delimiter": ((*BUILD, "--delimiter", "::"), 2, "one character"),
    "nothing to remove": (("index", "remove", "none", "--yes"), 3, "no such index"),
}


@pytest.mark.parametrize(("words", "code", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_told_plainly(words, code, said):
    done = sluice(*words)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_nothing_is_removed_without_a_yes(here: Path):
    sluice(*BUILD)
    assert sluice("index", "remove", "customers", input=b"n\n").exit_code == 1
    assert (here / "state" / "indexes" / "customers.idx").exists()


def test_what_detectors_complain_of_is_told_in_chinese_too():
    wrong = ("index", "build", "x", "--csv", "c.csv", "--columns", "姓名:nom")
    said = sluice(*wrong, LC_ALL="zh_CN.UTF-8").stderr
    assert "列 姓名:nom：写法为 列名:类型；类型有 name、text、number" in said
    sluice(*BUILD)
    (Path("state") / "indexes" / "customers.idx").write_bytes(b"cut off")
    done = sluice("index", "verify", "customers", LC_ALL="zh_CN.UTF-8")
    assert done.exit_code == 1 and "请用 `sluice index build` 重建" in done.stderr


def test_why_a_file_cannot_be_read_is_told_in_chinese_too():
    done = sluice("eval", "gone.jsonl", LC_ALL="zh_CN.UTF-8")
    assert (done.exit_code, done.stderr) == (3, "gone.jsonl：无法读取：没有这个文件或文件夹\n")


def test_rows_that_do_not_fit_the_first_line_are_told_after_a_build():
    Path("odd.csv").write_text('name,account\nJoe Roe,62220001\n"Ann Lee,62220002\nBob Lee,62220003\n')
    done = sluice("index", "build", "odd", "--csv", "odd.csv", "--columns", "name:name,account:account")
    assert done.exit_code == 0 and "odd.csv: rows with more or fewer cells than the first line: 1" in done.stderr
