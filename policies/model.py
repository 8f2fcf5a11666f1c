"""The nouns of a policy, typed and resolved: what the loader makes and the decision reads.

Values only, frozen, without I/O. Names that a rule refers to are resolved when the policy is loaded, so that nothing is
looked up by name when a person waits. Names are kept in NFC and compared by `fold`. Terms never reach a `repr`.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Any
from zoneinfo import ZoneInfo

from policies.decision import (
    TREATMENTS,
    Gate,
    Mode,
    Notice,
    Period,
    RecordDetail,
    Route,
    RuleNote,
    Text,
    Treatment,
    Unit,
    Verdict,
    lowest,
    unite,
)
from policies.own import TermList

type Network = IPv4Network | IPv6Network

DIGEST_SHOWN = 12
"""Digits of the digest that a policy's label shows."""


@lru_cache(4096)
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
    file: str = ""
    """Which file of a folder; empty where the policy is one file."""


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
    off: frozenset[date] = frozenset()
    """Dates on which nobody works, whatever the day of the week."""
    work: frozenset[date] = frozenset()
    """Dates that are worked to make up for others."""
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
    tags: frozenset[str] = frozenset()
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class DataClass:
    """A name the company gives to entities and to its own terms."""

    name: str
    entities: frozenset[str] = frozenset()
    """All entities that belong to it, that of its own terms included."""
    terms: TermList | None = None
    mark: Mark = field(default_factory=Mark, compare=False)
    minimum: float = 0.0
    """Score that a finding must have to count for this class."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much a text may hold before a rule applies."""

    name: str
    """What the policy calls it: an entity, a data class or `characters`."""
    most: int
    """More than this many distinct values, or characters."""
    entities: frozenset[str] = frozenset()
    """What is counted; empty counts characters."""
    least: float = 0.0
    """Score that a value must have to be counted."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may go out in a period."""

    name: str
    """Its name in the policy, or the id of the rule it stands in."""
    limits: tuple[tuple[Unit, int], ...]
    """Units and their limits."""
    per: Period
    of: str
    """`person`, `group` or `everyone`: who shares a counter."""
    zone: str
    """IANA name of the time zone whose calendar the period follows."""
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice that the policy defines, and its place."""

    name: str
    notice: Notice
    mark: Mark = field(default_factory=Mark, compare=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """For whom a rule is in force already; for all others it is only observed."""

    groups: tuple[Group, ...] = ()
    percent: int = 0
    """People in a hundred, chosen by a hash of rule and name; those of `groups` come on top."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a grant of an `authorized` rule is asked for; the words for people are the rule's `ask`."""

    approvers: tuple[str, ...] = ()
    """People or groups who may approve, as the policy writes them; empty leaves it to whoever runs Sluice."""
    four_eyes: bool = False
    """Whether two of them must approve."""
    longest: int | None = None
    """Seconds that a grant may live; None is no limit of the rule."""
    answer_within: int | None = None
    """Seconds in which a request should be answered."""
    break_glass: bool = False
    """Whether people may take a grant in an emergency, to be reviewed afterwards."""


