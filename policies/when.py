"""The next windows of a policy's hours, day by day, with days off and make-up days.

Enters: hours, a day, a number of days. Leaves: days with the windows that open on them. Pure. What is shown is what the
decision uses: the same calendar, the same zone, also on the night when clocks change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from policies.calendar import opens_on
from policies.decision import Text
from policies.model import Hours

WEEKDAYS: Final = (
    *(Text("Mon", "周一"), Text("Tue", "周二"), Text("Wed", "周三"), Text("Thu", "周四")),
    *(Text("Fri", "周五"), Text("Sat", "周六"), Text("Sun", "周日")),
)
OFF: Final = Text("day off", "放假")
WORK: Final = Text("make-up working day", "调休上班")
BEYOND: Final = Text("its days off are not known yet", "这一年的节假日数据尚未收录")
DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a window of hours."""

    hours: Hours
    day: date
    opens: datetime | None
    """Aware, on the clock of the hours' zone; None where it does not open on this day."""
    closes: datetime | None
    """Aware; on the next day where the window runs over midnight."""

    @property
    def special(self) -> Text:
        """Why the day is not what its weekday says; empty on ordinary days."""
        if self.day in self.hours.off:
            return OFF
        if self.day in self.hours.work:
            return WORK
        known = max(self.hours.off | self.hours.work, default=None)
        return BEYOND if known is not None and self.day.year > known.year else Text()

    def said(self, language: str) -> str:
        """Return the day on one line."""
        weekday = WEEKDAYS[self.day.weekday()].in_language(language)
        special = self.special.in_language(language)
        note = f"  {special}" if special else ""
        if self.opens is None or self.closes is None:
            return f"{self.day}  {weekday}  –{note}"
        until = "24:00" if self._whole else f"{self.closes:%H:%M}"
        over = " (+1)" if self.closes.date() > self.day and not self._whole else ""
        return f"{self.day}  {weekday}  {self.opens:%H:%M}–{until}{over}{note}"

    @property
    def _whole(self) -> bool:
        return self.hours.closes == DAY


def coming(hours: Hours, start: datetime, days: int) -> Iterator[Day]:
    """Give `days` days from the one that holds `start` (aware); raises `ZoneInfoNotFoundError`."""
    zone = ZoneInfo(hours.zone)
    first = start.astimezone(zone).date()
    for number in range(days):
        day = first + timedelta(days=number)
        if not opens_on(hours, day):
            yield Day(hours, day, None, None)
            continue
        over = hours.closes <= hours.opens
        yield Day(hours, day, _instant(day, hours.opens, zone), _instant(day, hours.closes + over * DAY, zone))


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the instant so many minutes of the wall clock after midnight; one that a clock change skips moves on."""
    days, minutes = divmod(minutes, DAY)
    wall = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return wall.astimezone(UTC).astimezone(zone)
