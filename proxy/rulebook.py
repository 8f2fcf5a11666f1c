"""What the authorization workflow must know of the policy in force, and nothing else of it.

Enters: a policy, the services of the catalogue, and who identity sources say is in which group. Leaves: names, and the
terms of each rule that can be opened. Pure. A rule that is not `authorized` has no terms, for no grant opens it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from policies.decision import Gate, Verdict
from policies.model import Policy, Rule, fold
from proxy.caller import Roster
from proxy.requests import Terms


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Names that a request for a grant may use, and who may answer it."""

    terms: Mapping[str, Terms]
    """By id of the `authorized` rule."""
    services: Collection[str]
    """Their ids; a mapping also says what each is called."""
    classes: Mapping[str, str]
    """Data classes, by folded name."""
    notices: frozenset[str]
    """Ids of notices that can be acknowledged, and of rules that ask for a reason."""
    groups_of: Callable[[str], frozenset[str]]
    """Names of the groups that list a person."""

    def opened_by(self, rule: str) -> tuple[Terms, ...]:
        """Return the terms of every rule that a grant for `rule` (an id, or `*`) opens."""
        if rule == "*":
            return tuple(self.terms.values())
        return (self.terms[rule],) if rule in self.terms else ()


def rulebook_of(policy: Policy, services: Collection[str], roster: Roster) -> Rulebook:
    """Return what the workflow needs of these three."""

    def groups_of(user: str) -> frozenset[str]:
        person = roster.get(user.casefold())
        return policy.groups_of(user) | (person.groups if person else frozenset())

    told = {each.notice.id for each in policy.notices} | {one.id for rule in policy.rules for one in rule.remind}
    gated = {rule.id for rule in policy.rules if rule.gate in (Gate.ACKNOWLEDGE, Gate.JUSTIFY)}
    return Rulebook(
        terms={rule.id: terms_of(rule) for rule in policy.rules if rule.verdict is Verdict.AUTHORIZED},
        services=services,
        classes={fold(each.name): each.name for each in policy.classes},
        notices=frozenset(told | gated),
        groups_of=groups_of,
    )


def terms_of(rule: Rule) -> Terms:
    """Return the terms of an `authorized` rule."""
    asking = rule.asking
    if asking is None:
        return Terms()
    usual = Terms()
    return Terms(
        approvers=asking.approvers,
        eyes=2 if asking.four_eyes else 1,
        longest=timedelta(seconds=asking.longest) if asking.longest else None,
        answer_within=timedelta(seconds=asking.answer_within) if asking.answer_within else usual.answer_within,
    )
