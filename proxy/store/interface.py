"""What every store promises: it keeps the vault, conversations, grants and requests for them, declarations, counts.

Values only and no clock: time is an argument. Originals come in sealed (encrypted elsewhere) and are never opened here;
whether a grant's signature holds is asked elsewhere too. Whatever goes wrong is a `StoreError`, promptly, and its
message holds no value. Nothing needs a query that a key-value store with compare-and-set could not answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from proxy.publish.release import Board
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, Message, PolicyVersion, State

SHOWN_FOR: Final = timedelta(days=400)
"""So long it is remembered that somebody saw a notice, or had a conversation: longer than a year, the longest interval
that makes sense."""
MOST_POLICIES: Final = 100
"""Versions of the policy that are remembered; each may hold long lists of terms."""

type Older = Literal["renew", "copy", "keep", "refuse"]
"""What becomes of the store of an older Sluice, which may be running on it and could not start on a newer one: brought
up to date, for a proxy that starts; left alone, for who looks at a copy; written to as the older one would, for what
must be recorded and what an emergency takes; or refused with what to do, to who would change anything else."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An original value that only the vault can open."""

    data: bytes = field(repr=False)
    """Ciphertext; another one each time the same value is sealed."""
    fingerprint: bytes = field(repr=False)
    """Keyed digest of the value: equal for equal values of one user, and so the way to notice a clash."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A data key of the vault, which only the keyring opens."""

    id: bytes
    version: int
    """Of the key that it is wrapped under."""
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptValue:
    """Something sealed, and where it stands."""

    owner: str
    place: str
    talk: str
    data: bytes = field(repr=False)
    turn: int = 0
    """Number of the turn that it is a part of; 0 for an original."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was destroyed."""

    keys: int
    values: int
    turns: int
    traces: int = 0
    """What refused turns of theirs followed."""


@dataclass(frozen=True, slots=True)
class VaultSize:
    """How much the vault holds."""

    values: int
    people: int
    most: int
    """Values of whoever has most."""
    keys: Mapping[int, int]
    """Data keys by the version that they are wrapped under."""
    old: int
    """Values sealed before there were data keys."""


