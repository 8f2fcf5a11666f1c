"""What policy is asked and what it answers: values only, nothing is decided here.

The unset decision refuses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final


class Verdict(StrEnum):
    """The three classes of use, loosest first."""

    ALLOWED = "allowed"
    AUTHORIZED = "authorized"
    FORBIDDEN = "forbidden"


class Route(StrEnum):
    """Where an exchange may go, loosest first."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    NOWHERE = "nowhere"


class Treatment(StrEnum):
    """How a value is taken out, gentlest first."""

    PLACEHOLDER = "placeholder"
    """A token that is put back in the answer."""
    MASK = "mask"
    """Its last characters stay: `****1234`. Never put back."""
    GENERALISE = "generalise"
    """Only what kind of thing it is stays. Never put back."""
    DROP = "drop"
    """Nothing stays. Never put back."""


TREATMENTS = tuple(Treatment)
"""Gentlest first."""


def unite(ways: Iterable[Mapping[str, Treatment]]) -> dict[str, Treatment]:
    """Return the strictest treatment of each entity: commutative, associative and idempotent."""
    united: dict[str, Treatment] = {}
    for each in ways:
        if each == united:
            continue  # most rules of a policy take out the same
        for entity, way in each.items():
            if entity not in united or TREATMENTS.index(way) > TREATMENTS.index(united[entity]):
                united[entity] = way
    return united


