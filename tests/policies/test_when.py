"""The windows that are shown are the windows that decide, over midnight, holidays and the change of clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from policies.calendar import is_open
from policies.when import coming
from tests.policies.office import office

HEAD = "policy: a\nversion: 1\notherwise: forbid\nrules: []\n"


def hours(zone: str, window: str):
    return office(f"{HEAD}time_zone: {zone}\nhours: {{w: {{{window}}}}}\n").hours[0]


WEEK = 'days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"'
CASES = {
    # zone, window, first day → lines
    "an ordinary end of week": (
        *("Asia/Shanghai", WEEK, "2026-11-20"),
        ["2026-11-20  Fri  09:00–18:00", "2026-11-21  Sat  –", "2026-11-22  Sun  –", "2026-11-23  Mon  09:00–18:00"],
    ),
    "National Day and its make-up day": (
        *("Asia/Shanghai", f"{WEEK}, holidays: cn-2026", "2026-10-07"),
        [
            *("2026-10-07  Wed  –  day off", "2026-10-08  Thu  09:00–18:00", "2026-10-09  Fri  09:00–18:00"),
            "2026-10-10  Sat  09:00–18:00  make-up working day",
        ],
    ),
    "over midnight": (
        *("Asia/Shanghai", 'days: fri, from: "22:00", to: "06:00"', "2026-11-20"),
        ["2026-11-20  Fri  22:00–06:00 (+1)", "2026-11-21  Sat  –"],
    ),
    "until midnight": (
        *("Asia/Shanghai", 'days: fri, from: "18:00", to: "24:00"', "2026-11-20"),
        ["2026-11-20  Fri  18:00–24:00"],
    ),
    "an hour that the clock skips": (
        *("America/New_York", 'days: sun, from: "02:30", to: "05:00"', "2026-03-08"),
        ["2026-03-08  Sun  03:30–05:00"],
    ),
}


@pytest.mark.parametrize(("zone", "window", "first", "want"), CASES.values(), ids=CASES.keys())
def test_each_day_is_one_line(zone, window, first, want):
    start = datetime.fromisoformat(f"{first} 12:00").replace(tzinfo=UTC)
    assert [day.said("en") for day in coming(hours(zone, window), start, len(want))] == want


def test_it_is_told_in_chinese_too():
    days = coming(hours("Asia/Shanghai", f"{WEEK}, holidays: cn-2026"), datetime(2026, 10, 10, tzinfo=UTC), 1)
    assert [day.said("zh") for day in days] == ["2026-10-10  周六  09:00–18:00  调休上班"]


def test_the_first_day_is_that_of_the_policys_clock():
    (day,) = coming(hours("Asia/Shanghai", WEEK), datetime(2026, 11, 19, 20, tzinfo=UTC), 1)
    assert day.day.isoformat() == "2026-11-20"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("window", [WEEK, 'days: [sat, sun], from: "22:00", to: "03:30"', f"{WEEK}, holidays: cn-2026"])
def test_what_is_shown_is_what_decides(zone, window):
    each = hours(zone, window)
    for day in coming(each, datetime(2026, 1, 1, 12, tzinfo=UTC), 366):
        if day.opens is None or day.closes is None:
            continue
        assert is_open(each, day.opens)
        assert not is_open(each, day.closes)
        assert is_open(each, (day.closes.astimezone(UTC) - timedelta(minutes=1)))


def test_days_beyond_the_known_holidays_say_so():
    [hours] = office().hours
    days = list(coming(hours, datetime(2026, 12, 31, tzinfo=UTC), 2))
    assert ["not known" in day.said("en") for day in days] == [False, True]
    assert "尚未收录" in days[1].said("zh")
