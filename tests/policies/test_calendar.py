"""Windows, holidays and make-up days, periods and spans: the wall clock of the policy, also where it jumps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import is_open, period, read_holidays
from policies.decision import Period
from policies.load import shipped_holidays
from policies.model import Hours
from policies.problem import PolicyError
from tests.policies.samples import HEAD, parsed


def window(opens: int, closes: int, zone: str, *days: int) -> Hours:
    """Return a window in minutes after midnight."""
    return Hours("w", frozenset(days or range(7)), opens, closes, zone)


OFFICE = window(540, 1080, "Asia/Shanghai", 0, 1, 2, 3, 4)
NIGHT = window(1320, 360, "Asia/Shanghai", 4)
SHANGHAI = ZoneInfo("Asia/Shanghai")

CLOCK = {
    "opens at its first minute": (OFFICE, datetime(2026, 12, 2, 9, 0, tzinfo=SHANGHAI), True),
    "is closed a second before": (OFFICE, datetime(2026, 12, 2, 8, 59, 59, tzinfo=SHANGHAI), False),
    "is open a second before its end": (OFFICE, datetime(2026, 12, 2, 17, 59, 59, tzinfo=SHANGHAI), True),
    "is closed at its end": (OFFICE, datetime(2026, 12, 2, 18, 0, tzinfo=SHANGHAI), False),
    "is closed on Saturday": (OFFICE, datetime(2026, 12, 5, 12, 0, tzinfo=SHANGHAI), False),
    "asks its own zone, not the clock's": (OFFICE, datetime(2026, 12, 2, 1, 30, tzinfo=UTC), True),
    "whole day, last second": (window(0, 1440, "UTC"), datetime(2026, 12, 2, 23, 59, 59, tzinfo=UTC), True),
    "over midnight, Friday night": (NIGHT, datetime(2026, 12, 4, 23, 0, tzinfo=SHANGHAI), True),
    "over midnight, Saturday morning": (NIGHT, datetime(2026, 12, 5, 5, 59, tzinfo=SHANGHAI), True),
    "over midnight, its end": (NIGHT, datetime(2026, 12, 5, 6, 0, tzinfo=SHANGHAI), False),
    "over midnight, Friday morning": (NIGHT, datetime(2026, 12, 4, 5, 0, tzinfo=SHANGHAI), False),
    "over midnight, Saturday night": (NIGHT, datetime(2026, 12, 5, 23, 0, tzinfo=SHANGHAI), False),
    "summer time, Berlin at 9": (window(540, 1020, "Europe/Berlin"), datetime(2026, 7, 1, 7, 0, tzinfo=UTC), True),
    "winter time, Berlin at 8": (window(540, 1020, "Europe/Berlin"), datetime(2026, 1, 7, 7, 0, tzinfo=UTC), False),
    "the hour that comes twice, first": (
        window(120, 180, "Europe/Berlin"),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        True,
    ),
    "the hour that comes twice, again": (
        window(120, 180, "Europe/Berlin"),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        True,
    ),
    "the hour that never comes": (window(120, 180, "Europe/Berlin"), datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
    "yesterday across the change of clocks": (
        window(1320, 360, "Europe/Berlin", 5),
        datetime(2026, 3, 29, 3, 30, tzinfo=UTC),
        True,
    ),
}


@pytest.mark.parametrize(("hours", "at", "want"), CLOCK.values(), ids=CLOCK.keys())
def test_a_window_follows_the_wall_clock_of_its_zone(hours, at, want):
    assert is_open(hours, at) is want


ZONE = "time_zone: Asia/Shanghai\n"
WEEK = 'days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"'


def hours(written: str) -> Hours:
    """Return the window of a policy."""
    return parsed(f"{HEAD}{ZONE}hours: {{w: {{{written}}}}}\nrules: []\n").hours[0]


WORKING = hours(f"{WEEK}, holidays: cn-2026")
NIGHTS = hours('days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00", holidays: [cn-2026]')
RESTING = hours('days: [sat, sun], from: "00:00", to: "24:00", holidays: cn-2026')

YEAR = {
    "元旦": (WORKING, "2026-01-01 10:00", False),
    "a Sunday worked for it": (WORKING, "2026-01-04 10:00", True),
    "春节前调休上班的周六": (WORKING, "2026-02-14 10:00", True),
    "春节第一天, a Sunday": (WORKING, "2026-02-15 10:00", False),
    "春节, a Monday": (WORKING, "2026-02-16 10:00", False),
    "春节最后一天": (WORKING, "2026-02-23 10:00", False),
    "the day after": (WORKING, "2026-02-24 10:00", True),
    "春节后调休上班的周六": (WORKING, "2026-02-28 17:59", True),
    "its end": (WORKING, "2026-02-28 18:00", False),
    "清明": (WORKING, "2026-04-06 10:00", False),
    "劳动节": (WORKING, "2026-05-05 10:00", False),
    "worked for it": (WORKING, "2026-05-09 10:00", True),
    "端午": (WORKING, "2026-06-19 10:00", False),
    "国庆前调休上班的周日": (WORKING, "2026-09-20 10:00", True),
    "中秋": (WORKING, "2026-09-25 10:00", False),
    "国庆前夜": (WORKING, "2026-09-30 17:00", True),
    "国庆第一天": (WORKING, "2026-10-01 10:00", False),
    "国庆最后一天, a Wednesday": (WORKING, "2026-10-07 10:00", False),
    "国庆后": (WORKING, "2026-10-08 10:00", True),
    "国庆后调休上班的周六": (WORKING, "2026-10-10 10:00", True),
    "the Sunday after": (WORKING, "2026-10-11 10:00", False),
    "an ordinary Saturday": (WORKING, "2026-12-05 10:00", False),
    "no data for that year": (WORKING, "2027-01-01 10:00", True),
    "a night that began on a working day": (NIGHTS, "2026-10-01 05:00", True),
    "a night that began on a day off": (NIGHTS, "2026-10-08 05:00", False),
    "the night of a make-up day": (NIGHTS, "2026-10-10 23:00", True),
    "the morning after a make-up day": (NIGHTS, "2026-10-11 05:00", True),
    "rest on a holiday": (RESTING, "2026-10-01 10:00", True),
    "no rest on a make-up day": (RESTING, "2026-10-10 10:00", False),
    "rest on a Sunday": (RESTING, "2026-10-11 10:00", True),
    "no rest on a Monday": (RESTING, "2026-10-12 10:00", False),
}


@pytest.mark.parametrize(("window_", "at", "want"), YEAR.values(), ids=YEAR.keys())
def test_a_window_of_work_closes_on_holidays_and_opens_on_make_up_days(window_, at, want):
    local = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert is_open(window_, local) is want
    assert is_open(window_, local.astimezone(UTC)) is want


def test_the_calendar_of_2026_is_that_of_the_notice():
    off, work = read_holidays(shipped_holidays("cn-2026") or "", "cn-2026.yaml")
    assert (len(off), len(work)) == (33, 6)
    assert all(each.weekday() >= 5 for each in work)
    assert not off & work


def test_dates_of_the_company_win_over_the_calendar():
    mine = hours(f"{WEEK}, holidays: cn-2026, off: [2026-10-10, 2026-12-02], work: 2026-10-07")
    opened = {day: is_open(mine, datetime(2026, *day, 10, 0, tzinfo=SHANGHAI)) for day in ((10, 10), (12, 2), (10, 7))}
    assert opened == {(10, 10): False, (12, 2): False, (10, 7): True}


def test_a_range_of_dates_holds_both_its_ends():
    assert hours(f"{WEEK}, off: [2026-12-24..2026-12-26]").off == {date(2026, 12, day) for day in (24, 25, 26)}


def test_the_same_calendar_makes_the_same_digest_and_another_changes_it():
    first, again, other = (
        parsed(f"{HEAD}{ZONE}hours: {{w: {{{WEEK}, {what}}}}}\nrules: []\n").digest
        for what in ("holidays: cn-2026", "holidays: cn-2026", "off: 2026-10-01")
    )
    assert first == again != other


def test_a_broken_file_of_holidays_is_refused():
    with pytest.raises(PolicyError, match="is not a date"):
        read_holidays("off: [tomorrow]\n", "x.yaml")


@pytest.mark.parametrize("name", ["cn-1999", "../load", "cn-2026.yaml", "", "CN-2026"])
def test_only_calendars_that_come_with_it_are_read(name):
    assert shipped_holidays(name) is None


PERIODS = {
    "hour": (Period.HOUR, datetime(2026, 12, 2, 4, 30, tzinfo=UTC), "Asia/Shanghai", "2026-12-02T12:00", 1),
    "day": (Period.DAY, datetime(2026, 12, 2, 17, 0, tzinfo=UTC), "Asia/Shanghai", "2026-12-03T00:00", 24),
    "week, from Monday": (
        Period.WEEK,
        datetime(2026, 12, 6, 4, 0, tzinfo=UTC),
        "Asia/Shanghai",
        "2026-11-30T00:00",
        168,
    ),
    "month": (Period.MONTH, datetime(2026, 2, 28, 4, 0, tzinfo=UTC), "Asia/Shanghai", "2026-02-01T00:00", 28 * 24),
    "month at the end of the year": (
        Period.MONTH,
        datetime(2026, 12, 31, tzinfo=UTC),
        "UTC",
        "2026-12-01T00:00",
        31 * 24,
    ),
    "day on which the clock is put forward": (
        Period.DAY,
        datetime(2026, 3, 29, 12, 0, tzinfo=UTC),
        "Europe/Berlin",
        "2026-03-29T00:00",
        23,
    ),
    "day on which the clock is put back": (
        Period.DAY,
        datetime(2026, 10, 25, 12, 0, tzinfo=UTC),
        "Europe/Berlin",
        "2026-10-25T00:00",
        25,
    ),
}


@pytest.mark.parametrize(("per", "at", "zone", "start", "long"), PERIODS.values(), ids=PERIODS.keys())
def test_a_period_follows_the_calendar_of_its_zone(per, at, zone, start, long):
    begins, ends = period(per, at, zone)
    assert begins.strftime("%Y-%m-%dT%H:%M") == start
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=long)


@given(st.sampled_from(Period), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_every_instant_lies_in_its_period(per, at):
    aware = at.replace(tzinfo=UTC)
    begins, ends = period(per, aware, "Asia/Shanghai")
    assert begins <= aware < ends
    assert period(per, begins, "Asia/Shanghai") == (begins, ends)


def test_a_clock_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        period(Period.DAY, datetime(2026, 12, 2), "UTC")


SPANS = {
    "12 hours": 43200,
    "30 days": 2592000,
    "30天": 2592000,
    "6 months": 15552000,
    "2周": 1209600,
    "1 个月": 2592000,
}


@pytest.mark.parametrize(("written", "want"), SPANS.items())
def test_a_span_is_a_number_and_a_unit_in_either_language(written, want):
    review = parsed(f"{HEAD}review: {{every: {written}, last: 2026-09-01}}\nrules: []\n").review
    assert review is not None
    assert (review.every, review.last) == (want, date(2026, 9, 1))
