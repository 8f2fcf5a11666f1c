"""`sluice restart` says plainly where there is nothing to restart; end to end it is in tests/e2e/test_workers.py."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.cli import restart as restarting
from proxy.cli.exits import Exit
from proxy.cli.restart import restart
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.store.owner import owned
from proxy.workers.standing import FILE


def put(state: Path, supervisor: int, pids: list[int], refused: str = "") -> None:
    workers = [
        {"worker": number, "pid": pid, "state": "ready", "policy": "1@x", "since": "", "starts": 1, "why": ""}
        for number, pid in enumerate(pids, start=1)
    ]
    told = {"supervisor": supervisor, "policy": "1@x", "refused": refused, "workers": workers}
    (state / FILE).write_text(json.dumps(told), "utf-8")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(restarting, "LOOKS_EVERY", 0.0)
    with owned(tmp_path):
        yield Settings(state=tmp_path)


def test_where_no_workers_run_that_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting.os, "kill", lambda *_: pytest.fail("somebody else was told"))
    with pytest.raises(SettingsError, match="sluice run --workers"):
        restart(settings)
    put(settings.state, os.getpid() + 1, [1])  # of a supervisor that was killed
    with pytest.raises(SettingsError, match="no proxy with workers"):
        restart(settings)


@pytest.mark.parametrize(
    ("after", "refused", "exit_", "said"),
    [([3, 4], "", Exit.OK, "worker 2 is a new process (4)"), ([1, 2], "no", Exit.FOUND, "not all were replaced")],
)
def test_it_waits_until_all_are_others_or_that_was_given_up(
    after: list[int],
    refused: str,
    exit_: Exit,
    said: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(settings.state, os.getpid(), [1, 2])
    monkeypatch.setattr(restarting.os, "kill", lambda *_: put(settings.state, os.getpid(), after, refused))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert restart(settings) == exit_
    told = capsys.readouterr()
    assert said in told.out + told.err
