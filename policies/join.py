"""The least upper bound of effects, on four axes: where it goes, what is taken out, what is still asked, what is kept.

Enters: the effects of the rules that match. Leaves: a `Decision`. Pure; the order of effects means nothing. What only
a permitted exchange owes never stands in a refusal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Final

from policies.decision import Decision, Facts, Gate, Notice, QuotaUse, RecordDetail, Route, Text, Verdict, lowest, unite
from policies.effect import GATES, ROUTES, VERDICTS, Effect
from policies.explain import what_instead, why, why_gated, why_otherwise, why_spent, why_unchecked
from policies.match import NONE, unidentified
from policies.model import Policy, Rule, Trouble

RECORDS: Final = tuple(RecordDetail)
UNSAID: Final = Text()


def conclude(
    policy: Policy,
    facts: Facts,
    effects: Sequence[Effect],
    notices: Iterable[Notice] = (),
    unknown: frozenset[str] = NONE,
) -> Decision:
    """Return the decision that `effects` come to; `otherwise` where no rule surely matched.

    `notices` are told besides those of the effects. An exchange from which something `unknown` would have to be taken
    out is refused, and the reason says so, also where a rule refuses only because that could be there.
    """
    if any(each.rule.excepts for each in effects):
        effects = [each for each in effects if not excused(each.rule, effects)]
        offered = [each for each in effects if yields(each, effects)]
        effects = [each for each in effects if each not in offered]
        decision = _offer(policy, _join(policy, facts, effects, notices), effects, offered)
        decision = _with_offered(decision, offered)
    else:
        decision = _join(policy, facts, effects, notices)
    known = decision
    if _suspects(decision, effects, unknown):
        known = _join(policy, facts, [each for each in effects if each.sure], notices)
    unchecked = known.redact & unknown
    if not known.permitted or not unchecked:
        return decision
    rule = min((each.rule for each in effects if each.rule.redacted & unchecked), key=lambda rule: rule.id)
    reason, instead = why_unchecked(policy, rule, unchecked)
    return refused(replace(decision, verdict=Verdict.FORBIDDEN, deciding=rule.id, reason=reason, instead=instead))


def _suspects(decision: Decision, effects: Iterable[Effect], unknown: frozenset[str]) -> bool:
    """Tell whether the rule that refuses was counted only because something could not be looked for."""
    return not decision.permitted and any(
        each.rule.id == decision.deciding
        and not each.sure
        and not unknown.isdisjoint(each.rule.sought | each.rule.counted)
        for each in effects
    )


def excused(rule: Rule, effects: Iterable[Effect]) -> bool:
    """Tell whether grants have opened all the matching rules that this one makes an exception for."""
    if not rule.excepts:
        return False
    named = [each for each in effects if each.rule.id in rule.excepts]
    waiting = any(each.gate is Gate.APPROVAL for each in named)
    return not waiting and any(each.grant and each.sure for each in named)


def yields(effect: Effect, effects: Iterable[Effect]) -> bool:
    """Tell whether it only waits for a grant, and another rule says what holds until there is one."""
    return effect.gate is Gate.APPROVAL and any(each.sure and effect.rule.id in each.rule.excepts for each in effects)


def _offer(policy: Policy, decision: Decision, effects: Iterable[Effect], offered: Iterable[Effect]) -> Decision:
    """Say how to get the grant that would open a refusal, where there is one that opens all of it."""
    if decision.permitted or decision.gate is not Gate.NONE:
        return decision
    shut = [each.rule for each in effects if each.route is Route.NOWHERE]
    ways = (each.rule for each in offered if each.sure and all(each.rule.id in rule.excepts for rule in shut))
    rule = min(ways, key=lambda each: each.id, default=None)
    if rule is None or not shut:
        return decision
    how = what_instead(policy, rule)
    said = (" ".join(filter(None, (decision.instead.en, how.en))), decision.instead.zh + how.zh)
    return replace(decision, gate=Gate.APPROVAL, opens=rule.id, instead=Text(*said))


def _with_offered(decision: Decision, offered: Iterable[Effect]) -> Decision:
    """Name the rules that wait for a grant among those that matched, and keep at least what they keep."""
    rules = [each.rule for each in offered]
    if not rules:
        return decision
    record = max((decision.record, *(each.record for each in rules if each.record)), key=RECORDS.index)
    notes = sorted((*decision.rules, *(each.note for each in rules)), key=lambda each: each.id)
    return replace(decision, rules=tuple(notes), record=record)


def _join(policy: Policy, facts: Facts, effects: Sequence[Effect], notices: Iterable[Notice]) -> Decision:
    asked = [each.rule.record for each in effects if each.rule.record]
    record = max((policy.record, *asked), key=RECORDS.index) if asked else policy.record
    decision = _restrict(policy, facts, effects, notices, record) if effects else None
    if decision is not None:
        return decision
    decision = _otherwise(policy, notices, record)
    return decision if decision.permitted else refused(decision)


def _otherwise(policy: Policy, notices: Iterable[Notice], record: RecordDetail) -> Decision:
    """Return what holds where no rule matches."""
    reason, instead = why_otherwise(policy)
    return Decision(
        verdict=policy.otherwise,
        route=_otherwise_to(policy),
        deciding="otherwise",
        reason=reason,
        instead=instead,
        notices=_told(notices),
        policy=policy.label,
        record=record,
    )


def _otherwise_to(policy: Policy) -> Route:
    return Route.NOWHERE if policy.otherwise is Verdict.FORBIDDEN else Route.EXTERNAL


def _restrict(
    policy: Policy, facts: Facts, effects: Sequence[Effect], notices: Iterable[Notice], record: RecordDetail
) -> Decision | None:
    """Return the joined decision, or None where the effects could only permit more than `otherwise` does."""
    effects = sorted(effects, key=_id)
    strictest = max(effects, key=_rank)
    if not any(each.sure for each in effects) and ROUTES.index(_otherwise_to(policy)) > ROUTES.index(strictest.route):
        return None
    rules = [each.rule for each in effects]
    reason, instead = _said(policy, facts, strictest)
    if strictest.route is Route.NOWHERE:
        verdict = max([each.verdict for each in effects], key=VERDICTS.index)
        gate = Gate.NONE if verdict is Verdict.FORBIDDEN else max([each.gate for each in effects], key=GATES.index)
        told = [*notices, *[one for each in effects for one in each.notices]] if gate is not Gate.NONE else []
        return Decision(
            verdict=verdict,
            rules=tuple([rule.note for rule in rules]),
            deciding=strictest.rule.id,
            reason=reason,
            instead=instead,
            withhold=any(rule.withhold for rule in rules),
            gate=gate,
            opens=strictest.rule.id if strictest.gate is gate is Gate.APPROVAL else "",
            notices=_told([one for one in told if one.acknowledge]),
            record=record,
            policy=policy.label,
        )
    treat = unite([rule.treat for rule in rules if rule.treat])
    labels = [rule.label for rule in rules if rule.label.en or rule.label.zh]
    decision = Decision(
        verdict=max([each.verdict for each in effects], key=VERDICTS.index),
        route=strictest.route,
        rules=tuple([rule.note for rule in rules]),
        deciding=strictest.rule.id,
        reason=reason,
        instead=instead,
        redact=frozenset(treat),
        treat=treat,
        least=lowest(_taken_from(rule) for rule in rules) if any(rule.redacted_from for rule in rules) else {},
        grant=" ".join(sorted({each.grant for each in effects if each.grant})),
        notices=_told([*notices, *[notice for each in effects for notice in each.notices]]),
        label=_joined(labels) if labels else UNSAID,
        quotas=_counted([use for each in effects for use in each.quotas]),
        record=record,
        unreadable_passes=any(each.sure and each.rule.unreadable is Trouble.PASS for each in effects),
        errors_pass=any(each.sure and each.rule.on_error is Trouble.PASS for each in effects),
        models=_models(effects) if strictest.route is Route.INTERNAL else NONE,
        policy=policy.label,
    )
    return veto_passes(decision, rules)


def _said(policy: Policy, facts: Facts, strictest: Effect) -> tuple[Text, Text]:
    """Return the reason, and what to do instead, that the strictest effect gives."""
    rule = strictest.rule
    if strictest.over:
        return why_spent(policy, rule, strictest.over_by)
    if strictest.gate in (Gate.ACKNOWLEDGE, Gate.JUSTIFY):
        return why_gated(rule, strictest.gate)
    reason = why(rule, strictest.route, unidentified(rule, facts))
    return reason, what_instead(policy, rule) if strictest.route is Route.NOWHERE else rule.instead


def _models(effects: Iterable[Effect]) -> frozenset[str]:
    """Return the company's models that rules name which send inside."""
    return frozenset([each.rule.model for each in effects if each.rule.model and each.route is Route.INTERNAL])


