"""The verdict as a join: every matching rule adds its restrictions, and their least upper bound decides.

Enters: a policy, the facts, what was found. Leaves: a `Decision`, or `Needs` where the text may still change it. Pure;
the order of rules means nothing. A refusal that `needs` returns stays a refusal whatever the text holds; a permission
that it returns is what `decide` says of every text. A grant opens the `authorized` rules it names and nothing else.
"""

from dataclasses import dataclass, replace

from policies.decision import Decision, Facts, Grant, Needs, Route, RuleNote, Verdict
from policies.explain import what_instead, why, why_otherwise, why_unchecked
from policies.match import Match, match, unidentified
from policies.model import Policy, Rule, Trouble, fold

ROUTES = tuple(Route)
VERDICTS = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one matching rule adds to the verdict."""

    rule: Rule
    route: Route
    grant: str
    """Id of the grant that opened the rule, if one did."""
    sure: bool
    """Whether the rule matched for certain; if not, what it would permit does not count."""

    @property
    def rank(self) -> tuple[int, int, bool]:
        """How strict it is; the strictest effect is the one that decides."""
        return ROUTES.index(self.route), VERDICTS.index(self.rule.verdict), bool(self.rule.redact)


def needs(policy: Policy, facts: Facts) -> Decision | Needs:
    """Decide from the headers alone, or say which entities must be looked for first."""
    matches = [(rule, match(rule, facts, None)) for rule in policy.rules]
    sure = [_effect(policy, rule, facts, how) for rule, how in matches if how in (Match.YES, Match.UNSURE)]
    open_ = [_effect(policy, rule, facts, how) for rule, how in matches if how is Match.DEPENDS]
    decision = _join(policy, facts, sure)
    never_looser = any(each.route is Route.NOWHERE for each in sure) or (
        not decision.permitted and all(each.route is Route.NOWHERE for each in open_)
    )
    if never_looser or not (open_ or decision.redact):
        return decision
    entities = frozenset[str]().union(*(each.rule.redacted | each.rule.sought for each in (*sure, *open_)))
    return Needs(entities, _veto_passes(decision, [each.rule for each in open_]))


def decide(policy: Policy, facts: Facts, found: frozenset[str], unknown: frozenset[str] = frozenset()) -> Decision:
    """Decide, once the text was read.

    `found` are the entities found in it; `unknown` those that could not be looked for. Rules that ask for these
    restrict as if they were there, and an exchange from which they would have to be taken out is refused.
    """
    matches = [(rule, match(rule, facts, found, unknown)) for rule in policy.rules]
    effects = [_effect(policy, rule, facts, how) for rule, how in matches if how is not Match.NO]
    decision = _join(policy, facts, effects)
    unchecked = decision.redact & unknown
    if not decision.permitted or not unchecked:
        return decision
    rule = min((each.rule for each in effects if each.rule.redacted & unchecked), key=lambda rule: rule.id)
    reason, instead = why_unchecked(policy, rule, unchecked)
    return replace(_refused(decision), verdict=Verdict.FORBIDDEN, deciding=rule.id, reason=reason, instead=instead)


def _effect(policy: Policy, rule: Rule, facts: Facts, how: Match) -> Effect:
    sure = how in (Match.YES, Match.DEPENDS)
    if rule.verdict is Verdict.FORBIDDEN:
        return Effect(rule, Route.NOWHERE, "", sure)
    if rule.verdict is Verdict.ALLOWED:
        return Effect(rule, rule.route, "", sure)
    grant = "" if how is Match.UNSURE else _live_grant(policy, rule, facts)
    return Effect(rule, rule.route if grant else Route.NOWHERE, grant, sure)


def _live_grant(policy: Policy, rule: Rule, facts: Facts) -> str:
    """Return the id of the grant that opens `rule` now, the longest-lived first; empty if there is none."""
    live = [each for each in facts.grants if _opens(policy, each, rule, facts)]
    return max(live, key=lambda grant: (grant.until, grant.id)).id if live else ""


def _opens(policy: Policy, grant: Grant, rule: Rule, facts: Facts) -> bool:
    groups = {fold(name) for name in facts.groups} | policy.groups_of(facts.user)
    mine = (bool(grant.person) and fold(grant.person) == fold(facts.user)) or (
        bool(grant.group) and fold(grant.group) in groups
    )
    aware = grant.until.tzinfo is not None and facts.at.tzinfo is not None
    return (
        mine
        and aware
        and facts.at < grant.until
        and grant.rule in (rule.id, "*")
        and grant.service in (facts.service or "*", "*")
    )


def _join(policy: Policy, facts: Facts, effects: list[Effect]) -> Decision:
    """Return the least upper bound of the effects, of `otherwise` where no rule surely matched."""
    reason, instead = why_otherwise(policy)
    decision = Decision(
        verdict=policy.otherwise,
        route=Route.NOWHERE if policy.otherwise is Verdict.FORBIDDEN else Route.EXTERNAL,
        rules=tuple(sorted((_note(each.rule) for each in effects), key=lambda note: note.id)),
        deciding="otherwise",
        reason=reason,
        instead=instead,
        policy=policy.label,
    )
    if effects:
        decision = _restrict(policy, facts, effects, decision)
    return decision if decision.permitted else _refused(decision)


def _restrict(policy: Policy, facts: Facts, effects: list[Effect], otherwise: Decision) -> Decision:
    strictest = max(sorted(effects, key=lambda each: each.rule.id), key=lambda each: each.rank)
    lifted = any(each.sure for each in effects)
    if not lifted and ROUTES.index(otherwise.route) > ROUTES.index(strictest.route):
        return replace(otherwise, rules=())
    refused = strictest.route is Route.NOWHERE
    rules = [each.rule for each in effects]
    decision = replace(
        otherwise,
        verdict=max((rule.verdict for rule in rules), key=VERDICTS.index),
        route=strictest.route,
        deciding=strictest.rule.id,
        reason=why(strictest.rule, strictest.route, unidentified(strictest.rule, facts)),
        instead=what_instead(policy, strictest.rule) if refused else strictest.rule.instead,
        redact=frozenset[str]().union(*(rule.redacted for rule in rules)),
        grant=" ".join(sorted({each.grant for each in effects if each.grant})),
        unreadable_passes=any(each.sure and each.rule.unreadable is Trouble.PASS for each in effects),
        errors_pass=any(each.sure and each.rule.on_error is Trouble.PASS for each in effects),
    )
    return _veto_passes(decision, rules)


def _veto_passes(decision: Decision, rules: list[Rule]) -> Decision:
    """Take back what may pass unread, where one of `rules` refuses it or where the service is not the destination.

    What cannot be read cannot be carried to the internal model, and must then not reach the service instead.
    """
    outside = decision.route is Route.EXTERNAL
    return replace(
        decision,
        unreadable_passes=decision.unreadable_passes
        and outside
        and not any(rule.unreadable is Trouble.REFUSE for rule in rules),
        errors_pass=decision.errors_pass and outside and not any(rule.on_error is Trouble.REFUSE for rule in rules),
    )


def _refused(decision: Decision) -> Decision:
    """Return the decision with nothing left of what only a permitted exchange owes."""
    return replace(
        decision,
        route=Route.NOWHERE,
        redact=frozenset(),
        grant="",
        unreadable_passes=False,
        errors_pass=False,
    )


def _note(rule: Rule) -> RuleNote:
    return RuleNote(rule.id, rule.title, rule.verdict)
