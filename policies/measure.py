"""Numbers in a policy: how much a text may hold, and how much may go out in a period.

Enters: nodes, and what the policy defines. Leaves: amounts and quotas. A limit that limits nothing is an error, because
its author believed in something that would not happen.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import messages, phrases
from policies.decision import Period, Unit
from policies.define import named
from policies.model import Amount, DataClass, Mark, Quota, fold
from policies.problem import say
from policies.read import Reader
from policies.refer import Defined, look_up
from policies.source import Entries, Items, Node, Scalar
from policies.words import canonical

CHARACTERS: Final = "characters"
AMOUNT_KEYS: Final = ("more_than",)
QUOTA_KEYS: Final = (*map(str, Unit), "per", "of")
SHARED: Final = ("person", "group", "everyone")
MOST: Final = 10**9


def amounts(read: Reader, node: Node, classes: Mapping[str, DataClass]) -> tuple[Amount, ...]:
    """Return the limits of `amount: {more_than: {…}}`."""
    fields = read.fields(node, phrases.AMOUNT, AMOUNT_KEYS, AMOUNT_KEYS)
    limits: dict[tuple[frozenset[str], float], Amount] = {}
    if "more_than" not in fields:
        return ()
    entries = read.entries(fields["more_than"], phrases.AMOUNT)
    for key, value in entries:
        name = read.name(key)
        counted = _counted(read, name, key.mark, classes) if name is not None else None
        most = read.number(value, phrases.QUANTITY, 0, MOST)
        if name is None or counted is None or most is None:
            continue
        least = classes[fold(name)].minimum if fold(name) in classes else 0.0
        if (counted, least) in limits:
            read.report.add(key.mark, say(phrases.AMOUNT_TWICE, word=name), messages.REMOVE_IT)
        called = name if fold(name) in classes else canonical(name, (CHARACTERS, *read.entities))
        limits[counted, least] = Amount(called, most, counted, least)
    if isinstance(fields["more_than"], Entries) and not entries:
        read.report.add(fields["more_than"].mark, phrases.EMPTY_AMOUNT, phrases.WRITE_AMOUNT)
    return tuple(limits.values())


def _counted(read: Reader, name: str, mark: Mark, classes: Mapping[str, DataClass]) -> frozenset[str] | None:
    """Return the entities that `name` counts, none for characters; None where it names nothing."""
    if canonical(name, (CHARACTERS,)) == CHARACTERS:
        return frozenset()
    if fold(name) in classes:
        entities = classes[fold(name)].entities
        if not entities:  # the rule must not match everything for want of something to count
            read.report.add(mark, say(messages.EMPTY_CLASS, word=name))
        return entities or None
    entity = canonical(name, read.entities)
    if entity in read.entities:
        return frozenset({entity})
    countable = [CHARACTERS, *(each.name for each in classes.values()), *read.entities]
    read.refuse_name(name, mark, phrases.COUNTED, countable, messages.WHOSE_ENTITY)
    return None


def define_quotas(read: Reader, section: Node, zone: str) -> dict[str, Quota]:
    """Return the quotas of the section `quotas`."""
    return {
        fold(name): _quota(read, name, node, mark, zone) for name, node, mark in named(read, section, phrases.QUOTA)
    }


def quotas_of(read: Reader, node: Node, rule: str, defined: Defined) -> Iterator[Quota]:
    """Give the quotas of a rule: names of the section, limits written out, or a list of both."""
    if isinstance(node, Items) and not node.items:
        read.report.add(node.mark, phrases.NO_QUOTA, phrases.WRITE_QUOTA)
    for each in node.items if isinstance(node, Items) else (node,):
        if not isinstance(each, Scalar):
            yield _quota(read, f"rule:{rule}", each, each.mark, defined.zone)
            continue
        name = read.name(each)
        quota = look_up(read, name, each.mark, phrases.QUOTA, defined.quotas) if name is not None else None
        if quota is not None:
            yield quota


def _quota(read: Reader, name: str, node: Node, mark: Mark, zone: str) -> Quota:
    fields = read.fields(node, phrases.A_QUOTA, QUOTA_KEYS, ("per",))
    limits = [
        (unit, limit)
        for unit in Unit
        if unit in fields and (limit := read.number(fields[unit], phrases.LIMIT, 1, MOST)) is not None
    ]
    if not {*map(str, Unit)} & fields.keys():
        read.report.add(node.mark, phrases.NO_QUOTA, phrases.WRITE_QUOTA)
    if not zone:
        read.report.add(mark, phrases.QUOTA_ZONE, messages.WRITE_ZONE)
    per = read.word(fields["per"], phrases.PERIOD, tuple(map(str, Period))) if "per" in fields else None
    of = read.word(fields["of"], phrases.SHARED, SHARED) if "of" in fields else None
    return Quota(name, tuple(limits), Period(per or Period.DAY), of or "person", zone, mark)
