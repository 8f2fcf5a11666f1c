"""The scenes of the demo: who types what, through which SDK, and what must become of it. Values only.

All people, numbers and companies are made up; the numbers pass their checksums, or nothing would find them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from policies.decision import Text


class Fate(StrEnum):
    """What can happen to a prompt."""

    FORBIDDEN = "forbidden"
    REDACTED = "redacted"
    UNGRANTED = "ungranted"
    """Needs an approval that nobody has given yet."""
    GRANTED = "granted"
    REDIRECTED = "redirected"


FATES: Final = {
    Fate.FORBIDDEN: Text(en="forbidden: nothing leaves", zh="禁止：不会发出任何内容"),
    Fate.REDACTED: Text(
        en="allowed, redacted on the way out, restored in the answer", zh="允许：发出前脱敏，回答中还原"
    ),
    Fate.UNGRANTED: Text(en="needs an approval, and there is none yet", zh="须审批：尚未获批"),
    Fate.GRANTED: Text(en="the same after `sluice grants add`", zh="须审批：执行 `sluice grants add` 之后"),
    Fate.REDIRECTED: Text(en="allowed, but answered by the company's own model", zh="允许：改由公司内部模型回答"),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One prompt."""

    fate: Fate
    language: Literal["en", "zh"]
    sdk: Literal["openai", "anthropic"]
    service: str
    """As people call it."""
    base_url: str
    """What the SDK is told, as its users tell it."""
    prompt: str
    confidential: tuple[str, ...]
    """The pieces of the prompt that must not leave the company."""
    stream: bool = False
    grants: tuple[str, str] = ("", "")
    """Service and rule to open before the scene starts."""


OPENAI: Final = "https://api.openai.com/v1"
ANTHROPIC: Final = "https://api.anthropic.com"
DEEPSEEK: Final = "https://api.deepseek.com/v1"
MISTRAL: Final = "https://api.mistral.ai/v1"
GROQ: Final = "https://api.groq.com/openai/v1"

HOSTS: Final = ("api.openai.com", "api.anthropic.com", "api.deepseek.com", "api.mistral.ai", "api.groq.com")
"""Hosts that the external stand-in plays."""

FOR_MISTRAL: Final = ("mistral-api", "needs-approval")
FOR_GROQ: Final = ("groq", "needs-approval")

EN_DRAFT: Final = "Draft a reply to Emily Carter, 14 Harrow Mews, London N4 2QZ, who paid with 4111 1111 1111 1111."
EN_REPORT: Final = "Proofread: our fiscal planning note, contact john.roe@northwind-traders.com."
EN_FALCON: Final = "Summarise the minutes of Project Falcon in three points."
ZH_DRAFT: Final = (
    "帮我润色：客户李志强，住杭州市西湖区梧桐里18号502室，身份证号11010519491231002X，手机13912345678，请回电。"
)
ZH_REPORT: Final = "请校对这份会议通知，联系人手机13712345678。"
ZH_CUSTOMER: Final = "请把华星科技的合同要点整理成三条。"

SCENES: Final = (
    Scene(Fate.FORBIDDEN, "en", "openai", "DeepSeek", DEEPSEEK, EN_FALCON, ("Project Falcon",)),
    Scene(
        Fate.REDACTED,
        "en",
        "openai",
        "OpenAI",
        OPENAI,
        EN_DRAFT,
        ("Emily Carter", "14 Harrow Mews, London N4 2QZ", "4111 1111 1111 1111"),
        stream=True,
    ),
    Scene(Fate.UNGRANTED, "en", "openai", "Mistral", MISTRAL, EN_REPORT, ("john.roe@northwind-traders.com",)),
    Scene(
        Fate.GRANTED,
        "en",
        "openai",
        "Mistral",
        MISTRAL,
        EN_REPORT,
        ("john.roe@northwind-traders.com",),
        grants=FOR_MISTRAL,
    ),
    Scene(Fate.REDIRECTED, "en", "openai", "OpenAI", OPENAI, EN_FALCON, ("Project Falcon",), stream=True),
    Scene(Fate.REDIRECTED, "en", "anthropic", "Claude", ANTHROPIC, EN_FALCON, ("Project Falcon",), stream=True),
    Scene(Fate.FORBIDDEN, "zh", "openai", "DeepSeek", DEEPSEEK, ZH_CUSTOMER, ("华星科技",)),
    Scene(
        Fate.REDACTED,
        "zh",
        "anthropic",
        "Claude",
        ANTHROPIC,
        ZH_DRAFT,
        ("李志强", "杭州市西湖区梧桐里18号502室", "11010519491231002X", "13912345678"),
        stream=True,
    ),
    Scene(Fate.UNGRANTED, "zh", "openai", "Groq", GROQ, ZH_REPORT, ("13712345678",)),
    Scene(Fate.GRANTED, "zh", "openai", "Groq", GROQ, ZH_REPORT, ("13712345678",), grants=FOR_GROQ),
    Scene(Fate.REDIRECTED, "zh", "openai", "OpenAI", OPENAI, ZH_CUSTOMER, ("华星科技",)),
    Scene(Fate.REDIRECTED, "zh", "anthropic", "Claude", ANTHROPIC, ZH_CUSTOMER, ("华星科技",), stream=True),
)
