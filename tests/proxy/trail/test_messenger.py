"""Checkpoints wait for a witness that is away, in order; it is told of, and holds nobody up unless it must."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proxy.errors import StoreError
from proxy.trail.interface import Outside
from proxy.trail.messenger import Messenger, Standing, must_be_heard, read_standings, write_standings
from proxy.trail.notary import append
from tests.proxy.trail.signed import AT

MINUTE = timedelta(minutes=1)


class Post:
    """A messenger whose witness is a file in a folder that comes and goes, with a clock that is set."""

    def __init__(self, folder: Path, *, required: bool = False, standing: Standing | None = None) -> None:
        self.folder, self.now, self.told = folder, AT, list[tuple[str, dict[str, Any]]]()
        self.away, self.queue, self.file = folder / "away", folder / "queue", folder / "mount" / "w"
        self.one = Messenger(
            Outside("file", str(self.file), required=required),
            self.queue,
            10 * MINUTE,
            lambda: self.now,
            lambda word, notes: self.told.append((word, dict(notes))),
            lambda: write_standings(folder, (self.one,)),
            standing=standing,
        )

    def mount(self, there: bool) -> None:
        if there:
            self.file.parent.mkdir(exist_ok=True)
        elif self.file.parent.exists():
            self.file.parent.rename(self.away)

    def at(self, minutes: int) -> bool:
        self.now = AT + minutes * MINUTE
        return self.one.look()


def test_what_a_witness_missed_comes_in_order_once_it_is_back_and_the_alarm_is_raised_once(tmp_path: Path) -> None:
    post = Post(tmp_path)
    append(post.queue, [b'{"number":%d}' % number for number in range(250)])
    assert [post.at(minute) for minute in (0, 9, 10, 11, 30)] == [False] * 5
    since = AT.isoformat(timespec="seconds")
    assert post.told == [("witness_away", {"witness": str(post.file), "since": since})]
    must_be_heard((post.one,), post.now)  # not required: nobody is held up
    post.mount(True)
    assert post.at(31) and post.at(32)
    assert post.file.read_bytes().split() == [b'{"number":%d}' % number for number in range(250)]
    assert [word for word, _ in post.told] == ["witness_away", "witness_back"]


def test_after_a_restart_nothing_is_lost_and_nothing_told_twice(tmp_path: Path) -> None:
    first = Post(tmp_path)
    first.mount(True)
    append(first.queue, [b'{"1":1}', b'{"2":2}'])
    assert first.at(0)
    append(first.queue, [b'{"3":3}'])
    known = read_standings(tmp_path)[str(first.file)]
    second = Post(tmp_path, standing=known)
    assert second.at(1) and second.file.read_bytes() == b'{"1":1}\n{"2":2}\n{"3":3}\n'
    second.queue.write_bytes(b'{"another":"log"}\n')
    assert second.at(2) and second.file.read_bytes() == b'{"1":1}\n{"2":2}\n{"3":3}\n{"another":"log"}\n'


def test_one_that_is_required_stops_what_goes_out_once_it_was_away_too_long(tmp_path: Path) -> None:
    post = Post(tmp_path, required=True)
    append(post.queue, [b'{"1":1}'])
    for minutes, holds in ((0, True), (9, True), (10, False)):
        post.at(minutes)
        if holds:
            must_be_heard((post.one,), post.now)
        else:
            with pytest.raises(StoreError, match="required and stays away"):
                must_be_heard((post.one,), post.now)
    again = Post(tmp_path, required=True, standing=read_standings(tmp_path)[str(post.file)])
    with pytest.raises(StoreError):
        must_be_heard((again.one,), post.now)
    post.mount(True)
    assert post.at(11)
    must_be_heard((post.one,), post.now)


OURS = [b'{"log": "a", "number": %d}' % number for number in range(9)]


@pytest.mark.parametrize(
    ("held", "contradicts"),
    {
        "ours alone": ([], False),
        "a checkpoint of another house": ([b'{"log": "b", "number": 7}'], False),
        "what a crash of ours has torn": ([OURS[4][:9]], False),
        "another checkpoint of this log": ([b'{"log": "a", "number": 4, "forged": 1}'], True),
        "something else": ([b"nothing of ours"], True),
    }.values(),
)
def test_a_file_that_holds_what_was_not_signed_here_contradicts_and_is_not_away(
    tmp_path: Path, held: list[bytes], contradicts: bool
) -> None:
    post = Post(tmp_path, required=True)
    post.mount(True)
    append(post.queue, OURS[:4])
    assert post.at(0)
    post.file.write_bytes(post.file.read_bytes() + b"".join(line + b"\n" for line in held))
    append(post.queue, OURS[4:])
    assert post.at(1) is not contradicts and post.one.standing.contradicts is contradicts
    if not contradicts:
        assert post.file.read_bytes().endswith(b"\n".join(OURS[4:]) + b"\n") and post.told == []
        return
    post.at(20)
    assert [word for word, _ in post.told] == ["witness_contradicts"], "told at once, once, and not as away"
    assert read_standings(tmp_path)[str(post.file)].contradicts
    with pytest.raises(StoreError, match="required and contradicts the log"):
        must_be_heard((post.one,), post.now)
    post.file.rename(tmp_path / "for the auditor")
    assert post.at(21) and [word for word, _ in post.told] == ["witness_contradicts", "witness_back"]
    assert post.file.read_bytes().split(b"\n")[:-1] == OURS[4:]


def test_what_a_crash_or_a_full_disk_tore_is_told_to_no_witness_and_contradicts_none(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.mount(True)
    append(post.queue, OURS[:2])
    post.queue.write_bytes(post.queue.read_bytes() + OURS[2][:9] + b"\n" + OURS[2][:5])
    assert post.at(0)
    append(post.queue, OURS[2:5])
    assert post.at(1) and post.file.read_bytes().split(b"\n")[:-1] == OURS[:5]
    post.file.write_bytes(OURS[0] + b"\n" + OURS[1] + b"\n" + OURS[2][:9] + b"\n")  # as an earlier Sluice told it
    append(post.queue, OURS[5:])
    assert post.at(2) and post.told == []


@pytest.mark.parametrize("held", [b"", b"[]", b'{"a": 1}', b'{"a": {"place": "x"}}'])
def test_a_file_that_says_nothing_makes_all_be_told_again(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "witnesses.json").write_bytes(held)
    assert read_standings(tmp_path) == {}


def test_what_is_kept_of_a_witness_comes_back_as_it_was(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.one.standing = Standing(7, "x", datetime.fromisoformat("2026-11-20T09:30:00+00:00"), AT)
    write_standings(tmp_path, (post.one,))
    assert read_standings(tmp_path) == {str(post.file): post.one.standing}


def test_the_thread_tells_what_is_left_when_it_is_stopped(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.mount(True)
    post.one.start()
    append(post.queue, [b'{"last":1}'])
    post.one.stop(10)
    assert post.file.read_bytes() == b'{"last":1}\n'