@dataclass(frozen=True, slots=True)
class Review:
    """How often the policy is looked at again."""

    every: int
    """Seconds."""
    last: date | None = None
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
    tags: frozenset[str] = frozenset()
    """The service has any of these tags."""
    accounts: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    amounts: tuple[Amount, ...] = ()
    """The text holds more than any of these."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it matches, it adds its restrictions to the verdict."""

    id: str
    verdict: Verdict
    name: Text = field(default_factory=Text)
    when: When = field(default_factory=When)
    route: Route = Route.EXTERNAL
    model: str = ""
    """Name of the company's model that it sends to; empty leaves the choice to the settings."""
    redact: tuple[DataClass, ...] = ()
    reason: Text = field(default_factory=Text)
    instead: Text = field(default_factory=Text)
    ask: Text = field(default_factory=Text)
    """How to get a grant; only of an `authorized` rule."""
    unreadable: Trouble | None = None
    """None: the rule says nothing about it."""
    on_error: Trouble | None = None
    treatments: tuple[Treatment, ...] = ()
    """How each class of `redact` is taken out, in the same order; a placeholder where none is given."""
    withhold: bool = False
    """Whether the whole message is held back."""
    gate: Gate = Gate.NONE
    """`acknowledge` or `justify`: what the person must do once before it goes."""
    remind: tuple[Notice, ...] = ()
    label: Text = field(default_factory=Text)
    quotas: tuple[Quota, ...] = ()
    record: RecordDetail | None = None
    """None: as the policy says."""
    mode: Mode = Mode.ENFORCE
    stage: Stage | None = None
    """None: in force for everybody."""
    excepts: tuple[str, ...] = ()
    """Ids of `authorized` rules: where a grant opens one of them this rule, which forbids or sends inside, does not
    apply; where none does, this rule says what holds, and they wait."""
    asking: Asking | None = None
    """Only of an `authorized` rule that says more than `ask`'s words."""
    owner: str = ""
    """Who answers for it, where that is not the owner of the policy."""
    mark: Mark = field(default_factory=Mark, compare=False)
    sought: frozenset[str] = field(init=False, repr=False, compare=False)
    """Entities its data condition asks for."""
    counted: frozenset[str] = field(init=False, repr=False, compare=False)
    """Entities its amounts count."""
    treat: Mapping[str, Treatment] = field(init=False, repr=False, compare=False)
    """Entity → how this rule takes it out; where two of its classes share an entity, the stricter way."""
    redacted: frozenset[str] = field(init=False, repr=False, compare=False)
    """Entities this rule takes out."""
    sought_from: Mapping[str, float] = field(init=False, repr=False, compare=False)
    """Entity of `sought` → score from which it counts, where that is not any."""
    redacted_from: Mapping[str, float] = field(init=False, repr=False, compare=False)
    """Entity of `redacted` → score from which it is taken out, where that is not any."""
    harshness: int = field(init=False, repr=False, compare=False)
    """How strict its strictest treatment is; 0 where it takes nothing out."""
    note: RuleNote = field(init=False, repr=False, compare=False)
    constant: bool = field(init=False, repr=False, compare=False)
    """Whether it adds the same to each exchange that it matches."""
    on_text: bool = field(init=False, repr=False, compare=False)
    """Whether it asks anything of the text."""
    said: dict[tuple[Route, bool], Text] = field(init=False, repr=False, compare=False)
    """Sentences about this rule, cached by route and whether it was observed."""
    heard: frozenset[str] = field(init=False, repr=False, compare=False)
    """All entities that must be looked for because of it."""

    def __post_init__(self) -> None:
        # worked out once, so that nothing is united while a person waits
        entities = frozenset[str]()
        sought = entities.union(*(each.entities for each in self.when.classes))
        counted = entities.union(*(each.entities for each in self.when.amounts))
        ways = (*self.treatments, *[Treatment.PLACEHOLDER] * len(self.redact))
        treat = unite(dict.fromkeys(one.entities, way) for one, way in zip(self.redact, ways, strict=False))
        for name, value in (
            ("sought", sought),
            ("counted", counted),
            ("treat", treat),
            ("redacted", frozenset(treat)),
            ("sought_from", lowest(dict.fromkeys(one.entities, one.minimum) for one in self.when.classes)),
            ("redacted_from", lowest(dict.fromkeys(one.entities, one.minimum) for one in self.redact)),
            ("harshness", max((TREATMENTS.index(way) + 1 for way in treat.values()), default=0)),
            ("note", RuleNote(self.id, self.title, self.verdict)),
            ("said", {}),
            ("on_text", bool(self.when.classes or self.when.amounts)),
            (
                "constant",
                self.verdict is Verdict.FORBIDDEN
                or self.withhold
                or (self.verdict is Verdict.ALLOWED and not (self.quotas or self.remind) and self.gate is Gate.NONE),
            ),
            ("heard", entities.union(treat, sought, counted)),
        ):
            object.__setattr__(self, name, value)

    @property
    def title(self) -> Text:
        """The rule's name for people, or its id where it has none."""
        return self.name if self.name.en or self.name.zh else Text(self.id, self.id)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something by which the policy tells what a use is for."""

    purpose: str
    """`business` or `personal`."""
    rule: Rule
    """Its conditions, as those of a rule that demands nothing; they never ask for a purpose."""


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
    more: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    """Name and text of each file, where the policy is a folder."""
    record: RecordDetail = RecordDetail.FULL
    """The least that is kept of every exchange; rules can only ask for more."""
    record_at: Mark = field(default_factory=Mark, compare=False)
    approved_by: tuple[str, ...] = ()
    effective: date | None = None
    """The first day on which it holds, by the clock of its time zone; None from the start."""
    review: Review | None = None
    notices: tuple[NoticeText, ...] = ()
    quotas: tuple[Quota, ...] = ()
    signs: tuple[Sign, ...] = ()
    """Signs of business use, besides what the person declares."""
    seals: bool = field(init=False, repr=False, compare=False)
    """Whether a copy of some exchange must be kept for the auditor."""
    memo: dict[type, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What is worked out from the policy once, by the type of what is kept; `replace` begins a new one."""

    def __post_init__(self) -> None:
        sealing = (rule.record is RecordDetail.SEALED and rule.mode is not Mode.OBSERVE for rule in self.rules)
        object.__setattr__(self, "seals", self.record is RecordDetail.SEALED or any(sealing))

    @property
    def label(self) -> str:
        """Version and the first digits of the digest, as `3@9f86d081884c`."""
        return f"{self.version}@{self.digest[:DIGEST_SHOWN]}"

    @property
    def conditions(self) -> tuple[Rule, ...]:
        """All that has conditions: its rules, and its signs of a purpose."""
        return (*self.rules, *(sign.rule for sign in self.signs))

    @property
    def starts(self) -> datetime | None:
        """The instant from which it holds, aware; None from the start."""
        return datetime.combine(self.effective, time.min, ZoneInfo(self.time_zone)) if self.effective else None

    @property
    def review_due(self) -> date | None:
        """The day by which it must be looked at again; None where it does not say."""
        last = (self.review.last or self.effective) if self.review else None
        return last + timedelta(seconds=self.review.every) if self.review and last else None

    @property
    def dictionaries(self) -> tuple[TermList, ...]:
        """The company's own terms, for the detectors."""
        return tuple(each.terms for each in self.classes if each.terms is not None)

    def groups_of(self, user: str) -> frozenset[str]:
        """Return the folded names of the groups that list `user`."""
        person = fold(user)
        return frozenset(fold(each.name) for each in self.groups if person in each.people)
