"""A portal for tests: a store in memory, made-up rules, people and groups.

Enters: what differs from the usual. Leaves: the portal, and people to act with it.
"""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from policies.model import fold
from proxy.caller import Caller
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import Event
from proxy.workflow.portal import Portal
from proxy.workflow.requests import Terms, Wish
from proxy.workflow.rulebook import Confirmation, Rulebook
from proxy.workflow.signing import AskToken, Signer

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PURPOSE = "SECRET 季度报价 quote"

GROUPS = {"合规部": {"李四", "carol"}, "Sales": {"alice", "dave"}}
RULES = {
    "客户资料外发": Terms(("合规部", "王经理"), eyes=2, longest=14 * DAY, answer_within=2 * DAY, break_glass=True),
    "simple": Terms(("bob",), answer_within=DAY, break_glass=True),
    "nobody-named": Terms(),
}


def person(name: str, *groups: str) -> Caller:
    return Caller(name, frozenset(groups), "10.0.0.1", "header")


ALICE, BOB, CAROL, ZHANG, LI, WANG = map(person, ("alice", "bob", "carol", "张三", "李四", "王经理"))
NOBODY = person("")


def groups_of(user: str) -> frozenset[str]:
    return frozenset(group for group, people in GROUPS.items() if fold(user) in map(fold, people))


def rulebook(**given: Any) -> Rulebook:
    usual: dict[str, Any] = {
        "terms": RULES,
        "services": frozenset({"chatgpt", "kimi"}),
        "classes": {fold(name): name for name in ("客户资料", "Finance")},
        "confirmable": {
            "free-tier": Confirmation(frozenset({"free-tier@1"}), reasoned=False),
            "校对": Confirmation(frozenset({"校对"}), reasoned=True),
        },
        "groups_of": groups_of,
    }
    return Rulebook(**(usual | given))


def make_portal(path: Path | None = None, **given: Any) -> Portal:
    """Return a portal whose ids count up."""
    numbers = itertools.count(1)
    usual: dict[str, Any] = {
        "signer": Signer(b"k" * 32),
        "rulebook": rulebook,
        "entropy": lambda count: (next(numbers) << 2).to_bytes(count, "big"),
    }
    if "store" not in given:
        usual["store"] = SqliteStore(path)
    return Portal(**(usual | given))


def wish(**given: Any) -> Wish:
    usual: dict[str, Any] = {"service": "chatgpt", "rule": "simple", "activity": "prompt", "classes": frozenset()}
    return Wish(**(usual | {"purpose": PURPOSE, "duration": 7 * DAY} | given))


def token(portal: Portal, **given: Any) -> str:
    usual: dict[str, Any] = {
        "reference": "SLC-20261120-7K2F9Q",
        "user": "alice",
        "service": "chatgpt",
        "rule": "simple",
        "activity": "prompt",
        "classes": frozenset({"客户资料"}),
        "expires": NOW + 7 * DAY,
    }
    return portal.signer.token(AskToken(**(usual | given)))


def events(portal: Portal) -> list[Event]:
    """Return the events that wait for the audit log."""
    return [event for _, event in portal.store.waiting_events(1000)]


def steps(portal: Portal) -> list[str]:
    return [event.name for event in events(portal)]
