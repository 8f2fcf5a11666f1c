"""Days and hours: which dates are off or worked to make up for others, when a window is open, when a period begins.

Enters: nodes and instants. Leaves: dates, truth, seconds. Pure: which days are holidays is data that the caller hands
in, and the clock is an argument. What cannot be told raises, and the rule that asked then counts as unsure.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from policies import phrases
from policies.decision import Period, Text
from policies.model import Hours
from policies.problem import Report, say
from policies.read import Reader
from policies.source import Node, read_source

KEYS: Final = ("name", "source", "off", "work")
"""What a file of holidays holds."""
WEEKEND: Final = frozenset({5, 6})
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LONGEST_RANGE: Final = timedelta(days=366)
SPAN: Final = re.compile(r"([1-9][0-9]{0,3})\s*([A-Za-z一-鿿]+)", re.ASCII)
HOUR: Final = 3600
DAY: Final = 24 * HOUR
UNITS: Final = {
    **dict.fromkeys(("h", "hour", "hours", "小时"), HOUR),
    **dict.fromkeys(("d", "day", "days", "天", "日"), DAY),
    **dict.fromkeys(("w", "week", "weeks", "周", "星期"), 7 * DAY),
    **dict.fromkeys(("month", "months", "个月", "月"), 30 * DAY),
    **dict.fromkeys(("year", "years", "年"), 365 * DAY),
}
"""Seconds of each unit; a month is 30 days and a year is 365, which is near enough for reminders."""

type Dates = tuple[frozenset[date], frozenset[date]]
"""Days off, and days worked to make up for them."""


def special_days(read: Reader, fields: Mapping[str, Node], shipped: Callable[[str], str | None]) -> Dates:
    """Return the dates that a window names itself or by the names of shipped `holidays`.

    `shipped` returns the text of a file of holidays, or None where there is none of that name.
    """
    off, work = dates(read, fields.get("off")), dates(read, fields.get("work"))
    for name, mark in read.names(fields["holidays"], phrases.HOLIDAYS) if "holidays" in fields else ():
        text = shipped(name)
        if text is None:
            read.report.add(mark, say(phrases.NO_HOLIDAYS, word=name), phrases.WRITE_HOLIDAYS)
            continue
        more_off, more_work = read_holidays(text, f"{name}.yaml")
        off, work = off | (more_off - work), work | (more_work - off)
    if both := off & work:
        node = fields.get("work", fields.get("off"))
        if node is not None:
            read.report.add(node.mark, say(phrases.OFF_AND_WORKED, word=min(both).isoformat()))
    return off, work


def read_holidays(text: str, name: str) -> Dates:
    """Return the dates of a file of holidays; raises `PolicyError`."""
    report = Report(name, text)
    read = Reader(report)
    fields = read.fields(read_source(text, report), phrases.HOLIDAYS, KEYS)
    days = dates(read, fields.get("off")), dates(read, fields.get("work"))
    report.stop()
    return days


def dates(read: Reader, node: Node | None) -> frozenset[date]:
    """Return the dates of a list, such as 2026-10-01, or 2026-10-01..2026-10-07 for all from one to the other."""
    days: set[date] = set()
    for word, mark in read.names(node, phrases.DATE) if node is not None else ():
        try:
            days |= set(_days(word))
        except ValueError:
            read.report.add(mark, say(phrases.BAD_DATE, word=word), phrases.WRITE_DATE)
    return frozenset(days)


def one_date(read: Reader, node: Node) -> date | None:
    """Return a single date."""
    scalar = read.scalar(node, phrases.DATE)
    if scalar is None:
        return None
    try:
        return _day(scalar.text)
    except ValueError:
        read.report.add(scalar.mark, say(phrases.BAD_DATE, word=scalar.text), phrases.WRITE_ONE_DATE)
        return None


def _days(word: str) -> Iterator[date]:
    first, _, last = word.partition("..")
    start, end = _day(first), _day(last or first)
    if not timedelta(0) <= end - start <= LONGEST_RANGE:
        raise ValueError("the range ends before it begins, or is endless")
    return (start + timedelta(days=each) for each in range((end - start).days + 1))


def _day(word: str) -> date:
    if not DATE.fullmatch(word):
        raise ValueError("not a date")
    return date.fromisoformat(word)


def seconds(read: Reader, node: Node, what: Text) -> int | None:
    """Return a span of time such as `30 days`, `6 months` or `2周`, in seconds."""
    scalar = read.scalar(node, what)
    if scalar is None:
        return None
    match = SPAN.fullmatch(scalar.text.strip())
    if match is None or match[2].lower() not in UNITS:
        read.report.add(scalar.mark, say(phrases.BAD_SPAN, word=scalar.text), phrases.WRITE_SPAN)
        return None
    return int(match[1]) * UNITS[match[2].lower()]


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether the instant `at` (aware) lies in the window; raises `ValueError` or `ZoneInfoNotFoundError`."""
    local = _local(at, hours.zone)
    minute = local.hour * 60 + local.minute
    if hours.opens < hours.closes:
        return hours.opens <= minute < hours.closes and opens_on(hours, local.date())
    return (minute >= hours.opens and opens_on(hours, local.date())) or (
        minute < hours.closes and opens_on(hours, local.date() - timedelta(days=1))
    )


def opens_on(hours: Hours, day: date) -> bool:
    """Tell whether the window opens on a date.

    A window that opens on any day from Monday to Friday is one of work: it stays closed on days off and opens on
    make-up days, whatever day of the week they are. A window of weekends only is one of rest, and does the opposite.
    """
    rests = hours.days <= WEEKEND
    if day in hours.off:
        return rests
    if day in hours.work:
        return not rests
    return day.weekday() in hours.days


def period(per: Period, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the period that holds `at` (aware); raises as `is_open` does."""
    local = _local(at, zone)
    if per is Period.HOUR:
        start = local.replace(minute=0, second=0, microsecond=0)
        return start, start + timedelta(hours=1)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if per is Period.DAY:
        return start, start + timedelta(days=1)
    if per is Period.WEEK:
        start -= timedelta(days=start.weekday())
        return start, start + timedelta(days=7)
    start = start.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def _local(at: datetime, zone: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("the clock has no time zone")
    return _in_zone(at.astimezone(UTC), zone)  # of the two equal hours of an autumn night only UTC tells which


@lru_cache(64)
def _in_zone(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))
