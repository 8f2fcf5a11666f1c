"""Folders for a while: gone when done with, and after a kill at the next start; never anybody else's."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from proxy.scratch import OWNER, identity, make, scratch, sweep

LEAVES = "import proxy.scratch, time; print(proxy.scratch.make('x'), flush=True); time.sleep(600)"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_for_its_owner_alone_and_goes_when_it_is_done_with() -> None:
    with pytest.raises(RuntimeError), scratch("x") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "kept").write_text("word")
        raise RuntimeError
    assert not folder.exists()


def test_what_a_killed_process_has_left_goes_at_the_next_start_and_not_before(here: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LEAVES], stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(here)}
    ) as other:
        assert other.stdout
        left = Path(other.stdout.readline().decode().strip())
        assert left.is_dir() and sweep() == [], "it still runs"
        other.send_signal(signal.SIGKILL)
        other.wait()
    with scratch("y"):
        assert not left.exists()


def dead() -> int:
    """Return the number of a process that has just ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        return gone.pid


STAYS = {
    "of another that runs": lambda folder: (folder / OWNER).write_text(identity(os.getppid())),
    "nobody says whose": lambda folder: (folder / OWNER).unlink(),
    "it says nothing": lambda folder: (folder / OWNER).write_text(""),
    "it says something else": lambda folder: (folder / OWNER).write_text("a b c d"),
    "a number that is none": lambda folder: (folder / OWNER).write_text(f"../1 2 {space()}"),
    "of other processes": lambda folder: (folder / OWNER).write_text(f"{dead()} 1 pid:[1]"),
    "a link": lambda folder: (folder.rename(folder.with_name("real")), folder.symlink_to(folder.with_name("real"))),
}


def space() -> str:
    return identity(os.getpid()).split()[2]


@pytest.mark.parametrize("name", STAYS)
def test_what_may_be_somebody_elses_stays(name: str) -> None:
    folder = make("x")
    (folder / OWNER).write_text(f"{dead()} 1 {space()}")
    STAYS[name](folder)
    assert sweep() == [] and folder.exists()


def test_a_number_that_another_process_has_got_since_is_not_its_owner() -> None:
    folder = make("x")
    (folder / OWNER).write_text(f"{os.getpid()} 1 {space()}")
    assert sweep() == [folder] and not folder.exists()


def test_of_another_account_nothing_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make("x")
    (folder / OWNER).write_text(f"{dead()} 1 {space()}")
    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: 4711)
        assert sweep() == [] and folder.exists()
    assert sweep() == [folder]