@dataclass(frozen=True, slots=True)
class KeptTalk:
    """What is known of a conversation without opening it."""

    owner: str
    alive: bool
    """Whether its turns are still kept."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One turn of a conversation, which only its owner's key opens."""

    at: datetime
    question: bytes = field(repr=False)
    answer: bytes | None = field(repr=False)
    """None where there is none, or not yet."""


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file that a client announced to a service, to be sent to an address of its own."""

    service: str
    """Id of the service."""
    size: int
    """Bytes, or 0 where nothing was said."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step of the authorization workflow changes; all of it is kept, or nothing."""

    request: GrantRequest | None = None
    request_was: GrantRequest | None = None
    """As it was read before the step; None for a new one."""
    grant: GrantRecord | None = None
    grant_was: GrantRecord | None = None
    events: Sequence[Event] = ()
    """For the audit log, in order."""
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Something to be counted."""

    name: str
    """Of the counter; says what is counted, whose it is, and in which period."""
    ends: datetime
    """End of the period; the same name with another end counts from nothing again."""
    amount: int
    limit: int | None
    """The most that the period may hold; None counts without end."""


class Store(Board, Protocol):
    """State that outlives an exchange; used from many threads and processes at once.

    Names of people and groups are compared folded (`policies.model.fold`).
    """

    # -- the vault ------------------------------------------------------------------------------------------------

    def put_originals(
        self, user: str, sealed: Mapping[str, Sealed], expires: datetime, now: datetime, most: int = 0
    ) -> frozenset[str]:
        """Keep what placeholders of `user` stand for until `expires`, all of them or none.

        Of one user `most` values are kept (all, where it is 0): the oldest go, some at a time.

        Returns the placeholders that already stand for another value and are alive at `now`; unless that set is empty,
        nothing was kept. Putting a value again refreshes its expiry (never shortens it) and takes the newer ciphertext.
        """
        ...

    def get_original(self, user: str, placeholder: str, now: datetime) -> bytes | None:
        """Return the ciphertext, or None when there is none for this user that is alive at `now`."""
        ...

    def get_originals(self, user: str, placeholders: Sequence[str], now: datetime) -> Mapping[str, bytes]:
        """Return the ciphertext of each that there is, asked for at once."""
        ...

    def get_key(self, owner: str, talk: str) -> KeptKey | None:
        """Return the wrapped key of an owner, or of a conversation of theirs (`talk` is empty for the owner's own)."""
        ...

    def add_key(self, owner: str, talk: str, key: KeptKey, now: datetime) -> KeptKey:
        """Keep a wrapped key where there is none yet; returns the one that is kept, whoever was first."""
        ...

    def swap_key(self, owner: str, talk: str, was: KeptKey, key: KeptKey) -> bool:
        """Put `key` in the place of exactly `was`; returns whether it was there."""
        ...

    def all_keys(self) -> tuple[tuple[str, str, KeptKey], ...]:
        """Return every wrapped key with its owner and conversation."""
        ...

    def values_of_old(self) -> Iterator[KeptValue]:
        """Give what was sealed before there were data keys; it may be resealed meanwhile."""
        ...

    def reseal(self, was: KeptValue, data: bytes) -> bool:
        """Put other ciphertext in the place of exactly `was`; returns whether it was there."""
        ...

    def owners(self) -> tuple[str, ...]:
        """Return all of whom something is kept."""
        ...

    def forget_owner(self, owner: str, now: datetime, traces: str = "") -> Forgotten:
        """Destroy an owner's keys, originals, turns, and under `traces` what refused ones followed and was said last.

        No copy of the file that is written from now on has them. That there were conversations stays known.
        """
        ...

    def forget_talk(self, talk: str, now: datetime) -> Forgotten:
        """Destroy a conversation's key and turns, but not that there was one."""
        ...

    def trim(self, most: int) -> int:
        """Forget the oldest originals until `most` are left; returns how many went."""
        ...

    def vault_size(self) -> VaultSize:
        """Return how much is kept."""
        ...

    def purge(self, now: datetime) -> int:
        """Forget originals that expired by `now`; returns how many.

        Counters, purposes and turns of conversations that are over go too; after 400 days, what somebody was shown and
        that there was a conversation.
        """
        ...

    # -- conversations that the company's model holds ------------------------------------------------------------------

    def find_talks(self, ids: Iterable[str], now: datetime) -> Mapping[str, KeptTalk]:
        """Return what is known of these conversations; of one whose turns are gone, whose it was."""
        ...

    def has_talks(self, owner: str) -> bool:
        """Return whether anything is known of a conversation of theirs, also of one whose turns are gone."""
        ...

    def get_turns(self, talk: str) -> Sequence[KeptTurn]:
        """Return the turns of a conversation, the earliest first."""
        ...

    def put_question(self, talk: str, owner: str, question: bytes, expires: datetime, now: datetime, most: int) -> int:
        """Add a turn to a conversation, which begins with it or is kept until `expires`; returns the turn's number.

        Of one owner `most` conversations are kept: for one more, the turns of that go which was left alone longest.
        Raises `StoreError` where it is somebody else's conversation.
        """
        ...

    def put_answer(self, number: int, answer: bytes) -> None:
        """Add the answer to a turn, if that is still kept."""
        ...

    def end_talk(self, talk: str, now: datetime) -> None:
        """Forget the turns of a conversation, but not that there was one."""
        ...

    # -- traces ----------------------------------------------------------------------------------------------------

    def get_parent(self, id: str, now: datetime) -> bytes | None:
        """Return what is kept of a refused message, sealed; None where nothing is."""
        ...

    def put_parents(
        self, owner: str, parents: Mapping[str, bytes], expires: datetime, now: datetime, most: int
    ) -> None:
        """Keep what stands behind refused messages, by id; of one owner the latest `most` are kept."""
        ...

    def drop_parents(self, ids: Iterable[str]) -> None:
        """Forget refused messages."""
        ...

    def put_files(self, files: Mapping[str, ExpectedFile], most: int) -> None:
        """Keep where files are expected, by place; the latest `most` of all are kept."""
        ...

    def files_since(self, number: int, now: datetime, most: int) -> Sequence[tuple[int, str, ExpectedFile]]:
        """Return the files that were announced after this number, with numbers and places, the latest `most` at most.

        The earliest comes first. A place that is announced again has a new number.
        """
        ...

    def put_end(self, owner: str, place: str, data: bytes, expires: datetime, now: datetime, most: int) -> None:
        """Add what somebody has said last, sealed; the latest `most` of a place outlive a process, not a power cut."""
        ...

    def get_ends(self, owner: str, place: str, now: datetime) -> Sequence[bytes]:
        """Return what is kept at a place, sealed, the earliest first."""
        ...

    # -- grants and requests for them -------------------------------------------------------------------------------

    def grants_for(self, user: str, groups: Iterable[str]) -> tuple[GrantRecord, ...]:
        """Return the grants that name this person or one of the groups, sorted by id; those that are over too."""
        ...

    def all_grants(self) -> tuple[GrantRecord, ...]:
        """Return every grant, sorted by id; revoked ones and those that are over too."""
        ...

    def get_grant(self, id: str) -> GrantRecord | None:
        """Return one grant."""
        ...

    def requests(self, state: State | None = None) -> tuple[GrantRequest, ...]:
        """Return the requests in this state, or all, the newest first."""
        ...

    def get_request(self, id: str) -> GrantRequest | None:
        """Return one request."""
        ...

    def keep(self, changes: Changes) -> bool:
        """Keep all changes of a step in one go.

        Returns False, and keeps nothing, where somebody was faster: what was read is no longer what is kept, an id is
        taken, or the same person already has an open request for the same service, rule and activity.
        """
        ...

    # -- outboxes -----------------------------------------------------------------------------------------------------

    def waiting_events(self, most: int) -> tuple[tuple[int, Event], ...]:
        """Return the oldest events that the audit log has not taken in, with their numbers."""
        ...

    def forget_events(self, numbers: Iterable[int]) -> None:
        """Drop events that are in the audit log now."""
        ...

    def due_messages(self, now: datetime, most: int) -> tuple[tuple[int, Message], ...]:
        """Return the oldest messages whose next try has come, with their numbers."""
        ...

    def lead(self, who: str, now: datetime, seconds: float) -> bool:
        """Return whether `who` is the one that takes events and messages out, for so long; with 0 they stop being it.

        Of several nodes one is it at a time, so that nothing is told twice. A store of one node has nobody to ask.
        """
        ...

    def settle_message(self, number: int, again: Message | None) -> None:
        """Drop a message that is delivered or given up, or keep it for another try."""
        ...

    # -- what people said -----------------------------------------------------------------------------------------

    def acknowledge(self, user: str, notice: str, at: datetime, words: str = "") -> None:
        """Remember that a person confirmed a notice, or gave the reason that a rule asks for."""
        ...

    def acknowledged(self, user: str) -> Mapping[str, datetime]:
        """Return when the person last confirmed each notice."""
        ...

    def show_notice(self, user: str, notice: str, at: datetime, interval: int) -> bool:
        """Return whether a notice is to be shown now, and remember that it was; once in `interval` seconds."""
        ...

    def declare_purpose(self, user: str, service: str, purpose: str, until: datetime) -> None:
        """Remember what a person says they use a service for; it takes the place of what they said before."""
        ...

    def declared_purpose(self, user: str, service: str, now: datetime) -> str:
        """Return what they said, or an empty string where nothing is said that still holds."""
        ...

    # -- counters -------------------------------------------------------------------------------------------------

    def count(self, name: str, ends: datetime, amount: int, limit: int | None) -> bool:
        """Add to a counter, unless it would go over its limit; returns whether it was added. Atomic."""
        ...

    def count_all(self, counts: Sequence[Count]) -> str:
        """Add to all counters or to none; returns the name of the first that would go over its limit, or nothing."""
        ...

    def used(self, names: Iterable[str]) -> Mapping[str, int]:
        """Return how much each counter holds in its latest period; one that never counted is left out."""
        ...

    # -- policies -------------------------------------------------------------------------------------------------

    def keep_policy(self, version: PolicyVersion) -> None:
        """Remember a policy that was put in force; of one id the first text counts, and the latest time and name.

        The last hundred are remembered.
        """
        ...

    def policies(self) -> tuple[PolicyVersion, ...]:
        """Return all remembered policies, the latest in force first."""
        ...

    def get_policy(self, id: str) -> PolicyVersion | None:
        """Return one remembered policy."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
