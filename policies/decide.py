"""The verdict: asked twice, once with the headers and once with the text, and final as soon as it can be.

Enters: a policy, the facts, what was found. Leaves: a `Decision`, or `Needs` where the text may still change it. Pure;
the order of rules means nothing. A refusal that `needs` returns stays a refusal whatever the text holds; a permission
that it returns is what `decide` says of every text. Rules that are only observed change what is noted, nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter

from policies.decision import Decision, Facts, Findings, Gate, Mode, Needs, Notice, Route
from policies.effect import Effect, effect, reminders
from policies.index import index_of
from policies.join import conclude, excused, veto_passes
from policies.match import NONE, Match, findings, match, rollout
from policies.model import Policy, Rule, Trouble
from policies.purpose import judge, outlook


@dataclass(slots=True)
class Weighed:
    """What the rules of a policy come to for one exchange."""

    sure: list[Effect] = field(default_factory=list)
    """Rules in force that match, or must be counted as if they did."""
    open: list[Effect] = field(default_factory=list)
    """Rules in force that match if the text holds what they ask for."""
    trial: list[Effect] = field(default_factory=list)
    """Rules that match and are only observed."""
    reminding: list[Effect] = field(default_factory=list)
    """Rules that match and only remind."""
    waiting: list[Effect] = field(default_factory=list)
    """Rules that only observe or remind, and match if the text holds what they ask for."""

    @property
    def notices(self) -> list[Notice]:
        """What the rules that only remind have to say."""
        return [
            notice for each in self.reminding if not excused(each.rule, self.sure) for notice in reminders(each.rule)
        ]


def needs(policy: Policy, facts: Facts) -> Decision | Needs:
    """Decide from the headers alone, or say which entities must be looked for first."""
    seen = outlook(policy, facts)
    answer = _needs(policy, seen.facts)
    if not seen.others:
        return answer
    answers = [answer, *(_needs(policy, each) for each in seen.others)]
    if all(each == answer for each in answers) and isinstance(answer, Decision):
        return answer  # whatever the use turns out to be for
    if all(isinstance(each, Decision) and not each.permitted for each in answers):
        return answer
    return _together(answers, seen.entities)


def _together(answers: Sequence[Decision | Needs], entities: frozenset[str]) -> Needs:
    """Return what must be detected to tell which of `answers` holds; the first is for a text without such signs."""
    read = [each.unless_read if isinstance(each, Needs) else each for each in answers]
    passes = all(each.unreadable_passes for each in read), all(each.errors_pass for each in read)
    return Needs(
        entities.union(*(each.entities for each in answers if isinstance(each, Needs))),
        replace(read[0], unreadable_passes=passes[0], errors_pass=passes[1]),
        watching=all(not isinstance(each, Needs) or each.watching for each in answers)
        and all(_consequences(each) == _consequences(read[0]) for each in read),
        refuses_unreadable=any(isinstance(each, Needs) and each.refuses_unreadable for each in answers),
    )


def _needs(policy: Policy, facts: Facts) -> Decision | Needs:
    """Answer for facts of which it is known what the use is for."""
    weighed = _weigh(policy, facts, None, NONE)
    sure, open_ = weighed.sure, weighed.open
    decision = _decided(policy, facts, weighed, NONE)
    shut = [each for each in sure if each.route is Route.NOWHERE and not _may_yield(each, (*sure, *open_))]
    final_refusal = any(not _may_be_excused(each.rule, (*sure, *open_)) for each in shut) or (
        not decision.permitted
        and all(each.route is Route.NOWHERE for each in open_)
        and not any(each.limited and _may_yield(each, (*sure, *open_)) for each in (*sure, *open_))
    )
    if final_refusal:
        return decision
    asking = bool(open_ or decision.redact or any(each.depends for each in sure))
    aside = [each for each in (*weighed.trial, *weighed.reminding) if each.rule.redact or each.depends]
    if not (asking or aside or weighed.waiting):
        return decision
    heard = (*sure, *open_, *aside, *weighed.waiting)
    entities = frozenset[str]().union(
        *(each.rule.heard for each in heard),
        *(index_of(policy).classified for each in heard if each.limited or each.gate is Gate.APPROVAL),
    )
    return Needs(
        entities,
        veto_passes(decision, [each.rule for each in open_]),
        watching=not asking,
        refuses_unreadable=any(each.rule.unreadable is Trouble.REFUSE for each in open_),
    )


def decide(policy: Policy, facts: Facts, found: Findings | frozenset[str], unknown: frozenset[str] = NONE) -> Decision:
    """Decide, once the text was read.

    `found` is what was found in it; `unknown` are the entities that could not be looked for. Rules that ask for these
    restrict as if they were there, and an exchange from which they would have to be taken out is refused.
    """
    found = findings(found)
    facts = judge(policy, facts, found, unknown)
    return _decided(policy, facts, _weigh(policy, facts, found, unknown), unknown)


def _weigh(policy: Policy, facts: Facts, found: Findings | None, unknown: frozenset[str]) -> Weighed:
    index, weighed = index_of(policy), Weighed()
    for rule, asked in index.matching(facts, found, unknown):
        how = match(rule, facts, found, unknown, asked) if asked or rule.on_text else Match.YES
        if how is Match.NO:
            continue
        mode, doubtful = rollout(rule, facts) if rule.stage or rule.mode is not Mode.ENFORCE else (Mode.ENFORCE, False)
        if doubtful and how is not Match.DEPENDS:
            how = Match.UNSURE
        one = effect(policy, index, rule, facts, how, found, unknown)
        if mode is Mode.ENFORCE:
            (weighed.open if how is Match.DEPENDS else weighed.sure).append(one)
        elif how is Match.DEPENDS:
            weighed.waiting.append(one)
        else:
            (weighed.trial if mode is Mode.OBSERVE else weighed.reminding).append(one)
    return weighed


def _decided(policy: Policy, facts: Facts, weighed: Weighed, unknown: frozenset[str]) -> Decision:
    """Return what the rules in force come to, with a note of what the observed ones would have changed."""
    notices = weighed.notices
    decision = conclude(policy, facts, weighed.sure, notices, unknown)
    if not weighed.trial:
        return decision

    def if_in_force(trial: Sequence[Effect]) -> Decision:
        return conclude(policy, facts, [*weighed.sure, *trial], notices, unknown)

    now, all_of_them = _consequences(decision), if_in_force(weighed.trial)
    one = len(weighed.trial) == 1
    changing = [each for each in weighed.trial if _consequences(all_of_them if one else if_in_force([each])) != now]
    if not changing and _consequences(all_of_them) == now:
        return decision
    noted = sorted((each.rule.note for each in changing or weighed.trial), key=lambda note: note.id)
    return replace(decision, observed=tuple(noted), would=all_of_them.verdict)


_consequences = attrgetter(
    *(each.name for each in fields(Decision) if each.name not in {"rules", "deciding", "reason", "instead", "grant"})
)
"""Gives the decision without what only says why."""


def _may_be_excused(rule: Rule, effects: Sequence[Effect]) -> bool:
    return bool(rule.excepts) and any(each.grant and each.rule.id in rule.excepts for each in effects)


def _may_yield(effect: Effect, effects: Sequence[Effect]) -> bool:
    """Tell whether it may come to wait for a grant, where another rule says what holds until there is one."""
    waits = effect.gate is Gate.APPROVAL or effect.limited  # the text may close what a grant for some classes opens
    return waits and any(each.sure and effect.rule.id in each.rule.excepts for each in effects)
