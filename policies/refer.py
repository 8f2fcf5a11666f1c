"""What rules refer to by name, and the look-up of a name that a rule gives.

Enters: nodes and what the policy defines. Leaves: the defined things. A name that nothing defines is reported with the
nearest one, and never guessed at.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from detectors.entities import meant_by
from policies import messages
from policies.decision import Text
from policies.model import DataClass, Group, Hours, Mark, NoticeText, Quota, ServiceSet, fold
from policies.problem import nearest, say
from policies.read import Reader
from policies.source import Node
from policies.words import alias, canonical


@dataclass(frozen=True, slots=True)
class Defined:
    """What rules can refer to, by folded name."""

    hours: Mapping[str, Hours] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    services: Mapping[str, ServiceSet] = field(default_factory=dict)
    classes: Mapping[str, DataClass] = field(default_factory=dict)
    notices: Mapping[str, NoticeText] = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    known_services: Collection[str] | None = None
    """Ids of the catalogue; None leaves them unchecked."""
    zone: str = ""
    """The policy's time zone."""


def refer[T](read: Reader, node: Node, what: Text, known: Mapping[str, T]) -> Iterator[T]:
    """Give the defined things that a list, or a single word, names."""
    for name, mark in read.names(node, what):
        thing = look_up(read, name, mark, what, known)
        if thing is not None:
            yield thing


def look_up[T](read: Reader, name: str, mark: Mark, what: Text, known: Mapping[str, T]) -> T | None:
    """Return the defined thing called `name`, or None, which has been reported."""
    if fold(name) in known:
        return known[fold(name)]
    if what is messages.CLASS and canonical(name, read.entities) in read.entities:
        read.report.add(mark, say(messages.UNKNOWN_NAME, word=name, what=what), messages.NEEDS_CLASS)
        return None
    meant = meant_by(name) if what is messages.CLASS else ""
    if meant in read.entities and not nearest(name, [getattr(each, "name", "") for each in known.values()]):
        told = say(messages.MEANT_ENTITY, word=Text(meant, alias(meant)))
        read.report.add(mark, say(messages.UNKNOWN_NAME, word=name, what=what), told)
        return None
    hint = messages.DECLARE_GROUP if what is messages.GROUP else None
    names = [getattr(each, "name", "") for each in known.values()]
    read.refuse_name(name, mark, what, names, hint, chosen=True)
    return None
