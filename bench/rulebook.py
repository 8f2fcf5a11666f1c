"""Policies such as companies write, in any number of rules: seeded, so that a run can be repeated.

Enters: a company, a number of rules, a seed. Leaves: YAML text, the language of the people who write policies, so that
loading is measured too. `SHARES` says how often each kind of rule stands in it, and is what README.md shows.
"""

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from bench.company import SERVICES, Company

PLAIN = re.compile(r"[A-Za-z一-鿿][\w.-]*")
IDS = tuple(each.id for each in SERVICES)

DEFINED: dict[str, Any] = {
    "time_zone": "Asia/Shanghai",
    "hours": {
        "office": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:30", "holidays": "cn-2026"},
        "late": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "18:00", "to": "22:00"},
        "night": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "22:00", "to": "06:00"},
        "weekend": {"days": ["sat", "sun"], "from": "00:00", "to": "24:00"},
    },
    "services": {
        "approved": {"ids": ["openai-chatgpt", "anthropic-claude", "ms-m365-copilot", "doubao", "kimi", "openai-api"]},
        "coders": {"category": "coding"},
        "chats": {"category": ["chat", "search"]},
        "interfaces": {"category": ["api", "platform"]},
        "pictures": {"category": ["image", "video", "voice"]},
        "agents": {"category": "agent"},
        "home": {"country": "CN"},
        "home-chats": {"category": "chat", "country": "CN"},
        "abroad": {"country": ["US", "FR", "DE", "SG"]},
        "companions": {"ids": ["replika", "poe", "popai"]},
    },
    "data_classes": {
        "personal": {"entities": ["CN_ID_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN"]},
        "secrets": {"entities": ["API_KEY", "PRIVATE_KEY", "PASSWORD"]},
        "finance": {"entities": ["CREDIT_CARD", "IBAN_CODE", "US_BANK_NUMBER"]},
        "health": {"entities": ["MEDICAL_LICENSE", "UK_NHS", "US_MBI"]},
        "networks": {"entities": ["IP_ADDRESS", "MAC_ADDRESS"]},
        "客户": {"placeholder": "CUSTOMER", "terms": ["华星科技", "Project Falcon"]},
        "机密": {"placeholder": "CONFIDENTIAL", "terms": ["机密", "绝密", "INTERNAL ONLY"]},
        "源代码": {"placeholder": "SOURCE", "terms": ["源代码保密", "PROPRIETARY SOURCE CODE"]},
    },
    "notices": {
        "免费版": {
            "zh": "免费版可能用您的输入训练模型。",
            "en": "Free tiers may train on it.",
            "show": {"once_per": "day"},
        },
        "须知": {"zh": "请先阅读须知。", "en": "Read this.", "show": {"once_per": "month", "acknowledge": "yes"}},
        "核对": {"zh": "请核对回答。", "en": "Check the answer.", "show": {"with": "answer"}},
    },
    "quotas": {
        "日常": {"requests": 300, "per": "day", "of": "person"},
        "字数": {"characters": 2000000, "per": "week", "of": "person"},
        "部门": {"requests": 20000, "per": "month", "of": "group"},
        "全公司": {"tokens": 900000000, "per": "month", "of": "everyone"},
    },
}
NAMES = {key: tuple(value) for key, value in DEFINED.items() if isinstance(value, dict)}
SENSITIVE = NAMES["data_classes"][2:]


