"""Does a rule match the facts? Yes, no, unsure, or: it depends on the text.

Enters: a rule, the facts, and what was found in the text if it was read. Leaves: a `Match`. Pure. Nothing raised inside
may make a rule disappear: a condition that cannot be evaluated makes it `UNSURE`, which the decision counts with the
rule's strictest effect. A person nobody could identify may be anyone, so conditions on people are unsure of them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from zoneinfo import ZoneInfo

from policies.decision import Facts
from policies.model import Hours, Rule, ServiceSet, When, fold


class Match(Enum):
    """Whether a rule matches."""

    NO = "no"
    YES = "yes"
    UNSURE = "unsure"
    """It could not be evaluated: its restrictions count, what it would permit does not."""
    DEPENDS = "depends"
    """It matches if the text holds what its data condition asks for."""
    SUSPECTED = "suspected"
    """It matches if the text holds what could not be looked for: as `UNSURE`, but a grant may open it."""


NONE: frozenset[str] = frozenset()


def match(rule: Rule, facts: Facts, found: frozenset[str] | None, unknown: frozenset[str] = NONE) -> Match:
    """Tell whether `rule` matches; `found` is None while the text has not been read, `unknown` was not looked for."""
    when = rule.when
    answers = {_evaluate(condition, when, facts) for condition in _conditions(when)}
    if Match.NO in answers:
        return Match.NO
    if when.classes and found is None:
        return Match.DEPENDS
    suspected = bool(when.classes) and rule.sought.isdisjoint(found or NONE)
    if suspected and rule.sought.isdisjoint(unknown):
        return Match.NO
    if Match.UNSURE in answers:
        return Match.UNSURE
    return Match.SUSPECTED if suspected else Match.YES


def unidentified(rule: Rule, facts: Facts) -> bool:
    """Tell whether the rule asks who it is, of somebody whom nobody could identify."""
    when = rule.when
    return not facts.user and bool(when.people or when.groups)


type Condition = Callable[[When, Facts], Match]


def _evaluate(condition: Condition, when: When, facts: Facts) -> Match:
    try:
        return condition(when, facts)
    except Exception:  # whatever is wrong with a fact, a rule must not vanish because of it
        return Match.UNSURE


def _conditions(when: When) -> Iterator[Condition]:
    """Give only the conditions that the rule has."""
    if when.services:
        yield _service
    if when.activities:
        yield _activity
    if when.people:
        yield _person
    if when.groups:
        yield _group
    if when.hours:
        yield _inside
    if when.outside:
        yield _outside
    if when.networks:
        yield _network


def _answer(held: bool) -> Match:
    return Match.YES if held else Match.NO


def _service(when: When, facts: Facts) -> Match:
    return _answer(any(_listed(each, facts) for each in when.services))


def _listed(services: ServiceSet, facts: Facts) -> bool:
    return (
        (not services.ids or facts.service in services.ids)
        and (not services.categories or facts.category in services.categories)
        and (not services.countries or facts.country in services.countries)
    )


def _activity(when: When, facts: Facts) -> Match:
    return _answer(facts.activity in when.activities)


def _person(when: When, facts: Facts) -> Match:
    if not facts.user:
        return Match.UNSURE
    return _answer(fold(facts.user) in when.people)


def _group(when: When, facts: Facts) -> Match:
    person = fold(facts.user)
    told = {fold(name) for name in facts.groups}
    if any(fold(each.name) in told or (person and person in each.people) for each in when.groups):
        return Match.YES
    return _answer(False) if facts.user else Match.UNSURE


def _inside(when: When, facts: Facts) -> Match:
    return _answer(any(is_open(each, facts.at) for each in when.hours))


def _outside(when: When, facts: Facts) -> Match:
    return _answer(not any(is_open(each, facts.at) for each in when.outside))


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether the instant `at` (aware) lies in the window; raises `ValueError` or `ZoneInfoNotFoundError`."""
    if at.tzinfo is None:
        raise ValueError("the clock has no time zone")
    local = at.astimezone(ZoneInfo(hours.zone))
    minute, today = local.hour * 60 + local.minute, local.weekday()
    if hours.opens < hours.closes:
        return today in hours.days and hours.opens <= minute < hours.closes
    yesterday = (local - timedelta(days=1)).weekday()
    return (today in hours.days and minute >= hours.opens) or (yesterday in hours.days and minute < hours.closes)


def _network(when: When, facts: Facts) -> Match:
    address = ip_address(facts.address)
    mapped = getattr(address, "ipv4_mapped", None)  # a dual-stack socket shows 10.0.0.1 as ::ffff:10.0.0.1
    return _answer(any((mapped or address) in each for each in when.networks))
