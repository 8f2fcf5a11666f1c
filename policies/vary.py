"""Everything that an exchange can be, kind by kind, as far as a policy could ask about it.

Enters: policies, the services, a day to begin with. Leaves: for each kind (who, which service, when, what …) the values
that it can have. Pure. People, hours and texts have no end of values: those are taken that the policies' own names and
numbers can tell apart, and where even these are too many, the kind is named as tried in part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, combinations, product
from typing import Any, Final
from zoneinfo import ZoneInfo

from policies.calendar import is_open
from policies.decision import Findings, Text
from policies.enact import ACCOUNTS, ACTIVITIES, PURPOSES
from policies.listed import NOBODYS, Listed
from policies.model import Hours, Policy, Rule
from policies.words import alias

HORIZON: Final = 400
"""Days in which a representative of each constellation of hours is looked for: a year with its holidays."""
FEW: Final = 5
"""Up to so many groups, or sorts of data, are tried in all their combinations; more only alone and all together."""
STRANGERS: Final = 24
"""Made-up people, so that staged rules meet some they are in force for and some they are not."""
LEVELS: Final = 4
"""Different amounts that are tried, at most."""
FAMILIAR: Final = frozenset({"openai-chatgpt", "openai-api", "cursor", "doubao", "midjourney"})
"""Services that stand for others like them, because readers know them."""
SOMEBODY: Final = "person-1"
SHORT: Final = 100
"""Characters of an ordinary text."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one kind."""

    said: Text
    facts: dict[str, Any] = field(default_factory=dict)
    """Fields of `Facts` that it sets."""
    found: Findings | None = None


@dataclass(frozen=True, slots=True)
class Variety:
    """The values of every kind."""

    values: dict[str, list[Value]]
    partly: frozenset[str]
    """Kinds of which not every value that could matter is there."""


def vary(policies: Sequence[Policy], services: Sequence[Listed], start: datetime) -> Variety:
    """Return the values of every kind, from the instant `start` (aware) on; the most ordinary of each comes first."""
    rules = [rule for policy in policies for rule in policy.conditions]
    groups = sorted({group.name for policy in policies for group in policy.groups})
    sorts = _sorts(rules)
    listed = [*sorted(services, key=lambda each: (each.id not in FAMILIAR, each.id)), NOBODYS]
    values = {
        "person": _people(policies, rules, groups),
        "service": [as_value(each) for each in listed],
        "activity": [Value(Text(each, alias(each)), {"activity": each}) for each in _ordinary_first(ACTIVITIES)],
        "time": _times(rules, start),
        "network": _networks(rules),
        "account": [Value(_called("account", "账号", each), {"account": each}) for each in reversed(ACCOUNTS)],
        "purpose": [Value(_called("purpose", "用途", each), {"purpose": each}) for each in reversed(PURPOSES)],
        "text": _texts(policies, rules, sorts),
    }
    partly = {kind for kind, many in (("person", groups), ("text", sorts)) if len(many) > FEW}
    return Variety(values, frozenset(partly))


def _ordinary_first(activities: Sequence[str]) -> Iterator[str]:
    yield "prompt"
    yield from (each for each in activities if each != "prompt")


def _called(en: str, zh: str, word: str) -> Text:
    return Text(f"{en} {word}", f"{zh}{alias(word)}")


