"""How the policy stands can be read from its file, also from one that an earlier version wrote."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from proxy.publish.health import HEALTH, Health, read_health, write_health

AT = datetime(2026, 12, 2, 12, tzinfo=UTC)
STANDS = {
    "sound": Health("3@aa", AT),
    "rejected": Health("3@aa", AT, "张敏", ("policy.yaml:1:2",), release=4),
    "waits": Health("3@aa", AT, coming="4@bb", starts=AT, release=5),
}


@pytest.mark.parametrize("name", STANDS)
def test_what_was_written_is_read(tmp_path: Path, name: str) -> None:
    write_health(tmp_path, STANDS[name])
    assert read_health(tmp_path) == STANDS[name]


def test_a_file_of_before_releases_is_read_and_none_is_none(tmp_path: Path) -> None:
    assert read_health(tmp_path) is None
    told = STANDS["sound"].fields()
    del told["release"]
    (tmp_path / HEALTH).write_bytes(orjson.dumps(told))
    assert read_health(tmp_path) == STANDS["sound"]
    (tmp_path / HEALTH).write_bytes(b"{")
    assert read_health(tmp_path) is None
    write_health(tmp_path / "gone", STANDS["sound"])  # goes on
