"""A writer that is killed at any point leaves nothing acknowledged out of the log, and a log that goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.trail.sinks import AuditFile
from proxy.trail.verify import verify
from tests.nursery import begin

WRITER = (sys.executable, "-P", "-m", "tests.proxy.trail.crashing")


def crash(path: Path, point: str, after: int, luck: random.Random) -> set[str]:
    """Let a writer with six threads die; return what it has acknowledged."""
    with begin([*WRITER, str(path), point, str(after)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        seen = writer.stdout.readline()
        if point == "any":
            time.sleep(luck.random() / 5)
            os.kill(writer.pid, signal.SIGKILL)
        return {line.decode() for line in (seen + writer.stdout.read()).split(b"\n")[:-1] if line}


@pytest.mark.parametrize("point", ["before", "half", "written", "synced", "any"])
def test_nothing_acknowledged_is_missing_and_the_torn_tail_is_owned_up_to(tmp_path: Path, point: str) -> None:
    luck, path, told = random.Random(point), tmp_path / "audit.jsonl", set[str]()
    for turn in range(3):
        told |= crash(path, point, luck.randrange(5, 60), luck)
        before = path.read_bytes()
        AuditFile(path, now=lambda: datetime(2026, 11, 20, tzinfo=UTC)).close()
        assert path.read_bytes().startswith(before), "what is on disk is never rewritten"
        with path.open("rb") as lines:
            checked = verify(lines)
        assert checked.ok, (turn, checked)
        kept = {part.partition('"')[0] for part in path.read_text("utf-8").split('"id":"')[1:]}
        assert told <= kept
    if point == "half":
        assert checked.repaired


def test_exchanges_at_once_share_a_sync_and_none_returns_before_its_own(tmp_path: Path, monkeypatch) -> None:
    from threading import Thread

    from proxy.audit import notice
    from proxy.trail import sinks

    log, synced, returned = AuditFile(tmp_path / "audit.jsonl"), [0], []
    real, count = os.fsync, [0]

    def slow(file: int) -> None:
        size = os.fstat(file).st_size
        time.sleep(0.01)
        real(file)
        count[0] += 1
        synced[0] = size

    monkeypatch.setattr(sinks.os, "fsync", slow)
    line = notice("start", datetime(2026, 11, 20, tzinfo=UTC), "n1", {})

    def work() -> None:
        for _ in range(5):
            with log._lock:
                before = log._end
            log.write(line)
            returned.append(synced[0] > before)

    threads = [Thread(target=work) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    log.close()
    assert all(returned) and len(returned) == 80
    assert count[0] <= 40, "sixteen at once, five in a row: far fewer syncs than records, on a busy machine too"
