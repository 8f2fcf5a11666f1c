"""Grants, requests for them, and the two outboxes, in SQLite.

See `proxy.store.interface` for what goes in and out. A step of the workflow is one transaction: its audit events and
messages can never be lost apart from it, nor it from them. What is kept but cannot be read is a `StoreError`, for to
pass it over might mean to forget a revocation.
"""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import orjson

from policies.model import fold
from proxy.errors import StoreError
from proxy.store.database import Database, marks
from proxy.store.interface import Changes
from proxy.store.plain import document, millis
from proxy.store.schema import grant_row
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, Message, State


class WorkflowTables(Database):
    """The part of the store that the authorization workflow uses."""

    def grants_for(self, user: str, groups: Iterable[str]) -> tuple[GrantRecord, ...]:
        """See `Store.grants_for`."""
        # An empty name stands for "nobody could be identified" here and for "given to a group" there: never equal.
        named = sorted({fold(group) for group in groups if group})
        people = [fold(user)] if user else []
        return self._grants(f"person IN ({marks(people)}) OR team IN ({marks(named)})", (*people, *named))

    def all_grants(self) -> tuple[GrantRecord, ...]:
        """See `Store.all_grants`."""
        return self._grants("1", ())

    def get_grant(self, id: str) -> GrantRecord | None:
        """See `Store.get_grant`."""
        found = self._grants("id = ?", (id,))
        return found[0] if found else None

    def requests(self, state: State | None = None) -> tuple[GrantRequest, ...]:
        """See `Store.requests`."""
        if state is None:
            return self._requests("1", ())
        return self._requests("state = ?", (state.value,))

    def get_request(self, id: str) -> GrantRequest | None:
        """See `Store.get_request`."""
        found = self._requests("id = ?", (id,))
        return found[0] if found else None

    def keep(self, changes: Changes) -> bool:
        """See `Store.keep`."""
        try:
            with self.writing() as base:
                _swap(base, "requests", changes.request, changes.request_was, _request_row)
                _swap(base, "grants", changes.grant, changes.grant_was, grant_row)
                base.executemany(
                    "INSERT INTO events (fields) VALUES (?)", [(document(one.fields()),) for one in changes.events]
                )
                base.executemany(
                    "INSERT INTO messages (channel, fields, attempts, next_try) VALUES (?, ?, ?, ?)",
                    [_message_row(one) for one in changes.messages],
                )
        except _Overtaken:
            return False
        except StoreError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                return False
            raise
        return True

    def waiting_events(self, most: int) -> tuple[tuple[int, Event], ...]:
        """See `Store.waiting_events`."""
        found = self.rows("SELECT number, fields FROM events ORDER BY number LIMIT ?", (most,))
        return tuple((number, self._read(Event.from_fields, fields)) for number, fields in found)

    def forget_events(self, numbers: Iterable[int]) -> None:
        """See `Store.forget_events`."""
        with self.writing() as base:
            base.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])

    def due_messages(self, now: datetime, most: int) -> tuple[tuple[int, Message], ...]:
        """See `Store.due_messages`."""
        found = self.rows(
            "SELECT number, channel, fields, attempts FROM messages WHERE next_try <= ? ORDER BY next_try, number"
            " LIMIT ?",
            (millis(now), most),
        )
        return tuple(
            (number, Message(channel, self._read(Event.from_fields, fields), attempts))
            for number, channel, fields, attempts in found
        )

    def lead(self, who: str, now: datetime, seconds: float) -> bool:  # noqa: ARG002
        """See `Store.lead`; one process of a node has its audit log, and that one carries."""
        return True

    def settle_message(self, number: int, again: Message | None) -> None:
        """See `Store.settle_message`."""
        with self.writing() as base:
            if again is None:
                base.execute("DELETE FROM messages WHERE number = ?", (number,))
            else:
                *_, attempts, next_try = _message_row(again)
                base.execute(
                    "UPDATE messages SET attempts = ?, next_try = ? WHERE number = ?", (attempts, next_try, number)
                )

    def _grants(self, where: str, values: tuple[str, ...]) -> tuple[GrantRecord, ...]:
        found = self.rows(f"SELECT fields FROM grants WHERE {where} ORDER BY id", values)
        return tuple(self._read(GrantRecord.from_fields, fields) for (fields,) in found)

    def _requests(self, where: str, values: tuple[str, ...]) -> tuple[GrantRequest, ...]:
        found = self.rows(f"SELECT fields FROM requests WHERE {where} ORDER BY at DESC, id", values)
        return tuple(self._read(GrantRequest.from_fields, fields) for (fields,) in found)

    def _read[T](self, make: Callable[[Any], T], fields: str) -> T:
        try:
            return make(orjson.loads(fields))
        except (ValueError, TypeError, AttributeError) as error:
            raise StoreError(f"the store {self._name} holds a record that cannot be read; restore it") from error


class _Overtaken(Exception):
    """What was read is no longer what is kept."""


def _swap[T: (GrantRequest, GrantRecord)](
    base: sqlite3.Connection, table: str, new: T | None, old: T | None, row: Callable[[T], tuple[Any, ...]]
) -> None:
    """Put `new` in the place of exactly `old`; raises `_Overtaken`, or SQLite's error for an id that is taken."""
    if new is None:
        return
    values = row(new)
    if old is not None:
        kept = document(old.fields())
        if not base.execute(f"DELETE FROM {table} WHERE id = ? AND fields = ?", (values[0], kept)).rowcount:
            raise _Overtaken
    base.execute(f"INSERT INTO {table} VALUES ({marks(list(values))})", values)


def _request_row(request: GrantRequest) -> tuple[Any, ...]:
    return (
        *(request.id, fold(request.user), request.service, request.rule, request.activity),
        *(request.state.value, millis(request.at), document(request.fields())),
    )


def _message_row(message: Message) -> tuple[Any, ...]:
    at = message.next_try or message.event.at
    return message.channel, document(message.event.fields()), message.attempts, millis(at)
