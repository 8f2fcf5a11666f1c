"""Does a rule match the facts? Yes, no, unsure, or: it depends on the text.

Enters: a rule, the facts, and what was found in the text if it was read. Leaves: a `Match`. Pure. Nothing raised inside
may make a rule disappear: a condition that cannot be evaluated makes it `UNSURE`, which the decision counts with the
rule's strictest effect. A person nobody could identify may be anyone, so conditions on people are unsure of them.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from policies.calendar import is_open
from policies.decision import Facts, Findings, Mode
from policies.model import Amount, Group, Rule, ServiceSet, When, fold

type Condition = Callable[[When, Facts], Match]


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


NONE: Final[frozenset[str]] = frozenset()
UNKNOWN: Final = "unknown"
KNOWN_ACCOUNTS: Final = frozenset({"free", "personal", "company"})
WIDER: Final = {"complete": "prompt", "embed": "prompt", "train": "upload", "download": "other"}
"""What an activity is a kind of: a rule on prompts holds for completions too, or forgetting a word would open a gap."""
WORDLESS: Final = frozenset({"visit", "download", "other"})
"""What is done without sending any text."""
BUCKETS: Final = 10_000


def match(
    rule: Rule,
    facts: Facts,
    found: Findings | frozenset[str] | None,
    unknown: frozenset[str] = NONE,
    asked: Iterable[Condition] | None = None,
) -> Match:
    """Tell whether `rule` matches; `found` is None while the text has not been read, `unknown` was not looked for.

    `asked` are the conditions to evaluate, where the others are known to hold.
    """
    when, unsure = rule.when, False
    for condition in [each for _, each in conditions(when)] if asked is None else asked:
        answer = evaluate(condition, when, facts)
        if answer is Match.NO:
            return answer
        if answer is Match.UNSURE:
            unsure = True
    if not (when.classes or when.amounts):
        return Match.UNSURE if unsure else Match.YES
    if found is None:
        return Match.DEPENDS
    answer = holds(rule, findings(found), unknown)
    return Match.UNSURE if unsure and answer is not Match.NO else answer


def failed(rule: Rule, facts: Facts, found: Findings | frozenset[str] | None, unknown: frozenset[str] = NONE) -> str:
    """Return the first condition, by its key in the policy, because of which the rule does not match; else nothing."""
    for key, condition in conditions(rule.when):
        if evaluate(condition, rule.when, facts) is Match.NO:
            return key
    if found is None or match(rule, facts, found, unknown) is not Match.NO:
        return ""
    asked = _data(rule, findings(found), unknown) if rule.when.classes else Match.YES
    return "data" if asked is Match.NO else "amount"


def findings(found: Findings | frozenset[str]) -> Findings:
    """Return findings in numbers; where only the entities are known, each is there at least once."""
    if isinstance(found, Findings):
        return found
    return Findings(dict.fromkeys(found, 1), 0, counted=False)


def rollout(rule: Rule, facts: Facts) -> tuple[Mode, bool]:
    """Return how far the rule is in force for this person, and whether that could not be told, and is assumed."""
    if rule.stage is None or rule.mode is Mode.OBSERVE:
        return rule.mode, False
    told = _belongs(rule.stage.groups, facts) if rule.stage.groups else Match.NO
    if told is Match.YES or rule.stage.percent >= 100:
        return rule.mode, False
    if not facts.user:
        return rule.mode, True
    return (rule.mode if bucket(rule.id, facts.user) < rule.stage.percent * BUCKETS // 100 else Mode.OBSERVE), False


def bucket(rule: str, user: str) -> int:
    """Return a number below 10,000 that is always the same for this person and this rule, and else evenly spread."""
    return int.from_bytes(sha256(f"{rule}\0{fold(user)}".encode()).digest()[:8]) % BUCKETS


def unidentified(rule: Rule, facts: Facts) -> bool:
    """Tell whether the rule has a condition on people, and the person could not be identified."""
    when = rule.when
    return not facts.user and bool(when.people or when.groups)


def evaluate(condition: Condition, when: When, facts: Facts) -> Match:
    """Return what a condition comes to; one that fails is unsure."""
    try:
        return condition(when, facts)
    except Exception:  # whatever is wrong with a fact, a rule must not vanish because of it
        return Match.UNSURE


def conditions(when: When) -> Iterator[tuple[str, Condition]]:
    """Give only the conditions that the rule has, by their keys in the policy; those on the text are not among them."""
    for key, asked, condition in (
        ("service", when.services, _service),
        ("tag", when.tags, _tag),
        ("activity", when.activities, _activity),
        ("account", when.accounts, _account),
        ("purpose", when.purposes, _purpose),
        ("person", when.people, _person),
        ("group", when.groups, _group),
        ("network", when.networks, _network),
        ("hours", when.hours, _inside),
        ("outside_hours", when.outside, _outside),
    ):
        if asked:
            yield key, condition


def holds(rule: Rule, found: Findings, unknown: frozenset[str]) -> Match:
    """Tell whether the text holds what the rule's conditions on data and amounts ask for."""
    if not rule.when.amounts:
        return _data(rule, found, unknown)
    answers = {_data(rule, found, unknown)} if rule.when.classes else set()
    if rule.when.amounts:
        answers.add(_any(_exceeded(each, found, unknown) for each in rule.when.amounts))
    for answer in (Match.NO, Match.UNSURE, Match.SUSPECTED):
        if answer in answers:
            return answer
    return Match.YES


