"""Which rules can match at all: found by service and by group, not by asking each rule.

Enters: a policy, once, and then facts. Leaves: the rules that may match, each with the conditions that are still open.
What is left out does not match for certain, so that to decide over the rest is to decide over all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from policies.decision import Facts, Findings, lowest
from policies.match import NONE, Condition, Match, conditions, evaluate
from policies.model import Policy, Rule, ServiceSet, fold

KINDS: Final = {
    "services": frozenset({"service", "tag"}),
    "activity": frozenset({"activity"}),
    "purpose": frozenset({"purpose"}),
}
DECIDED: Final = frozenset[str]().union(*KINDS.values())
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
    """All rules, for a person who was identified."""
    for_anyone: tuple[Candidate, ...]
    """All rules, for a person who could not be identified."""
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
    any_data: int
    """Rules without a condition on data."""
    data: Mapping[str, int]
    """Entity → rules whose condition on data asks for it."""
    people: Mapping[str, int]
    """Folded user name → rules that name the person."""
    groups: Mapping[str, int]
    """Folded name → rules that name the group."""
    memberships: Mapping[str, frozenset[str]]
    """Folded user name → folded names of the policy's groups that list the person."""
    classified: frozenset[str]
    """Entities of all data classes."""
    floors: Mapping[str, float]
    """Score from which each of them counts for some class, where that is not any."""
    effects: dict[tuple[str, bool], object] = field(default_factory=dict)
    """What the rules add that always add the same, by id and whether they match for sure."""
    decided: Mapping[str, tuple[dict[int, tuple[Condition, ...]], int]] = field(default_factory=dict)
    """Kind of condition that is remembered → conditions of that kind by rule, and the rules without one."""
    remembered: dict[object, int] = field(default_factory=dict)
    """Rules whose decided conditions hold, by what these ask."""

    def matching(self, facts: Facts, found: Findings | None = None, unknown: frozenset[str] = NONE) -> list[Candidate]:
        """Return the rules that may match, in the order of the file; `found` is None while the text is not read."""
        bits = self._what(facts) & self._who(facts)
        if found is not None:
            there = self.any_data
            for entity in found.entities | unknown if unknown else found.entities:
                there |= self.data.get(entity, 0)
            bits &= there
        candidates = self.candidates if facts.user else self.for_anyone
        return [candidates[number] for number in _numbers(bits)]

    def groups_of(self, facts: Facts) -> frozenset[str]:
        """Return the folded names of all groups of the person, those that the identity source told and the policy's."""
        listed = self.memberships.get(fold(facts.user), frozenset()) if facts.user else frozenset()
        return listed.union(map(fold, facts.groups))

    def _what(self, facts: Facts) -> int:
        services = (facts.service, facts.category, facts.country, facts.tags)
        bits = self.remembered.get(services)
        if bits is None:
            bits = self._remember(services, facts, "services", self.any_service | self.services.get(facts.service, 0))
        for kind, word in (("activity", facts.activity), ("purpose", facts.purpose)):
            also = self.remembered.get((kind, word))
            bits &= self._remember((kind, word), facts, kind, self.everywhere) if also is None else also
        return bits

    def _remember(self, key: object, facts: Facts, kind: str, among: int) -> int:
        """Return which of the rules `among` hold, as far as their conditions of this kind go."""
        asked, free = self.decided[kind]
        bits = among & free
        for number in _numbers(among & ~free):
            when = self.candidates[number][0].when
            if all(evaluate(each, when, facts) is not Match.NO for each in asked[number]):
                bits |= 1 << number
        if len(self.remembered) >= MOST_REMEMBERED:
            self.remembered.clear()
        self.remembered[key] = bits
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
    listed: dict[str, set[str]] = {}
    for group in (*policy.groups, *(each for rule in rules for each in rule.when.groups)):
        for person in group.people:
            listed.setdefault(person, set()).add(fold(group.name))
    named: tuple[dict[str, int], ...] = ({}, {}, {}, {})
    services, people, groups, data = named
    for number, rule in enumerate(rules):
        bit, when = 1 << number, rule.when
        for among, words in (
            (services, {id_ for each in when.services for id_ in each.ids}),
            (people, when.people),
            (groups, {fold(each.name) for each in when.groups}),
            (data, rule.sought),
        ):
            for word in words:
                among[word] = among.get(word, 0) | bit
    return Index(
        candidates=tuple((rule, _open(rule, DECIDED | OF_PEOPLE)) for rule in rules),
        for_anyone=tuple((rule, _open(rule, DECIDED)) for rule in rules),
        everywhere=(1 << len(rules)) - 1,
        decided={kind: _decided(rules, keys) for kind, keys in KINDS.items()},
        services=services,
        any_service=_bits(
            n for n, rule in enumerate(rules) if not all(each.ids for each in rule.when.services or NO_SET)
        ),
        anybody=_bits(number for number, rule in enumerate(rules) if not rule.when.people),
        any_group=_bits(number for number, rule in enumerate(rules) if not rule.when.groups),
        any_data=_bits(number for number, rule in enumerate(rules) if not rule.when.classes),
        data=data,
        people=people,
        groups=groups,
        memberships={person: frozenset(names) for person, names in listed.items()},
        classified=frozenset[str]().union(*(each.entities for each in policy.classes)),
        floors=lowest(dict.fromkeys(one.entities, one.minimum) for one in policy.classes),
    )


def _open(rule: Rule, decided: frozenset[str]) -> tuple[Condition, ...]:
    return tuple(condition for key, condition in conditions(rule.when) if key not in decided)


def _decided(rules: tuple[Rule, ...], keys: frozenset[str]) -> tuple[dict[int, tuple[Condition, ...]], int]:
    """Return the conditions of these kinds by the number of the rule, and the rules that have none of them."""
    asked = {
        number: tuple(condition for key, condition in conditions(rule.when) if key in keys)
        for number, rule in enumerate(rules)
    }
    return asked, _bits(number for number, each in asked.items() if not each)


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _bits(numbers: Iterable[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits
