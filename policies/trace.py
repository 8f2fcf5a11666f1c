"""Why a policy decides as it does about one exchange: a paragraph in words, then every rule with what failed in it.

Enters: a policy, facts, what was found, the decision. Leaves: texts in both languages and rows of a table. Pure. It
speaks of people, services, classes and numbers; it never holds a value that was found, nor a term of the company's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from policies.decision import Decision, Facts, Findings, Grant, Mode, Text, Verdict
from policies.match import Match, failed, match, rollout
from policies.model import Policy, Rule, When, fold
from policies.purpose import judge, told_by
from policies.weigh import WAYS, way
from policies.words import alias

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the table."""

    rule: Rule
    match: Match
    mode: Mode
    """How far it is in force for this person."""
    failed: Text
    """The first condition that failed; empty where the rule matched."""
    grants: tuple[tuple[Grant, Text], ...] = ()
    """Of an `authorized` rule: each grant at hand, and why it does not open it (nothing where it does)."""


def trace(
    policy: Policy, facts: Facts, found: Findings, unknown: frozenset[str] = NOTHING, opened: str = ""
) -> tuple[Row, ...]:
    """Return a row for each rule, in the order of the file; `opened` names the grants that the decision used."""
    rows, facts = [], judge(policy, facts, found, unknown)
    for rule in policy.rules:
        how = match(rule, facts, found, unknown)
        reason = why_not(rule, facts, found, unknown)
        grants = _grants(policy, rule, facts, opened.split()) if rule.verdict is Verdict.AUTHORIZED else ()
        rows.append(Row(rule, how, rollout(rule, facts)[0], reason or Text(), grants))
    return tuple(rows)


def why_not(rule: Rule, facts: Facts, found: Findings, unknown: frozenset[str] = NOTHING) -> Text | None:
    """Return the first condition that failed, in words, or None where none did."""
    key = failed(rule, facts, found, unknown)
    return SAY[key](rule.when, facts, found) if key else None


def in_words(policy: Policy, facts: Facts, found: Findings, decision: Decision) -> Text:
    """Return one paragraph: who did what, what became of it, by which rule, and what would open it."""
    who, what, when = _who(facts), _what(facts, found), _when(policy, facts)
    became = WAYS[way(decision)]
    sentences = [
        Text(f"{who.en} {what.en}, {when.en}: this {became.en}.", f"{who.zh}{when.zh}{what.zh}：{became.zh}。"),
        _decided(policy, decision),
    ]
    if any(rule.when.purposes for rule in policy.rules):
        sentences.append(_for_what(policy, facts, found))
    if decision.permitted and decision.redact:
        names = sorted(one for one in decision.redact if found.reaches(one, decision.least.get(one, 0.0)))
        if names:
            sentences.append(
                Text(f"Taken out first: {', '.join(names)}.", f"事先隐去：{'、'.join(map(alias, names))}。")
            )
    if decision.grant:
        sentences.append(Text(f"Opened by grant {decision.grant}.", f"由授权 {decision.grant} 打开。"))
    elif facts.grants and not decision.permitted:
        ids = [each.id for each in facts.grants]
        sentences.append(Text(f"{', '.join(ids)} does not open it.", f"授权 {'、'.join(ids)} 打不开它。"))
    sentences += [
        Text(
            f"Rule {note.id} is only observed; in force, it would change this.",
            f"规则 {note.id} 仅观察，生效后结果会不同。",
        )
        for note in decision.observed
    ]
    return Text(" ".join(each.en for each in sentences), "".join(each.zh for each in sentences))


def _for_what(policy: Policy, facts: Facts, found: Findings) -> Text:
    """Return what the use counts as, and by which signs."""
    purpose = judge(policy, facts, found).purpose
    lines = sorted({sign.mark.line for sign in told_by(policy, facts, found)})
    if lines:
        en, zh = f"by the signs in line {', '.join(map(str, lines))}", f"依据第 {'、'.join(map(str, lines))} 行"
    elif purpose == "business" and facts.account == "company":
        en, zh = "by the company's account", "依据公司账号"
    elif purpose == "unknown":
        en, zh = "nothing tells, so that it is treated as business", "无从判断，按工作用途处理"
    else:
        en, zh = "as the person declared", "依据本人声明"
    return Text(f"Its purpose counts as {purpose} ({en}).", f"用途按“{alias(purpose)}”处理（{zh}）。")


def _decided(policy: Policy, decision: Decision) -> Text:
    rule = next((each for each in policy.rules if each.id == decision.deciding), None)
    if rule is None:
        return Text(
            "No rule decides; what the policy says of everything else does.", "没有规则决定，按“其余情况”处理。"
        )
    others = [note.id for note in decision.rules if note.id != rule.id]
    title = rule.title
    return Text(
        f"Rule {rule.id} (“{title.in_language('en')}”, {rule.verdict}) decides"
        + (f"; also matching: {', '.join(others)}." if others else "."),
        f"由规则 {rule.id}（“{title.in_language('zh')}”，{alias(rule.verdict)}）决定"
        + (f"；同时匹配：{'、'.join(others)}。" if others else "。"),
    )


def _who(facts: Facts) -> Text:
    name = Text(facts.user, facts.user) if facts.user else Text("Somebody whom nobody knows", "身份不明者")
    if not facts.groups:
        return name
    groups = sorted(facts.groups)
    return Text(f"{name.en} ({', '.join(groups)})", f"{name.zh}（{'、'.join(groups)}）")


