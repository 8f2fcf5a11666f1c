"""Which rules can match at all: found by service and by group, not by asking each rule.

Enters: a policy, once, and then facts. Leaves: the rules that may match, each with the conditions that are still open.
What is left out does not match for certain, so that to decide over the rest is to decide over all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from policies.decision import Facts
from policies.match import Condition, Match, conditions, evaluate
from policies.model import Policy, Rule, ServiceSet, fold

DECIDED: Final = frozenset({"service", "tag", "activity", "purpose"})
"""Conditions that are the same for all people, and either hold or do not: remembered for each service and activity."""
MOST_REMEMBERED: Final = 4096

OF_PEOPLE: Final = frozenset({"person", "group"})
"""Conditions that the index has answered where it is known who asks."""

NO_SET: Final = (ServiceSet(""),)
"""What a rule without a condition on services asks for."""

type Candidate = tuple[Rule, tuple[Condition, ...]]
"""A rule that may match, and the conditions that must still be evaluated."""


@dataclass(frozen=True, slots=True)
class Index:
    """The rules of one policy, as sets of bits: bit `n` is rule `n`."""

    candidates: tuple[Candidate, ...]
    """All rules, to be asked for somebody who was identified."""
    for_anyone: tuple[Candidate, ...]
    """All rules, to be asked for somebody whom nobody could identify."""
    everywhere: int
    """All rules."""
    services: Mapping[str, int]
    """Id of a service → rules that name it."""
    any_service: int
    """Rules that may hold for a service which they do not name."""
    anybody: int
    """Rules without a condition on people."""
    any_group: int
    """Rules without a condition on groups."""
    people: Mapping[str, int]
    """Folded user name → rules that name the person."""
    groups: Mapping[str, int]
    """Folded name → rules that name the group."""
    memberships: Mapping[str, frozenset[str]]
    """Folded user name → folded names of the policy's groups that list the person."""
    classified: frozenset[str]
    """Entities of all data classes."""
    remembered: dict[object, int] = field(default_factory=dict)
    """Rules whose decided conditions hold, by what these ask."""

    def matching(self, facts: Facts) -> list[Candidate]:
        """Return the rules that may match, in the order of the file."""
        bits = self._what(facts) & self._who(facts)
        candidates = self.candidates if facts.user else self.for_anyone
        chosen = []
        while bits:
            lowest = bits & -bits
            chosen.append(candidates[lowest.bit_length() - 1])
            bits ^= lowest
        return chosen

    def groups_of(self, facts: Facts) -> frozenset[str]:
        """Return the folded names of all groups of the person, those that the identity source told and the policy's."""
        listed = self.memberships.get(fold(facts.user), frozenset()) if facts.user else frozenset()
        return listed.union(map(fold, facts.groups))

    def _what(self, facts: Facts) -> int:
        asked = (facts.service, facts.category, facts.country, facts.tags, facts.activity, facts.purpose)
        bits = self.remembered.get(asked)
        if bits is None:
            named = self.any_service | self.services.get(facts.service, 0)
            rules = ((number, rule) for number, (rule, _) in enumerate(self.candidates) if named >> number & 1)
            bits = _bits(number for number, rule in rules if _may_hold(rule, facts))
            if len(self.remembered) >= MOST_REMEMBERED:
                self.remembered.clear()
            self.remembered[asked] = bits
        return bits

    def _who(self, facts: Facts) -> int:
        if not facts.user:
            return self.everywhere  # nobody knows who it is, so no condition on people is known to fail
        bits = self.any_group
        for name in self.groups_of(facts):
            bits |= self.groups.get(name, 0)
        return bits & (self.anybody | self.people.get(fold(facts.user), 0))


def index_of(policy: Policy) -> Index:
    """Return the index of a policy, built when it is first asked for."""
    index = policy.memo.get(Index)
    if isinstance(index, Index):
        return index
    built = build(policy)
    policy.memo[Index] = built
    return built


def build(policy: Policy) -> Index:
    """Return a new index."""
    rules = policy.rules
    people = {name for rule in rules for name in rule.when.people}
    groups = {fold(group.name): None for rule in rules for group in rule.when.groups}
    listed: dict[str, set[str]] = {}
    for group in (*policy.groups, *(each for rule in rules for each in rule.when.groups)):
        for person in group.people:
            listed.setdefault(person, set()).add(fold(group.name))
    return Index(
        candidates=tuple((rule, _open(rule, DECIDED | OF_PEOPLE)) for rule in rules),
        for_anyone=tuple((rule, _open(rule, DECIDED)) for rule in rules),
        everywhere=(1 << len(rules)) - 1,
        services={
            id_: _bits(n for n, rule in enumerate(rules) if any(id_ in each.ids for each in rule.when.services))
            for id_ in {id_ for rule in rules for each in rule.when.services for id_ in each.ids}
        },
        any_service=_bits(
            n for n, rule in enumerate(rules) if not all(each.ids for each in rule.when.services or NO_SET)
        ),
        anybody=_bits(number for number, rule in enumerate(rules) if not rule.when.people),
        any_group=_bits(number for number, rule in enumerate(rules) if not rule.when.groups),
        people={name: _bits(n for n, rule in enumerate(rules) if name in rule.when.people) for name in people},
        groups={
            name: _bits(n for n, rule in enumerate(rules) if any(fold(each.name) == name for each in rule.when.groups))
            for name in groups
        },
        memberships={person: frozenset(names) for person, names in listed.items()},
        classified=frozenset[str]().union(*(each.entities for each in policy.classes)),
    )


def _open(rule: Rule, decided: frozenset[str]) -> tuple[Condition, ...]:
    return tuple(condition for key, condition in conditions(rule.when) if key not in decided)


def _may_hold(rule: Rule, facts: Facts) -> bool:
    return all(
        evaluate(condition, rule.when, facts) is not Match.NO
        for key, condition in conditions(rule.when)
        if key in DECIDED
    )


def _bits(numbers: Iterable[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits
