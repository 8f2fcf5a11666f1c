"""What an exchange draws on: the counters of its quotas, and whether one of them is used up.

Enters: rules, facts with what was used so far. Leaves: `QuotaUse`s and names of counters. Pure: counting is the store's
work, and each counter's name says which period it counts, so that nothing is ever set back to nothing.
"""

from collections.abc import Iterator

from policies.calendar import period
from policies.decision import Facts, Mode, QuotaUse, Unit
from policies.index import index_of
from policies.match import WORDLESS, Match, match, rollout
from policies.model import Policy, Quota, Rule, fold
from policies.purpose import outlook


def quota_names(policy: Policy, facts: Facts) -> frozenset[str]:
    """Return the counters that deciding this exchange may ask for, as keys of `Facts.used`."""
    seen = outlook(policy, facts)
    groups = index_of(policy).groups_of(facts)
    names: set[str] = set()
    for each in (seen.facts, *seen.others):
        for rule, asked in index_of(policy).matching(each):
            if (
                rule.quotas
                and rollout(rule, each)[0] is Mode.ENFORCE
                and match(rule, each, None, asked=asked) is not Match.NO
            ):
                names.update(use.counter for use in uses(rule, each, groups) or ())
    return frozenset(names)


def uses(rule: Rule, facts: Facts, groups: frozenset[str]) -> tuple[QuotaUse, ...] | None:
    """Return what an exchange under this rule counts, or None where the clock or its zone cannot be used.

    `groups` are the folded names of all groups of the person. What sends no text counts nothing: the pictures and
    scripts of a page are no use of a quota.
    """
    if facts.activity in WORDLESS:
        return ()
    try:
        return tuple(use for quota in rule.quotas for use in _counters(quota, rule, facts, groups))
    except (ValueError, KeyError, OSError, OverflowError):
        return None


def spent(use: QuotaUse, facts: Facts, characters: int | None, values: int = 0) -> bool:
    """Tell whether an exchange with so many characters no longer fits; one of unknown length does not.

    Of its different values only so many are certain to be too many as the quota never allows: which of fewer are new
    is known when they are counted.
    """
    if use.unit is Unit.VALUES:
        return values > use.limit
    used = facts.used.get(use.counter, 0)
    if use.unit is Unit.CHARACTERS and (characters is None or used + characters > use.limit):
        return True
    return used >= use.limit


def _counters(quota: Quota, rule: Rule, facts: Facts, groups: frozenset[str]) -> Iterator[QuotaUse]:
    start, end = period(quota.per, facts.at, quota.zone)
    for who in sorted(_sharing(quota, rule, facts, groups)):
        for unit, limit in quota.limits:
            parts = (quota.name, unit.value, quota.of, who, quota.per.value, start.isoformat(timespec="minutes"))
            yield QuotaUse("/".join(map(_escaped, parts)), unit, limit, quota.per, end)


def _sharing(quota: Quota, rule: Rule, facts: Facts, groups: frozenset[str]) -> set[str]:
    """Return whose counters they are; people whom nobody could identify share one."""
    if quota.of == "everyone":
        return {""}
    if quota.of == "person":
        return {fold(facts.user)}
    asked = {fold(each.name) for each in rule.when.groups}
    return set(groups & asked if asked else groups) or {""}


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")
