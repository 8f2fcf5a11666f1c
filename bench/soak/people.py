"""What the people of a soak send, and what their answers must say: every value tells whose it is.

Enters: a number of a person and of an exchange. Leaves: a request, and a judgement of the text that came back. A
value is never said twice, so that one that turns up anywhere else is known by itself.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

PHONE: Final = re.compile(r"1(?:39|86)(\d{3})\d{5}")
"""A mobile number whose fourth to sixth digits are its person's."""
PLACEHOLDER: Final = re.compile(r"\[[A-Z_]+_[0-9a-z]+\]", re.IGNORECASE)

SENTENCES: Final = (
    "Please call the customer on {phone} and confirm by mail to {mail} until Friday.",
    "请给客户打电话 {phone}，并把合同发到 {mail}，谢谢。",
    "Summarise: the meeting is at ten. Contact {phone} or {mail}.",
    "会议改到下午三点，联系人电话{phone}，邮箱 {mail}。请写成通知。",
)
FILLER: Final = (
    "The quarterly figures are attached below and nothing in this line is confidential. 以下内容可以公开。\n"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange, before it is sent."""

    person: int
    host: str
    path: str
    body: dict[str, Any]
    text: str
    values: tuple[str, ...]


def ask(person: int, number: int, before: str = "") -> Asked:
    """Return the exchange number `number` of a person: both vendors' formats, both languages, streamed or whole."""
    prefix = ("139", "186")[number // 100_000 % 2]
    phone = f"{prefix}{person:03d}{number % 100_000:05d}"
    mail = f"client{number}.of{person:03d}@customer{person:03d}-mail.cn"
    text = SENTENCES[number % len(SENTENCES)].format(phone=phone, mail=mail)
    text = before + FILLER * (number % 7 * 3) + text
    body = {"model": "m", "stream": number % 3 != 0, "messages": [{"role": "user", "content": text}]}
    if number % 2:
        return Asked(person, "api.anthropic.com", "/v1/messages", {**body, "max_tokens": 99}, text, (phone, mail))
    return Asked(person, "api.openai.com", "/v1/chat/completions", body, text, (phone, mail))


def judge(asked: Asked, said: str) -> str:
    """Return what is wrong with an answer, or an empty string: it must hold all values and nobody else's."""
    others = {found[1] for found in PHONE.finditer(said)} - {f"{asked.person:03d}"}
    others |= set(re.findall(r"\.of(\d{3})@", said)) - {f"{asked.person:03d}"}
    if others:
        return "a value of somebody else"
    if any(value not in said for value in asked.values):
        return "not restored"
    return "a placeholder is left" if PLACEHOLDER.search(said) else ""
