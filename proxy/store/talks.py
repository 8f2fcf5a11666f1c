"""Conversations of chat pages that the company's model holds, in SQLite.

See `proxy.store.interface` for what goes in and out. Turns come in sealed and are never opened here. A conversation
whose turns are gone leaves its row behind, so that what a page still says of it is known not to be the vendor's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from proxy.errors import StoreError
from proxy.store.database import Database, marks
from proxy.store.interface import KeptTalk, KeptTurn
from proxy.store.plain import from_millis, millis

AT_ONCE: Final = 500
"""Ids in one question: SQLite takes 999 values in any of its versions."""


class TalkTables(Database):
    """The part of the store that keeps conversations."""

    def find_talks(self, ids: Iterable[str], now: datetime) -> Mapping[str, KeptTalk]:
        """See `Store.find_talks`."""
        at = millis(now)
        found: dict[str, KeptTalk] = {}
        wanted = sorted(set(ids))
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            question = f"SELECT id, owner, expires FROM talks WHERE id IN ({marks(some)})"
            for id, owner, expires in self.rows(question, tuple(some)):
                found[id] = KeptTalk(owner, expires > at)
        return found

    def has_talks(self, owner: str) -> bool:
        """See `Store.has_talks`."""
        return bool(self.rows("SELECT 1 FROM talks WHERE owner = ? LIMIT 1", (owner,)))

    def get_turns(self, talk: str) -> Sequence[KeptTurn]:
        """See `Store.get_turns`."""
        found = self.rows("SELECT at, question, answer FROM turns WHERE talk = ? ORDER BY number", (talk,))
        return tuple(KeptTurn(from_millis(at), question, answer) for at, question, answer in found)

    def put_question(self, talk: str, owner: str, question: bytes, expires: datetime, now: datetime, most: int) -> int:
        """See `Store.put_question`."""
        at = millis(now)
        with self.writing() as base:
            taken = base.execute(
                "INSERT INTO talks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET used = excluded.used, expires = excluded.expires WHERE owner = excluded.owner",
                (talk, owner, at, millis(expires)),
            ).rowcount
            if not taken:
                raise StoreError("the conversation is kept for somebody else")
            others = base.execute(
                "SELECT id FROM talks WHERE owner = ? AND expires > ? AND id <> ? ORDER BY used DESC LIMIT -1 OFFSET ?",
                (owner, at, talk, most - 1),
            ).fetchall()
            base.executemany("DELETE FROM turns WHERE talk = ?", others)
            base.executemany("UPDATE talks SET expires = ? WHERE id = ?", [(at, *other) for other in others])
            base.execute("INSERT INTO turns (talk, at, question) VALUES (?, ?, ?)", (talk, at, question))
            return int(base.execute("SELECT last_insert_rowid()").fetchone()[0])

    def put_answer(self, number: int, answer: bytes) -> None:
        """See `Store.put_answer`."""
        with self.writing() as base:
            base.execute("UPDATE turns SET answer = ? WHERE number = ?", (answer, number))

    def end_talk(self, talk: str, now: datetime) -> None:
        """See `Store.end_talk`."""
        with self.writing() as base:
            base.execute("DELETE FROM turns WHERE talk = ?", (talk,))
            base.execute("UPDATE talks SET expires = min(expires, ?) WHERE id = ?", (millis(now), talk))
