"""The words of a refusal: a decision or an error enters, what the person reads leaves.

Pure. Each refusal says who stopped the request, by which rule, why, what to do instead, and the number to quote. It
must never hold a word of the request: of an error only its class speaks, of a decision only what the policy's authors
wrote.
"""

from dataclasses import dataclass, replace
from typing import Final

from policies.decision import Decision, Gate, Text, Verdict
from proxy.adapters.interface import Refusal
from proxy.errors import SluiceError, TextTooLong
from proxy.language import Choice, Language

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


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way, and what the person who meets it can do."""

    reason: Text
    instead: Text


TROUBLES: Final = {
    "malformed_body": Trouble(
        Text(
            en="The request does not follow its own format, so its content could not be checked before sending.",
            zh="请求内容不符合其自身格式，无法在发送前完成检查。",
        ),
        Text(
            en="Reload the page or update the client and try again; developers should check that the body is valid.",
            zh="请刷新页面或更新客户端后重试；开发人员请检查请求体格式是否正确。",
        ),
    ),
    "unreadable_body": Trouble(
        Text(
            en="The content is encrypted or in a form that cannot be read, so it could not be checked before sending.",
            zh="内容已加密或其格式无法读取，无法在发送前完成检查。",
        ),
        Text(
            en="Send it as plain text, or use a service that your company has approved.",
            zh="请改用纯文本发送，或使用公司已批准的服务。",
        ),
    ),
    "unreadable_part": Trouble(
        Text(
            en="The request carries an image, a file or encoded data that cannot be checked before sending.",
            zh="请求中含有图片、文件或编码数据，无法在发送前完成检查。",
        ),
        Text(
            en="Leave it out and put what matters into words, or use a service that your company has approved.",
            zh="请去掉这部分内容，改用文字说明，或使用公司已批准的服务。",
        ),
    ),
    "confidential_file": Trouble(
        Text(
            en="A file in the request holds confidential data, and files of that kind cannot be redacted.",
            zh="请求中的文件含有机密信息，而这类文件无法在发送前脱敏。",
        ),
        Text(
            en="Take the confidential parts out of the file yourself, or send what is needed as text, Word or Excel.",
            zh="请自行删除文件中的机密内容，或改用文本、Word 或 Excel 文件发送所需部分。",
        ),
    ),
    "confidential_header": Trouble(
        Text(
            en="The name of a header field of the request holds confidential data, and names cannot be redacted.",
            zh="请求头的字段名中含有机密信息，而字段名无法脱敏。",
        ),
        Text(
            en="Developers: name the field by a plain word, and put data into its value or into the body.",
            zh="开发人员：请用普通单词命名该字段，将数据放入字段值或请求体。",
        ),
    ),
    "signed_request": Trouble(
        Text(
            en="The request holds confidential data, but it is signed, so nothing can be taken out of it on the way: "
            "the service would not accept it.",
            zh="请求中含有机密信息，但请求带有签名，无法在发送途中脱敏，否则服务方会拒绝。",
        ),
        Text(
            en="Take the confidential parts out yourself, or use an API key instead of a signature; developers can do "
            "so for Amazon Bedrock, Tencent Hunyuan and Baidu Qianfan.",
            zh="请自行删除机密内容，或改用 API 密钥方式调用；Amazon Bedrock、腾讯混元、百度千帆均支持此方式。",
        ),
    ),
    "misdirected_request": Trouble(
        Text(
            en="The request names different hosts as its destination, so it is not clear where it would go.",
            zh="请求中给出的目标主机前后不一致，无法确定实际去向。",
        ),
        Text(
            en="Reload the page or try again; developers should check the Host header against the address.",
            zh="请刷新页面或重试；开发人员请检查 Host 请求头与访问地址是否一致。",
        ),
    ),
    "not_translatable": Trouble(
        Text(
            en="This request is for the company's own model, which has no way to take what it holds. It was not sent.",
            zh="本次请求应由公司内部模型处理，但内部模型无法接收其中的内容；内容未发送。",
        ),
        Text(
            en="Leave out files and features that only the outside service has, or use the company's own assistant.",
            zh="请去掉仅外部服务支持的文件或功能，或直接使用公司内部的 AI 助手。",
        ),
    ),
    "conversation_over": Trouble(
        Text(
            en="This conversation was held with the company's own model, and is no longer kept or is not yours. "
            "The outside service does not know it.",
            zh="该对话由公司内部模型答复，现已不再保留，或不属于您；外部服务并不知道该对话。",
        ),
        Text(en="Begin a new conversation.", zh="请新建对话。"),
    ),
    "conversation_inside": Trouble(
        Text(
            en="This conversation is held with the company's own model. The outside service does not know it, and is "
            "told nothing of it.",
            zh="该对话由公司内部模型答复；外部服务并不知道该对话，也不会收到其任何内容。",
        ),
        Text(
            en="Write on in the conversation itself; what else the page offers is not there for it.",
            zh="您可以在该对话中继续提问；页面的其他功能对其不可用。",
        ),
    ),
    "body_too_large": Trouble(
        Text(
            en="The content is larger than what can be checked before sending.",
            zh="内容超出发送前可检查的大小上限。",
        ),
        Text(
            en="Send less at a time: split the text or the file, or start a new conversation.",
            zh="请减少单次发送的内容：拆分文本或文件，或新建对话。",
        ),
    ),
    "text_too_long": Trouble(
        Text(
            en="The text is too long to be checked before sending: at most {limit} characters can be.",
            zh="文本过长，无法在发送前完成检查：最多可检查 {limit} 个字符。",
        ),
        Text(
            en="Send less at a time: split the text or the file, or start a new conversation.",
            zh="请减少单次发送的内容：拆分文本或文件，或新建对话。",
        ),
    ),
    "store_unavailable": Trouble(
        Text(
            en="Sluice cannot reach its own records, and without them nothing is sent.",
            zh="Sluice 暂时无法访问自身的记录存储；在恢复之前，不会发送任何内容。",
        ),
        Text(
            en="Try again in a few minutes; if it stays so, report it with the reference.",
            zh="请几分钟后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_model_unavailable": Trouble(
        Text(
            en="This request is for the company's own model, which is not answering. It was not sent outside instead.",
            zh="本次请求应由公司内部模型处理，但内部模型暂时没有响应；内容未发送到外部。",
        ),
        Text(
            en="Try again in a few minutes; if it stays so, report it with the reference.",
            zh="请几分钟后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_model_missing": Trouble(
        Text(
            en="This request is for the company's own model, and your company has not set up its own model yet. "
            "It was not sent outside instead.",
            zh="本次请求应由公司内部模型处理，但公司尚未部署自己的模型；内容未发送到外部。",
        ),
        Text(
            en="Leave out what must stay inside the company, or ask the team that looks after AI use.",
            zh="请去掉不得离开公司的内容，或联系公司负责 AI 使用管理的团队。",
        ),
    ),
    "service_unreachable": Trouble(
        Text(
            en="The service cannot be reached, or broke off before it answered. Company policy did not stop you.",
            zh="该服务无法连接，或在回应之前中断了连接。这并非公司规定所致。",
        ),
        Text(
            en="Try again later; if it stays so, report it with the reference.",
            zh="请稍后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_error": Trouble(
        Text(
            en="Something failed inside Sluice, so the content could not be checked. It was not sent.",
            zh="Sluice 内部出现故障，无法完成检查，内容未发送。",
        ),
        Text(
            en="Try again; if it happens again, report it with the reference.",
            zh="请重试；若再次出现，请凭编号报告。",
        ),
    ),
}

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
    cause: Decision | Exception, service: Text, reference: str, language: Choice, contact: str = "", link: str = ""
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
    return Explanation(status, code, message, reference, sections)


def classify(cause: Decision | Exception) -> tuple[int, str]:
    """Return HTTP status and stable code."""
    if isinstance(cause, Decision):
        usual = "authorization_required" if cause.verdict is Verdict.AUTHORIZED else "blocked_by_policy"
        return 403, GATES.get(cause.gate, usual)
    if isinstance(cause, SluiceError) and cause.code in TROUBLES:
        return cause.status, cause.code
    return SluiceError.status, SluiceError.code


def speak(
    cause: Decision | Exception, code: str, service: Text, reference: str, language: Language, contact: str
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
        reason = reason.format(limit=f"{cause.limit:,}") if isinstance(cause, TextTooLong) else reason
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
