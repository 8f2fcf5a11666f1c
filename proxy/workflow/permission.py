"""The nouns of authorization, and the plain fields in which they are signed and kept.

Values only. What people wrote (a purpose, a reviewer's note) stays out of every `repr`. A record whose fields do not
hold what they should must never be read as a lesser one: `from_fields` raises `ValueError`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from policies.decision import Grant
from proxy.audit import Value

type Fields = Mapping[str, Any]
"""Plain JSON values by name."""


class State(StrEnum):
    """Where a request for a grant stands; only an open one can still change."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Finding(StrEnum):
    """What a review after the fact says of a break-glass grant."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True, slots=True)
class Approval:
    """One approver's yes."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """What somebody asks for, and how far it has come."""

    id: str
    user: str
    """Who asks, and whom the grant would be for."""
    at: datetime
    reference: str
    """Number of the refused exchange, or empty."""
    service: str
    rule: str
    activity: str
    classes: frozenset[str]
    """Data classes it would open; empty for all."""
    purpose: str = field(repr=False)
    duration: timedelta
    deadline: datetime
    """Without an answer it expires at this instant."""
    uses: int | None = None
    """How often the grant could be used; `None` for any number of times."""
    state: State = State.OPEN
    approvals: tuple[Approval, ...] = ()
    decided_by: str = ""
    """Who denied or withdrew it, or gave the last approval."""
    decided_at: datetime | None = None
    grant: str = ""
    """Id of the grant that came of it."""
    renews: str = ""
    """Id of the grant that it would prolong."""

    def fields(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **{name: getattr(self, name) for name in TEXTS_OF_REQUEST},
            "at": self.at.isoformat(),
            "classes": sorted(self.classes),
            "duration": int(self.duration.total_seconds()),
            "deadline": self.deadline.isoformat(),
            "uses": self.uses,
            "state": self.state.value,
            "approvals": [[one.by, one.at.isoformat()] for one in self.approvals],
            "decided_at": moment(self.decided_at),
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> "GrantRequest":
        """Return what `fields` says; raises `ValueError`."""
        try:
            return cls(
                **{name: text(fields[name]) for name in TEXTS_OF_REQUEST},
                at=instant(fields["at"]),
                classes=frozenset(map(text, fields["classes"])),
                duration=timedelta(seconds=fields["duration"]),
                deadline=instant(fields["deadline"]),
                uses=fields["uses"],
                state=State(fields["state"]),
                approvals=tuple(Approval(text(by), instant(at)) for by, at in fields["approvals"]),
                decided_at=maybe_instant(fields["decided_at"]),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("a kept request for a grant is not whole") from error


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A grant with its history, as the store keeps it."""

    grant: Grant
    """As it was given; `uses_left` is how many uses it was given for."""
    created: datetime
    request: str = ""
    """Id of the request that it answers, or empty."""
    reference: str = ""
    break_glass: bool = False
    """Taken by the person in an emergency, to be reviewed afterwards."""
    signature: bytes = field(default=b"", repr=False)
    """Over everything above; wiped when the grant is revoked, so that nobody without the key can revive it."""
    revoked_by: str = ""
    revoked_at: datetime | None = None
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    finding: Finding | None = None
    warned: bool = False
    """Whether its end was announced."""

    @property
    def revoked(self) -> bool:
        """Whether it was taken back."""
        return self.revoked_at is not None

    @property
    def awaits_review(self) -> bool:
        """Whether it was taken in an emergency and nobody has looked at that yet."""
        return self.break_glass and self.reviewed_at is None

    def issued(self) -> dict[str, Any]:
        """Return what the signature covers: everything that was settled when the grant was given."""
        grant = self.grant
        return {
            **{name: getattr(grant, name) for name in TEXTS_OF_GRANT},
            "approvers": list(grant.approvers),
            "classes": sorted(grant.classes),
            "uses": grant.uses_left,
            "from": moment(grant.from_),
            "until": grant.until.isoformat(),
            "created": self.created.isoformat(),
            "request": self.request,
            "reference": self.reference,
            "break_glass": self.break_glass,
        }

    def fields(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **self.issued(),
            "signature": self.signature.hex(),
            "revoked_by": self.revoked_by,
            "revoked_at": moment(self.revoked_at),
            "reviewed_by": self.reviewed_by,
            "reviewed_at": moment(self.reviewed_at),
            "finding": self.finding.value if self.finding else None,
            "warned": self.warned,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> "GrantRecord":
        """Return what `fields` says; raises `ValueError`."""
        try:
            grant = Grant(
                **{name: text(fields[name]) for name in TEXTS_OF_GRANT},
                approvers=tuple(map(text, fields["approvers"])),
                classes=frozenset(map(text, fields["classes"])),
                uses_left=fields["uses"],
                from_=maybe_instant(fields["from"]),
                until=instant(fields["until"]),
            )
            return cls(
                grant=grant,
                created=instant(fields["created"]),
                request=text(fields["request"]),
                reference=text(fields["reference"]),
                break_glass=fields["break_glass"] is True,
                signature=bytes.fromhex(fields["signature"]),
                revoked_by=text(fields["revoked_by"]),
                revoked_at=maybe_instant(fields["revoked_at"]),
                reviewed_by=text(fields["reviewed_by"]),
                reviewed_at=maybe_instant(fields["reviewed_at"]),
                finding=Finding(fields["finding"]) if fields["finding"] else None,
                warned=fields["warned"] is True,
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("a kept grant is not whole") from error


@dataclass(frozen=True, slots=True)
class Event:
    """A step that the audit log has still to take in."""

    name: str
    at: datetime
    notes: Mapping[str, Value]
    """Names, ids and counts; never what somebody wrote."""

    def fields(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"name": self.name, "at": self.at.isoformat(), "notes": dict(self.notes)}

    @classmethod
    def from_fields(cls, fields: Fields) -> "Event":
        """Return what `fields` says; raises `ValueError`."""
        try:
            return cls(text(fields["name"]), instant(fields["at"]), dict(fields["notes"]))
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("a kept event is not whole") from error


@dataclass(frozen=True, slots=True)
class Message:
    """A notification on its way out over one channel."""

    channel: str
    """`webhook` or `smtp`."""
    event: Event
    """What happened."""
    attempts: int = 0
    next_try: datetime | None = None
    """None for at once."""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy that was in force once, kept so that one can go back to it."""

    id: str
    """Its label, as `3@9f86d081884c`."""
    digest: str
    source: str = field(repr=False)
    """The whole text; holds the company's terms."""
    at: datetime
    by: str
    """Who put it in force: a name, or `file` where the file changed."""


TEXTS_OF_REQUEST = (
    *("id", "user", "reference", "service", "rule", "activity", "purpose"),
    *("decided_by", "grant", "renews"),
)
TEXTS_OF_GRANT = ("id", "person", "group", "service", "rule", "activity", "approver", "purpose")


def notes_of(about: GrantRequest | GrantRecord) -> dict[str, Value]:
    """Return what the audit log may know of a request or a grant."""
    if isinstance(about, GrantRequest):
        return {
            "request": about.id,
            "holder": about.user,
            "service": about.service,
            "rule": about.rule,
            "activity": about.activity,
            "classes": sorted(about.classes),
            "reference": about.reference,
            "state": about.state.value,
            "deadline": about.deadline.isoformat(timespec="seconds"),
            "seconds": int(about.duration.total_seconds()),
        }
    grant = about.grant
    return {
        "grant": grant.id,
        "request": about.request,
        "holder": grant.person or f"group:{grant.group}",
        "service": grant.service,
        "rule": grant.rule,
        "activity": grant.activity,
        "classes": sorted(grant.classes),
        "reference": about.reference,
        "approvers": list(grant.approvers),
        "until": grant.until.isoformat(timespec="seconds"),
        "break_glass": about.break_glass,
        "finding": about.finding.value if about.finding else "",
    }


def moment(at: datetime | None) -> str | None:
    """Return an instant as text."""
    return at.isoformat() if at is not None else None


def instant(value: object) -> datetime:
    """Return the aware instant that `value` writes; raises `ValueError`."""
    at = datetime.fromisoformat(text(value))
    if at.utcoffset() is None:
        raise ValueError("a kept time has no zone")
    return at


def maybe_instant(value: object) -> datetime | None:
    """Return the instant, or `None` for none."""
    return None if value is None else instant(value)


def text(value: object) -> str:
    """Return a text; raises `ValueError` for anything else."""
    if not isinstance(value, str):
        raise ValueError("a kept field should be a text")
    return value
