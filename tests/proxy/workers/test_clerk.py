"""Records of many workers make one chain, each durable before it is acknowledged, and one that fails stops no other."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.audit import notice
from proxy.trail import sinks
from proxy.trail.sinks import AuditFile, AuditStream
from proxy.trail.verify import verify
from proxy.workers.clerk import Clerk

AT = datetime(2026, 11, 20, tzinfo=UTC)


def record(number: int) -> dict[str, object]:
    return {**notice("worker", AT, "n1", {"worker": number})}


def test_what_many_bring_is_one_chain_made_durable_by_few_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(sinks.os, "fsync", lambda file: (synced.append(file), real(file))[1])
    log = AuditFile(tmp_path / "audit.jsonl")
    clerk = Clerk(log)
    told: list[tuple[int, str, bool]] = []
    done = threading.Semaphore(0)

    def answer(number: int, why: str) -> None:
        told.append((number, why, log.durable == (tmp_path / "audit.jsonl").stat().st_size))
        done.release()

    for number in range(200):
        clerk.take(record(number), lambda why, number=number: answer(number, why))
    before = len(synced)
    clerk.start()
    for _ in range(200):
        assert done.acquire(timeout=60)
    clerk.stop()
    log.close()
    assert [(number, why) for number, why, _ in told] == [(number, "") for number in range(200)]
    assert all(durable for _, _, durable in told)
    assert len(synced) - before < 20
    with (tmp_path / "audit.jsonl").open("rb") as lines:
        assert verify(lines).problem == ""


def test_a_record_that_cannot_be_kept_is_told_and_the_others_are_kept(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.jsonl")
    real, failing = log._put, [2]

    def put(data: bytes) -> None:
        failing[0] -= 1
        if failing[0] == 0:
            raise sinks.StoreError("no room")
        real(data)

    log._put = put  # type: ignore[method-assign]
    found = log.write_all([record(1), record(2), record(3)])
    log.close()
    assert [str(one) if one else "" for one in found] == ["", "no room", ""]
    with (tmp_path / "audit.jsonl").open("rb") as lines:
        checked = verify(lines)
    assert checked.problem == "" and len((tmp_path / "audit.jsonl").read_bytes().splitlines()) == 2


def test_whoever_says_whether_the_proxy_is_ready_hears_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, heard = Clerk(log := AuditFile(tmp_path / "audit.jsonl")), list[str]()
    clerk.recorded, clerk.unrecorded = lambda: heard.append("kept"), lambda: heard.append("lost")
    done = threading.Semaphore(0)
    clerk.start()
    for failures in (["no room"], [""]):
        monkeypatch.setattr(clerk, "_write", lambda _records, failures=failures: failures)
        clerk.take(record(1), lambda _why: done.release())
        assert done.acquire(timeout=60)
    clerk.stop()
    log.close()
    assert heard == ["lost", "kept"]


def test_where_nothing_can_be_made_durable_nobody_is_told_that_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditFile(tmp_path / "audit.jsonl")

    def fails(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(sinks.os, "fsync", fails)
    assert all("durable" in str(one) for one in log.write_all([record(1), record(2)]))
    assert all(log.write_all([record(3)])), "after a failed sync nothing can be believed"
    log.close()


def test_a_log_on_a_stream_takes_them_one_after_another() -> None:
    import io

    stream = io.BytesIO()
    assert AuditStream(stream).write_all([record(1), record(2)]) == [None, None]
    assert verify(stream.getvalue().splitlines(keepends=True)).problem == ""


def test_an_error_of_the_log_itself_ends_no_clerk() -> None:
    class Broken(AuditStream):
        def write_all(self, _records: object) -> list[sinks.StoreError | None]:
            raise RuntimeError

    import io

    clerk = Clerk(Broken(io.BytesIO()))
    told: list[str] = []
    clerk.take(record(1), told.append)
    clerk.start()
    clerk.take(record(2), told.append)
    clerk.stop()
    assert told == ["RuntimeError", "RuntimeError"]