def lowest(floors: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the lowest score that is given for each entity, as far as it is above nought."""
    least: dict[str, float] = {}
    for each in floors:
        for entity, score in each.items():
            least[entity] = min(score, least.get(entity, score))
    return {entity: score for entity, score in least.items() if score}


class Gate(StrEnum):
    """What a person must still do before an exchange may go, least first."""

    NONE = "none"
    ACKNOWLEDGE = "acknowledge"
    """Confirm that the notices were read."""
    JUSTIFY = "justify"
    """Say what it is for."""
    APPROVAL = "approval"
    """Have a grant."""


class RecordDetail(StrEnum):
    """How much of an exchange the audit keeps, least first."""

    MINIMAL = "minimal"
    """Who, when, which service, and the verdict."""
    FULL = "full"
    """All metadata; never content."""
    SEALED = "sealed"
    """The metadata, and a copy of the content that only the auditor can open."""


class Mode(StrEnum):
    """How far a rule is in force, least first."""

    OBSERVE = "observe"
    """It changes nothing; what it would have done is recorded."""
    REMIND = "remind"
    """It neither restricts nor permits; its reason is shown as a notice."""
    ENFORCE = "enforce"


class Unit(StrEnum):
    """What a quota counts."""

    REQUESTS = "requests"
    CHARACTERS = "characters"
    TOKENS = "tokens"
    VALUES = "values"
    """Different values that were found, each once in a period however often it is sent."""


class Period(StrEnum):
    """How long a quota counts before it begins anew, on the calendar of the policy's time zone."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people, in both languages; either may stand in for the other."""

    en: str = ""
    zh: str = ""

    def in_language(self, language: str) -> str:
        """Return the text in `zh` or `en`, falling back to the other."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Grant:
    """A named approver's expiring permission."""

    id: str
    person: str
    """User name it was given to, or empty when it was given to a group."""
    group: str
    service: str
    """Service id, or `*`."""
    rule: str
    """Id of the rule it opens, or `*`."""
    approver: str
    purpose: str
    until: datetime
    """Aware; the grant is dead from this instant on."""
    activity: str = "*"
    """The activity it is for, or `*`."""
    classes: frozenset[str] = frozenset()
    """Names of the data classes it opens; empty opens all. Text that holds data of another class is not covered."""
    uses_left: int | None = None
    """How many exchanges it still opens; None is no limit."""
    from_: datetime | None = None
    """Aware; the grant is not alive before this instant."""
    approvers: tuple[str, ...] = ()
    """All who approved, where more than one had to."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of an exchange before its text is read."""

    service: str
    """Catalogue id, as `chatgpt`; empty for a host that no service lists."""
    category: str
    country: str
    user: str
    """Name of the person, or empty when nobody could be identified."""
    groups: frozenset[str]
    address: str
    """The client's IP address."""
    at: datetime
    """Aware; now."""
    activity: str
    """`visit`, `prompt`, `upload`, `download`, `complete`, `embed`, `train` or `other`."""
    grants: tuple[Grant, ...] = ()
    """All grants of the store that name this person or one of their groups; policy checks the rest."""
    tags: frozenset[str] = frozenset()
    """Tags of the catalogue: category, country; `unlisted` for a host that looks like AI and is in no catalogue."""
    account: str = "unknown"
    """`free`, `personal`, `company` or `unknown`: whose account of the service it is, where the wire shows it."""
    purpose: str = "unknown"
    """`business`, `personal` or `unknown`, as the person declared it; what it counts as is told by the policy."""
    acknowledged: frozenset[str] = frozenset()
    """Ids of the notices the person has acknowledged, and of the rules they have justified, that are still fresh."""
    or_at: datetime | None = None
    """What the clock would say had it not been set lately: where that makes a difference, the stricter side holds."""
    used: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Counter of `quota_names` → used in its period before this exchange; one that is missing has counted nothing."""


CERTAIN: Final = (1.0,)
"""Scores of what is known to be there."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in the text of an exchange, in numbers."""

    counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Entity → how many distinct values."""
    characters: int = 0
    """Length of all text, in code points."""
    counted: bool = True
    """Whether the numbers are known; if not, only the entities are, and conditions on amounts cannot be evaluated."""
    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict, hash=False)
    """Entity → the best score of each distinct value, highest first; one that is not here was found for certain."""
    different: int | None = None
    """How many values are different, however they are spelt and whatever they are taken for; None where only `counts`
    tell."""
    entities: frozenset[str] = field(init=False, repr=False, compare=False)
    """What was found at least once."""

    @property
    def values(self) -> int:
        """How many different values there are."""
        return sum(self.counts.values()) if self.different is None else self.different

    def __post_init__(self) -> None:
        present = frozenset(entity for entity, count in self.counts.items() if count > 0)
        object.__setattr__(self, "entities", present)

    def reaches(self, entity: str, least: float) -> bool:
        """Tell whether the entity was found with a score of `least` or more."""
        return entity in self.entities and self.scores.get(entity, CERTAIN)[0] >= least

    def count(self, entity: str, least: float) -> int:
        """Return how many distinct values were found with a score of `least` or more."""
        scores = self.scores.get(entity) if least else None
        return self.counts.get(entity, 0) if scores is None else sum(score >= least for score in scores)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person is to be told."""

    id: str
    """The notice's name in the policy, or the id of the rule that reminds."""
    text: Text
    interval: int = 0
    """Seconds before it is shown to the same person again; 0 shows it each time."""
    acknowledge: bool = False
    """Whether the person must confirm it before anything goes."""
    with_answer: bool = False
    """Whether it is shown with the answer rather than before."""

    @property
    def key(self) -> str:
        """Return what a confirmation is kept by: it holds for these words only, and not for later ones of that name."""
        return f"{self.id}@{sha256(f'{self.text.en}\0{self.text.zh}'.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """A quota that an exchange draws on."""

    counter: str
    """Name of the counter; it names quota, unit, whose it is and the period it counts, so that each counts from 0."""
    unit: Unit
    limit: int
    """The most that the period may hold."""
    period: Period
    ends: datetime
    """Aware; from then on the counter is of no use."""


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A rule that matched, as records and refusals name it."""

    id: str
    name: Text
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """What may happen to an exchange, and why."""

    verdict: Verdict = Verdict.FORBIDDEN
    route: Route = Route.NOWHERE
    rules: tuple[RuleNote, ...] = ()
    """All rules that matched, sorted by id; empty when `otherwise` decided."""
    deciding: str = ""
    """Id of the rule that made it this strict, or `otherwise`."""
    reason: Text = field(default_factory=Text)
    """Why, for the person."""
    instead: Text = field(default_factory=Text)
    """What to do instead, for the person; for `authorized`, how to ask."""
    redact: frozenset[str] = frozenset()
    """Entities to take out before anything is sent."""
    grant: str = ""
    """Id of the grant that opened it, if one did; sorted and joined by spaces where several rules needed one each."""
    unreadable_passes: bool = False
    """Whether a body that cannot be read may pass, recorded as not inspected."""
    errors_pass: bool = False
    """Whether a failure inside Sluice may let the exchange pass, recorded as such."""
    policy: str = ""
    """Version of the policy and the first twelve digits of its SHA-256, as `3@9f86d081884c`."""
    treat: Mapping[str, Treatment] = field(default_factory=dict, hash=False)
    """How each entity of `redact` is taken out."""
    least: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Entity of `redact` → score from which it is taken out; one that is not here is always taken out."""
    withhold: bool = False
    """Whether the whole message is held back because of what it holds; the exchange is then refused."""
    notices: tuple[Notice, ...] = ()
    """What the person is to be told, by id; of a refused exchange, what they must confirm before it may go."""
    gate: Gate = Gate.NONE
    """What the person must still do; anything but `none` refuses for now. `none` where nothing they do opens it."""
    opens: str = ""
    """Id of the `authorized` rule for which a grant would open it; only where that is the gate."""
    label: Text = field(default_factory=Text)
    """What is added to the answer; one line for each rule that asks for it."""
    quotas: tuple[QuotaUse, ...] = ()
    """What to count when the exchange goes out."""
    record: RecordDetail = RecordDetail.FULL
    """How much the audit keeps, also of a refused exchange."""
    observed: tuple[RuleNote, ...] = ()
    """Rules in mode `observe` that would have changed what happens, by id."""
    models: frozenset[str] = frozenset()
    """Models of the company that the rules name for what goes inside; none leaves the choice to the settings."""
    would: Verdict | None = None
    """The verdict if they had been in force; None where nothing would have changed."""

    @property
    def permitted(self) -> bool:
        """Whether the exchange may go anywhere at all."""
        return self.route is not Route.NOWHERE


@dataclass(frozen=True, slots=True)
class Needs:
    """Policy cannot decide from the headers: these entities must be looked for."""

    entities: frozenset[str]
    unless_read: Decision
    """The decision for an exchange whose body turns out to hold no readable text at all."""
    watching: bool = False
    """Only rules in mode `observe` ask: what cannot be read then goes, as it would go without them."""
    refuses_unreadable: bool = False
    """A rule that depends on the text says `unreadable: refuse`: no other rule lets pass a part that cannot be read."""
