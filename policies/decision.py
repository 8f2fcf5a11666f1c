"""What policy is asked and what it answers: values only, nothing is decided here.

The unset decision refuses.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
    """`prompt`, `upload`, `visit` or `other`."""
    grants: tuple[Grant, ...] = ()
    """All grants of the store that name this person or one of their groups; policy checks the rest."""


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