def _taken_from(rule: Rule) -> dict[str, float]:
    """Return each entity that the rule takes out, with the score from which it does."""
    return {entity: rule.redacted_from.get(entity, 0.0) for entity in rule.redacted}


def _joined(labels: list[Text]) -> Text:
    en = dict.fromkeys([each.en or each.zh for each in labels])
    zh = dict.fromkeys([each.zh or each.en for each in labels])
    return Text("\n".join(en), "\n".join(zh))


def _id(effect: Effect) -> str:
    return effect.rule.id


_rank = attrgetter("rank")


def _told(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    if not notices:
        return ()
    return tuple(sorted(set(notices), key=lambda each: (each.id, each.text.en, each.text.zh)))


def _counted(uses: Iterable[QuotaUse]) -> tuple[QuotaUse, ...]:
    """Return each counter once, with its lowest limit."""
    if not uses:
        return ()
    lowest: dict[str, QuotaUse] = {}
    for use in uses:
        if use.counter not in lowest or use.limit < lowest[use.counter].limit:
            lowest[use.counter] = use
    return tuple(lowest[counter] for counter in sorted(lowest))


def veto_passes(decision: Decision, rules: Iterable[Rule]) -> Decision:
    """Take back what may pass unread, where one of `rules` refuses it or where the service is not the destination.

    What cannot be read cannot be carried to the internal model, and must then not reach the service instead.
    """
    if not (decision.unreadable_passes or decision.errors_pass):
        return decision
    rules = tuple(rules)
    outside = decision.route is Route.EXTERNAL
    return replace(
        decision,
        unreadable_passes=decision.unreadable_passes
        and outside
        and not any(rule.unreadable is Trouble.REFUSE for rule in rules),
        errors_pass=decision.errors_pass and outside and not any(rule.on_error is Trouble.REFUSE for rule in rules),
    )


def refused(decision: Decision) -> Decision:
    """Return the decision with nothing left of what only a permitted exchange owes."""
    gate = Gate.NONE if decision.verdict is Verdict.FORBIDDEN else decision.gate
    return replace(
        decision,
        route=Route.NOWHERE,
        redact=frozenset(),
        treat={},
        least={},
        grant="",
        gate=gate,
        opens=decision.opens if gate is Gate.APPROVAL else "",
        notices=tuple(each for each in decision.notices if each.acknowledge) if gate is not Gate.NONE else (),
        label=Text(),
        quotas=(),
        models=NONE,
        unreadable_passes=False,
        errors_pass=False,
    )
