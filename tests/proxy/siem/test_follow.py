"""A log, read as it grows: every whole line once, in order, however its writing is cut."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import SettingsError
from proxy.siem.follow import Follower, Moved
from tests.proxy.siem.logs import write

LINES = (
    st.integers(1, 10**6).map(lambda seq: b'{"seq":%d,"hash":"h"}\n' % seq)
    | st.binary(max_size=20).map(lambda torn: torn.replace(b"\n", b"") + b"\n")
    | st.sampled_from([b'{"seq":0}\n', b'{"seq":"1"}\n', b'{"seq":true}\n', b"[1]\n", b"\n", b"7\n"])
)


@given(st.lists(LINES, max_size=12), st.lists(st.integers(0, 200), max_size=8), st.integers(1, 5))
def test_each_whole_record_comes_once_however_the_log_grows(lines: list[bytes], cuts: list[int], most: int) -> None:
    text = b"".join(lines)
    wanted = [one for one in lines if one.startswith(b'{"seq":') and one[7:8].isdigit() and one != b'{"seq":0}\n']
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_bytes(b"")
        found = []
        with Follower(path) as log:
            for cut in [*sorted(cuts), len(text)]:
                path.write_bytes(text[: max(cut, path.stat().st_size)])
                while lines_now := log.read(most):
                    found += lines_now
        assert [one.raw for one in found] == wanted
        for one in found:
            assert text[one.place.start : one.place.end] == one.raw
            with Follower(path, one.place) as again:
                rest = [each.raw for each in again.read(100)]
            assert rest == [each.raw for each in found if each.place.start >= one.place.end]


def test_going_back_reads_again(tmp_path: Path) -> None:
    write(tmp_path / "log", 3)
    with Follower(tmp_path / "log") as log:
        first, *_ = log.read(1)
        assert [one.place.seq for one in log.read(9)] == [2, 3]
        log.go_back(first.place)
        assert [one.place.seq for one in log.read(9)] == [2, 3] and log.read(9) == []


def test_another_log_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, 3)
    with Follower(path) as log:
        *_, last = log.read(9)
        assert not log.moved()
        path.rename(tmp_path / "old")
        assert not log.moved(), "none is in its place yet"
        write(path, 4, user="other")
        assert log.moved()
    with pytest.raises(Moved):
        Follower(path, last.place)
    with Follower(tmp_path / "old", last.place) as old:
        old.path.write_bytes(old.path.read_bytes()[:10])
        assert old.moved(), "it was cut"


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        Follower(tmp_path / "gone")
