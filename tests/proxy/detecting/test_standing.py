"""How detection stands is written where people look: in a file for now, in the audit log for later."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from proxy.detecting.interface import Standing
from proxy.detecting.standing import STATES, State, Teller, read_states
from proxy.errors import StoreError

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Log:
    """Takes lines, or none."""

    def __init__(self, *, full: bool = False) -> None:
        self.lines: list[Any] = []
        self.full = full

    def write(self, record: Any) -> None:
        if self.full:
            raise StoreError("no space")
        self.lines.append(record)

    def close(self) -> None:
        """Hold nothing."""


def test_each_process_stands_in_the_file_and_each_change_in_the_log(tmp_path: Path) -> None:
    log = Log()
    tell = Teller(tmp_path, log, "node-1", lambda: NOON)
    tell(Standing(2, True, 12, "", 1))
    tell(Standing(1, True, 11, "", 1))
    assert log.lines == [], "a start that goes well is no news"
    tell(Standing(1, False, 11, "it was ended by signal 9", 1))
    since = "2026-11-20T12:00:00+00:00"
    assert read_states(tmp_path) == [
        State(1, works=False, why="it was ended by signal 9", starts=1, since=since),
        State(2, works=True, why="", starts=1, since=since),
    ]
    tell(Standing(1, True, 21, "", 2))
    assert [(one["event"], one["process"], one["state"], one["why"]) for one in log.lines] == [
        ("detection_process", 1, "down", "it was ended by signal 9"),
        ("detection_process", 1, "working", ""),
    ]


def test_a_log_that_takes_no_line_keeps_the_file_from_nothing(tmp_path: Path) -> None:
    Teller(tmp_path, Log(full=True), "node-1", lambda: NOON)(Standing(1, False, 11, "it did not answer in time", 1))
    assert [one.works for one in read_states(tmp_path)] == [False]


def test_a_file_that_cannot_be_written_is_no_error_for_whoever_tells(tmp_path: Path) -> None:
    log = Log()
    Teller(tmp_path / "gone", log, "node-1", lambda: NOON)(Standing(1, False, 11, "x", 1))
    assert len(log.lines) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"processes": [{"process": 1}]}'])
def test_a_file_that_says_nothing_is_read_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STATES).write_bytes(content)
    assert read_states(tmp_path) == [] == read_states(tmp_path / "gone")
