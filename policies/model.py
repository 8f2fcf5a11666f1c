"""The nouns of a policy, typed and resolved: what the loader makes and the decision reads.

Values only, frozen, without I/O. Names that a rule refers to are resolved when the policy is loaded, so that nothing is
looked up by name when a person waits. Names are kept in NFC and compared by `fold`. Lists of terms are the company's
own secrets: they must never reach a `repr` or a log.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from policies.decision import Route, Text, Verdict

type Network = IPv4Network | IPv6Network

DIGEST_SHOWN = 12
"""Digits of the digest that a policy's label shows."""


def fold(name: str) -> str:
    """Return the form in which names are compared: NFKC and case-folded, so width and case never tell two apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class Trouble(StrEnum):
    """What a rule says about a body that cannot be read, or about a failure inside Sluice."""

    REFUSE = "refuse"
    PASS = "pass"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file, counted from 1 in lines and code points."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Hours:
    """A window of the week, on the wall clock of one time zone."""

    name: str
    days: frozenset[int]
    """Days on which the window opens; 0 is Monday."""
    opens: int
    """Minutes after midnight; the window includes this instant."""
    closes: int
    """Minutes after midnight, up to 1440; the window ends before it. Less than `opens`: on the next day."""
    zone: str
    """IANA name of the time zone."""
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """People by name; identity sources may say of more people that they belong to it."""

    name: str
    people: frozenset[str]
    """User names, folded."""
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class ServiceSet:
    """Services of the catalogue; every condition that is not empty must hold."""

    name: str
    ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class TermList:
    """Words of the company's own dictionary, and the entity that each of them is."""

    entity: str
    terms: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataClass:
    """A name the company gives to entities and to its own terms."""

    name: str
    entities: frozenset[str] = frozenset()
    """All entities that belong to it, that of its own terms included."""
    terms: TermList | None = None
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule; all must hold, and an empty one always holds."""

    services: tuple[ServiceSet, ...] = ()
    groups: tuple[Group, ...] = ()
    people: frozenset[str] = frozenset()
    """User names, folded."""
    hours: tuple[Hours, ...] = ()
    """Inside any of these."""
    outside: tuple[Hours, ...] = ()
    """Outside all of these."""
    activities: frozenset[str] = frozenset()
    classes: tuple[DataClass, ...] = ()
    """Any entity of any of these was found in the text."""
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it matches, it adds its restrictions to the verdict."""

    id: str
    verdict: Verdict
    name: Text = field(default_factory=Text)
    when: When = field(default_factory=When)
    route: Route = Route.EXTERNAL
    redact: tuple[DataClass, ...] = ()
    reason: Text = field(default_factory=Text)
    instead: Text = field(default_factory=Text)
    ask: Text = field(default_factory=Text)
    """How to get a grant; only of an `authorized` rule."""
    unreadable: Trouble | None = None
    """None: the rule says nothing about it."""
    on_error: Trouble | None = None
    mark: Mark = field(default_factory=Mark, compare=False)

    @property
    def title(self) -> Text:
        """The rule's name for people, or its id where it has none."""
        return self.name if self.name.en or self.name.zh else Text(self.id, self.id)

    @property
    def redacted(self) -> frozenset[str]:
        """Entities this rule takes out."""
        return frozenset[str]().union(*(each.entities for each in self.redact))

    @property
    def sought(self) -> frozenset[str]:
        """Entities its data condition asks for."""
        return frozenset[str]().union(*(each.entities for each in self.when.classes))


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy, ready to decide by."""

    name: str
    version: int
    otherwise: Verdict
    """`forbidden` or `allowed`: what happens where no rule matches."""
    rules: tuple[Rule, ...]
    """In the order of the file, which means nothing."""
    digest: str
    """SHA-256 of the canonical source text, in hexadecimal."""
    owner: str = ""
    time_zone: str = ""
    hours: tuple[Hours, ...] = ()
    groups: tuple[Group, ...] = ()
    services: tuple[ServiceSet, ...] = ()
    classes: tuple[DataClass, ...] = ()
    otherwise_at: Mark = field(default_factory=Mark, compare=False)
    file: str = ""
    """Name of the source, for messages."""
    source: str = field(default="", repr=False, compare=False)
    """The source text, for messages; may hold the company's terms."""

    @property
    def label(self) -> str:
        """Version and the first digits of the digest, as `3@9f86d081884c`."""
        return f"{self.version}@{self.digest[:DIGEST_SHOWN]}"

    @property
    def dictionaries(self) -> tuple[TermList, ...]:
        """The company's own terms, for the detectors."""
        return tuple(each.terms for each in self.classes if each.terms is not None)

    def entities_of(self, names: Iterable[str]) -> frozenset[str]:
        """Return the entities of the data classes called `names`; raises `KeyError` for a name that no class has."""
        known = {fold(each.name): each.entities for each in self.classes}
        return frozenset[str]().union(*(known[fold(name)] for name in names))

    def groups_of(self, user: str) -> frozenset[str]:
        """Return the folded names of the groups that list `user`."""
        person = fold(user)
        return frozenset(fold(each.name) for each in self.groups if person in each.people)
