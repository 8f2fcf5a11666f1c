"""Past exchanges out of the audit log, as far as they can be decided again.

Enters: the fields of one recorded request, and the grants the store still knows. Leaves: a `Past`, or None where the
record does not hold what a decision needs. Pure. A record that was cut short, kept to the minimum, or that tells of a
failure rather than of a decision, is never taken for a whole one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from policies.decision import Facts, Findings, Grant, Route
from policies.replay import Past
from proxy import audit

NEEDED: Final = (audit.GROUPS, audit.TAGS, audit.ACCOUNT, audit.PURPOSE, audit.ACTIVITY, audit.ROUTE, audit.TIME)
CUT: Final = "… +"
"""How `audit.clean_fields` marks a list that it cut."""


def recall(entry: Mapping[str, Any], grants: Mapping[str, Grant]) -> Past | None:
    """Return the exchange of a recorded request; `grants` are all that the store knows, by id."""
    try:
        if entry.get(audit.EVENT) != "request" or any(key not in entry for key in NEEDED):
            return None
        if any(id not in grants for id in _text(entry, audit.GRANT).split()):
            return None  # what opened it can no longer be weighed
        if entry.get(audit.CONVERSATION) and entry.get(audit.TURN) != 1:
            return None  # its conversation said where it goes, not the policy alone
        route = Route(entry[audit.ROUTE])
        failed = entry.get(audit.OUTCOME) in ("refused", "error") and route is not Route.NOWHERE
        lists = (audit.GROUPS, audit.TAGS, audit.GRANTS, audit.ACKNOWLEDGED, audit.LOOKED, audit.UNKNOWN)
        counters = _counts(entry, audit.USED)
        if len(counters) >= audit.MAX_ITEMS or any(name.endswith("…") or "\\u" in name for name in counters):
            return None  # a name that was cut, or escaped, is another counter's
        if failed or any(word.startswith(CUT) for key in lists for word in _words(entry, key)):
            return None
        return Past(
            id=str(entry.get(audit.ID, "")),
            facts=_facts(entry, grants),
            found=Findings(_counts(entry, audit.VALUES), _count(entry.get(audit.CHARACTERS, 0))),
            unknown=frozenset(_words(entry, audit.UNKNOWN)),
            looked=frozenset(_words(entry, audit.LOOKED)),
            route=route,
            redacted=frozenset(_counts(entry, audit.REDACTED)),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _facts(entry: Mapping[str, Any], grants: Mapping[str, Grant]) -> Facts:
    at = datetime.fromisoformat(entry[audit.TIME])
    if at.tzinfo is None:
        raise ValueError("a record's time is aware")
    return Facts(
        service=_text(entry, audit.SERVICE),
        category=_text(entry, audit.CATEGORY),
        country=_text(entry, audit.COUNTRY),
        user=_text(entry, audit.USER),
        groups=frozenset(_words(entry, audit.GROUPS)),
        address=_text(entry, audit.ADDRESS),
        at=at,
        activity=_text(entry, audit.ACTIVITY),
        grants=tuple(grants[id] for id in _words(entry, audit.GRANTS) if id in grants),
        tags=frozenset(_words(entry, audit.TAGS)),
        account=_text(entry, audit.ACCOUNT),
        purpose=_text(entry, audit.PURPOSE),
        acknowledged=frozenset(_words(entry, audit.ACKNOWLEDGED)),
        used=_counts(entry, audit.USED),
    )


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _words(entry: Mapping[str, Any], key: str) -> list[str]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(key)
    return value


def _counts(entry: Mapping[str, Any], key: str) -> dict[str, int]:
    value = entry.get(key, {})
    if not isinstance(value, dict):
        raise TypeError(key)
    return {str(name): _count(count) for name, count in value.items()}


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a count is an integer")
    return value
