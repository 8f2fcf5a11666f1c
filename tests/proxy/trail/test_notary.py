"""What is durable is signed over, at intervals and at the end; a log that is not the signed one is not gone on with."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from proxy.errors import StoreError
from proxy.trail.checkpoint import trusted
from proxy.trail.interface import Checkpoints
from proxy.trail.notary import Notary, append, checkpoints_of, last_checkpoint, waiting
from proxy.trail.signer import public_keys
from proxy.trail.sinks import AuditFile
from proxy.trail.verify import compare
from tests.proxy.trail.signed import AT, begin, fill, signed_log

MINUTE = timedelta(minutes=1)


def check(folder: Path):
    with (folder / "audit.jsonl").open("rb") as log:
        return compare(log, (folder / "audit.checkpoints.jsonl").read_bytes().split(b"\n"), public_keys(folder))


def test_it_signs_after_so_long_or_so_many_and_at_the_end(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.jsonl")
    notary = Notary(log, tmp_path, Checkpoints(MINUTE, 10), "n1")
    assert not notary.look(AT), "over nothing nothing is signed"
    fill(log, 3)
    assert not notary.look(AT) and notary.look(AT + MINUTE), "a minute after it was first seen"
    fill(log, 10)
    assert notary.look(AT + MINUTE), "so many"
    fill(log, 1)
    assert not notary.look(AT + MINUTE) and notary.look(AT + MINUTE, final=True), "the end"
    assert not notary.look(AT + 9 * MINUTE, final=True), "nothing new"
    log.close()
    assert check(tmp_path).signed == 14


def test_it_goes_on_after_a_restart_and_after_a_crash_that_tore_both_files(tmp_path: Path) -> None:
    signed_log(tmp_path, (5, 5))
    for name in ("audit.jsonl", "audit.checkpoints.jsonl"):
        with (tmp_path / name).open("ab") as file:
            file.write(b'{"torn')
    notary = begin(tmp_path)
    assert notary.look(AT + 9 * MINUTE)
    notary.log.close()
    checked = check(tmp_path)
    assert (checked.ok, checked.signed, checked.repaired) == (True, 12, 1)


def test_a_log_that_ends_before_its_last_checkpoint_is_not_opened(tmp_path: Path) -> None:
    data, *_ = signed_log(tmp_path, (5, 5))
    for lines in (9, 5, 0):
        (tmp_path / "audit.jsonl").write_bytes(b"".join(data.splitlines(True)[:lines]))
        log = AuditFile(tmp_path / "audit.jsonl")
        with pytest.raises(StoreError, match="cut, or a backup was put back"):
            Notary(log, tmp_path, Checkpoints(), "n1")
        log.close()


def test_a_log_rewritten_while_the_house_was_down_is_found_and_not_signed(tmp_path: Path) -> None:
    signed_log(tmp_path, (5, 5))
    (tmp_path / "audit.jsonl").unlink()
    log = AuditFile(tmp_path / "audit.jsonl")
    fill(log, 12, AT + MINUTE)
    notary = Notary(log, tmp_path, Checkpoints(), "n1")
    assert not notary.look(AT + 9 * MINUTE, final=True) and "rewritten" in notary.unsound
    log.close()


@pytest.mark.parametrize(
    "spoil", [lambda line: line.replace(b'"size":5', b'"size":4'), lambda line: line.replace(b'"root":"', b'"root":"0')]
)
def test_a_checkpoint_that_this_house_has_not_signed_stops_the_start(tmp_path: Path, spoil) -> None:
    signed_log(tmp_path, (5,))
    path = checkpoints_of(tmp_path / "audit.jsonl")
    path.write_bytes(spoil(path.read_bytes().rstrip(b"\n")) + b"\n")
    with pytest.raises(StoreError, match="was not signed by this house"):
        last_checkpoint(path, tmp_path)


def test_a_clock_that_was_set_back_makes_no_checkpoint_contradict_another(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.jsonl")
    notary = Notary(log, tmp_path, Checkpoints(MINUTE, 1), "n1")
    for at in (AT, AT - 60 * MINUTE):
        fill(log, 1)
        assert notary.look(at)
    log.close()
    points, fault = trusted(notary.path.read_bytes().split(b"\n"), public_keys(tmp_path))
    assert fault is None and points[0].time == points[1].time


def test_the_queue_gives_whole_lines_after_a_place_and_nothing_that_a_crash_tore(tmp_path: Path) -> None:
    path = tmp_path / "q"
    assert list(waiting(path, 0, 9)) == []
    append(path, [b"{}", b'{"b":1}'])
    with path.open("ab") as file:
        file.write(b'{"torn')
    assert list(waiting(path, 0, 9)) == [(b"{}", 3), (b'{"b":1}', 11)]
    assert list(waiting(path, 3, 9)) == [(b'{"b":1}', 11)]
    append(path, [b'{"c":1}'])
    assert path.read_bytes() == b'{}\n{"b":1}\n{"torn\n{"c":1}\n'
    assert list(waiting(path, 11, 9)) == [(b'{"c":1}', 26)], "no witness is told what nobody signed"
    with pytest.raises(StoreError, match="cannot be written"):
        append(tmp_path / "no" / "q", [b"{}"])


@contextmanager
def limit_files(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size`: the system answers as for a full disk."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_no_half_lines(tmp_path: Path) -> None:
    path = tmp_path / "q"
    append(path, [b'{"a":1}'])
    with limit_files(12), pytest.raises(StoreError, match="no room for a whole line"):
        append(path, [b'{"b":2}'])
    assert path.read_bytes() == b'{"a":1}\n'
    append(path, [b'{"b":2}'])
    assert [line for line, _ in waiting(path, 0, 9)] == [b'{"a":1}', b'{"b":2}']
