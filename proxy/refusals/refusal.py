"""The words of a refusal: a decision or an error enters, what the person reads leaves.

Pure. Each refusal says who stopped the request, by which rule, why, what to do instead, and the number to quote. It
must never hold a word of the request: of an error only its class speaks, of a decision only what the policy's authors
wrote.
"""

from dataclasses import dataclass, replace
from typing import Final

from policies.decision import Decision, Gate, Text, Verdict
from proxy.adapters.interface import Refusal
from proxy.errors import DetectionAway, OutOfTime, Overloaded, SluiceError, TextTooLong
from proxy.refusals.language import Choice, Language
from proxy.refusals.troubles import TROUBLES, Trouble

SPOKEN: Final[dict[Choice, tuple[Language, ...]]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}

WHO: Final = Text(
    en="Sluice, your company's AI gateway, did not send this request to {service}.",
    zh="公司的 AI 网关 Sluice 未将本次请求发送给 {service}。",
)
ASKING: Final = Text(
    en="Sluice, your company's AI gateway, did not send this request to {service}: it needs an approval first.",
    zh="公司的 AI 网关 Sluice 未将本次请求发送给 {service}：需先获得批准。",
)
CONFIRMING: Final = Text(
    en="Sluice, your company's AI gateway, has not sent this request to {service} yet: it needs a word from you first.",
    zh="公司的 AI 网关 Sluice 尚未将本次请求发送给 {service}：需要您先作出确认。",
)
JUSTIFYING: Final = Text(
    en="Sluice, your company's AI gateway, has not sent this request to {service} yet: say first what it is for.",
    zh="公司的 AI 网关 Sluice 尚未将本次请求发送给 {service}：请您先说明理由。",
)
UNANSWERED: Final = Text(
    en="Sluice, your company's AI gateway, got no answer from {service}.",
    zh="公司的 AI 网关 Sluice 未能从 {service} 获得回应。",
)
RULE: Final = Text(en="Rule: {rule}.", zh="依据规则：{rule}。")
OTHERWISE: Final = Text(en="no rule covers this use, so the default applies", zh="没有规则涵盖此用途，按默认规定处理")
UNNAMED: Final = Text(en="this AI service", zh="该 AI 服务")
REFERENCE: Final = Text(en="Reference: {reference}.", zh="编号：{reference}。")
LINK: Final = Text(en="Go on here: {link}", zh="请从这里继续：{link}")
CONTACT: Final = Text(en="Questions: {contact}.", zh="如有疑问，请联系：{contact}。")

NO_REASON: Final = Text(
    en="The company's AI policy does not permit it.",
    zh="公司的 AI 使用规定不允许此操作。",
)
NEEDS_APPROVAL: Final = Text(
    en="The company's AI policy permits this only with an approval.",
    zh="公司的 AI 使用规定要求先获得批准方可进行此操作。",
)
NO_ADVICE: Final = Text(
    en="If you need this for your work, ask the team that looks after AI use and quote the reference.",
    zh="如工作确有需要，请联系公司负责 AI 使用管理的团队，并提供下方编号。",
)
HOW_TO_ASK: Final = Text(
    en="Ask for approval with the purpose, the kind of data and the period you need, and quote the reference.",
    zh="请说明使用目的、资料类别和所需期限，并附上编号，提交审批。",
)

GATES: Final = {
    Gate.ACKNOWLEDGE: "acknowledgement_required",
    Gate.JUSTIFY: "justification_required",
    Gate.APPROVAL: "authorization_required",
}
"""Codes of refusals that the person can open."""

WORDLESS: Final = {
    "blocked_by_policy": Trouble(NO_REASON, NO_ADVICE),
    "authorization_required": Trouble(NEEDS_APPROVAL, HOW_TO_ASK),
    "acknowledgement_required": Trouble(NO_REASON, NO_ADVICE),
    "justification_required": Trouble(NO_REASON, NO_ADVICE),
}
"""What stands in where a policy's authors wrote nothing."""

OPENINGS: Final = {
    "authorization_required": ASKING,
    "acknowledgement_required": CONFIRMING,
    "justification_required": JUSTIFYING,
    "service_unreachable": UNANSWERED,
}
"""First sentences that differ from the usual one."""


