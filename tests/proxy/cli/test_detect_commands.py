"""The options of `sluice scan`, over real files and the shipped detectors."""

import csv
import json
import stat
from io import StringIO
from pathlib import Path

import pytest

from tests.proxy.cli.invoke import sluice

CARD = "4111111111111111"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text(f"第一行\n卡号：{CARD}\n", "utf-8")
    (tmp_path / "sub" / "old.txt").write_bytes(f"客户卡号 {CARD} 请核对".encode("gb18030"))
    (tmp_path / "sub" / "clean.md").write_text("nothing", "utf-8")
    (tmp_path / "sub" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\xff")
    return tmp_path


def test_a_folder_is_scanned_and_what_was_left_out_is_counted(folder: Path) -> None:
    done = sluice("scan", folder)
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        str(folder / "a.txt"),
        str(folder / "sub/old.txt"),
    ]
    assert "old.txt: not UTF-8; read as GB18030" in done.stderr
    assert "3 files looked into; 2 findings in 2; 1 left out because they are no text; 1 not in UTF-8" in done.stderr
    assert done.exit_code == 0 and CARD not in done.output


def test_globs_choose_among_the_files_of_a_folder(folder: Path) -> None:
    done = sluice("scan", folder, "--include", "*.txt", "--exclude", "sub")
    assert len(done.stdout.splitlines()) == 1 and "1 file looked into" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--fail"], 1, ""),
        (["--fail", "--include", "clean.md"], 0, ""),
        (["--fail", "--include", "clean.md", "--include", "odd"], 1, "its encoding cannot be told"),
        (["--format", "xml"], 2, "write one of text, jsonl, csv, html, sarif"),
        (["--encoding", "gb18031"], 3, "no encoding is called gb18031"),
        (["--min-score", "2"], 2, "min-score"),
    ],
    ids=["found", "clean", "unknown is not clean", "no such form", "no such encoding", "no such score"],
)
def test_the_exit_code_says_how_it_went(folder: Path, arguments: list[str], code: int, told: str) -> None:
    (folder / "odd").write_bytes(b"\x81\x8d\x81")
    done = sluice("scan", folder, *arguments)
    assert done.exit_code == code and told in done.output


def test_a_named_file_that_cannot_be_looked_into_ends_with_its_reason(folder: Path) -> None:
    done = sluice("scan", folder / "sub/picture.png", folder / "a.txt")
    assert done.exit_code == 3 and "picture.png: not looked into: it is no text" in done.stdout
    assert "a.txt:2:4: CREDIT_CARD" in done.stdout


def test_a_file_over_the_limit_is_not_looked_into(folder: Path) -> None:
    (folder / "large.txt").write_bytes(b"word and " * 112_000)
    done = sluice("scan", folder, "--max-size", "1", "--fail", "--include", "large.txt")
    assert (
        done.exit_code == 1 and "large.txt: not looked into: it has 1.0 MB, more than --max-size allows" in done.stdout
    )
    assert sluice("scan", folder, "--max-size", "0", "--fail", "--include", "large.txt").exit_code == 0


def test_json_lines_of_a_folder_are_the_same_contract(folder: Path) -> None:
    done = sluice("scan", folder, "--format", "jsonl", "--exclude", "old.txt")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["id"] == str(folder / "a.txt") and first["findings"][0]["start"] == 7
    assert second == {"id": str(folder / "sub/clean.md"), "findings": []}


def test_a_table_is_read_by_programs(folder: Path) -> None:
    text = sluice("scan", folder, "--format", "csv").stdout.removeprefix("\ufeff")
    assert [row["line"] for row in csv.DictReader(StringIO(text, newline=""))] == ["2", "1"]


def test_a_page_is_written_to_a_file_which_with_values_is_private(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = sluice("scan", folder / "a.txt", "--format", "html", "--to", page, "--show", LC_ALL="zh_CN.UTF-8")
    assert done.exit_code == 0 and done.stdout == ""
    html = page.read_text("utf-8")
    assert CARD in html and "敏感信息扫描报告" in html and "CREDIT_CARD 银行卡号" in html
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


SURE = """\
policy: sure
version: 1
owner: compliance
otherwise: forbid
data_classes:
  places: {entities: [IP_ADDRESS, CREDIT_CARD], minimum_score: 0.8}
  more: {entities: [CREDIT_CARD, PHONE_NUMBER], minimum_score: 0.9}
rules:
  - {id: one, name: one, verdict: forbidden, when: {data: [places, more]}, reason: no}
"""
TEXT = f"card {CARD}, call 13812345678, at 8.8.8.8"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (SURE, {"CREDIT_CARD", "PHONE_NUMBER"}),
        (SURE.replace("0.8", "0.5"), {"CREDIT_CARD", "PHONE_NUMBER", "IP_ADDRESS"}),
    ],
    ids=["below", "above"],
)
def test_what_is_less_certain_than_the_policy_asks_for_is_not_told(tmp_path: Path, policy: str, told: set) -> None:
    (tmp_path / "policy.yaml").write_text(policy, "utf-8")
    (tmp_path / "note.txt").write_text(TEXT, "utf-8")
    done = sluice("scan", "--policy", tmp_path / "policy.yaml", tmp_path / "note.txt", "--format", "csv")
    assert done.exit_code == 0, done.output
    assert {row["entity"] for row in csv.DictReader(StringIO(done.stdout.removeprefix("\ufeff"), newline=""))} == told
    line = json.dumps({"id": 1, "text": TEXT}).encode()
    done = sluice("scan", "--policy", tmp_path / "policy.yaml", "--jsonl", input=line)
    assert {one["entity"] for one in json.loads(done.stdout)["findings"]} == told


def test_explain_says_what_speaks_for_a_finding() -> None:
    text = '{"id": 1, "text": "身份证 11010519491231002X"}\n'.encode()
    lines = sluice("scan", "--explain", "--entities", "CN_ID_CARD", input=text).stdout.splitlines()
    assert len(lines) == 2 and lines[1].startswith("    ")
    [finding] = json.loads(sluice("scan", "--jsonl", "--explain", "--entities", "CN_ID_CARD", input=text).stdout)[
        "findings"
    ]
    assert "check:cn_id_card" in finding["because"] and "value" not in finding


def test_show_tells_the_value_and_min_score_leaves_findings_out() -> None:
    assert f'"{CARD}"' in sluice("scan", "--show", input=CARD.encode()).stdout
    sure = sluice("scan", "--entities", "IP_ADDRESS", "--min-score", "0.99", input=b"host 192.0.2.77 down")
    assert sure.stdout == "" and sure.exit_code == 0


def test_standard_input_in_another_encoding_is_read_and_that_is_told() -> None:
    done = sluice("scan", input=f"客户卡号 {CARD} 请核对".encode("gb18030"))
    assert "(standard input):1:6: CREDIT_CARD" in done.stdout and "read as GB18030" in done.stderr
