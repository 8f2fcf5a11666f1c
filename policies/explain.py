"""Why, in words: the sentences an employee reads where the policy wrote none of its own.

Enters: rules and entity names. Leaves: texts in English and Chinese, plain and kind, which say what happened, which
rule it was, and what to do now. They must never hold a value that was found.
"""

from collections.abc import Iterable
from typing import Final

from detectors.entities import ENTITIES
from policies.decision import Gate, Period, QuotaUse, Route, Text, Unit, Verdict
from policies.model import Policy, Rule

UNITS: Final = {
    Unit.REQUESTS: Text("requests", "次请求"),
    Unit.CHARACTERS: Text("characters", "个字符"),
    Unit.TOKENS: Text("tokens", "个词元"),
    Unit.VALUES: Text("different values", "个不同的值"),
}
PERIODS: Final = {
    Period.HOUR: Text("hour", "小时"),
    Period.DAY: Text("day", "天"),
    Period.WEEK: Text("week", "周"),
    Period.MONTH: Text("month", "月"),
}


def spoken(text: Text) -> bool:
    """Tell whether the text says anything."""
    return bool(text.en or text.zh)


def why(rule: Rule, route: Route, doubtful: bool) -> Text:
    """Return the reason that `rule` gives for `route`; `doubtful` where nobody knows who is asking."""
    if spoken(rule.reason):
        return rule.reason
    said = rule.said.get((route, doubtful))
    if said is None:
        said = rule.said[route, doubtful] = _why(rule, route, doubtful)
    return said


def _why(rule: Rule, route: Route, doubtful: bool) -> Text:
    en, zh = _quoted(rule)
    if route is not Route.NOWHERE:
        return _permitted(rule, en, zh, route)
    unknown = Text()
    if doubtful:
        unknown = Text(
            " Sluice could not tell who you are, so the rule counts for you.",
            "系统未能识别您的身份，因此该规则按适用处理。",
        )
    if rule.withhold:
        return Text(
            f"Nothing was sent. The message is held back because of what it holds (rule {en}).{unknown.en}",
            f"内容没有发出。由于所含内容，整条消息已被扣留（规则{zh}）。{unknown.zh}",
        )
    if rule.verdict is Verdict.AUTHORIZED:
        return Text(
            f"Nothing was sent. This use needs an approval first (rule {en}); none is in force for you.{unknown.en}",
            f"内容没有发出。这样使用需要先获得批准（规则{zh}），您目前没有有效的批准。{unknown.zh}",
        )
    return Text(
        f"Nothing was sent. The company's AI policy does not allow this use (rule {en}).{unknown.en}",
        f"内容没有发出。公司的人工智能使用政策不允许这样使用（规则{zh}）。{unknown.zh}",
    )


def _permitted(rule: Rule, en: str, zh: str, route: Route) -> Text:
    if route is Route.INTERNAL:
        return Text(
            f"The company's own model answers this, so that the content stays inside (rule {en}).",
            f"此内容由公司内部模型回答，不会离开公司（规则{zh}）。",
        )
    if rule.redact:
        return Text(
            f"Allowed; confidential details are taken out before anything is sent (rule {en}).",
            f"允许使用；发送之前会隐去敏感内容（规则{zh}）。",
        )
    return Text(f"Allowed (rule {en}).", f"允许使用（规则{zh}）。")


def why_reminded(rule: Rule) -> Text:
    """Return what a rule says that only reminds."""
    if spoken(rule.reason):
        return rule.reason
    en, zh = _quoted(rule)
    return Text(
        f"Please mind the company's AI policy here (rule {en}). This is a reminder; nothing was held back.",
        f"请留意公司的人工智能使用政策（规则{zh}）。这只是提醒，内容没有被拦下。",
    )


def why_gated(rule: Rule, gate: Gate) -> tuple[Text, Text]:
    """Return the reason, and what to do, where the person must first confirm or justify something."""
    en, zh = _quoted(rule)
    if gate is Gate.JUSTIFY:
        reason = Text(
            f"Nothing was sent yet. This use needs a word of justification first (rule {en}).",
            f"内容还没有发出。这样使用前需要先说明理由（规则{zh}）。",
        )
        said = rule.reason
        return (
            Text(" ".join(filter(None, (reason.en, said.en))), reason.zh + said.zh),
            Text("Say what it is for, then send it again.", "请说明用途，然后重新发送。"),
        )
    return (
        Text(
            f"Nothing was sent yet. There is something to read and confirm first (rule {en}).",
            f"内容还没有发出。请先阅读并确认提示（规则{zh}）。",
        ),
        Text("Read and confirm the notice, then send it again.", "请阅读并确认提示，然后重新发送。"),
    )


