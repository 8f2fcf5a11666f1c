"""`sluice doctor` tells a worker that is away, or behind, from one that serves."""

import json
from pathlib import Path

import pytest

from proxy.cli import look_at_workers as looking
from proxy.cli.look_at_workers import look_at_workers
from proxy.settings.interface import Settings
from proxy.workers.interface import Workers
from proxy.workers.standing import FILE


def test_each_worker_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(state=tmp_path, workers=Workers(count=4))
    monkeypatch.setattr(looking, "in_use_by_us", lambda _: True)
    assert list(look_at_workers(settings)) == []

    def one(number: int, state: str, policy: str, starts: int) -> dict[str, object]:
        told = {"worker": number, "pid": number, "state": state, "policy": policy}
        return {**told, "since": "2026-11-27", "starts": starts, "why": ""}

    workers = [one(1, "ready", "2@x", 1), one(2, "leaving", "2@x", 1), one(3, "ready", "1@x", 1)]
    said = {"supervisor": 1, "policy": "2@x", "refused": "no", "workers": [*workers, one(4, "ready", "2@x", 3)]}
    (tmp_path / FILE).write_text(json.dumps(said), "utf-8")
    found = {check.name: (check.level, check.told.en) for check in look_at_workers(settings)}
    assert found == {
        "worker 1": ("ok", "serves since 2026-11-27"),
        "worker 2": ("FAIL", "does not serve; the log says why"),
        "worker 3": ("warn", "enforces 1@x, not 2@x yet"),
        "worker 4": ("ok", "serves since 2026-11-27, started 3 times"),
        "workers": ("warn", "the last restart was given up: no"),
    }
    monkeypatch.setattr(looking, "in_use_by_us", lambda _: False)
    assert list(look_at_workers(settings)) == [], "nobody keeps that file any more"
