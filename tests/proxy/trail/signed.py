"""Logs with signed checkpoints, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from proxy.audit import Answered, Record, notice
from proxy.trail.checkpoint import Key
from proxy.trail.interface import Checkpoints
from proxy.trail.notary import Notary
from proxy.trail.signer import public_keys
from proxy.trail.sinks import AuditFile

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
EVERY = Checkpoints(every=timedelta(seconds=0))
PEOPLE = ("张三", "alice", "")


def fill(log: AuditFile, count: int, at: datetime = AT) -> None:
    """Write lines without waiting for the disk each time."""
    for number in range(count):
        record = (
            Record(f"SLC-{number}", at, "forwarded", user=PEOPLE[number % 3], entities={"PERSON": number, "项目": 1})
            if number % 2
            else Answered(f"SLC-{number}", at, 200)
        )
        log.write(record.fields("n1"))


def signed_log(folder: Path, counts: tuple[int, ...], at: datetime = AT) -> tuple[bytes, bytes, tuple[Key, ...]]:
    """Return a log, its checkpoints, one after each count of lines, and the public keys."""
    folder.mkdir(parents=True, exist_ok=True)
    log = AuditFile(folder / "audit.jsonl")
    notary = Notary(log, folder, EVERY, "n1", lambda: "policy 1")
    for turn, count in enumerate(counts):
        now = at + timedelta(minutes=turn)
        fill(log, count, now)
        assert notary.look(now)
    log.close()
    return (folder / "audit.jsonl").read_bytes(), notary.path.read_bytes(), public_keys(folder)


def begin(folder: Path) -> Notary:
    """Return a notary over the log of a folder, opened anew."""
    log = AuditFile(folder / "audit.jsonl")
    log.write(notice("start", AT, "n1", {}))
    return Notary(log, folder, EVERY, "n1")
