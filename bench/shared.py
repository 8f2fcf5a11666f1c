"""What all peers can say: group × service × activity × in or out of office hours × data class, allowed or forbidden.

Enters: a company, a number of rules, a seed. Leaves: rules as plain values, the same policy in our language, and
questions as plain values. Everything else of ours (redaction, routes, grants, quotas, notices, gates, modes, people
whom nobody could identify, what could not be looked for) has no counterpart in a peer and is left out here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bench.company import SERVICES, Company
from bench.rulebook import document
from bench.traffic import POPULAR, Exchange, drawn, instants
from policies.decision import Facts, Findings

ACTIVITIES = ("prompt", "upload", "visit", "other")
"""Those that are not also a kind of another one."""
CLASSES = {
    "personal": "PHONE_NUMBER",
    "mail": "EMAIL_ADDRESS",
    "secrets": "API_KEY",
    "finance": "CREDIT_CARD",
    "health": "UK_NHS",
    "networks": "IP_ADDRESS",
}
"""Name → the one entity of each class, so that a class was found when its entity was."""
SETS = {
    "approved": ("openai-chatgpt", "anthropic-claude", "ms-m365-copilot", "doubao", "kimi", "openai-api"),
    **{each: tuple(one.id for one in SERVICES if one.category == each) for each in ("chat", "api", "agent", "coding")},
    **{each: tuple(one.id for one in SERVICES if one.country == each) for each in ("US", "CN", "FR", "SG")},
}
ZONE = "Asia/Shanghai"
OFFICE = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:30"}


@dataclass(frozen=True, slots=True)
class Plain:
    """One rule; what is empty always holds."""

    id: str
    allows: bool
    groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """Ids, or names of `SETS`."""
    activities: tuple[str, ...] = ()
    office: bool | None = None
    """In office hours, outside of them, or both."""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """An exchange, for us and as plain values for the peers."""

    exchange: Exchange
    user: str
    groups: tuple[str, ...]
    service: str
    activity: str
    office: bool
    classes: tuple[str, ...]


def plain(company: Company, rules: int, seed: int) -> list[Plain]:
    """Return rules in the shares of the full policies: most of them on groups, most of these on some services."""
    random = Random(f"shared/{seed}")

    def some(values: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(random.sample(values, min(random.randint(1, most), random.randint(1, most))))

    ids, written = tuple(each.id for each in SERVICES), [Plain("r0", True, activities=("prompt", "visit"))]
    for number in range(1, rules):
        allows = random.random() < 0.62
        groups = some(company.groups, 3) if random.random() < 0.93 else ()
        services = random.choices(((), some(ids, 5), some(tuple(SETS), 2)), (20, 40, 40))[0]
        classes = some(tuple(CLASSES), 2) if random.random() < (0.15 if allows else 0.6) else ()
        narrow = bool(groups and services) or bool(classes)
        if not allows and not narrow:
            services = random.sample(ids, 1)[0:1]
        written.append(
            Plain(
                id=f"r{number}",
                allows=allows,
                groups=groups,
                services=tuple(services),
                activities=some(ACTIVITIES, 3) if random.random() < 0.5 else (),
                office=random.choice((True, False)) if random.random() < 0.08 else None,
                classes=classes,
            )
        )
    return written


def ours(company: Company, rules: list[Plain]) -> str:
    """Return the rules in our language."""
    defined = {
        "time_zone": ZONE,
        "hours": {"office": OFFICE},
        "services": {name: {"ids": list(ids)} for name, ids in SETS.items()},
        "data_classes": {name: {"entities": [entity]} for name, entity in CLASSES.items()},
        "groups": company.listed,
    }
    return document(defined, [_rule(each) for each in rules])


def _rule(rule: Plain) -> dict[str, object]:
    asked = {
        "group": list(rule.groups),
        "service": list(rule.services),
        "activity": list(rule.activities),
        "data": list(rule.classes),
    }
    when = {key: value for key, value in asked.items() if value}
    if rule.office is not None:
        when["hours" if rule.office else "outside_hours"] = ["office"]
    return {"id": rule.id, "verdict": "allowed" if rule.allows else "forbidden", **({"when": when} if when else {})}


def questions(company: Company, seed: int, count: int) -> list[Question]:
    """Return `count` questions, each at its own instant."""
    random = Random(f"questions/{seed}")
    services, people = random.sample(SERVICES, len(SERVICES)), company.people
    asked = []
    for at in instants(random):
        if len(asked) == count:
            break
        person, service = random.choice(people), random.choices(services, cum_weights=POPULAR)[0]
        activity = drawn(random, {"prompt": 60, "upload": 12, "visit": 18, "other": 10})
        few = random.choices((0, 1, 2, 3), (65, 22, 9, 4))[0]
        classes = tuple(random.sample(tuple(CLASSES), few))
        facts = Facts(
            service=service.id,
            category=service.category,
            country=service.country,
            user=person,
            groups=company.told[person],
            address="10.1.2.3",
            at=at,
            activity=activity,
            tags=service.tags,
        )
        found = Findings({CLASSES[each]: 1 for each in classes}, 800)
        mine = company.belongs[person]
        asked.append(Question(Exchange(facts, found), person, mine, service.id, activity, in_office(at), classes))
    return asked


def in_office(at: datetime) -> bool:
    """Tell it for the peers, which have no calendar: they are handed the answer, and not timed for it."""
    local = at.astimezone(ZoneInfo(ZONE))
    minutes = timedelta(hours=local.hour, minutes=local.minute)
    return local.weekday() < 5 and timedelta(hours=9) <= minutes < timedelta(hours=18, minutes=30)
