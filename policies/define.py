"""The named things that rules refer to: hours, groups, sets of services.

Enters: the nodes of their sections. Leaves: values by folded name. A thing whose name can be read is defined even where
its content is wrong, so that one mistake is reported once and not again at each rule that uses it.
"""

import re
from collections.abc import Callable, Collection, Iterator

from policies import messages, phrases
from policies.calendar import special_days
from policies.countries import COUNTRIES
from policies.decision import Text
from policies.model import Group, Hours, Mark, ServiceSet, fold
from policies.problem import nearest, say
from policies.read import QUOTES, Reader
from policies.source import Entries, Node
from policies.words import canonical

LISTED = ("ids", "country")
NONE: frozenset[str] = frozenset()
SHORT = 2
"""Letters of a country code, to which any two letters are near."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = ("days", "from", "to")
ANY = "any"
TIME = re.compile(r"([01]\d|2[0-3]|24):([0-5]\d)", re.ASCII)
DAY = 24 * 60
SERVICE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
CATEGORIES = ("chat", "api", "coding", "image", "video", "voice", "search", "writing", "platform", "agent")
"""Main uses of services; the catalogue's own words."""
TAGS = frozenset({*CATEGORIES, *COUNTRIES, "unlisted"})
"""Tags that the catalogue gives to services; `unlisted` is a host that looks like AI and is in no catalogue."""


def named(read: Reader, section: Node, what: Text) -> Iterator[tuple[str, Node, Mark]]:
    """Give name, content and place of each thing of a section."""
    for key, value in read.entries(section, what):
        name = read.name(key)
        if name is not None:
            yield name, value, key.mark


def define_hours(read: Reader, section: Node, zone: str, shipped: Callable[[str], str | None]) -> dict[str, Hours]:
    """Return the windows of the section `hours`, in the time zone of the policy.

    `shipped` returns the text of a file of holidays by its name, or None where there is none.
    """
    return {
        fold(name): _window(read, name, node, mark, zone, shipped)
        for name, node, mark in named(read, section, messages.HOURS)
    }


def _window(read: Reader, name: str, node: Node, mark: Mark, zone: str, shipped: Callable[[str], str | None]) -> Hours:
    fields = read.fields(node, messages.A_WINDOW, (*WINDOW, "holidays", "off", "work"), WINDOW)
    days = read.words(fields["days"], messages.DAY, DAYS) if "days" in fields else frozenset()
    opens = _minutes(read, fields["from"], DAY - 1) if "from" in fields else None
    closes = _minutes(read, fields["to"], DAY) if "to" in fields else None
    if opens is not None and opens == closes:
        read.report.add(fields["to"].mark, messages.EMPTY_WINDOW, messages.WRITE_DAY)
    off, work = special_days(read, fields, shipped)
    return Hours(name, frozenset(map(DAYS.index, days)), opens or 0, closes or 0, zone, off, work, mark)


def _minutes(read: Reader, node: Node, latest: int) -> int | None:
    """Return a time as minutes after midnight, at most `latest`."""
    scalar = read.scalar(node, messages.HOURS)
    if scalar is None:
        return None
    match = TIME.fullmatch(scalar.text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    if minutes <= latest:
        return minutes
    if scalar.plain and scalar.text[:1] in QUOTES:
        read.report.add(scalar.mark, say(messages.WIDE_QUOTES, word=scalar.text), messages.USE_QUOTES)
        return None
    meant = fold(scalar.text).zfill(5)
    slip = not match and TIME.fullmatch(meant)
    hint = say(messages.DID_YOU_MEAN, word=meant) if slip else messages.WRITE_TIME
    read.report.add(scalar.mark, say(messages.BAD_TIME, word=scalar.text), hint)
    return None


def define_groups(read: Reader, section: Node) -> dict[str, Group]:
    """Return the groups of the section `groups`; an empty one gets its people from the identity source."""
    return {fold(name): _group(read, name, node, mark) for name, node, mark in named(read, section, messages.GROUP)}


def _group(read: Reader, name: str, node: Node, mark: Mark) -> Group:
    scalars = [read.scalar(each, messages.PERSON) for each in read.items(node, messages.A_GROUP)]
    people = [read.name(each) for each in scalars if each]
    return Group(name, frozenset(fold(each) for each in people if each), mark)


def define_services(read: Reader, section: Node, known: Collection[str] | None) -> dict[str, ServiceSet]:
    """Return the sets of the section `services`; `known` are the ids of the catalogue, None leaves them unchecked."""
    sets: dict[str, ServiceSet] = {}
    for name, node, mark in named(read, section, messages.SERVICES):
        if canonical(fold(name), (ANY,)) == ANY:
            read.report.add(mark, say(messages.RESERVED, word=name))
        if known is not None and name in known:
            read.report.add(mark, say(messages.ALSO_A_SERVICE, word=name))
        sets[fold(name)] = _service_set(read, name, node, mark, known)
    return sets


def _service_set(read: Reader, name: str, node: Node, mark: Mark, known: Collection[str] | None) -> ServiceSet:
    fields = read.fields(node, messages.A_SET, ("ids", "category", "country", "tags"))
    if isinstance(node, Entries) and not node.entries:
        read.report.add(node.mark, say(messages.NO_VALUE, word=name))
    listed = {key: list(read.names(value, messages.SERVICES)) for key, value in fields.items() if key in LISTED}
    for word, place in listed.get("ids", ()):
        if not is_service(word, known):
            read.refuse_service(word, place, messages.SERVICE, known or ())
    for word, place in listed.get("country", ()):
        if word not in COUNTRIES:
            read.report.add(place, say(messages.BAD_COUNTRY, word=word), messages.WRITE_COUNTRY)
    ids, countries = (frozenset(word for word, _ in listed.get(key, ())) for key in LISTED)
    categories = read.words(fields["category"], messages.CATEGORY, CATEGORIES) if "category" in fields else NONE
    return ServiceSet(name, ids, categories, countries, tags(read, fields["tags"]) if "tags" in fields else NONE, mark)


def tags(read: Reader, node: Node) -> frozenset[str]:
    """Return tags of the catalogue, from a list or a single one."""
    words = [(canonical(word, TAGS), place) for word, place in read.names(node, phrases.TAG)]
    for word, place in words:
        if word not in TAGS:
            near = nearest(word, TAGS) if len(word) > SHORT else ""
            hint = say(messages.DID_YOU_MEAN, word=near) if near else phrases.WRITE_TAG
            read.report.add(place, say(phrases.UNKNOWN_TAG, word=word), hint)
    return frozenset(word for word, _ in words)


def is_service(word: str, known: Collection[str] | None) -> bool:
    """Tell whether `word` is the id of a service, or looks like one where the catalogue is not at hand."""
    return bool(SERVICE_ID.fullmatch(word)) if known is None else word in known
