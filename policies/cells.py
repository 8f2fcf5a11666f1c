"""All the situations that a policy can tell apart, each by one example.

Enters: policies, the services, a day to begin with. Leaves: cells, each an exchange that could happen and its
description. Pure. Conditions of different kinds are independent, so values of one kind that no rule of any of the
policies tells apart are one value. Where the combinations are too many, an even sample is taken, and the grid says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import gcd, prod
from typing import Any, Final

from policies.decision import Facts, Findings, Gate, Grant, Text, Verdict
from policies.listed import Listed
from policies.match import Match, match, rollout
from policies.model import Policy, Rule, When
from policies.vary import Value, as_value, vary

MOST: Final = 20_000
"""Cells looked at, at most."""
MOST_VALUES: Final = 80
"""Values of one kind, at most."""

KINDS: Final = {
    "service": ("services", "tags"),
    "person": ("groups", "people"),
    "time": ("hours", "outside"),
    "activity": ("activities",),
    "network": ("networks",),
    "account": ("accounts",),
    "purpose": ("purposes",),
    "text": ("classes", "amounts"),
}
"""Kind of value → the conditions that look at it."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The values of each kind that some policies tell apart."""

    base: Facts
    kinds: Mapping[str, list[Value]]
    capped: tuple[str, ...] = ()
    """Kinds of which not every value was taken."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An exchange that could happen."""

    facts: Facts
    found: Findings
    said: Text
    """What it is, in words: who, which service, what, when, with which data."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The situations that some policies tell apart."""

    cells: tuple[Cell, ...]
    of: int
    """How many there are in all."""
    capped: tuple[str, ...] = ()
    """Kinds of which not every value was taken."""

    @property
    def truncated(self) -> bool:
        """Whether some situations were left out."""
        return len(self.cells) < self.of or bool(self.capped)


def axes(policies: Sequence[Policy], services: Sequence[Listed], start: datetime) -> Axes:
    """Return the values that `policies` tell apart, from the instant `start` (aware) on."""
    rules = [rule for policy in policies for rule in policy.conditions]
    base = Facts("", "", "", "", frozenset(), "10.0.0.1", start, "prompt")
    offered = vary(policies, services, start)
    told_apart = {kind: _distinct(kind, values, rules, base) for kind, values in offered.values.items()}
    capped = tuple(kind for kind, found in told_apart.items() if len(found) > MOST_VALUES or kind in offered.partly)
    kinds = {kind: values[:MOST_VALUES] for kind, values in told_apart.items()}
    return Axes(base, {**kinds, "permit": _permits(rules)}, capped)


def narrow(whole: Axes, rule: Rule) -> Axes:
    """Return the values at which `rule` matches; a kind of which none is left says that it never does."""
    kinds = dict(whole.kinds)
    for kind in KINDS:
        alone = _only(rule, kind)
        if alone is not None:
            kinds[kind] = [value for value in kinds[kind] if _matches(alone, whole.base, value)]
    return replace(whole, kinds=kinds)


def _matches(rule: Rule, base: Facts, value: Value) -> bool:
    return match(rule, replace(base, **value.facts), value.found or Findings()) is Match.YES


def reached(rule: Rule, services: Sequence[Listed], start: datetime) -> list[Listed]:
    """Return the services that `rule` can match."""
    alone = _only(rule, "service")
    base = Facts("", "", "", "", frozenset(), "10.0.0.1", start, "prompt")
    return [each for each in services if alone is None or _matches(alone, base, as_value(each))]


def lay_out(whole: Axes, most: int = MOST) -> Grid:
    """Return the cells of all combinations, or an even sample of `most` of them."""
    kinds = list(whole.kinds.values())
    total = prod(map(len, kinds))
    return Grid(tuple(_cell(whole.base, choice) for choice in _spread(kinds, total, most)), total, whole.capped)


