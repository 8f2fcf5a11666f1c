"""One proxy at a time has a state directory, until its process ends in whatever way; whoever looks needs nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.store import owner as owner_module
from proxy.store.owner import FILE, Owner, command_of, owned, owner_of

HOLD = """
import sys, pathlib
from proxy.store.owner import owned
with owned(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(state: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    return process


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_second_one_is_refused_by_name_until_the_first_has_ended_in_whatever_way(
    tmp_path: Path, end: signal.Signals | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_module, "TRIES_FOR", 0.1)
    first = holder(tmp_path)
    try:
        found = owner_of(tmp_path)
        assert found is not None and found.pid == first.pid
        before = (tmp_path / FILE).read_bytes()
        with pytest.raises(SettingsError) as refused, owned(tmp_path):
            pytest.fail("two at a time")
        told = str(refused.value)
        assert f"in use by process {first.pid} (sluice run, since 20" in told
        assert f"kill {first.pid}" in told and "sluice doctor" in told and "another `state`" in told
        assert (tmp_path / FILE).read_bytes() == before, "who is refused changes nothing"
        if end is not None:
            first.send_signal(end)
    finally:
        first.communicate()
    assert owner_of(tmp_path) is None, "the file may still name the one that was killed"
    with owned(tmp_path, "sluice store copy"):
        assert (mine := owner_of(tmp_path)) is not None
        assert (mine.pid, mine.doing) == (os.getpid(), "sluice store copy")
    assert owner_of(tmp_path) is None


def test_who_only_looks_makes_nothing_and_keeps_nobody_out(tmp_path: Path) -> None:
    assert owner_of(tmp_path) is None and list(tmp_path.iterdir()) == []
    assert owner_of(tmp_path / "nowhere") is None
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            owner_of(tmp_path)

    with owned(tmp_path):
        pass
    lookers = [threading.Thread(target=look) for _ in range(4)]
    for one in lookers:
        one.start()
    try:
        for _ in range(50):
            with owned(tmp_path):
                pass
    finally:
        stop.set()
        for one in lookers:
            one.join()


@pytest.mark.parametrize("text", [b"", b"nonsense", b"{}", b'{"pid": "x"}', b"[1]"])
def test_a_file_that_does_not_say_who_it_is_locks_all_the_same(
    tmp_path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_module, "TRIES_FOR", 0.0)
    with owned(tmp_path):
        (tmp_path / FILE).write_bytes(text)
        found = owner_of(tmp_path)
        assert found is not None and found.pid == 0
        with pytest.raises(SettingsError, match=r"process \(unknown\)"), owned(tmp_path):
            pytest.fail("two at a time")


def test_a_lock_is_not_made_through_a_link_and_a_folder_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / FILE).symlink_to(tmp_path / "elsewhere")
    for state, told in ((tmp_path / "state", FILE), (tmp_path / "elsewhere", "cannot be made")):
        with pytest.raises(SettingsError, match=told), owned(state):
            pytest.fail("not to be had")


def test_the_command_of_the_version_that_runs_is_known(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "sluice"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nread nothing\n", "utf-8")
    script.chmod(0o700)
    waits = tmp_path / "proxy" / "cli"
    waits.mkdir(parents=True)
    (waits / "main.py").write_text("input()\n", "utf-8")
    begun = {
        str(script): [str(script), "run"],
        f"{sys.executable} -m proxy.cli.main": [
            sys.executable,
            "-m",
            "proxy.cli.main",
            "run",
            "--config",
            "/etc/sluice",
        ],
        "": [sys.executable, "-c", "input()"],
    }
    for told, words in begun.items():
        process = subprocess.Popen(words, stdin=subprocess.PIPE, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
        until = time.monotonic() + 30  # between fork and exec it is still this very program
        while (found := command_of(Owner(process.pid))) != told and time.monotonic() < until:
            time.sleep(0.01)
        process.communicate(b"\n")
        assert found == told
    assert command_of(Owner(process.pid)) == "", "one that is gone tells nothing"
