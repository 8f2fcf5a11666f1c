"""A proxy from the nursery is a process as any other: its own files, environment, folder, end and children."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.demo.process import Begin
from tests import nursery
from tests.e2e.street import COLD

SLUICE = [sys.executable, "-m", "proxy.cli.main"]
BEGIN = pytest.mark.parametrize("begin", [nursery.Forked, COLD], ids=["forked", "cold"])


@pytest.fixture(scope="module", autouse=True)
def door() -> None:
    """Let there be a nursery, in a thorough run, too."""
    if not nursery.Forked.door:
        nursery.open_door()


@BEGIN
def test_it_ends_as_it_says_and_writes_where_it_is_told(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("policy: x\n")
    with (tmp_path / "said").open("wb") as said:
        words = ["policy", "check", "bad.yaml"]
        environment = {**os.environ, "PYTHONPATH": str(nursery.ROOT), "LC_ALL": "zh_CN.UTF-8"}
        process = begin(
            [*SLUICE, *words], stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, cwd=tmp_path
        )
        assert process.wait(60) == process.poll() == 3
    told = (tmp_path / "said").read_text("utf-8")
    assert "bad.yaml:1:1" in told and "缺少" in told, told


def held(begin: Begin, folder: Path) -> set[str]:
    """Return the descriptors of a process that has read a file, begun in a folder."""
    command = [sys.executable, "-P", "-m", "proxy.documents.worker", str(1 << 32)]
    environment = {**os.environ, "PYTHONPATH": str(nursery.ROOT)}
    process = begin(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=folder
    )
    assert process.stdin and process.stdout
    process.stdin.write(b'{"name":"a.txt","media":"text/plain","size":2}\nhi')
    process.stdin.flush()
    process.stdout.readline()
    about = Path(f"/proc/{process.pid}")
    assert (about / "cwd").resolve() == folder
    found = {one.name for one in (about / "fd").iterdir()}
    process.stdin.close()
    process.stdout.close()
    process.wait(60)
    return found


def test_it_has_the_files_it_is_given_and_no_others(tmp_path: Path) -> None:
    assert held(nursery.Forked, tmp_path) == held(COLD, tmp_path) >= {"0", "1", "2"}


@BEGIN
def test_a_signal_ends_it_and_is_told(begin: Begin) -> None:
    command = [sys.executable, "-P", "-m", "proxy.documents.worker", str(1 << 32)]
    process = begin(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    assert process.stdin
    process.stdin.close()


def test_what_is_not_ours_begins_as_ever(tmp_path: Path) -> None:
    process = nursery.Forked([sys.executable, "-c", "raise SystemExit(7)"], cwd=tmp_path)
    assert process.wait(60) == 7