def _together[T](things: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """Give the combinations that are tried: each thing alone, and several together."""
    sizes = range(1, len(things) + 1) if len(things) <= FEW else (1, len(things))
    return chain.from_iterable(combinations(things, size) for size in sizes)


def _people(policies: Sequence[Policy], rules: Sequence[Rule], groups: Sequence[str]) -> list[Value]:
    """Return sample people: without a group, of each group and of several, all those named, and an unidentified one."""
    listed = {person for rule in rules for person in rule.when.people}
    members = {person for policy in policies for group in policy.groups for person in group.people}
    staged = any(rule.stage for rule in rules)
    strangers = [f"person-{number}" for number in range(1, STRANGERS + 1)] if staged else [SOMEBODY]
    nameless = Text("a person of no group", "不属于任何用户组的员工")
    values = [Value(Text(each, each) if staged else nameless, {"user": each}) for each in strangers]
    crowds = list(_together(groups))
    values += [_member(SOMEBODY, crowd, "") for crowd in crowds]
    for name in (*sorted(listed), *sorted(members - listed)):
        values.append(Value(Text(name, name), {"user": name}))
        values += [_member(name, crowd, name) for crowd in crowds if name in listed]
    return [*values, Value(Text("somebody nobody knows", "身份不明者"), {"user": ""})]


def _member(user: str, crowd: tuple[str, ...], name: str) -> Value:
    en = f"group{'s' if len(crowd) > 1 else ''} {' and '.join(crowd)}"
    zh = f"用户组{'和'.join(crowd)}"
    said = Text(f"{name} of {en}", f"{zh}的{name}") if name else Text(en, zh)
    return Value(said, {"user": user, "groups": frozenset(crowd)})


def as_value(service: Listed) -> Value:
    """Return a service as one of the things that a rule may ask for."""
    said = Text(f"service {service.id}", f"服务{service.id}")
    if service is NOBODYS:
        said = Text("an unlisted service", "未收录的服务")
    facts = {"service": service.id, "category": service.category, "country": service.country, "tags": service.tags}
    return Value(said, facts)


def _times(rules: Sequence[Rule], start: datetime) -> list[Value]:
    """Return an instant for each constellation of open and closed hours."""
    windows = list(dict.fromkeys(each for rule in rules for each in (*rule.when.hours, *rule.when.outside)))
    if not windows:
        return [Value(Text(), {"at": start})]
    seen: dict[tuple[bool, ...], Value] = {}
    for at in _edges(windows, start):
        open_ = tuple(is_open(each, at) for each in windows)
        if open_ not in seen:
            names = sorted({each.name for each, held in zip(windows, open_, strict=True) if held})
            clock = f"{at.astimezone(ZoneInfo(windows[0].zone)):%Y-%m-%d %H:%M}"
            en, zh = (" and ".join(names), "、".join(names)) if names else ("outside all hours", "所有时段之外")
            seen[open_] = Value(Text(f"{en} ({clock})", f"{zh}（{clock}）"), {"at": at})
    return list(seen.values())


def _edges(windows: Sequence[Hours], start: datetime) -> Iterator[datetime]:
    """Give the instants at which a window can open or close, and midnight, day by day."""
    zones = {each.zone: ZoneInfo(each.zone) for each in windows}
    for day in range(HORIZON):
        for zone, info in zones.items():
            date = start.astimezone(info).date() + timedelta(days=day)
            minutes = {0, *(m % 1440 for each in windows if each.zone == zone for m in (each.opens, each.closes))}
            for minute in sorted(minutes):
                yield datetime.combine(date, time(minute // 60, minute % 60), info).astimezone(UTC)


def _networks(rules: Sequence[Rule]) -> list[Value]:
    """Return an address of each network that a rule names, and two of none."""
    inside = [str(network.network_address) for rule in rules for network in rule.when.networks]
    addresses = dict.fromkeys(("10.0.0.1", "203.0.113.9", *inside))
    return [Value(Text(f"address {each}", f"地址{each}"), {"address": each}) for each in addresses]


def _sorts(rules: Sequence[Rule]) -> list[str]:
    """Return one entity of each sort that rules tell apart."""
    asked = sorted(frozenset[str]().union(*(rule.sought | rule.redacted | rule.counted for rule in rules)))
    alike: dict[tuple[object, ...], str] = {}
    for entity in asked:
        told = [
            (
                entity in rule.sought,
                rule.sought_from.get(entity),
                rule.treat.get(entity),
                rule.redacted_from.get(entity),
            )
            for rule in rules
        ]
        counted = [(entity in each.entities, each.least) for rule in rules for each in rule.when.amounts]
        alike.setdefault((*told, *counted), entity)
    return list(alike.values())


def _texts(policies: Sequence[Policy], rules: Sequence[Rule], sorts: Sequence[str]) -> list[Value]:
    """Return texts with nothing, with each sort of data, with several, little of it and much, short and long."""
    owners: dict[str, str] = {}
    for policy in policies:
        for each in policy.classes:
            for entity in each.entities:
                owners.setdefault(entity, each.name)
    amounts = [each for rule in rules for each in rule.when.amounts]
    counts = [1, *sorted({each.most + 1 for each in amounts if each.entities} - {1})[:LEVELS]]
    lengths = [SHORT, *sorted({each.most + 1 for each in amounts if not each.entities} - {SHORT})[:LEVELS]]
    minimums = {each.minimum for policy in policies for each in policy.classes}
    doubts = (
        sorted({0.0, *minimums} - {max(minimums)}) if any(minimums) else []
    )  # as much as one threshold, not the next
    values = []
    for length in lengths:
        long = Text() if length == SHORT else Text(f", {length} characters", f"，{length} 个字符")
        values.append(Value(Text(f"no finding{long.en}", f"没有发现{long.zh}"), {}, Findings({}, length)))
        for together, count in product(_together(sorts), counts):
            names = sorted({owners.get(entity, entity) for entity in together})
            many = f"{count} × " if count > 1 else ""
            en, zh = f"{many}{' and '.join(names)} found", f"发现{many}{'、'.join(names)}"
            found = Findings(dict.fromkeys(together, count), length)
            values.append(Value(Text(en + long.en, zh + long.zh), {}, found))
            for score in doubts:
                doubtful = replace(found, scores=dict.fromkeys(together, (score,) * count))
                en_too, zh_too = f", with a score of {score:g} only", f"，得分仅 {score:g}"
                values.append(Value(Text(en + long.en + en_too, zh + long.zh + zh_too), {}, doubtful))
    return values
