"""A made-up company: the AI services it meets, its groups, its people.

Enters: a seed and how many groups. Leaves: a `Company`, the same one for the same seed. Nothing here is real but the
ids of services, which are the catalogue's.
"""

from dataclasses import dataclass, field
from random import Random

PER_GROUP = 25
"""People who have a group as their first one."""

CATALOGUE = """
chat US openai-chatgpt anthropic-claude google-gemini google-notebooklm ms-copilot ms-m365-copilot meta-ai poe replika
chat CN doubao kimi deepseek-chat qwen-chat baidu-yiyan iflytek-spark stepfun baichuan
chat SG monica sider popai
chat FR mistral-lechat
api US openai-api anthropic-api google-gemini-api ms-azure-openai groq together openrouter replicate
api CN dashscope deepseek-api moonshot-api zhipu-api siliconflow volcengine-ark
api FR mistral-api scaleway-ai
api DE jina
agent US devin google-jules lindy dust
agent CN coze-cn tencent-yuanqi
agent SG manus coze-intl
coding US cursor github-copilot windsurf replit
coding CN trae-cn codebuddy lingma
image US midjourney ideogram
image CN jimeng liblib
search US perplexity you-com
search CN metaso
voice US elevenlabs
video US runway
video CN kling
"""
"""Category, country, ids."""

TEAMS = ("研发", "市场", "法务", "财务", "Sales", "Support", "HR", "Data", "采购", "Design", "运维", "Research", "客服")


@dataclass(frozen=True, slots=True)
class Service:
    """A service as the catalogue knows it."""

    id: str
    category: str
    country: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there."""

    groups: tuple[str, ...]
    listed: dict[str, list[str]] = field(hash=False)
    """Group → the people that the policy lists; half of the groups list none, the identity source tells theirs."""
    told: dict[str, frozenset[str]] = field(hash=False)
    """Person → groups that the identity source tells."""
    belongs: dict[str, tuple[str, ...]] = field(hash=False)
    """Person → all groups."""

    @property
    def people(self) -> list[str]:
        """All people, in a fixed order."""
        return list(self.belongs)


SERVICES = tuple(
    Service(id_, category, country, frozenset({category, country}))
    for line in CATALOGUE.strip().splitlines()
    for category, country, *ids in [line.split()]
    for id_ in ids
)
UNLISTED = Service("", "", "", frozenset({"unlisted"}))
"""A host that looks like AI and is in no catalogue."""


def company(seed: int, groups: int) -> Company:
    """Return a company whose people belong to one to five groups each, 2.3 on average."""
    random = Random(f"company/{seed}/{groups}")
    names = tuple(f"{TEAMS[number % len(TEAMS)]}-{number // len(TEAMS) + 1}" for number in range(groups))
    in_policy = frozenset(random.sample(names, groups // 2))
    belongs: dict[str, tuple[str, ...]] = {}
    for number in range(groups * PER_GROUP):
        first = names[number % groups]
        others = random.choices((0, 1, 2, 3, 4), (30, 35, 20, 10, 5))[0]
        belongs[f"u{number:05}"] = tuple(dict.fromkeys((first, *random.choices(names, k=others))))
    listed: dict[str, list[str]] = {name: [] for name in names}
    for person, mine in belongs.items():
        for name in mine:
            if name in in_policy:
                listed[name].append(person)
    told = {person: frozenset(mine) - in_policy for person, mine in belongs.items()}
    return Company(names, listed, told, belongs)