def why_spent(policy: Policy, rule: Rule, use: QuotaUse | None) -> tuple[Text, Text]:
    """Return the reason, and what to do, where a quota is used up; `use` is None where that cannot be told."""
    en, zh = _quoted(rule)
    who = _owner(policy, rule)
    more = Text(f"If you need more for your work, please talk to {who.en}.", f"如工作需要更多用量，请联系{who.zh}。")
    if use is None:
        return (
            Text(
                f"Nothing was sent. The quota of this use cannot be told just now (rule {en}).",
                f"内容没有发出。目前无法确定用量配额（规则{zh}）。",
            ),
            more,
        )
    unit, per = UNITS[use.unit], PERIODS[use.period]
    again = use.ends.strftime("%Y-%m-%d %H:%M")
    return (
        Text(
            f"Nothing was sent. The quota of {use.limit} {unit.en} a {per.en} does not suffice (rule {en}).",
            f"内容没有发出。每{per.zh} {use.limit} {unit.zh}的配额不够用了（规则{zh}）。",
        ),
        Text(f"It counts anew from {again}. {more.en}", f"{again} 起重新计算。{more.zh}"),
    )


def what_instead(policy: Policy, rule: Rule) -> Text:
    """Return what a person can do now that `rule` refused; for `authorized`, how to ask."""
    for text in (rule.ask, rule.instead):
        if spoken(text):
            return text
    who = _owner(policy, rule)
    if rule.verdict is Verdict.AUTHORIZED:
        return Text(f"To ask for an approval, contact {who.en}.", f"如需申请批准，请联系{who.zh}。")
    return Text(f"If you need this for your work, please talk to {who.en}.", f"如工作确有需要，请联系{who.zh}。")


def why_otherwise(policy: Policy) -> tuple[Text, Text]:
    """Return the reason, and what to do instead, where no rule matched."""
    if policy.otherwise is Verdict.ALLOWED:
        return Text("Allowed: no rule restricts this use.", "允许使用：没有规则限制这样使用。"), Text()
    who = _owner(policy)
    return (
        Text(
            "Nothing was sent. No rule of the company's AI policy allows this use yet.",
            "内容没有发出。公司的人工智能使用政策中还没有允许这样使用的规则。",
        ),
        Text(f"If you need this for your work, please talk to {who.en}.", f"如工作确有需要，请联系{who.zh}。"),
    )


def why_unchecked(policy: Policy, rule: Rule, entities: Iterable[str]) -> tuple[Text, Text]:
    """Return the reason, and what to do, where entities that `rule` takes out could not be looked for."""
    names = [_entity(policy, each) for each in sorted(entities)]
    en, zh = _quoted(rule)
    who = _owner(policy, rule)
    return (
        Text(
            f"Nothing was sent. It could not be checked for {', '.join(each.en for each in names)}, which must be "
            f"taken out first (rule {en}): there is too much at once, or the check is not available at the moment.",
            f"内容没有发出。其中的{'、'.join(each.zh for each in names)}必须先隐去（规则{zh}），"
            f"但本次未能查完：内容过多，或检测暂时不可用。",
        ),
        Text(
            f"Please try again in a minute. If it is stopped again, send less at a time: split the text, or leave out "
            f"long lists and tables. If even a short text is stopped, tell {who.en}.",
            f"请一分钟后重试；若仍被拦下，请减少单次发送的内容：拆分文本，或去掉长列表和表格。"
            f"若很短的文本也被拦下，请告知{who.zh}。",
        ),
    )


def _quoted(rule: Rule) -> tuple[str, str]:
    return f"“{rule.title.in_language('en')}”", f"“{rule.title.in_language('zh')}”"


def _owner(policy: Policy, rule: Rule | None = None) -> Text:
    owner = (rule.owner if rule else "") or policy.owner
    if owner:
        return Text(owner, owner)
    return Text("the people responsible for the AI policy", "人工智能使用政策的负责人")


def _entity(policy: Policy, name: str) -> Text:
    known = ENTITIES.get(name)
    if known is not None:
        return Text(known.en, known.zh)
    owners = [each.name for each in policy.classes if each.terms is not None and each.terms.entity == name]
    shown = owners[0] if owners else name
    return Text(shown, shown)
