"""What a policy says of itself: its name, version, owner, time zone, review, and what happens where no rule matches.

Enters: the fields of the policy. Leaves: a `Policy` without rules or definitions. Pure but for the time-zone data that
it asks the system for.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from policies import messages, phrases
from policies.calendar import one_date, seconds
from policies.decision import RecordDetail, Text, Verdict
from policies.model import Mark, Policy, Review, fold
from policies.problem import nearest, say
from policies.read import Reader
from policies.source import Entries, Node, Unusable

OTHERWISE: Final = {"forbid": Verdict.FORBIDDEN, "allow": Verdict.ALLOWED}
VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")
MISSING: Final = Unusable(Mark())
"""A compulsory key that is not there, which has been reported."""
CAPITAL: Final = "Asia/Shanghai"
"""What people mean by Beijing time; the database has no zone of that name."""
REVIEW_KEYS: Final = ("every", "last")


def head(read: Reader, fields: Mapping[str, Node], zone: str) -> Policy:
    """Return a policy with all but its rules and definitions."""
    otherwise = fields.get("otherwise", MISSING)
    word = read.word(otherwise, messages.OTHERWISE, tuple(OTHERWISE))
    detail = read.word(fields.get("record", MISSING), phrases.RECORD, tuple(map(str, RecordDetail)))
    approved = read.names(fields["approved_by"], phrases.APPROVER) if "approved_by" in fields else ()
    if "effective" in fields and "time_zone" not in fields:
        read.report.add(fields["effective"].mark, phrases.EFFECTIVE_ZONE, messages.WRITE_ZONE)
    return Policy(
        name=read.line(fields.get("policy", MISSING), messages.POLICY),
        version=_version(read, fields.get("version", MISSING)),
        otherwise=OTHERWISE[word] if word else Verdict.FORBIDDEN,
        otherwise_at=otherwise.mark,
        owner=read.line(fields.get("owner", MISSING), messages.POLICY),
        record=RecordDetail(detail or RecordDetail.FULL),
        record_at=fields.get("record", MISSING).mark,
        approved_by=tuple(name for name, _ in approved),
        effective=one_date(read, fields["effective"]) if "effective" in fields else None,
        review=_review(read, fields["review"]) if "review" in fields else None,
        time_zone=zone,
        rules=(),
        digest="",
    )


def _version(read: Reader, node: Node) -> int:
    scalar = read.scalar(node, messages.VERSION)
    if scalar is None:
        return 0
    if not VERSION.fullmatch(scalar.text):
        read.report.add(scalar.mark, say(messages.BAD_VERSION, word=scalar.text), messages.WRITE_VERSION)
        return 0
    return int(scalar.text)


def _review(read: Reader, node: Node) -> Review | None:
    fields = read.fields(node, phrases.REVIEW, REVIEW_KEYS, ("every",))
    every = seconds(read, fields["every"], phrases.SPAN) if "every" in fields else None
    last = one_date(read, fields["last"]) if "last" in fields else None
    return Review(every, last, node.mark) if every else None


def time_zone(read: Reader, node: Node | None, hours: Node | None) -> str:
    """Return the name of the policy's time zone; compulsory where hours are defined."""
    if node is None:
        if isinstance(hours, Entries) and hours.entries:
            read.report.add(hours.mark, messages.NO_TIME_ZONE, messages.WRITE_ZONE)
        return ""
    scalar = read.scalar(node, messages.ZONE)
    if scalar is None or _exists(scalar.text):
        return scalar.text if scalar else ""
    if not _zones():
        read.report.add(scalar.mark, say(messages.NO_TIME_ZONES, word=scalar.text), messages.INSTALL_TZDATA)
        return ""
    near = CAPITAL if "beijing" in fold(scalar.text) or "北京" in scalar.text else nearest(scalar.text, _zones())
    hint: Text = say(messages.DID_YOU_MEAN, word=near) if near else messages.WRITE_ZONE
    read.report.add(scalar.mark, say(messages.BAD_TIME_ZONE, word=scalar.text), hint)
    return ""


def _exists(zone: str) -> bool:
    """Tell whether the system knows the zone; names without an area, as `localtime`, differ between machines."""
    if "/" not in zone and zone != "UTC":
        return False
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return False
    return True


@cache
def _zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone)