def _data(rule: Rule, found: Findings, unknown: frozenset[str]) -> Match:
    there = rule.sought & found.entities
    if there and (not rule.sought_from or any(found.reaches(one, rule.sought_from.get(one, 0.0)) for one in there)):
        return Match.YES
    return Match.NO if rule.sought.isdisjoint(unknown) else Match.SUSPECTED


def _any(answers: Iterator[Match]) -> Match:
    """Return the answer to "does any of these hold?"."""
    given = set(answers)
    for answer in (Match.YES, Match.UNSURE, Match.SUSPECTED):
        if answer in given:
            return answer
    return Match.NO


def _exceeded(amount: Amount, found: Findings, unknown: frozenset[str]) -> Match:
    if not amount.entities:
        return _answer(found.characters > amount.most) if found.counted else Match.UNSURE
    count = sum(found.count(entity, amount.least) for entity in amount.entities)
    if count > amount.most:
        return Match.YES
    if count and not found.counted:
        return Match.UNSURE
    return Match.NO if amount.entities.isdisjoint(unknown) else Match.SUSPECTED


def _answer(held: bool) -> Match:
    return Match.YES if held else Match.NO


def _service(when: When, facts: Facts) -> Match:
    return _answer(any(_listed(each, facts) for each in when.services))


def _listed(services: ServiceSet, facts: Facts) -> bool:
    if services.ids and facts.service not in services.ids:
        return False
    return all(_tagged(each, facts) for each in (services.categories, services.countries, services.tags) if each)


def _tag(when: When, facts: Facts) -> Match:
    return _answer(_tagged(when.tags, facts))


def _tagged(asked: frozenset[str], facts: Facts) -> bool:
    """Tell whether the service has any of these tags; its category and its country are tags, too."""
    return facts.category in asked or facts.country in asked or not asked.isdisjoint(facts.tags)


def _activity(when: When, facts: Facts) -> Match:
    return _answer(facts.activity in when.activities or WIDER.get(facts.activity, "") in when.activities)


def _account(when: When, facts: Facts) -> Match:
    if facts.account in when.accounts:
        return Match.YES
    if facts.account in KNOWN_ACCOUNTS:
        return Match.NO
    return Match.YES if when.accounts >= KNOWN_ACCOUNTS else Match.UNSURE


def _purpose(when: When, facts: Facts) -> Match:
    if facts.purpose == "personal":
        return _answer("personal" in when.purposes)
    asked = when.purposes
    return _answer("business" in asked or (facts.purpose != "business" and UNKNOWN in asked))


def _person(when: When, facts: Facts) -> Match:
    if not facts.user:
        return Match.UNSURE
    return _answer(fold(facts.user) in when.people)


def _group(when: When, facts: Facts) -> Match:
    return _belongs(when.groups, facts)


def _belongs(groups: tuple[Group, ...], facts: Facts) -> Match:
    person = fold(facts.user)
    told = {fold(name) for name in facts.groups}
    if any(fold(each.name) in told or (person and person in each.people) for each in groups):
        return Match.YES
    return Match.NO if facts.user else Match.UNSURE


def _inside(when: When, facts: Facts) -> Match:
    return _at_any_time(facts, lambda at: any(is_open(each, at) for each in when.hours))


def _outside(when: When, facts: Facts) -> Match:
    return _at_any_time(facts, lambda at: not any(is_open(each, at) for each in when.outside))


def _at_any_time(facts: Facts, holds: Callable[[datetime], bool]) -> Match:
    """Return whether it holds by the clock, and by the one that was not set where it was: they may not agree."""
    answer = holds(facts.at)
    return Match.UNSURE if facts.or_at is not None and holds(facts.or_at) is not answer else _answer(answer)


def _network(when: When, facts: Facts) -> Match:
    address = _address(facts.address)
    return _answer(any(address in each for each in when.networks))


@lru_cache(256)
def _address(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    mapped: IPv4Address | None = getattr(address, "ipv4_mapped", None)
    return mapped or address  # a dual-stack socket shows 10.0.0.1 as ::ffff:10.0.0.1
