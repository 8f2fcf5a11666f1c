"""A week of exchanges of that company: who asks what of which service, and what their text holds.

Enters: a company, a policy, a seed. Leaves: `Exchange`s, each at its own instant, as in life: what is remembered of one
helps the next no more than it would there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from bench.company import SERVICES, UNLISTED, Company
from policies.decision import Facts, Findings, Grant
from policies.meter import quota_names
from policies.model import Policy

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NEVER_FOUND = Findings({}, 0)
POPULAR = tuple(accumulate(1 / (1 + place) for place in range(len(SERVICES))))
"""The first services of a shuffled list are asked far more often than the last ones."""
ACTIVITIES = {"prompt": 52, "complete": 12, "visit": 15, "upload": 9, "other": 6, "embed": 3, "download": 2, "train": 1}
ACCOUNTS = {"unknown": 50, "company": 35, "free": 10, "personal": 5}
PURPOSES = {"unknown": 80, "business": 15, "personal": 5}
ENTITIES = ("PHONE_NUMBER", "EMAIL_ADDRESS", "CN_ID_CARD", "API_KEY", "CREDIT_CARD", "IP_ADDRESS", "CUSTOMER", "SOURCE")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to policy."""

    facts: Facts
    found: Findings


def drawn(random: Random, weights: dict[str, int]) -> str:
    """Return one of the words, as often as it weighs."""
    return random.choices(list(weights), list(weights.values()))[0]


def instants(random: Random) -> Iterator[datetime]:
    """Give different instants of one week, most of them in office hours of Shanghai."""
    while True:
        day = random.choices(range(7), (20, 20, 20, 20, 20, 4, 3))[0]
        hour = random.triangular(8, 20, 13) if random.random() < 0.9 else random.uniform(0, 24)
        yield MONDAY + timedelta(days=day, hours=hour - 8, microseconds=random.randrange(10**6))


def findings(random: Random, activity: str) -> Findings:
    """Return what a text holds: nothing in two of three, else one to four kinds of things."""
    if activity in ("visit", "download"):
        return NEVER_FOUND
    length = int(random.lognormvariate(6.5, 1.2))
    if random.random() < 0.65:
        return Findings({}, length)
    kinds = random.sample(ENTITIES, random.choices((1, 2, 3, 4), (60, 25, 10, 5))[0])
    return Findings({kind: random.randint(1, 4) for kind in kinds}, length)


def traffic(company: Company, policy: Policy, seed: int, count: int, known: bool = True) -> list[Exchange]:
    """Return `count` exchanges; of people whom nobody could identify unless `known`."""
    random = Random(f"traffic/{seed}")
    services = random.sample(SERVICES, len(SERVICES))
    people = company.people
    asking = [rule.id for rule in policy.rules if rule.verdict == "authorized"]
    exchanges = []
    for at in instants(random):
        if len(exchanges) == count:
            return exchanges
        person, activity = random.choice(people), drawn(random, ACTIVITIES)
        service = UNLISTED if random.random() < 0.02 else random.choices(services, cum_weights=POPULAR)[0]
        facts = Facts(
            service=service.id,
            category=service.category,
            country=service.country,
            user=person if known else "",
            groups=company.told[person] if known else frozenset(),
            address=f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}",
            at=at,
            activity=activity,
            grants=tuple(grants(random, person, at, asking)) if known and random.random() < 0.3 else (),
            tags=service.tags,
            account=drawn(random, ACCOUNTS),
            purpose=drawn(random, PURPOSES),
            acknowledged=frozenset({"须知"}) if random.random() < 0.7 else frozenset(),
        )
        used = {name: random.randrange(250) for name in quota_names(policy, facts)}
        exchanges.append(Exchange(replace(facts, used=used), findings(random, activity)))
    return exchanges


def grants(random: Random, person: str, at: datetime, asking: list[str]) -> Iterator[Grant]:
    """Give one to three grants of a person, some of them over or for certain data only."""
    for number in range(random.randint(1, 3)):
        yield Grant(
            id=f"G-{random.randrange(10**6):06}",
            person=person,
            group="",
            service="*" if random.random() < 0.5 else random.choice(SERVICES).id,
            rule=random.choice(asking) if asking and number else "*",
            approver="张敏",
            purpose="月报",
            until=at + timedelta(hours=random.randint(-24, 24 * 30)),
            classes=frozenset({"personal", "客户"}) if random.random() < 0.2 else frozenset(),
        )
