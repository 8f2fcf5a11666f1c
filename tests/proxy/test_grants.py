"""Approvers say "30d" or "2026-12-31" and mean a definite instant."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from policies.decision import Grant
from proxy.errors import SettingsError
from proxy.grants import alive, grant_id, until

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("12h", "2026-11-20T21:30:00+08:00"),
        ("12小时", "2026-11-20T21:30:00+08:00"),
        ("30d", "2026-12-20T09:30:00+08:00"),
        (" 30 D ", "2026-12-20T09:30:00+08:00"),
        ("30天", "2026-12-20T09:30:00+08:00"),
        ("30日", "2026-12-20T09:30:00+08:00"),
        ("2w", "2026-12-04T09:30:00+08:00"),
        ("2周", "2026-12-04T09:30:00+08:00"),
        ("366d", "2027-11-21T09:30:00+08:00"),
        ("2026-12-31", "2027-01-01T00:00:00+08:00"),
        ("2026-11-20", "2026-11-21T00:00:00+08:00"),
        ("2026-12-31T18:00+08:00", "2026-12-31T18:00:00+08:00"),
        ("2026-12-31T18:00:30", "2026-12-31T18:00:30+08:00"),
        ("2026-12-31 18:00", "2026-12-31T18:00:00+08:00"),
        ("2026-12-31T10:00Z", "2026-12-31T18:00:00+08:00"),
    ],
)
def test_an_end_is_read_as_people_mean_it(text, end):
    read = until(text, NOW)
    assert read == datetime.fromisoformat(end)
    assert read.utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is written as"),
        ("forever", "is written as"),
        ("永久", "is written as"),
        ("30", "is written as"),
        ("30m", "is written as"),
        ("-3d", "is written as"),
        ("1.5d", "is written as"),
        ("999999d", "is written as"),
        ("２天", "is written as"),
        ("2026-02-31", "is written as"),
        ("2026-12-31T25:00", "is written as"),
        ("31/12/2026", "is written as"),
        ("9999-12-31", "is written as"),
        ("0d", "over already"),
        ("2026-11-19", "over already"),
        ("2026-11-20T09:30+08:00", "over already"),
        ("367d", "366 days at most"),
        ("2036-01-01", "366 days at most"),
    ],
)
def test_an_end_that_is_unclear_past_or_too_far_is_refused_with_the_remedy(text, reason):
    with pytest.raises(SettingsError, match=reason):
        until(text, NOW)


def test_a_grant_is_dead_from_its_end_on():
    grant = Grant("G-1", "张三", "", "*", "*", "李四", "报价", NOW)
    assert not alive(grant, NOW)
    assert alive(grant, NOW.replace(minute=29))


def test_ids_are_short_and_come_from_the_bytes_given():
    assert grant_id(b"\0\0\0\x20") == "G-000010"
    assert grant_id(b"\xff" * 9) == "G-ZZZZZZ"
