"""What a worker asks of the supervisor over its pipe is answered; what is none of that cuts off that worker alone."""

import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from proxy.audit import notice
from proxy.detecting.frames import LENGTHS, Frame, pack, read_frame
from proxy.detecting.link import Down
from proxy.errors import StoreError
from proxy.trail.sinks import AuditFile
from proxy.trail.verify import verify
from proxy.workers.clerk import Clerk
from proxy.workers.desk import Common, Desk
from proxy.workers.interface import Source
from proxy.workers.office import Office, OfficeAudit

AT = datetime(2026, 11, 20, tzinfo=UTC)
RECORD = notice("worker", AT, "n1", {"worker": 1})


@dataclass
class Lender:
    """Lends pipes that say what they are asked."""

    distrusted: list[tuple[int, str]] = field(default_factory=list)
    free: bool = True

    def lend(self, held: Collection[int], _seconds: float) -> tuple[socket.socket, int]:
        if not self.free:
            raise Down("no process that detects is free")
        ours, theirs = socket.socketpair()

        def echo() -> None:
            while (frame := read_frame(theirs.recv)) is not None:
                theirs.sendall(pack(Frame(frame.id, "done", {"held": sorted(held)}, frame.body)))
            theirs.close()

        threading.Thread(target=echo, daemon=True).start()
        return ours, 4711

    def distrust(self, pid: int, why: str) -> None:
        self.distrusted.append((pid, why))


@dataclass
class Both:
    """Both ends of a pipe."""

    office: Office
    desk: Desk
    log: AuditFile
    lender: Lender
    raw: socket.socket
    pushed: list[Frame]
    stands: list[Mapping[str, Any]]
    ended: threading.Event
    broken: list[str]
    """Why the log does not hold any more."""


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    log, lender, broken = AuditFile(tmp_path / "audit.jsonl"), Lender(), list[str]()
    clerk = Clerk(log)
    clerk.start()

    def must_hold() -> None:
        if broken:
            raise StoreError(broken[0])

    common = Common(clerk, must_hold, lender, lambda: {"version": "3@x", "turn": 1})
    ours, theirs = socket.socketpair()
    stands, pushed, ended = list[Mapping[str, Any]](), list[Frame](), threading.Event()
    source = Source("listen: 1\n", "sluice.yaml", Path("/etc"))
    desk = Desk(ours, common, (source, {"worker": 1, "of": 2}), stands.append)
    desk.start()
    office = Office(theirs, pushed.append, ended.set)
    yield Both(office, desk, log, lender, theirs, pushed, stands, ended, broken)
    office.closing = True
    desk.close()
    assert ended.wait(30)
    desk._thread.join(30)
    ours.close()
    clerk.stop()
    log.close()


def lines(both: Both) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in both.log.path.read_bytes().splitlines()]


def test_a_record_is_on_the_disk_when_write_returns(both: Both) -> None:
    audit = OfficeAudit(both.office)
    for _ in range(3):
        audit.write(RECORD)
        assert both.log.durable == both.log.path.stat().st_size
    assert audit.write_all([RECORD, RECORD]) == [None, None]
    audit.close()
    assert [line["seq"] for line in lines(both)] == [1, 2, 3, 4, 5]


def test_many_threads_write_one_chain(both: Both) -> None:
    audit = OfficeAudit(both.office)
    threads = [threading.Thread(target=lambda: [audit.write(RECORD) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with both.log.path.open("rb") as found:
        assert verify(found).problem == ""
    assert len(lines(both)) == 160


def test_a_log_that_takes_nothing_lets_nothing_out(both: Both) -> None:
    both.log.path.unlink()
    with pytest.raises(StoreError, match="deleted"):
        OfficeAudit(both.office).write(RECORD)


def test_a_log_that_cannot_be_proven_any_more_lets_nothing_out(both: Both) -> None:
    both.office.must_hold()
    both.broken.append("the log was rewritten")
    with pytest.raises(StoreError, match="rewritten"):
        both.office.must_hold()


def test_without_a_supervisor_nothing_can_be_recorded(both: Both) -> None:
    both.desk.close()
    assert both.ended.wait(30)
    with pytest.raises(StoreError, match="supervisor"):
        OfficeAudit(both.office).write(RECORD)
    with pytest.raises(StoreError):
        both.office.must_hold()


def test_a_worker_is_told_first_what_it_is_to_do(both: Both) -> None:
    told = both.office.put("brief")
    assert told.body == b"listen: 1\n"
    assert told.fields == {
        "worker": 1,
        "of": 2,
        "name": "sluice.yaml",
        "directory": "/etc",
        "policy": {"version": "3@x", "turn": 1},
    }


def test_what_the_supervisor_says_unasked_is_heard(both: Both) -> None:
    both.desk.push("policy", {"version": "4@y", "turn": 2})
    both.office.put("stands", {"state": "ready"})
    assert [(frame.kind, frame.fields["version"]) for frame in both.pushed] == [("policy", "4@y")]
    assert both.stands == [{"state": "ready"}]


def test_a_process_that_detects_is_lent_with_a_pipe_of_its_own(both: Both) -> None:
    gone = threading.Event()
    wire = both.office.detector({17}, gone.set)
    assert wire.pid == 4711
    answer = wire.ask("ping", {}, b"hello", 30)
    assert answer.fields["held"] == [17] and answer.body == b"hello"
    wire.end("its answer could not be read")
    assert gone.wait(30)
    assert both.lender.distrusted[0] == (4711, "its answer could not be read")


def test_where_none_is_free_that_is_said(both: Both) -> None:
    both.lender.free = False
    with pytest.raises(Down, match="free"):
        both.office.detector((), lambda: None)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        pack(Frame(1, "nonsense")),
        pack(Frame(1, "write", {}, b"[]")),
        pack(Frame(1, "write", {}, b"{")),
        pack(Frame(1, "write", {}, b'{"event": 1}')),
        LENGTHS.pack(10, 10) + b"x",
    ],
    ids=range(6),
)
def test_a_worker_that_says_what_none_says_is_cut_off(said: bytes, both: Both) -> None:
    OfficeAudit(both.office).write(RECORD)
    with suppress(OSError):  # it may be cut off already
        both.raw.sendall(said)
        both.raw.shutdown(socket.SHUT_WR)
    assert both.ended.wait(30)
    assert len(lines(both)) == 1


def test_half_a_record_of_a_worker_that_was_killed_is_no_line(both: Both) -> None:
    whole = pack(Frame(9, "write", {}, orjson.dumps(dict(RECORD))))
    both.raw.sendall(whole + whole[:-1])
    both.raw.shutdown(socket.SHUT_WR)
    assert both.ended.wait(30)
    both.desk._thread.join(30)
    with both.log.path.open("rb") as found:
        assert verify(found).problem == ""
