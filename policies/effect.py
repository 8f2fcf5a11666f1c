"""What one matching rule adds to the verdict: where it lets go, what must still be done first, what it counts.

Enters: a rule that matches, the facts, the findings. Leaves: an `Effect`. Pure. A grant opens the `authorized` rules it
names, for the data classes it names, and nothing else; what cannot be told is the strictest it could be.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from policies.calendar import UNITS
from policies.decision import Facts, Findings, Gate, Grant, Notice, QuotaUse, Route, Unit, Verdict
from policies.explain import why, why_reminded
from policies.index import Index
from policies.match import Match
from policies.meter import spent, uses
from policies.model import Policy, Rule, fold

ROUTES: Final = tuple(Route)
VERDICTS: Final = tuple(Verdict)
GATES: Final = tuple(Gate)
SORT_OF: Final = {"complete": "prompt", "embed": "prompt"}
"""What a grant for prompts is good for, too. None for uploads opens training: what one may do is told narrowly."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one matching rule adds to the verdict."""

    rule: Rule
    sure: bool
    """Whether the rule matched for certain; if not, what it would permit does not count."""
    grant: str = ""
    """Id of the grant that opened the rule, if one did."""
    limited: bool = False
    """Whether that grant opens only some data classes, and the text has not been read."""
    gate: Gate = Gate.NONE
    """What the person must still do."""
    over: bool = False
    """Whether a quota is used up, or cannot be told."""
    over_by: QuotaUse | None = None
    """The quota that is used up."""
    quotas: tuple[QuotaUse, ...] = ()
    notices: tuple[Notice, ...] = ()
    rank: tuple[int, int, int, bool, int] = field(init=False, repr=False, compare=False)
    """How strict it is; the strictest effect is the one that decides."""
    verdict: Verdict = field(init=False)
    """The rule's, or `forbidden` where nothing the person does would let it go."""
    route: Route = field(init=False)

    def __post_init__(self) -> None:
        shut = self.over or self.rule.withhold or self.rule.verdict is Verdict.FORBIDDEN
        object.__setattr__(self, "verdict", Verdict.FORBIDDEN if shut else self.rule.verdict)
        open_ = not shut and self.gate is Gate.NONE
        object.__setattr__(self, "route", self.rule.route if open_ else Route.NOWHERE)
        rank = (
            ROUTES.index(self.route),
            VERDICTS.index(self.verdict),
            GATES.index(self.gate),
            self.rule.withhold,
            self.rule.harshness,
        )
        object.__setattr__(self, "rank", rank)

    @property
    def depends(self) -> bool:
        """Whether the text can still make it stricter: a grant that may not cover it, an amount that may not fit."""
        return self.limited or any(use.unit in (Unit.CHARACTERS, Unit.VALUES) for use in self.quotas)


def effect(
    policy: Policy, index: Index, rule: Rule, facts: Facts, how: Match, found: Findings | None, unknown: frozenset[str]
) -> Effect:
    """Return what `rule` adds where it matches as `how` says; `found` is None while the text has not been read."""
    sure = how is Match.YES or how is Match.DEPENDS
    if rule.constant:
        kept = index.effects.get((rule.id, sure))
        if not isinstance(kept, Effect):
            kept = index.effects[rule.id, sure] = Effect(rule, sure, notices=rule.remind)
        return kept
    grant, limited = "", False
    if rule.verdict is Verdict.AUTHORIZED:
        if how is not Match.UNSURE:
            grant, limited = _grant(policy, index, rule, facts, found, unknown)
        if not grant:
            return Effect(rule, sure, gate=Gate.APPROVAL)
    drawn = uses(rule, facts, index.groups_of(facts)) if rule.quotas else ()
    characters = 0 if found is None else found.characters if found.counted else None
    values = found.values if found is not None and found.counted else 0
    full = [use for use in drawn or () if spent(use, facts, characters, values)]
    gate, notices = _gate(rule, facts) if rule.remind or rule.gate is not Gate.NONE else (Gate.NONE, ())
    over = drawn is None or bool(full)
    return Effect(
        rule=rule,
        sure=sure,
        grant=grant,
        limited=limited,
        gate=Gate.NONE if over else gate,
        over=over,
        over_by=max(full, key=lambda use: (use.ends, use.counter)) if full else None,
        quotas=drawn or (),
        notices=notices,
    )


