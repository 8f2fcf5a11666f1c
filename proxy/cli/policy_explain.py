"""`sluice policy explain`: why, in words, about a recorded exchange or one that is only thought of.

Enters: a reference number, or the facts of a hypothetical exchange. Leaves: a paragraph, and a row for every rule with
the first condition that failed. A recorded exchange is decided again from its record, which holds no text; a text that
is typed here goes through the detectors and is not kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from detectors.interface import Finding, Scan
from policies.decide import decide
from policies.decision import Decision, Facts, Findings, Grant, Mode, Text
from policies.match import Match
from policies.model import Policy
from policies.prove import Looked, decide_unread, facts_of
from policies.suite import Case, Expect
from policies.trace import Row, in_words, trace
from policies.words import alias
from proxy import audit
from proxy.cli.audit import entries
from proxy.cli.common import clean_line, store_of
from proxy.cli.policy import Desk
from proxy.cli.policy_prove import looker
from proxy.cli.reasons import because
from proxy.cli.scan_forms import as_json
from proxy.errors import SettingsError
from proxy.recall import recall
from proxy.settings.interface import Settings


@dataclass(frozen=True, slots=True)
class Told:
    """An exchange and what a policy says of it."""

    policy: Policy
    facts: Facts
    found: Findings
    decision: Decision
    rows: tuple[Row, ...]
    then: Mapping[str, Any]
    """The record, where there is one."""
    seen: tuple[Finding, ...] = ()
    """What was found in a text that was given, with what speaks for it."""
    unread: Text = Text()  # noqa: RUF009 - frozen
    """That some of that text could not be read."""

    @property
    def paragraph(self) -> Text:
        """The answer in words."""
        return in_words(self.policy, self.facts, self.found, self.decision)

    @property
    def changed(self) -> Text:
        """That the policy has changed since the exchange, where it has."""
        label = self.then.get(audit.POLICY, "")
        if not label or label == self.decision.policy:
            return Text()
        verdict, rule = self.then.get(audit.VERDICT, ""), self.then.get(audit.DECIDING, "")
        return Text(
            f"Then, policy {label} decided: {verdict}, by {rule}. This is what policy {self.decision.policy} says.",
            f"当时由政策 {label} 裁决：{alias(str(verdict))}，依据 {rule}。以下是政策 {self.decision.policy} 的结果。",
        )


def explain_record(desk: Desk, policy: Policy, reference: str, log: Path | None) -> Told:
    """Return what `policy` says of a recorded exchange; raises `SettingsError` where the record does not allow it."""
    file = log or log_of(desk.settings)
    found = [entry for entry in entries(file, {audit.ID: reference}) if entry.get(audit.EVENT) == "request"]
    if not found:
        why = Text(f"{file}: no request has the number {reference}", f"{file}：没有编号为 {reference} 的请求")
        raise SettingsError(why.en, why.zh)
    past = recall(found[-1], known_grants(desk.settings))
    if past is None:
        raise SettingsError(
            f"the record of {reference} does not hold what a decision needs: it was kept to the minimum, cut short, "
            "tells of a failure, or its grant is gone",
            f"{reference} 的记录不含裁决所需的内容：只保留了最少字段、被截短、记的是故障，或其授权已不存在",
        )
    return _told(policy, past.facts, past.found, past.unknown, found[-1])


def explain_case(desk: Desk, policy: Policy, case: Case) -> Told:
    """Return what `policy` says of an exchange that is thought of; raises `SettingsError` for an unknown service."""
    facts = facts_of(case, desk.services)
    if facts is None:
        none = f"没有名为 {case.service} 的服务；参见 `sluice services list`"
        why = Text(f"no service is called {case.service}; see `sluice services list`", none)
        raise SettingsError(why.en, why.zh)
    looked = Looked()
    kept: list[Scan] = []
    if case.says:
        looked = looker(desk, policy, kept)(case.says, frozenset())
    elif case.finds:
        classes = {each.name: each.entities for each in policy.classes}
        looked = Looked(Findings({entity: 1 for name in case.finds for entity in classes.get(name, frozenset({name}))}))
    told = _told(policy, facts, looked.found, looked.unknown, {})
    _, unread = decide_unread(policy, facts, looked)
    return replace(told, unread=unread, seen=tuple(finding for scan in kept for finding in scan.findings))


def _told(policy: Policy, facts: Facts, found: Findings, unknown: frozenset[str], then: Mapping[str, Any]) -> Told:
    decision = decide(policy, facts, found, unknown)
    return Told(policy, facts, found, decision, trace(policy, facts, found, unknown, decision.grant), then)


def log_of(settings: Settings) -> Path:
    """Return the file of the audit log; raises `SettingsError` where the log is no file."""
    if settings.audit == "-":
        raise SettingsError(
            "the audit log goes to standard output; name a file with --audit",
            "审计日志写往标准输出；请用 --audit 指定文件",
        )
    return settings.state / settings.audit


def known_grants(settings: Settings) -> dict[str, Grant]:
    """Return every grant of the store, revoked ones too; none where there is no store yet. Raises `StoreError`."""
    if not settings.state.exists():
        return {}
    store = store_of(settings, looking=True)
    try:
        return {record.grant.id: record.grant for record in store.all_grants()}
    finally:
        store.close()


def hypothetical(policy: Policy, at: str, now: datetime, **said: Any) -> Case:
    """Return the case that the command line describes; `at` is on the policy's clock. Raises `SettingsError`."""
    zone = ZoneInfo(policy.time_zone) if policy.time_zone else now.tzinfo
    try:
        clock = datetime.fromisoformat(at) if at else now
    except ValueError:
        raise SettingsError(
            f'{at}: write a date and time as "2026-12-02 10:00"', f"{at}：日期时间的写法为“2026-12-02 10:00”"
        ) from None
    rules = {rule.id for rule in policy.rules}
    for grant in sorted(said.get("grants", frozenset()) - rules):
        raise SettingsError(
            f"the policy has no rule {grant}; its rules are {', '.join(sorted(rules))}",
            f"政策中没有规则 {grant}；现有规则：{'、'.join(sorted(rules))}",
        )
    names = {each.name for each in policy.classes} | {entity for each in policy.classes for entity in each.entities}
    for name in sorted((said.get("finds") or {}).keys() - names):
        raise SettingsError(
            f"the policy has no data class {name}; it has {', '.join(sorted(names))}",
            f"政策中没有数据类别 {name}；现有：{'、'.join(sorted(names))}",
        )
    return Case("", policy.otherwise_at, Expect(), at=clock if clock.tzinfo else clock.replace(tzinfo=zone), **said)