def flow(value: Any) -> str:
    """Return a value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    text = str(value)
    return text if PLAIN.fullmatch(text) or isinstance(value, int) else json.dumps(text, ensure_ascii=False)


class Author:
    """Writes one rule after another; each method is one kind of rule."""

    def __init__(self, seed: int, company: Company) -> None:
        self.random = Random(f"rules/{seed}")
        self.groups = company.groups
        self.people = company.people
        self.asking: list[str] = []
        """Ids of the `authorized` rules so far."""

    def some(self, values: tuple[str, ...], most: int) -> list[str]:
        """Return one to `most` of the values, few more often than many."""
        return self.random.sample(values, min(self.random.randint(1, most), self.random.randint(1, most)))

    def who(self) -> dict[str, Any]:
        return {"group": self.some(self.groups, 3)}

    def what(self) -> dict[str, Any]:
        """Services by id, by set or by tag."""
        kind = self.random.choices(("ids", "sets", "tags"), (45, 45, 10))[0]
        if kind == "tags":
            return {"tag": self.random.sample(("coding", "image", "agent", "CN", "FR", "unlisted"), 1)}
        return {"service": self.some(IDS, 5) if kind == "ids" else self.some(NAMES["services"], 2)}

    def everyday(self) -> dict[str, Any]:
        """What everybody may do."""
        return {
            "verdict": "allowed",
            "when": {"activity": self.random.choice((["prompt", "upload"], ["visit", "other"]))},
            "redact": ["personal", "secrets"],
            "unreadable": "refuse",
            "label": {"zh": "人工智能生成", "en": "AI-generated"},
        }

    def team_may(self) -> dict[str, Any]:
        """A group's own services, with what it owes."""
        rule: dict[str, Any] = {"verdict": "allowed", "when": {**self.who(), **self.what()}}
        if self.random.random() < 0.5:
            rule["when"]["activity"] = self.some(("prompt", "upload", "visit", "other"), 3)
        if self.random.random() < 0.5:
            rule["redact"] = {name: self.random.choice(("placeholder", "mask")) for name in self.some(SENSITIVE, 3)}
        if self.random.random() < 0.25:
            rule["remind"] = self.some(("免费版", "核对"), 2)
        return rule

    def team_must_not(self) -> dict[str, Any]:
        """A group's data that must not leave."""
        where = self.what() if self.random.random() < 0.6 else {}
        return {
            "verdict": "forbidden",
            "when": {**self.who(), **where, "data": self.some(SENSITIVE, 2)},
            "reason": {"zh": "这类数据不得外发。", "en": "Such data stays inside."},
            "instead": {"zh": "请使用内部模型。", "en": "Use our own model."},
        }

    def stays_inside(self) -> dict[str, Any]:
        """Data that the company's own model answers."""
        who = self.who() if self.random.random() < 0.8 else self.what()
        return {"verdict": "allowed", "when": {**who, "data": self.some(SENSITIVE, 2)}, "route": "internal"}

    def not_this(self) -> dict[str, Any]:
        """Services that nobody, or no group, may use."""
        ids = self.random.sample(IDS[12:], self.random.randint(1, 2))
        rule: dict[str, Any] = {"verdict": "forbidden", "when": {"service": ids, **self.who()}}
        if self.asking and self.random.random() < 0.3:
            rule["except"] = self.random.sample(self.asking, 1)
        return rule

    def needs_approval(self) -> dict[str, Any]:
        return {
            "verdict": "authorized",
            "when": {"service": self.some(IDS[6:], 3), **self.who(), "activity": ["prompt", "upload"]},
            "ask": {"zh": "请找组长。", "en": "Ask the lead.", "longest": "30 days"},
        }

    def at_night(self) -> dict[str, Any]:
        """What is different outside of hours."""
        when = {**self.who(), **self.what(), "purpose": "business"}
        key = self.random.choice(("hours", "outside_hours"))
        window = "office" if key == "outside_hours" else self.random.choice(("night", "weekend"))
        return {"verdict": "forbidden", "when": {**when, key: window}}

    def at_most(self) -> dict[str, Any]:
        """Quotas."""
        return {
            "verdict": "allowed",
            "when": {**self.who(), **self.what()},
            "quota": self.random.choice((*NAMES["quotas"], "日常", "日常")),
        }

    def free_tier(self) -> dict[str, Any]:
        """Accounts of one's own."""
        gate = {"gate": self.random.choice(("acknowledge", "justify"))} if self.random.random() < 0.3 else {}
        return {
            "verdict": "allowed",
            "when": {**self.who(), **self.what(), "account": ["free", "personal"]},
            "remind": ["免费版", "须知"],
            **gate,
        }

    def from_there(self) -> dict[str, Any]:
        """Places."""
        second = self.random.randrange(256)
        return {"verdict": "allowed", "when": {**self.what(), "network": f"10.{second}.0.0/16"}, "route": "internal"}

    def in_bulk(self) -> dict[str, Any]:
        """Amounts."""
        limit = {self.random.choice(("personal", "客户", "finance")): self.random.randint(2, 50), "characters": 30000}
        effect = self.random.choice(({"send_to": "internal", "record": "sealed"}, {"withhold": "yes"}))
        return {"verdict": "allowed", "when": {**self.who(), "amount": {"more_than": limit}}, **effect}

    def this_person(self) -> dict[str, Any]:
        return {"verdict": "allowed", "when": {"person": self.some(tuple(self.people), 4), **self.what()}}

    def this_tag(self) -> dict[str, Any]:
        tag = self.random.choice(("unlisted", "agent", "voice"))
        return {"verdict": "forbidden", "when": {**self.who(), "tag": tag, "activity": "upload"}}

    def write(self, id_: str, kind: str) -> dict[str, Any]:
        """Return one rule; one in seven is still on trial."""
        make: Callable[[], dict[str, Any]] = getattr(self, kind)
        rule = {"id": id_, **make()}
        if rule["verdict"] == "authorized":
            self.asking.append(id_)
        trial = self.random.random()
        if kind != "everyday":
            if trial < 0.06:
                rule["mode"] = "observe"
            elif trial < 0.10:
                rule["mode"] = "remind"
            elif trial < 0.14:
                rule["stage"] = {"groups": self.some(self.groups, 2), "percent": self.random.randrange(5, 60)}
        return rule


SHARES = {
    "everyday": 1,
    "team_may": 28,
    "team_must_not": 14,
    "stays_inside": 9,
    "needs_approval": 9,
    "not_this": 8,
    "at_most": 7,
    "at_night": 6,
    "free_tier": 5,
    "in_bulk": 4,
    "this_person": 4,
    "from_there": 3,
    "this_tag": 2,
}
"""Kind of rule → how many in a hundred."""


def write(company: Company, rules: int, seed: int) -> str:
    """Return the text of a policy; the first two rules are always those for everybody."""
    author = Author(seed, company)
    kinds = ["everyday", "everyday", *author.random.choices(list(SHARES), list(SHARES.values()), k=rules - 2)]
    written = [author.write(f"{kind.replace('_', '-')}-{number}", kind) for number, kind in enumerate(kinds)]
    written[0]["when"]["activity"], written[1]["when"]["activity"] = ["prompt", "upload"], ["visit", "other"]
    return document({**DEFINED, "groups": company.listed}, written)


def document(defined: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    """Return a policy of these definitions and rules as YAML."""
    lines = ["policy: 测试 / Bench", "version: 1", "owner: 合规部", "otherwise: forbid"]
    for section, value in defined.items():
        if not isinstance(value, dict):
            lines.append(f"{section}: {flow(value)}")
            continue
        lines += [f"{section}:", *(f"  {flow(name)}: {flow(each)}" for name, each in value.items())]
    return "\n".join([*lines, "rules:", *(f"  - {flow(rule)}" for rule in rules)]) + "\n"