def _gate(rule: Rule, facts: Facts) -> tuple[Gate, tuple[Notice, ...]]:
    """Return the gate that the person must still pass for this rule, and the notices to show."""
    notices = tuple(each for each in rule.remind if _to_be_told(each, facts))
    asked = Gate.NONE if rule.id in facts.acknowledged else rule.gate
    if asked is Gate.ACKNOWLEDGE:
        notices = (*notices, Notice(rule.id, why(rule, rule.route, False), UNITS["day"], acknowledge=True))
    pending = any(each.acknowledge and each.id not in facts.acknowledged for each in notices)
    return max(asked, Gate.ACKNOWLEDGE if pending else Gate.NONE, key=GATES.index), notices


def reminders(rule: Rule) -> tuple[Notice, ...]:
    """Return what a rule that only reminds has to say: its reason once a day, and its notices, none to be confirmed."""
    told = tuple(replace(each, acknowledge=False) for each in rule.remind)
    return (Notice(rule.id, why_reminded(rule), UNITS["day"]), *told)


def _to_be_told(notice: Notice, facts: Facts) -> bool:
    return notice.with_answer or not (notice.acknowledge and notice.id in facts.acknowledged)


def _grant(
    policy: Policy, index: Index, rule: Rule, facts: Facts, found: Findings | None, unknown: frozenset[str]
) -> tuple[str, bool]:
    """Return the id of the grant that opens `rule` now, or nothing, and whether the text may still close it.

    A grant for all data classes comes before others, then the longest-lived.
    """
    groups = index.groups_of(facts)
    live = [each for each in facts.grants if _opens(each, rule, facts, groups)]
    whole = [each for each in live if not each.classes]
    limited = [each for each in live if each.classes and _covers(policy, index, each, rule, found, unknown)]
    if not (whole or limited):
        return "", False
    return max(whole or limited, key=lambda grant: (grant.until, grant.id)).id, found is None and not whole


def _opens(grant: Grant, rule: Rule, facts: Facts, groups: frozenset[str]) -> bool:
    mine = (bool(grant.person) and fold(grant.person) == fold(facts.user)) or (
        bool(grant.group) and fold(grant.group) in groups
    )
    times = (facts.at, facts.or_at or facts.at)
    instants = (grant.until, *times, grant.from_ or facts.at)
    return (
        mine
        and all(each.tzinfo is not None for each in instants)
        and max(times) < grant.until
        and (grant.from_ is None or grant.from_ <= min(times))
        and (grant.uses_left is None or grant.uses_left > 0)
        and grant.rule in (rule.id, "*")
        and grant.service in (facts.service or "*", "*")
        and grant.activity in (facts.activity, SORT_OF.get(facts.activity, "*"), "*")
    )


def _covers(
    policy: Policy, index: Index, grant: Grant, rule: Rule, found: Findings | None, unknown: frozenset[str]
) -> bool:
    """Tell whether all data of the policy's classes in the text is of classes that the grant opens, or is taken out."""
    if found is None:
        return True
    names = {fold(name) for name in grant.classes}
    opened = frozenset[str]().union(*(each.entities for each in policy.classes if fold(each.name) in names))
    held = (found.entities | unknown) & index.classified
    if index.floors:
        held = frozenset(one for one in held if one in unknown or found.reaches(one, index.floors.get(one, 0.0)))
    # What is taken out only from some score on, and counts for another class before, is not taken out for certain.
    taken = frozenset(one for one in rule.redacted if rule.redacted_from.get(one, 0.0) <= index.floors.get(one, 0.0))
    return held <= opened | taken
