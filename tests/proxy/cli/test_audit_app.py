"""`sluice audit`: what auditors need comes out, and who reads the log or changes its key stands in it."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from proxy.cli.trail import write_program
from proxy.trail.chain import read_line
from proxy.trail.checkpoint import read_keys
from proxy.trail.verify import main
from tests.proxy.cli.invoke import sluice
from tests.proxy.trail.signed import signed_log


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and a signed log of eight records."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sluice.yaml").write_text("state: state\nnode: n1\n", "utf-8")
    signed_log(tmp_path / "state", (5, 3))
    return tmp_path


def events(house: Path) -> list[dict]:
    """Return the log's lines after the first eight."""
    return [read_line(line) for line in (house / "state" / "audit.jsonl").read_bytes().splitlines()[8:]]


def test_reading_and_checking_the_houses_own_log_is_an_event_of_it(house: Path) -> None:
    log = "state/audit.jsonl"
    assert sluice("audit", "show", log, "--user", "alice", "--by", "chenhua").exit_code == 0
    assert sluice("audit", "verify", log, "--by", "chenhua").exit_code == 0
    read, checked = events(house)
    assert (read["event"], read["user"], read["asked"]) == ("audit_read", "chenhua", ["user=alice"])
    assert (checked["event"], checked["ok"], checked["user"]) == ("audit_verified", True, "chenhua")
    (house / "copy.jsonl").write_bytes((house / log).read_bytes())
    assert sluice("audit", "show", "copy.jsonl").exit_code == 0
    assert len(events(house)) == 2, "a copy elsewhere is nobody's business here"


def test_lines_are_asked_for_by_time_and_by_the_policy_s_version(house: Path) -> None:
    table = {
        (): 8,
        ("--since", "2026-11-20T09:30:30+00:00"): 3,
        ("--until", "2026-11-20T09:30:30+00:00"): 5,
        ("--since", "2026-11-20T09:31+00:00", "--until", "2026-11-20T09:31+00:00"): 3,
        ("--policy", "8@ee8761890421"): 0,
    }
    for words, count in table.items():
        shown = sluice("audit", "show", "state/audit.jsonl", *words, "--json").stdout.splitlines()
        times = [line for line in shown if "SLC-" in line]
        assert len(times) == count, words
    assert events(house)[1]["asked"] == ["since=2026-11-20T09:30:30+00:00"]
    wrong = sluice("audit", "show", "state/audit.jsonl", "--until", "yesterday")
    assert wrong.exit_code == 3 and "--until" in wrong.stderr


def test_an_auditor_gets_keys_program_and_proof_and_needs_no_more(house: Path, capfdbinary) -> None:
    (house / "key.pem").write_text(sluice("audit", "key").stdout, "utf-8")
    (house / "proof").write_text(sluice("audit", "prove", "6").stdout, "utf-8")
    assert sluice("audit", "verifier", "v.pyz").exit_code == 0 and (house / "v.pyz").stat().st_mode & 0o111
    assert main(["--proof", "proof", "--key", "key.pem", "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["seq"] == 6
    told = ["--checkpoints", "state/audit.checkpoints.jsonl"]
    done = sluice("audit", "verify", "state/audit.jsonl", *told, "--key", "key.pem", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["signed"], found["problem"]) == (0, 8, "")
    assert sluice("audit", "verify", "state/audit.jsonl", *told).exit_code == 0, "with the house's own key"
    assert sluice("audit", "prove", "99").exit_code == 3
    (house / "state" / "audit.jsonl").write_bytes((house / "state" / "audit.jsonl").read_bytes().partition(b"\n")[2])
    assert sluice("audit", "prove", "6").exit_code == 3


def test_a_change_of_the_key_is_an_event_and_the_old_key_is_told_as_revoked(house: Path) -> None:
    [before] = read_keys(sluice("audit", "key").stdout)
    assert sluice("audit", "new-key", "--since", "yesterday").exit_code == 3
    assert sluice("audit", "new-key", "--by", "chenhua").exit_code == 0
    old, new = read_keys(sluice("audit", "key").stdout)
    assert old.id == before.id and old.revoked and not new.revoked
    [changed] = events(house)
    told = (changed["event"], changed["before"], changed["key"], changed["user"])
    assert told == ("audit_key_changed", old.id, new.id, "chenhua")


@pytest.mark.parametrize("file", ["gone.pem", "sluice.yaml"])
@pytest.mark.usefixtures("house")
def test_a_file_that_holds_no_key_is_told(file: str) -> None:
    arguments = ("state/audit.jsonl", "--checkpoints", "state/audit.checkpoints.jsonl", "--key", file)
    done = sluice("audit", "verify", *arguments)
    assert done.exit_code == 3 and "public keys cannot be read" in done.stderr


def test_a_verifier_that_fails_itself_says_so_and_nothing_of_the_log(tmp_path: Path) -> None:
    """Status 1 would accuse the log, and so would silence."""
    whole, broken = tmp_path / "whole.pyz", tmp_path / "broken.pyz"
    write_program(whole)
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(broken, "w") as made:
        for name in given.namelist():
            made.writestr(name, "raise MemoryError" if name.endswith("trail/chain.py") else given.read(name))
    command = [sys.executable, "-I", "-S", str(broken), "log.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "", done.stdout
    assert "MemoryError" in done.stderr and "nothing is said about the log" in done.stderr
