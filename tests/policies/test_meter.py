"""Counters: whose they are, which period they count, and that no two of them share a name."""

from datetime import timedelta

import pytest

from policies.decide import decide
from policies.decision import Findings
from policies.meter import quota_names
from tests.policies.samples import HEAD, NOON, facts, parsed

DEFINED = """
time_zone: Asia/Shanghai
groups: {研发: [alice], ops/night: [alice], sales: []}
quotas:
  daily: {requests: 100, tokens: 5000, per: day, of: person}
"""


def names(rest: str, **about) -> list[str]:
    """Return the counters of a rule for Alice's prompt."""
    policy = parsed(f"{HEAD}{DEFINED}rules:\n  - {{id: use, verdict: allowed, {rest}}}\n")
    return sorted(quota_names(policy, facts(**about)))


DAY = "2026-12-02T00:00+08:00"
COUNTERS = {
    "of the person": (
        "quota: daily",
        {"user": "Alice"},
        [f"daily/requests/person/alice/day/{DAY}", f"daily/tokens/person/alice/day/{DAY}"],
    ),
    "of nobody": (
        "quota: daily",
        {"user": ""},
        [f"daily/requests/person//day/{DAY}", f"daily/tokens/person//day/{DAY}"],
    ),
    "inline, of everyone": (
        "quota: {requests: 1, per: day, of: everyone}",
        {},
        [f"rule:use/requests/everyone//day/{DAY}"],
    ),
    "of each group": (
        "quota: {requests: 1, per: day, of: group}",
        {"groups": frozenset({"Sales"})},
        [f"rule:use/requests/group/{each}/day/{DAY}" for each in ("ops%2Fnight", "sales", "研发")],
    ),
    "of the groups the rule asks for": (
        "quota: {requests: 1, per: day, of: group}, when: {group: [研发, sales]}",
        {},
        [f"rule:use/requests/group/研发/day/{DAY}"],
    ),
    "of no group": (
        "quota: {requests: 1, per: day, of: group}",
        {"user": "bob"},
        [f"rule:use/requests/group//day/{DAY}"],
    ),
    "per hour": (
        "quota: {requests: 1, per: hour, of: everyone}",
        {},
        ["rule:use/requests/everyone//hour/2026-12-02T12:00+08:00"],
    ),
    "of a rule that does not match": ("quota: daily, when: {service: kimi}", {}, []),
    "of a rule that may match": (
        "quota: {requests: 1, per: day}, when: {amount: {more_than: {characters: 9}}}",
        {},
        [f"rule:use/requests/person/alice/day/{DAY}"],
    ),
    "of a rule that is only observed": ("quota: daily, mode: observe", {}, []),
    "of a clock without zone": ("quota: daily", {"at": NOON.replace(tzinfo=None)}, []),
}


@pytest.mark.parametrize(("rest", "about", "want"), COUNTERS.values(), ids=COUNTERS.keys())
def test_a_counter_is_named_by_quota_unit_owner_and_period(rest, about, want):
    assert names(rest, **about) == want


def test_a_new_day_has_a_new_counter():
    assert not {*names("quota: daily")} & {*names("quota: daily", at=NOON + timedelta(hours=12))}


def test_the_same_quota_in_two_rules_is_counted_once():
    rules = "".join(f"  - {{id: {each}, verdict: allowed, quota: daily}}\n" for each in "ab")
    policy = parsed(f"{HEAD}{DEFINED}rules:\n{rules}")
    assert len(quota_names(policy, facts())) == 2


@pytest.mark.parametrize(
    ("found", "full"),
    [
        (Findings({"CN_ID_CARD": 3, "CREDIT_CARD": 1}), True),
        (Findings({"CN_ID_CARD": 3}), False),
        (Findings({"CN_ID_CARD": 4}, different=3), False),
        (Findings({"CN_ID_CARD": 4}, counted=False), False),
        (Findings(), False),
    ],
    ids=["too many", "as many as it allows", "the same, spelt in two ways", "nobody knows how many", "none"],
)
def test_more_values_than_a_quota_ever_allows_use_it_up_and_fewer_may_be_old_ones(found: Findings, full: bool) -> None:
    policy = parsed(
        f"{HEAD}{DEFINED}data_classes: {{ids: {{entities: [CN_ID_CARD, CREDIT_CARD]}}}}\nrules:\n"
        "  - {id: use, verdict: allowed, when: {service: any}, redact: [ids], quota: {values: 3, per: day}}\n"
    )
    decision = decide(policy, facts(), found, frozenset())
    assert decision.permitted is not full
    if full:
        assert "quota of 3 different values a day" in decision.reason.en