def _spread(kinds: list[list[Value]], total: int, most: int) -> Iterator[list[Value]]:
    """Give every combination, or `most` of them evenly over all kinds."""
    step = 1
    if total > most:
        step = max(2, int(total * 0.618))  # a golden step visits all regions early, whatever the kinds' sizes
        while gcd(step, total) != 1:
            step += 1
    for number in range(min(total, most)):
        rest, choice = number * step % total, []
        for values in kinds:
            rest, index = divmod(rest, len(values))
            choice.append(values[index])
        yield choice


def _cell(base: Facts, choice: list[Value]) -> Cell:
    facts: dict[str, Any] = {}
    for value in choice:
        facts |= value.facts
    if "grants" in facts:
        facts["grants"] = tuple(
            replace(each, person=facts.get("user", ""), until=facts["at"] + timedelta(hours=1))
            for each in facts["grants"]
        )
    found = next((value.found for value in choice if value.found is not None), Findings())
    said = [value.said for value in choice if value.said.en]
    return Cell(
        replace(base, **facts), found, Text(", ".join(each.en for each in said), "，".join(each.zh for each in said))
    )


def _distinct(kind: str, values: list[Value], rules: list[Rule], base: Facts) -> list[Value]:
    """Return the first of all values that no rule tells apart; the words say nothing where there is only one."""
    tests = [_only(rule, kind) for rule in rules]
    seen: dict[tuple[object, ...], Value] = {}
    for value in values:
        facts, found = replace(base, **value.facts), value.found or Findings()
        told = tuple(_told(rule, facts, found) for rule in tests if rule is not None)
        seen.setdefault(told, value)
    if len(seen) == 1 and kind not in ("service", "activity", "person"):
        return [replace(next(iter(seen.values())), said=Text())]
    return list(seen.values())


def _told(rule: Rule, facts: Facts, found: Findings) -> tuple[object, ...]:
    """Return all in which a rule can tell one value of a kind from another."""
    ways = frozenset(
        rule.treat[entity] for entity in rule.redacted if found.reaches(entity, rule.redacted_from.get(entity, 0.0))
    )
    return match(rule, facts, found), rollout(rule, facts), ways


def _only(rule: Rule, kind: str) -> Rule | None:
    """Return the rule with its conditions of one kind alone, or None where that kind means nothing to it."""
    given = {name: getattr(rule.when, name) for name in KINDS[kind]}
    asks = any(given.values()) or (kind == "person" and rule.stage) or (kind == "text" and rule.redact)
    return replace(rule, when=When(**given)) if asks else None


def _permits(rules: list[Rule]) -> list[Value]:
    """Return having no grant, having one for each rule that asks for it, and having all; with what is confirmed."""
    ids = sorted({rule.id for rule in rules if rule.verdict is Verdict.AUTHORIZED})
    confirmed = {each.id for rule in rules for each in rule.remind} | {rule.id for rule in rules}
    gated = any(rule.gate is not Gate.NONE or any(each.acknowledge for each in rule.remind) for rule in rules)
    choices: list[tuple[Text, tuple[str, ...]]] = [(Text(), ())]
    if len(ids) > 1:
        choices += [(Text(f"a grant for {each}", f"有{each}的授权"), (each,)) for each in ids[:MOST_VALUES]]
    if ids:
        choices.append((Text("with every grant", "有全部授权"), tuple(ids)))
    values = [Value(said, {"grants": tuple(map(_grant, granted))}) for said, granted in choices]
    if not gated:
        return values
    told = Text("everything confirmed", "已全部确认")
    both = [*values]
    for value in values:
        said = Text(
            ", ".join(filter(None, (value.said.en, told.en))), "，".join(filter(None, (value.said.zh, told.zh)))
        )
        both.append(Value(said, {**value.facts, "acknowledged": frozenset(confirmed)}))
    return both


def _grant(rule: str) -> Grant:
    forever = datetime(9999, 1, 1, tzinfo=UTC)
    return Grant(f"grant-{rule}", "", "", "*", rule, "example", "example", forever)
