"""Takes all that a SQLite store keeps into another store, piece by piece, and looks whether it is there.

Enters: the file's store and an empty or half filled one, opened with the same keys. Leaves: the same in the other, and
how many pieces of each kind were there, were put, and differ. What is sealed stays sealed: nothing is opened here. What
the other store has already is never overwritten, so that a copy may be broken off and done again; what has ended by
itself stays behind. How nodes stand is not taken along: they say it again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final, Literal

import orjson

from proxy.errors import StoreError
from proxy.store.interface import Changes, Count, ExpectedFile, KeptKey, KeptTurn, Sealed, Store
from proxy.store.plain import document, from_millis, millis
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import Event, Message

type Seen = Literal["absent", "same", "other"]

MANY: Final = 1_000_000_000
"""Bounds nothing: what is kept of one person was bounded when it was kept."""
TICK: Final = timedelta(milliseconds=1)
REMEMBERED: Final = timedelta(days=400)
"""So long it is known that an outbox was taken along."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is kept."""

    kind: str
    look: Callable[[], Seen]
    put: Callable[[], object]
    name: str = ""
    """Of a grant, request or version: whoever has to decide between two needs it. Empty for what is a person's."""


@dataclass(slots=True)
class Tally:
    """What became of the pieces of one kind."""

    kind: str
    found: int = 0
    put: int = 0
    there: int = 0
    """Of them, in the other store at the end, and the same."""
    others: tuple[str, ...] = ()
    """Names of those that the other store has differently."""

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return self.there == self.found


def copy(source: SqliteStore, target: Store, now: datetime) -> list[Tally]:
    """Put into `target` what it lacks of `source`, then look for all of it; raises `StoreError`."""
    tallies: dict[str, Tally] = {}
    for piece in pieces(source, target, now):
        tally = tallies.setdefault(piece.kind, Tally(piece.kind))
        tally.found += 1
        if piece.look() == "absent":
            piece.put()
            tally.put += 1
    for piece in pieces(source, target, now):
        tally = tallies[piece.kind]
        if piece.look() == "same":
            tally.there += 1
        else:
            tally.others = (*tally.others, piece.name)
    return list(tallies.values())


