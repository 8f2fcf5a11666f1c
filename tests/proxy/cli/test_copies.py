"""The auditor makes a key, opens a copy with it, and leaves a trace of having done so."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proxy.cli.exits import Exit
from proxy.trail.seal import Copy, Safe
from tests.proxy.cli.office import run

REFERENCE = "SLC-20261202-7K2F9Q"
TEXT = '{"q": "客户身份证 \u001b[2J"}'


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with settings, a key and one copy."""
    made = run("audit", "keygen", tmp_path / "auditor.key")
    assert made.exit_code == Exit.OK
    public = made.output.strip()
    (tmp_path / "sluice.yaml").write_text(f"state: state\nauditor_keys: {public}\n", "utf-8")
    (tmp_path / "state").mkdir(mode=0o700)
    body = gzip.compress(TEXT.encode())
    copy = Copy(
        REFERENCE,
        datetime(2026, 12, 2, 4, tzinfo=UTC),
        *("王芳", "kimi", "kimi.com", "POST", "/api/chat", "application/json", "gzip"),
        body,
    )
    Safe(tmp_path / "state", [public], timedelta(days=1)).keep(copy)
    return tmp_path


def opened(desk: Path, *more: str, reference: str = REFERENCE, key: str = "auditor.key"):
    return run("audit", "open", reference, "-i", desk / key, "-c", desk / "sluice.yaml", *more)


def test_it_is_read_as_text_that_a_terminal_does_not_obey(desk: Path) -> None:
    told = opened(desk, "--by", "审计员")
    assert told.exit_code == Exit.OK, told.output
    assert "王芳  kimi" in told.output and "POST kimi.com/api/chat" in told.output
    assert '"客户身份证 \\u001b[2J"' in told.output and "\x1b" not in told.output


def test_that_it_was_opened_is_in_the_log_with_who_did(desk: Path) -> None:
    opened(desk, "--by", "审计员")
    lines = [json.loads(line) for line in (desk / "state" / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [(line["event"], line["user"], line["reference"]) for line in lines] == [
        ("copy_opened", "审计员", REFERENCE)
    ]
    assert "身份证" not in (desk / "state" / "audit.jsonl").read_text("utf-8")


def test_the_body_can_be_had_as_it_came(desk: Path) -> None:
    assert gzip.decompress(opened(desk, "--raw").stdout_bytes) == TEXT.encode()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reference": "SLC-20261202-000000"}, "no copy is kept"),
        ({"key": "nowhere.key"}, "cannot be read"),
        ({"key": "other.key"}, "does not open the copy"),
        ({"key": "sluice.yaml"}, "holds no key"),
    ],
)
def test_what_cannot_be_opened_is_told_plainly_and_shows_nothing(desk: Path, given: dict, message: str) -> None:
    run("audit", "keygen", desk / "other.key")
    told = opened(desk, **given)
    assert told.exit_code == Exit.UNUSABLE and message in told.output and "身份证" not in told.output
    assert not (desk / "state" / "audit.jsonl").exists()


def test_a_key_is_never_written_over_another(desk: Path) -> None:
    before = (desk / "auditor.key").read_text()
    assert run("audit", "keygen", desk / "auditor.key").exit_code == Exit.UNUSABLE
    assert (desk / "auditor.key").read_text() == before
