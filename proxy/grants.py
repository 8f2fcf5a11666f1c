"""Reads what an approver types about a grant: until when, and which number the grant gets. Pure.

Words and the present time go in; aware instants and ids come out. A grant without an end, or one that is over before
it begins, never comes out.
"""

import re
from datetime import datetime, time, timedelta
from typing import Final

from policies.decision import Grant
from proxy.audit import spell
from proxy.errors import SettingsError

LONGEST: Final = timedelta(days=366)
"""A permission is looked at again at least once a year."""
UNITS: Final = {
    "h": timedelta(hours=1),
    "小时": timedelta(hours=1),
    "d": timedelta(days=1),
    "天": timedelta(days=1),
    "日": timedelta(days=1),
    "w": timedelta(weeks=1),
    "周": timedelta(weeks=1),
}
SPAN: Final = re.compile(rf"([0-9]{{1,5}})\s*({'|'.join(UNITS)})")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT: Final = re.compile(rf"{DAY.pattern}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")


def until(text: str, now: datetime) -> datetime:
    """Return the instant from which a grant is dead, for `30d`, `12h`, `2周`, `2026-12-31` or `2026-12-31T18:00+08:00`.

    A day is meant to its end, and a time without a zone is in the zone of `now` (aware). Raises `SettingsError`.
    """
    end = _read(text.strip(), now)
    if end <= now:
        raise SettingsError("the grant would be over already; give a later end")
    if end - now > LONGEST:
        raise SettingsError(f"a grant lasts {LONGEST.days} days at most; give an earlier end")
    return end


def alive(grant: Grant, at: datetime) -> bool:
    """Whether the grant still holds at this instant."""
    return at < grant.until


def grant_id(entropy: bytes) -> str:
    """Return an id for a new grant, as `G-7K2F9Q`, from at least 4 random bytes."""
    return f"G-{spell(entropy)}"


def _read(text: str, now: datetime) -> datetime:
    if span := SPAN.fullmatch(text.lower()):
        return now + int(span[1]) * UNITS[span[2]]
    try:
        if DAY.fullmatch(text):
            day = datetime.combine(datetime.fromisoformat(text), time.min, now.tzinfo)
            return day + timedelta(days=1)
        if INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=now.tzinfo)
    except (ValueError, OverflowError):
        pass  # a date such as 31 February; said below
    raise SettingsError("the end of a grant is written as 12h, 30d, 2w, 2026-12-31 or 2026-12-31T18:00+08:00")
