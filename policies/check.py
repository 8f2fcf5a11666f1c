"""What is allowed in a policy and probably not meant: warnings, each with its place.

Enters: a loaded `Policy`. Leaves: problems. Pure; a policy with warnings still decides as it is written.
"""

from collections.abc import Iterator

from policies import messages, phrases
from policies.decision import Mode, RecordDetail, Route, Text, Verdict
from policies.explain import spoken
from policies.model import DataClass, Group, Hours, Mark, Policy, Quota, ServiceSet, Trouble, fold
from policies.problem import Problem, Report, say

RECORDS = tuple(RecordDetail)


def check(policy: Policy) -> tuple[Problem, ...]:
    """Return the warnings about a policy, in the order of its lines, file by file."""
    findings = [*_unused(policy), *_classes(policy), *_rules(policy), *_otherwise(policy)]
    report = Report(policy.file, policy.source, policy.more)
    return tuple(report.problem(*each) for each in sorted(findings, key=lambda each: (each[0].file, each[0])))


type Finding = tuple[Mark, Text, Text | None]
"""Place, what is strange, and what to do."""


def _unused(policy: Policy) -> Iterator[Finding]:
    """Warn of what is defined and named by no rule and no sign."""
    rules = policy.conditions
    stages = [rule.stage for rule in rules if rule.stage]
    approving = {fold(name) for rule in rules if rule.asking for name in rule.asking.approvers}
    counted = {fold(each.name) for rule in rules for each in rule.when.amounts}
    used: set[Hours | Group | ServiceSet | DataClass | Quota] = {
        *(each for rule in rules for each in rule.when.hours + rule.when.outside),
        *(each for rule in rules for each in rule.when.groups),
        *(each for stage in stages for each in stage.groups),
        *(each for each in policy.groups if fold(each.name) in approving),
        *(each for rule in rules for each in rule.when.services),
        *(each for rule in rules for each in rule.when.classes + rule.redact),
        *(each for each in policy.classes if fold(each.name) in counted),
        *(each for rule in rules for each in rule.quotas),
    }
    told = {notice for rule in rules for notice in rule.remind}
    for what, defined in (
        (messages.HOURS, policy.hours),
        (messages.GROUP, policy.groups),
        (messages.SERVICES, policy.services),
        (messages.CLASS, policy.classes),
        (phrases.QUOTA, policy.quotas),
    ):
        for each in defined:
            if each not in used:
                yield each.mark, say(messages.UNUSED, what=what, word=each.name), None
    for one in policy.notices:
        if one.notice not in told:
            yield one.mark, say(messages.UNUSED, what=phrases.NOTICE, word=one.name), None


def _classes(policy: Policy) -> Iterator[Finding]:
    """Warn of classes that are never found, or nearly always."""
    for each in policy.classes:
        if (each.terms is None or each.terms.empty) and len(each.entities) == bool(each.terms):
            yield each.mark, say(messages.EMPTY_CLASS, word=each.name), None


def _rules(policy: Policy) -> Iterator[Finding]:
    """Warn of rules that leave a person at a loss, or promise what does not happen."""
    for rule in policy.rules:
        if rule.verdict is Verdict.FORBIDDEN and not spoken(rule.instead):
            yield rule.mark, say(messages.NO_INSTEAD, word=rule.id), messages.SAY_INSTEAD
        for key, said in (("unreadable", rule.unreadable), ("on_error", rule.on_error)):
            if rule.route is Route.INTERNAL and said is Trouble.PASS:
                yield rule.mark, say(messages.NEVER_PASSES, word=key), messages.REMOVE_IT
        if rule.record and RECORDS.index(rule.record) <= RECORDS.index(policy.record):
            yield rule.mark, say(phrases.RECORDS_NO_MORE, word=rule.id), messages.REMOVE_IT
        if rule.mode is Mode.REMIND and rule.verdict is Verdict.ALLOWED:
            yield rule.mark, say(phrases.REMINDS_ONLY, word=rule.id), None


def _otherwise(policy: Policy) -> Iterator[Finding]:
    if policy.otherwise is Verdict.ALLOWED:
        yield policy.otherwise_at, messages.ALLOWS_OTHERWISE, messages.FORBID_OTHERWISE