ACTS: Mapping[str, Text] = {
    "visit": Text("opens a page of", "打开页面："),
    "prompt": Text("asks", "提问："),
    "upload": Text("uploads to", "上传到"),
    "download": Text("downloads from", "下载自"),
    "complete": Text("asks for a completion by", "请求补全："),
    "embed": Text("asks for embeddings by", "请求向量化："),
    "train": Text("trains a model at", "训练模型："),
}


def _what(facts: Facts, found: Findings) -> Text:
    service = Text(facts.service or "an unlisted service", facts.service or "未收录的服务")
    act = ACTS.get(facts.activity, Text("does something else at", "其他操作："))
    said = Text(f"{act.en} {service.en}", f"{act.zh}{service.zh}")
    counts = sorted((entity, count) for entity, count in found.counts.items() if count > 0)
    if not counts:
        return said
    en = ", ".join(f"{count} × {entity}" for entity, count in counts)
    zh = "、".join(f"{alias(entity)} {count} 处" for entity, count in counts)
    return Text(f"{said.en} with {en}", f"{said.zh}，含{zh}")


def _when(policy: Policy, facts: Facts) -> Text:
    local = facts.at.astimezone(ZoneInfo(policy.time_zone)) if policy.time_zone else facts.at
    clock = f"{local:%Y-%m-%d %H:%M} {policy.time_zone or local.tzname()}"
    return Text(f"at {clock}", f" {clock} ")


def _grants(policy: Policy, rule: Rule, facts: Facts, opened: Iterable[str]) -> tuple[tuple[Grant, Text], ...]:
    return tuple((each, Text() if each.id in opened else _closed(policy, rule, facts, each)) for each in facts.grants)


def _closed(policy: Policy, rule: Rule, facts: Facts, grant: Grant) -> Text:
    """Return why a grant does not open a rule; the first reason that holds."""
    groups = {fold(name) for name in facts.groups} | policy.groups_of(facts.user)
    mine = fold(grant.person) == fold(facts.user) if grant.person else fold(grant.group) in groups
    reasons = (
        (grant.rule not in (rule.id, "*"), Text("it is for another rule", "它针对另一条规则")),
        (not mine, Text("it is for somebody else", "它属于别人")),
        (grant.service not in (facts.service, "*"), Text("it is for another service", "它针对另一服务")),
        (grant.activity not in (facts.activity, "*"), Text("it is for another activity", "它针对另一种活动")),
        (grant.until.tzinfo is None or facts.at >= grant.until, Text("it is over", "它已到期")),
        (grant.from_ is not None and facts.at < grant.from_, Text("it has not begun", "它尚未生效")),
        (grant.uses_left == 0, Text("it is used up", "它的次数已用完")),
        (bool(grant.classes), Text("it does not cover what was found", "它不包括发现的内容")),
    )
    return next((said for holds, said in reasons if holds), Text("another rule is stricter", "另有更严格的规则"))


type Say = Callable[[When, Facts, Findings], Text]


def _is(en: str, zh: str, names: Iterable[str], got: str) -> Text:
    wanted = sorted(names)
    return Text(
        f"{en}: {got or '–'} is not {' or '.join(wanted)}",
        f"{zh}：{alias(got) if got else '–'}不属于{'、'.join(map(alias, wanted))}",
    )


def _named(things: Iterable[object]) -> list[str]:
    return [str(getattr(each, "name", each)) for each in things]


def _hours(inside: bool, when: When) -> Text:
    names = _named(when.hours if inside else when.outside)
    if inside:
        return Text(f"hours: it is outside {' and '.join(names)}", f"时段：当时在{'、'.join(names)}之外")
    return Text(f"outside_hours: it is inside {' or '.join(names)}", f"时段外：当时在{'、'.join(names)}之内")


def _data(when: When, found: Findings) -> Text:
    names = _named(when.classes)
    got = sorted(found.entities)
    return Text(
        f"data: no {' or '.join(names)} found (found: {', '.join(got) or '–'})",
        f"数据：没有发现{'、'.join(names)}（发现：{'、'.join(map(alias, got)) or '–'}）",
    )


def _amount(when: When) -> Text:
    wanted = [f"{each.name} > {each.most}" for each in when.amounts]
    return Text(f"amount: not {' or '.join(wanted)}", f"数量：未达到 {' 或 '.join(wanted)}")


SAY: Mapping[str, Say] = {
    "service": lambda when, facts, _: _is("service", "服务", _named(when.services), facts.service),
    "group": lambda when, facts, _: _is("group", "用户组", _named(when.groups), ", ".join(sorted(facts.groups))),
    "person": lambda when, facts, _: _is("person", "人员", when.people, facts.user),
    "hours": lambda when, _facts, _: _hours(True, when),
    "outside_hours": lambda when, _facts, _: _hours(False, when),
    "activity": lambda when, facts, _: _is("activity", "活动", when.activities, facts.activity),
    "data": lambda when, _facts, found: _data(when, found),
    "network": lambda when, facts, _: _is("network", "网段", _named(when.networks), facts.address),
    "tag": lambda when, facts, _: _is(
        "tag", "标签", when.tags, ", ".join(sorted(facts.tags | {facts.category, facts.country} - {""}))
    ),
    "account": lambda when, facts, _: _is("account", "账号", when.accounts, facts.account),
    "purpose": lambda when, facts, _: _is("purpose", "用途", when.purposes, facts.purpose),
    "amount": lambda when, _facts, _: _amount(when),
}
"""Key of a condition → that it failed, in words."""
