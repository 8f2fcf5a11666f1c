"""What a use is for: business or personal, told by the policy's signs and by what the person says.

Enters: a policy, facts in which `purpose` is what the person declared, what was found in the text if it was read.
Leaves: facts in which it is what the use counts as. Pure. A sign of business beats all else, then comes what was
declared, then a sign of personal use. What cannot be told is `unknown`, which rules count as business: nothing that
failed may ever make a use personal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from policies.decision import Facts, Findings
from policies.match import NONE, UNKNOWN, Match, match
from policies.model import Policy, Rule, Sign

BUSINESS: Final = "business"
PERSONAL: Final = "personal"
COMPANYS: Final = "company"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a use counts as while its text has not been read."""

    facts: Facts
    """As they are if the text holds nothing that is a sign."""
    others: tuple[Facts, ...] = ()
    """As they could turn out, once the text is read."""
    entities: frozenset[str] = NONE
    """What must be looked for to tell."""


def judge(
    policy: Policy, facts: Facts, found: Findings | frozenset[str] | None, unknown: frozenset[str] = NONE
) -> Facts:
    """Return the facts with what the use counts as; `found` is None while the text has not been read."""
    purpose = _purpose(policy, facts, found, unknown)
    return facts if purpose == facts.purpose else replace(facts, purpose=purpose)


def outlook(policy: Policy, facts: Facts) -> Outlook:
    """Return what the use counts as before its text is read, and what else the text could make of it."""
    now = judge(policy, facts, None)
    if not policy.signs:
        return Outlook(now)
    shown = (sign for sign in policy.signs if not _without_account(sign, facts))
    open_ = [sign for sign in shown if match(sign.rule, facts, None) is Match.DEPENDS]
    could = dict.fromkeys(purpose for sign in open_ for purpose in _turns(sign, now.purpose, facts.purpose))
    return Outlook(
        now,
        tuple(replace(facts, purpose=purpose) for purpose in could if purpose != now.purpose),
        frozenset[str]().union(*(sign.rule.sought | sign.rule.counted for sign in open_)) if could else NONE,
    )


def told_by(
    policy: Policy, facts: Facts, found: Findings | frozenset[str] | None, unknown: frozenset[str] = NONE
) -> tuple[Rule, ...]:
    """Return the conditions of the policy's signs that speak for what the use counts as; none where no sign does."""
    purpose = _purpose(policy, facts, found, unknown)
    return tuple(
        sign.rule
        for sign in policy.signs
        if sign.purpose == purpose and match(sign.rule, facts, found, unknown) is Match.YES
    )


def _purpose(policy: Policy, facts: Facts, found: Findings | frozenset[str] | None, unknown: frozenset[str]) -> str:
    if not policy.signs:
        told = BUSINESS if facts.account == COMPANYS else facts.purpose
        return told if told in (BUSINESS, PERSONAL) else UNKNOWN
    business = set(_answers(policy, BUSINESS, facts, found, unknown))
    if Match.YES in business or facts.account == COMPANYS or facts.purpose == BUSINESS:
        return BUSINESS
    if business & {Match.UNSURE, Match.SUSPECTED}:
        return UNKNOWN
    if facts.purpose == PERSONAL:
        return PERSONAL
    return PERSONAL if Match.YES in _answers(policy, PERSONAL, facts, found, unknown) else UNKNOWN


def _answers(
    policy: Policy, purpose: str, facts: Facts, found: Findings | frozenset[str] | None, unknown: frozenset[str]
) -> Iterator[Match]:
    return (
        match(sign.rule, facts, found, unknown)
        for sign in policy.signs
        if sign.purpose == purpose and not _without_account(sign, facts)
    )


def _without_account(sign: Sign, facts: Facts) -> bool:
    """Tell whether the sign asks for an account and none shows, as mostly: what does not show is no sign."""
    accounts = sign.rule.when.accounts
    return bool(accounts) and facts.account == UNKNOWN and UNKNOWN not in accounts


def _turns(sign: Sign, now: str, declared: str) -> tuple[str, ...]:
    """Return what an open sign could still make of a use that counts as `now`."""
    if now == BUSINESS:
        return ()
    if sign.purpose == BUSINESS:
        return (BUSINESS, UNKNOWN)  # there, or it could not be looked for
    return () if declared == PERSONAL else (PERSONAL,)
