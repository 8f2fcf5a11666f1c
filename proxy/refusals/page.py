"""The page that a browser shows when it may not open a service: a refusal enters, HTML leaves.

The page loads nothing and runs nothing. No value may reach it unescaped: rule names and reasons are other people's
texts, and the page stands under the service's own origin.
"""

import base64
import hashlib
import re
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from policies.decision import Text
from proxy.exchange import Answer
from proxy.refusals.language import Language
from proxy.refusals.refusal import Explanation, Section

PAGE: Final = Template((files("proxy.refusals") / "page.html").read_text("utf-8"))

TITLES: Final = {
    "blocked_by_policy": Text(en="Not permitted by company policy", zh="公司规定不允许此操作"),
    "authorization_required": Text(en="Approval needed", zh="需要批准"),
    "acknowledgement_required": Text(en="Please read and confirm first", zh="请先阅读并确认"),
    "justification_required": Text(en="Please say what it is for", zh="请先说明用途"),
    "address_denied": Text(en="Sluice does not connect to this address", zh="Sluice 不会连接此地址"),
    "store_unavailable": Text(en="Temporarily unavailable", zh="暂时无法使用"),
    "internal_model_unavailable": Text(en="Temporarily unavailable", zh="暂时无法使用"),
    "internal_model_missing": Text(en="Not set up yet", zh="尚未部署"),
    "conversation_over": Text(en="This conversation is over", zh="该对话已结束"),
    "conversation_inside": Text(en="Not there for this conversation", zh="该对话不支持此操作"),
    "text_too_long": Text(en="Too much to check at once", zh="一次发送的内容过多"),
    "scan_timeout": Text(en="Too much to check at once", zh="一次发送的内容过多"),
    "service_unreachable": Text(en="The service does not answer", zh="该服务没有回应"),
    "internal_error": Text(en="Temporarily unavailable", zh="暂时无法使用"),
}
UNCHECKED: Final = Text(en="The content could not be checked", zh="内容无法完成检查")

RULE: Final = Text(en="Rule", zh="依据规则")
REASON: Final = Text(en="Why", zh="原因")
INSTEAD: Final = Text(en="What you can do", zh="您可以这样做")
ONWARD: Final = Text(en="Go on here", zh="从这里继续")
CONTACT: Final = Text(en="Questions", zh="联系人")
REFERENCE: Final = Text(en="Reference", zh="编号")

ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
LINK: Final = re.compile(r"https?://[^\s<>\"']+", re.ASCII)


def style_source() -> str:
    """Return the hash by which the policy of the page permits its one style sheet (CSP Level 3, section 2.3.1)."""
    style = PAGE.template.partition("<style>")[2].partition("</style>")[0]
    return "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"


CONTENT_POLICY: Final = f"default-src 'none'; style-src {style_source()}; base-uri 'none'; form-action 'none'"


def page(explanation: Explanation) -> Answer:
    """Return the refusal as a web page of its own status."""
    first = explanation.sections[0].language
    html = PAGE.substitute(
        lang=html_language(first),
        csp=escape(CONTENT_POLICY),
        title=escape(title(explanation.code, first)),
        sections="\n".join(render(section, explanation.code) for section in explanation.sections),
    )
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", CONTENT_POLICY),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    )
    return Answer(explanation.status, headers, html.encode())


def render(section: Section, code: str) -> str:
    """Return one language's part of the page."""
    language = section.language
    rows = [
        (RULE, escape(section.rule)),
        (REASON, escape(section.reason)),
        (INSTEAD, escape(section.instead)),
        (ONWARD, link(section.link)),
        (CONTACT, link(section.contact)),
        (REFERENCE, f"<code>{escape(section.reference)}</code>"),
    ]
    listed = "\n".join(f"<dt>{label.in_language(language)}</dt><dd>{value}</dd>" for label, value in rows if value)
    return (
        f'<section lang="{html_language(language)}">\n'
        f"<h1>{escape(title(code, language))}</h1>\n"
        f"<p>{escape(section.who)}</p>\n"
        f"<dl>\n{listed}\n</dl>\n"
        "</section>"
    )


def title(code: str, language: Language) -> str:
    """Return the headline of a refusal."""
    return TITLES.get(code, UNCHECKED).in_language(language)


def html_language(language: Language) -> str:
    """Return the language tag (BCP 47) that makes browsers choose the right glyphs."""
    return "zh-CN" if language == "zh" else "en"


def link(contact: str) -> str:
    """Return the contact as HTML: a link if it is nothing but an e-mail or web address."""
    text = escape(contact)
    if ADDRESS.fullmatch(contact):
        return f'<a href="mailto:{text}">{text}</a>'
    if LINK.fullmatch(contact):
        return f'<a href="{text}">{text}</a>'
    return text
