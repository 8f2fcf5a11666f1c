"""`sluice doctor` tells a worker that is away, or behind, from one that serves."""

import json
import os
from pathlib import Path

from proxy.cli.look_at_workers import look_at_workers
from proxy.settings.interface import Settings
from proxy.store.owner import owned
from proxy.workers.interface import Workers
from proxy.workers.standing import FILE


def test_each_worker_is_told_of(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, workers=Workers(count=4))

    def one(number: int, state: str, policy: str, starts: int) -> dict[str, object]:
        told = {"worker": number, "pid": number, "state": state, "policy": policy}
        return {**told, "since": "2026-11-27", "starts": starts, "why": ""}

    workers = [one(1, "ready", "2@x", 1), one(2, "leaving", "2@x", 1), one(3, "ready", "1@x", 1)]
    said = {
        "supervisor": os.getpid(),
        "policy": "2@x",
        "refused": "no",
        "workers": [
            *workers,
            one(4, "ready", "2@x", 3) | {"deaths": 2, "died_of": "signal 9", "said_by_a_later_version": 1},
        ],
    }
    (tmp_path / FILE).write_text(json.dumps(said), "utf-8")
    assert list(look_at_workers(settings)) == [], "nobody keeps that file any more"
    with owned(tmp_path):
        found = {check.name: (check.level, check.told.en) for check in look_at_workers(settings)}
    assert found == {
        "worker 1": ("ok", "serves since 2026-11-27"),
        "worker 2": ("FAIL", "does not serve; the log says why"),
        "worker 3": ("warn", "enforces 1@x, not 2@x yet"),
        "worker 4": (
            "warn",
            "serves since 2026-11-27; 2 before it ended by themselves, the last for: signal 9; see the log"
            " (journalctl -u sluice) and free -m",
        ),
        "workers": ("warn", "the last restart was given up: no"),
    }
    (tmp_path / FILE).write_text(json.dumps({**said, "supervisor": os.getpid() + 1}), "utf-8")
    with owned(tmp_path):
        assert list(look_at_workers(settings)) == [], "a supervisor that was killed has left it behind"