def pieces(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    """Yield all that is kept and has not ended: first what takes away, that a copy broken off opens nothing."""
    yield from _workflow(source, target)
    yield from _vault(source, target, now)
    yield from _talks(source, target, now)
    yield from _traces(source, target, now)
    yield from _said(source, target, now)
    yield from _policies(source, target)
    yield from _outboxes(source, target, now)


def _look(ask: Callable[[], object], wanted: object, none: object = None) -> Seen:
    held = ask()
    return "absent" if held == none else "same" if held == wanted else "other"


def _workflow(source: SqliteStore, target: Store) -> Iterator[Piece]:
    for grant in source.all_grants():
        id = grant.grant.id
        put = partial(target.keep, Changes(grant=grant))
        yield Piece("grants", partial(_look, partial(target.get_grant, id), grant), put, id)
    for request in source.requests():
        put = partial(target.keep, Changes(request=request))
        yield Piece("requests", partial(_look, partial(target.get_request, request.id), request), put, request.id)


def _vault(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    for owner, talk, *made_of, made in source.rows("SELECT owner, talk, id, version, wrapped, made FROM vault_keys"):
        key = KeptKey(*made_of)
        look = partial(_look, partial(target.get_key, owner, talk), key)
        yield Piece("data keys", look, partial(target.add_key, owner, talk, key, from_millis(made)))
    for user, place, data, mark, ends in source.rows(
        "SELECT user, placeholder, data, fingerprint, expires FROM originals WHERE expires > ?", (millis(now),)
    ):
        look = partial(_look, partial(target.get_original, user, place, now), data)
        put = partial(target.put_originals, user, {place: Sealed(data, mark)}, from_millis(ends), now)
        yield Piece("originals", look, put)


def _talks(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    for id, owner, ends in source.rows("SELECT id, owner, expires FROM talks ORDER BY used"):
        until = from_millis(ends)
        turns = tuple(source.get_turns(id)) if until > now else ()
        talk = _Talk(target, id, owner, until, turns, now)
        yield Piece("conversations", talk.look, talk.put)


@dataclass(frozen=True, slots=True)
class _Talk:
    """A conversation, and what the other store has of it."""

    target: Store
    id: str
    owner: str
    until: datetime
    turns: tuple[KeptTurn, ...]
    """Empty for one that is over: that there was one must stay known."""
    now: datetime

    def look(self) -> Seen:
        held = self.target.find_talks([self.id], self.now).get(self.id)
        if held is None:
            return "absent"
        if held.owner != self.owner:
            return "other"
        there = tuple(self.target.get_turns(self.id)) if held.alive else ()
        if there == self.turns:
            return "same"
        return "absent" if held.alive and there == self.turns[: len(there)] else "other"

    def put(self) -> None:
        for turn in self.turns[len(self.target.get_turns(self.id)) :]:
            number = self.target.put_question(self.id, self.owner, turn.question, self.until, turn.at, MANY)
            if turn.answer is not None:
                self.target.put_answer(number, turn.answer)
        if not self.turns:
            over = min(self.until, self.now)
            self.target.put_question(self.id, self.owner, b"", over + TICK, over, MANY)
            self.target.end_talk(self.id, over)


def _traces(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    for id, owner, at, ends, data in source.rows(
        "SELECT id, owner, at, expires, data FROM parents WHERE expires > ? ORDER BY at", (millis(now),)
    ):
        look = partial(_look, partial(target.get_parent, id, now), data)
        put = partial(target.put_parents, owner, {id: data}, from_millis(ends), from_millis(at), MANY)
        yield Piece("refused turns", look, put)
    for _, place, one in source.files_since(0, now, MANY):
        look = partial(_look, partial(_announced, target, place, now), one)
        yield Piece("announced files", look, partial(target.put_files, {place: one}, MANY))
    for owner, place in source.rows("SELECT DISTINCT owner, place FROM ends WHERE expires > ?", (millis(now),)):
        kept = source.rows(
            "SELECT data, expires FROM ends WHERE owner = ? AND place = ? AND expires > ? ORDER BY number",
            (owner, place, millis(now)),
        )
        ends = _Ends(target, owner, place, tuple((data, from_millis(until)) for data, until in kept), now)
        yield Piece("what was said last", ends.look, ends.put)


@dataclass(frozen=True, slots=True)
class _Ends:
    """What somebody said last at a place, and what the other store has of it."""

    target: Store
    owner: str
    place: str
    kept: tuple[tuple[bytes, datetime], ...]
    now: datetime

    def held(self) -> tuple[bytes, ...]:
        return tuple(self.target.get_ends(self.owner, self.place, self.now))

    def look(self) -> Seen:
        held, wanted = self.held(), tuple(data for data, _ in self.kept)
        return "same" if held == wanted else "absent" if held == wanted[: len(held)] else "other"

    def put(self) -> None:
        for data, until in self.kept[len(self.held()) :]:
            self.target.put_end(self.owner, self.place, data, until, self.now, MANY)


def _announced(target: Store, place: str, now: datetime) -> ExpectedFile | None:
    return next((one for _, at, one in target.files_since(0, now, MANY) if at == place), None)


def _said(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    at: int
    for user, notice, at, words in source.rows("SELECT user, notice, at, words FROM acknowledgements"):
        look = partial(_confirmed, target, user, notice, from_millis(at))
        yield Piece("confirmations", look, partial(target.acknowledge, user, notice, from_millis(at), words))
    for user, notice, at in source.rows("SELECT user, notice, at FROM shown"):
        yield Piece("notices shown", partial(_shown, target, user, notice, from_millis(at)), lambda: None)
    for user, service, purpose, ends in source.rows(
        "SELECT user, service, purpose, until FROM purposes WHERE until > ?", (millis(now),)
    ):
        look = partial(_look, partial(target.declared_purpose, user, service, now), purpose, "")
        yield Piece("purposes", look, partial(target.declare_purpose, user, service, purpose, from_millis(ends)))
    periods: dict[str, list[Count]] = {}
    for name, ends, used in source.rows(
        "SELECT name, ends, used FROM counters WHERE ends > ? ORDER BY name, ends", (millis(now),)
    ):
        periods.setdefault(name, []).append(Count(name, from_millis(ends), used, None))
    for name, counts in periods.items():
        look = partial(_look, partial(_used, target, name), counts[-1].amount)
        yield Piece("counters", look, partial(target.count_all, counts))


def _confirmed(target: Store, user: str, notice: str, at: datetime) -> Seen:
    held = target.acknowledged(user).get(notice)
    return "absent" if held is None else "same" if held >= at else "other"


def _shown(target: Store, user: str, notice: str, at: datetime) -> Seen:
    """Ask whether it is to be shown at that very time: who has it, or a later one, says no; who has not, has it now."""
    return "absent" if target.show_notice(user, notice, at, 1) else "same"


def _used(target: Store, name: str) -> int | None:
    return target.used([name]).get(name)


def _policies(source: SqliteStore, target: Store) -> Iterator[Piece]:
    for version in reversed(source.policies()):
        look = partial(_look, partial(_text_of, target, version.id), version.source)
        yield Piece("policies", look, partial(target.keep_policy, version), version.id)
    if (release := source.get_release()) is not None:
        look = partial(_look, target.get_release, release)
        yield Piece("published policy", look, partial(target.put_release, release, 0), f"release {release.number}")


def _text_of(target: Store, id: str) -> str | None:
    held = target.get_policy(id)
    return held.source if held is not None else None


def _outboxes(source: SqliteStore, target: Store, now: datetime) -> Iterator[Piece]:
    """Yield what waits for the audit log and for notifications, as one: it goes once, whoever has taken it since."""
    rows: list[tuple[Any, ...]] = source.rows("SELECT fields FROM events ORDER BY number")
    waiting: list[tuple[Any, ...]] = source.rows(
        "SELECT channel, fields, attempts, next_try FROM messages ORDER BY number"
    )
    if not rows and not waiting:
        return
    events = [Event.from_fields(orjson.loads(fields)) for (fields,) in rows]
    messages = [
        Message(channel, Event.from_fields(orjson.loads(fields)), attempts, from_millis(at))
        for channel, fields, attempts, at in waiting
    ]
    mark = f"store copy: {sha256(document([[*map(list, rows)], [*map(list, waiting)]]).encode()).hexdigest()}"

    def put() -> None:
        # Marked first: twice in the log would be one too many, and a copy that broke off here says so.
        if target.count_all([Count(mark, now + REMEMBERED, 1, 1)]):
            raise StoreError("what waits for the audit log is being copied by somebody else")
        if not target.keep(Changes(events=events, messages=messages)):
            raise StoreError("what waits for the audit log could not be kept")

    yield Piece("outbox", partial(_look, partial(_used, target, mark), 1), put)