def lines(told: Told, language: str) -> Iterator[str]:
    """Give the answer for people: the paragraph, then a line for every rule."""
    if told.changed.en:
        yield clean_line(told.changed.in_language(language))
    yield clean_line(told.paragraph.in_language(language))
    reason, instead = (text.in_language(language) for text in (told.decision.reason, told.decision.instead))
    yield from (f"    {text}" for text in (reason, instead) if text)
    yield from (_seen(finding, language) for finding in told.seen)
    if told.unread.en:
        yield f"    {told.unread.in_language(language)}"
    yield ""
    for row in told.rows:
        yield _line(row, language)
        for grant, closed in row.grants:
            if closed.en:
                yield f"        {grant.id}: {closed.in_language(language)}"


def _seen(finding: Finding, language: str) -> str:
    where, why = f"{finding.start}-{finding.end}", because(finding, language)
    return f"    {where} {finding.entity} {finding.score:.2f} {finding.detector}: {why}"


def _line(row: Row, language: str) -> str:
    zh = language == "zh"
    sign, word = SIGNS[row.match]
    mode = "" if row.mode is Mode.ENFORCE else f" [{alias(row.mode) if zh else row.mode}]"
    verdict = alias(row.rule.verdict) if zh else row.rule.verdict.value
    why = row.failed.in_language(language) or word.in_language(language)
    return f"{sign} {row.rule.id} ({verdict}){mode}  {why}"


SIGNS = {
    Match.YES: ("●", Text("matches", "匹配")),
    Match.UNSURE: ("◐", Text("cannot be told, and counts", "无法判断，按适用处理")),
    Match.SUSPECTED: ("◐", Text("could not be looked for, and counts", "无法检查，按适用处理")),
    Match.DEPENDS: ("◌", Text("depends on the text", "取决于文本")),
    Match.NO: ("○", Text("does not match", "不匹配")),
}


def plain(told: Told) -> dict[str, Any]:
    """Return the answer for machines."""
    decision, facts = told.decision, told.facts
    return {
        "paragraph": _both(told.paragraph),
        "policy": decision.policy,
        "verdict": decision.verdict.value,
        "route": decision.route.value,
        "gate": decision.gate.value,
        "deciding": decision.deciding,
        "redact": sorted(decision.redact),
        "grant": decision.grant,
        "then": {key: told.then.get(key) for key in (audit.POLICY, audit.VERDICT, audit.ROUTE, audit.DECIDING)},
        "facts": {"user": facts.user, "groups": sorted(facts.groups), "service": facts.service}
        | {"activity": facts.activity, "at": facts.at.isoformat(), "account": facts.account, "purpose": facts.purpose},
        "found": dict(sorted(told.found.counts.items())),
        "findings": [as_json(finding) | {"because": list(finding.because)} for finding in told.seen],
        "unread": _both(told.unread),
        "rules": [
            {"id": row.rule.id, "match": row.match.value, "mode": row.mode.value, "failed": _both(row.failed)}
            | {"grants": [{"id": grant.id, "closed": _both(why)} for grant, why in row.grants]}
            for row in told.rows
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
