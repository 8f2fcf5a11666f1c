"""`sluice audit` finds what was changed, and shows a log without obeying it."""

import json
from pathlib import Path
from typing import Any

import pytest

from proxy.cli.audit import row
from proxy.trail.sinks import AuditFile
from tests.proxy.cli.invoke import sluice


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three exchanges."""
    audit = AuditFile(tmp_path / "audit.jsonl")
    for number, user in enumerate(("alice", "bob", "张三"), start=1):
        audit.write({"id": f"SLC-{number}", "event": "request", "user": user, "entities": {"CREDIT_CARD": number}})
    audit.close()
    return tmp_path / "audit.jsonl"


def test_a_whole_log_holds_and_its_head_is_told(log: Path) -> None:
    done = sluice("audit", "verify", log, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["ok"], told["head"].partition(":")[0]) == (0, True, "3")
    assert sluice("audit", "verify", log, "--head", told["head"]).exit_code == 0


CHANGES = {
    "edited": lambda lines: [lines[0], lines[1].replace(b"bob", b"eve"), lines[2]],
    "removed": lambda lines: [lines[0], lines[2]],
    "reordered": lambda lines: [lines[1], lines[0], lines[2]],
    "inserted": lambda lines: [lines[0], lines[0], *lines[1:]],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_log_is_found_at_its_line(log: Path, change: str) -> None:
    log.write_bytes(b"".join(CHANGES[change](log.read_bytes().splitlines(keepends=True))))
    done = sluice("audit", "verify", log, "--json")
    assert (done.exit_code, json.loads(done.stdout)["line"]) == (1, 1 if change == "reordered" else 2)


def test_an_end_that_was_cut_off_is_found_by_a_head_kept_elsewhere(log: Path) -> None:
    head = json.loads(sluice("audit", "verify", log, "--json").stdout)["head"]
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))
    assert sluice("audit", "verify", log).exit_code == 0
    assert sluice("audit", "verify", log, "--head", head).exit_code == 1


@pytest.mark.parametrize("arguments", [["gone.jsonl"], ["LOG", "--head", "3"], ["LOG", "--head", "x:" + "0" * 64]])
def test_what_cannot_be_checked_is_told(log: Path, arguments: list[str]) -> None:
    done = sluice("audit", "verify", *(str(log) if one == "LOG" else one for one in arguments))
    assert done.exit_code == 3 and done.stderr


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["SLC-1", "SLC-2", "SLC-3"]),
        (["--user", "张三"], ["SLC-3"]),
        (["--id", "SLC-2"], ["SLC-2"]),
        (["--user", "bob", "--id", "SLC-1"], []),
    ],
)
def test_lines_are_chosen_by_their_values(log: Path, options: list[str], ids: list[str]) -> None:
    done = sluice("audit", "show", log, "--json", *options)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ids
    assert all(id_ in sluice("audit", "show", log, *options).stdout for id_ in ids)


def test_a_row_for_people_tells_counts(log: Path) -> None:
    assert "CREDIT_CARD×3" in sluice("audit", "show", log, "--user", "张三").stdout


@pytest.mark.parametrize("line", [b"nonsense", b"[1]", b'"x"', b"[" * 100_000, b"\xff"])
def test_a_line_that_is_no_record_is_named(log: Path, line: bytes) -> None:
    log.write_bytes(log.read_bytes() + line + b"\n")
    done = sluice("audit", "show", log)
    assert done.exit_code == 3 and "audit.jsonl:4: not a record" in done.stderr


def test_a_log_that_somebody_has_edited_cannot_command_the_terminal(log: Path) -> None:
    entry = {"event": "answer", "user": "\x1b[2Jeve", "entities": ["\x1b"], "places": 7, "status": "\x1b]0;x\x07"}
    log.write_text(json.dumps(entry) + "\n" + json.dumps({"user": "x", "entities": {"\x1b[1m": 1}}) + "\n", "utf-8")
    done = sluice("audit", "show", log)
    assert done.exit_code == 0 and "\x1b" not in done.stdout and "eve" in done.stdout


WORKERS = {
    "one that died": (
        {"event": "worker", "worker": 2, "state": "gone", "pid": 7, "why": "killed"},
        "worker 2  state gone",
        "工作进程 2  状态 gone",
    ),
    "a process that detects": (
        {"event": "detection_process", "process": 1, "state": "down", "why": "silent"},
        "why silent",
        "原因 silent",
    ),
}


@pytest.mark.parametrize(("entry", "english", "chinese"), WORKERS.values(), ids=WORKERS)
def test_a_line_about_a_process_says_which_and_what_became_of_it(
    entry: dict[str, Any], english: str, chinese: str
) -> None:
    told = {"time": "2026-11-28T01:00:00Z", **entry}
    assert english in row(told, "en") and chinese in row(told, "zh")
