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
from proxy.workflow.requests import Terms


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What it takes to confirm something."""

    keys: frozenset[str]
    """What is remembered of it."""
    reasoned: bool
    """Whether a reason must be given."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Names that a request for a grant may use, and who may answer it."""

    terms: Mapping[str, Terms]
    """By id of the `authorized` rule."""
    services: Collection[str]
    """Their ids; a mapping also says what each is called."""
    classes: Mapping[str, str]
    """Data classes, by folded name."""
    confirmable: Mapping[str, "Confirmation"]
    """By id of a notice that can be acknowledged, or of a rule that asks for that or for a reason."""
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

    return Rulebook(
        terms={rule.id: terms_of(rule) for rule in policy.rules if rule.verdict is Verdict.AUTHORIZED},
        services=services,
        classes={fold(each.name): each.name for each in policy.classes},
        confirmable=confirmations(policy),
        groups_of=groups_of,
    )


def confirmations(policy: Policy) -> dict[str, Confirmation]:
    """Return what can be confirmed, by id; where a notice and a rule share one, both are confirmed together."""
    found: dict[str, Confirmation] = {}
    notices = ((one.notice.id, one.notice.key, False) for one in policy.notices)
    rules = ((rule.id, rule.id, rule.gate is Gate.JUSTIFY) for rule in policy.rules if rule.gate is not Gate.NONE)
    for id, key, reasoned in (*notices, *rules):
        before = found.get(id, Confirmation(frozenset(), False))
        found[id] = Confirmation(before.keys | {key}, before.reasoned or reasoned)
    return found


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
        break_glass=asking.break_glass,
    )
