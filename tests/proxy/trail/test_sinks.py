"""A record is on the disk before anything goes out; a crash leaves a log that can go on and still be verified."""

import io
import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from proxy.audit import GENESIS, Answered, Chain, Record, notice
from proxy.errors import StoreError
from proxy.trail import sinks
from proxy.trail.sinks import AuditFile, AuditStream, open_audit
from proxy.trail.verify import verify

AT = datetime(2026, 11, 20, tzinfo=UTC)
START = notice("start", AT, "n1", {})


def written(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def checked(path):
    with path.open("rb") as lines:
        return verify(lines)


@pytest.mark.parametrize("target", ["/dev/full", "/dev/zero", "/dev/null"])
def test_a_device_is_no_log_and_keeps_its_mode(target, tmp_path):
    mode = Path(target).stat().st_mode
    with pytest.raises(StoreError, match="no plain file"):
        open_audit(target, tmp_path)
    assert Path(target).stat().st_mode == mode


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def made(path):
    """A log of two records, and its bytes."""
    log = AuditFile(path)
    log.write(Record("SLC-1", AT, "forwarded", user="张三").fields("n1"))
    log.write(Answered("SLC-1", AT, 200).fields("n1"))
    log.close()
    return path.read_bytes()


@pytest.mark.usefixtures("made")
def test_an_exchange_is_a_request_line_and_an_answer_line_of_one_chain(path):
    request, answer = written(path)
    assert (request["event"], request["id"], request["user"]) == ("request", "SLC-1", "张三")
    assert (answer["event"], answer["id"], answer["status"]) == ("answer", "SLC-1", 200)
    assert (request["prev"], answer["prev"]) == (GENESIS, request["hash"])
    assert checked(path).ok


def test_the_log_is_for_its_owner_alone_and_so_is_a_folder_made_for_it(tmp_path):
    path = tmp_path / "state" / "audit.jsonl"
    AuditFile(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_log_that_was_readable_by_others_is_closed_to_them(path):
    path.touch(mode=0o644)
    AuditFile(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_record_is_synced_before_write_returns(path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(sinks.os, "fsync", lambda file: (synced.append(os.fstat(file).st_size), real(file))[1])
    log = AuditFile(path)
    log.write(START)
    assert synced[-1] == path.stat().st_size > 0
    log.close()


def test_a_restart_goes_on_where_the_log_ended(path, made):
    log = AuditFile(path)
    assert log.head == Chain(2, written(path)[-1]["hash"])
    log.write(START)
    log.close()
    assert path.read_bytes().startswith(made)
    assert (checked(path).head.seq, checked(path).repaired) == (3, 0)


@pytest.mark.usefixtures("made")
def test_a_log_has_one_writer_in_this_process_or_another(path):
    log = AuditFile(path)
    with pytest.raises(StoreError, match="another process writes"):
        AuditFile(path)
    code = "import sys, pathlib; from proxy.trail.sinks import AuditFile; AuditFile(pathlib.Path(sys.argv[1]))"
    other = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "another process writes" in other.stderr
    log.close()
    AuditFile(path).close()


def test_every_place_a_crash_can_cut_the_last_line_is_recovered_without_rewriting(path, made):
    first = made.index(b"\n") + 1
    for end in range(len(made)):
        path.write_bytes(made[:end])
        log = AuditFile(path, node="n1", now=lambda: AT)
        log.write(START)
        log.close()
        assert path.read_bytes().startswith(made[:end])
        lines = path.read_bytes().splitlines()
        whole = end in {0, first}
        assert checked(path).ok, end
        assert (json.loads(lines[-2])["event"] == "recovered") == (not whole) if len(lines) > 1 else end == 0


def test_a_recovery_says_how_much_was_torn_and_survives_its_own_crash(path, made):
    path.write_bytes(made + b'{"torn')
    AuditFile(path, node="n1", now=lambda: AT).close()
    repaired = path.read_bytes()
    note = json.loads(repaired.splitlines()[-1])
    assert (note["event"], note["torn_bytes"], note["node"], note["seq"]) == ("recovered", 6, "n1", 3)
    for end in range(len(made) + 7, len(repaired)):
        path.write_bytes(repaired[:end])
        AuditFile(path).close()
        assert checked(path).ok, end
        assert path.read_bytes().startswith(repaired[:end])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda made: made.replace(b'"status":200', b'"status":500'), "was edited"),
        (lambda made: made + b'{"event":"start"}\n', "was edited"),
        (lambda made: made + b"\0" * (2 << 20), "does not end in records"),
    ],
    ids=["edited", "appended by hand", "overwritten"],
)
def test_a_log_that_was_edited_is_not_gone_on_with(path, made, spoil, message):
    path.write_bytes(spoil(made))
    with pytest.raises(StoreError, match=message):
        AuditFile(path)
    path.write_bytes(made)
    AuditFile(path).close()  # and the lock was let go


@pytest.mark.parametrize("room", [[25], [25, 0], [25, 12], [25, 1, 0, 12], [25, 60, 1], [0], [0, 25]], ids=str)
def test_a_write_that_fits_only_in_part_refuses_and_the_next_one_recovers(path, monkeypatch, room):
    log = AuditFile(path, now=lambda: AT)
    log.write(START)
    real, torn = os.write, any(room)

    def write(file, data):
        if not room:
            return real(file, data)
        if not (left := room.pop(0)):
            raise OSError(28, "No space left on device")
        return real(file, data[:left])

    monkeypatch.setattr(sinks.os, "write", write)
    for _ in list(room):
        with pytest.raises(StoreError, match=r"no room for a whole line|No space left"):
            log.write(START)
    log.write(START)
    log.close()
    assert (checked(path).ok, checked(path).repaired, checked(path).head.seq) == (True, int(torn), 2 + torn)
    assert [json.loads(line)["event"] for line in path.read_bytes().splitlines()[-1 - torn :]] == (
        ["recovered", "start"] if torn else ["start"]
    )


def test_after_a_failed_sync_nothing_is_written_until_a_restart(path, monkeypatch):
    log = AuditFile(path)

    def fail(_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(sinks.os, "fsync", fail)
        with pytest.raises(StoreError, match="cannot be made durable"):
            log.write(START)
    with pytest.raises(StoreError, match="restart"):
        log.write(START)
    log.close()
    AuditFile(path).close()
    assert checked(path).ok


@pytest.mark.parametrize(
    ("meddle", "message"),
    [
        (lambda path: path.unlink(), "deleted while in use"),
        (lambda path: path.rename(path.with_name("audit.1")), "moved while in use"),
        (lambda path: path.write_bytes(b""), "changed by somebody else"),
        (lambda path: path.open("ab").write(b"x\n"), "changed by somebody else"),
    ],
    ids=["deleted", "moved", "emptied", "appended to"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_log_that_somebody_meddles_with_stops_the_house(path, meddle, message):
    log = AuditFile(path)
    log.write(START)
    meddle(path)
    with pytest.raises(StoreError, match=message):
        log.write(START)
    log.close()


def test_a_closed_log_refuses(path):
    log = AuditFile(path)
    log.close()
    log.close()
    with pytest.raises(StoreError, match="closed"):
        log.write(START)


@pytest.mark.parametrize("where", ["folder", "file"])
def test_a_log_that_cannot_be_opened_says_which_and_why(tmp_path, where):
    path = tmp_path if where == "folder" else tmp_path / "file" / "audit.jsonl"
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=f"{path.name} cannot be opened: "):
        AuditFile(path)


def test_many_threads_share_one_chain(path):
    log = AuditFile(path)
    threads = [threading.Thread(target=lambda: [log.write(START) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert (checked(path).ok, checked(path).head.seq) == (True, 160)


def test_a_copy_gets_the_same_lines(path):
    copy = io.BytesIO()
    log = AuditFile(path, copy)
    log.write(START)
    log.close()
    assert copy.getvalue() == path.read_bytes()


def test_a_copy_that_ends_does_not_stop_the_log(path):
    copy = io.BytesIO()
    copy.close()
    log = AuditFile(path, copy)
    with structlog.testing.capture_logs() as said:
        log.write(START)
        log.write(START)
    log.close()
    assert checked(path).head.seq == 2
    assert [(line["log_level"], line["event"]) for line in said] == [
        ("warning", "the copy of the audit log ended; the file goes on")
    ]


def test_a_stream_is_chained_from_its_first_line():
    stream = io.BytesIO()
    log = AuditStream(stream)
    log.write(START)
    log.write(START)
    log.close()
    assert verify(stream.getvalue().splitlines(keepends=True)).head.seq == log.head.seq == 2


def test_a_stream_that_fails_refuses_and_does_not_move_on():
    stream = io.BytesIO()
    log = AuditStream(stream)
    stream.close()
    with pytest.raises(StoreError, match="cannot be written"):
        log.write(START)
    assert log.head == Chain()


def test_the_settings_name_a_file_or_standard_output(tmp_path, capfdbinary):
    log = open_audit("logs/audit.jsonl", tmp_path)
    log.write(START)
    log.close()
    assert checked(tmp_path / "logs" / "audit.jsonl").head.seq == 1
    out = open_audit("-", tmp_path)
    out.write(START)
    out.close()
    assert json.loads(capfdbinary.readouterr().out)["event"] == "start"