@dataclass(frozen=True, slots=True)
class Section:
    """A refusal in one language, in pieces that a page can lay out."""

    language: Language
    who: str
    """Who stopped what."""
    rule: str
    """Name of the rule that decided, or empty when no policy was asked."""
    reason: str
    instead: str
    contact: str
    reference: str
    link: str = ""
    """Where the person can go on: ask, confirm, or say what it is for."""

    @property
    def paragraph(self) -> str:
        """The whole as one plain paragraph."""
        pieces = [self.who]
        if self.rule:
            pieces.append(RULE.in_language(self.language).format(rule=self.rule))
        pieces += [self.reason, self.instead]
        if self.link:
            # Between spaces, so that whoever makes links of addresses takes nothing of the next sentence along.
            line = LINK.in_language(self.language).format(link=self.link)
            pieces.append(line if self.language == "en" else f" {line} ")
        if self.contact:
            pieces.append(CONTACT.in_language(self.language).format(contact=self.contact))
        pieces.append(REFERENCE.in_language(self.language).format(reference=self.reference))
        return ("" if self.language == "zh" else " ").join(pieces)


@dataclass(frozen=True, slots=True)
class Explanation(Refusal):
    """A refusal that also keeps its pieces, for the page that a browser is shown."""

    sections: tuple[Section, ...] = ()
    """One for each language spoken."""


def compose(
    cause: Decision | BaseException, service: Text, reference: str, language: Choice, contact: str = "", link: str = ""
) -> Explanation:
    """Return the refusal that `cause` asks for.

    `service` is the service's name, empty if it has none; `contact` is whom to ask, in the company's own words; `link`
    is where the person can go on.
    """
    status, code = classify(cause)
    sections = tuple(
        replace(speak(cause, code, service, reference, spoken, contact), link=link) for spoken in SPOKEN[language]
    )
    message = " ".join(section.paragraph for section in sections)
    again = cause.retry_after if isinstance(cause, Overloaded | DetectionAway) else 0
    return Explanation(status, code, message, reference, again, sections)


def classify(cause: Decision | BaseException) -> tuple[int, str]:
    """Return HTTP status and stable code."""
    if isinstance(cause, Decision):
        usual = "authorization_required" if cause.verdict is Verdict.AUTHORIZED else "blocked_by_policy"
        return 403, GATES.get(cause.gate, usual)
    if isinstance(cause, SluiceError) and cause.code in TROUBLES:
        return cause.status, cause.code
    return SluiceError.status, SluiceError.code


def speak(
    cause: Decision | BaseException, code: str, service: Text, reference: str, language: Language, contact: str
) -> Section:
    """Return the refusal in one language."""
    if isinstance(cause, Decision):
        usual = WORDLESS[code]
        reason = make_sentence(cause.reason.in_language(language) or usual.reason.in_language(language))
        reason = " ".join([reason, *told(cause, language)])
        instead = cause.instead.in_language(language) or usual.instead.in_language(language)
        rule = name_rule(cause, language)
    else:
        reason, instead = TROUBLES[code].reason.in_language(language), TROUBLES[code].instead.in_language(language)
        if isinstance(cause, TextTooLong):
            reason = reason.format(limit=f"{cause.limit:,}")
        elif isinstance(cause, OutOfTime):
            reason = reason.format(size=cause.size.in_language(language))
        rule = ""
    who = OPENINGS.get(code, WHO).in_language(language)
    name = service.in_language(language) or UNNAMED.in_language(language)
    return Section(
        language=language,
        who=who.format(service=name),
        rule=rule,
        reason=make_sentence(reason),
        instead=make_sentence(instead),
        contact=contact,
        reference=reference,
    )


def told(decision: Decision, language: Language) -> list[str]:
    """Return the notices that the person must confirm, each as a sentence."""
    words = dict.fromkeys(notice.text.in_language(language) for notice in decision.notices)
    return [make_sentence(each) for each in words if each and each not in decision.reason.in_language(language)]


def name_rule(decision: Decision, language: Language) -> str:
    """Return the name of the rule that decided: its own, its id if it has none, or what `otherwise` means."""
    for rule in decision.rules:
        if rule.id == decision.deciding:
            return rule.name.in_language(language) or rule.id
    if decision.deciding in {"", "otherwise"}:
        return OTHERWISE.in_language(language)
    return decision.deciding


def make_sentence(text: str) -> str:
    """Return `text` on one line with a full stop, so that sentences of different authors can be joined."""
    text = " ".join(text.split())
    if text.endswith(tuple('。．.！!？?…：:；;”"）)')):
        return text
    return text + ("." if text[-1:].isascii() else "。")
