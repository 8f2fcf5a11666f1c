"""Wrapped data keys, what of the vault is kept for whom, and how it is forgotten, in SQLite.

See `proxy.store.interface` for what goes in and out. What is forgotten is overwritten: SQLite does it in the file
(`secure_delete`), and the write-ahead log, where older pages stand, is emptied after it.
"""

from collections.abc import Iterator
from datetime import datetime

from proxy.store.database import Database
from proxy.store.interface import Forgotten, KeptKey, KeptValue, VaultSize
from proxy.store.plain import millis

AT_ONCE = 200


class VaultTables(Database):
    """The part of the store that keeps wrapped keys, and destroys them."""

    def get_key(self, owner: str, talk: str) -> KeptKey | None:
        """See `Store.get_key`."""
        found = self.rows("SELECT id, version, wrapped FROM vault_keys WHERE owner = ? AND talk = ?", (owner, talk))
        return KeptKey(*found[0]) if found else None

    def add_key(self, owner: str, talk: str, key: KeptKey, now: datetime) -> KeptKey:
        """See `Store.add_key`."""
        row = (owner, talk, key.id, key.version, key.wrapped, millis(now))
        with self.writing() as base:
            base.execute("INSERT INTO vault_keys VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)
            question = "SELECT id, version, wrapped FROM vault_keys WHERE owner = ? AND talk = ?"
            return KeptKey(*base.execute(question, (owner, talk)).fetchone())

    def swap_key(self, owner: str, talk: str, was: KeptKey, key: KeptKey) -> bool:
        """See `Store.swap_key`."""
        with self.writing() as base:
            return (
                base.execute(
                    "UPDATE vault_keys SET id = ?, version = ?, wrapped = ? WHERE owner = ? AND talk = ?"
                    " AND id = ? AND version = ? AND wrapped = ?",
                    (key.id, key.version, key.wrapped, owner, talk, was.id, was.version, was.wrapped),
                ).rowcount
                > 0
            )

    def all_keys(self) -> tuple[tuple[str, str, KeptKey], ...]:
        """See `Store.all_keys`."""
        found = self.rows("SELECT owner, talk, id, version, wrapped FROM vault_keys ORDER BY owner, talk")
        return tuple((owner, talk, KeptKey(*key)) for owner, talk, *key in found)

    def values_of_old(self) -> Iterator[KeptValue]:
        """See `Store.values_of_old`."""
        last = ("", "")
        while found := self.rows(
            "SELECT user, placeholder, data FROM originals WHERE substr(data, 1, 1) = x'01'"
            " AND (user, placeholder) > (?, ?) ORDER BY user, placeholder LIMIT ?",
            (*last, AT_ONCE),
        ):
            yield from (KeptValue(user, place, "", data) for user, place, data in found)
            last = found[-1][:2]
        number = 0
        while found := self.rows(
            "SELECT number, owner, talk, question, answer FROM turns JOIN talks ON talks.id = turns.talk"
            " WHERE number > ? AND (substr(question, 1, 1) = x'01' OR substr(answer, 1, 1) = x'01')"
            " ORDER BY number LIMIT ?",
            (number, AT_ONCE),
        ):
            for number, owner, talk, question, answer in found:
                yield KeptValue(owner, f"question of {talk}", talk, question, number)
                if answer is not None:
                    yield KeptValue(owner, f"answer of {talk}", talk, answer, number)

    def reseal(self, was: KeptValue, data: bytes) -> bool:
        """See `Store.reseal`."""
        with self.writing() as base:
            if not was.turn:
                told = "UPDATE originals SET data = ? WHERE user = ? AND placeholder = ? AND data = ?"
                return base.execute(told, (data, was.owner, was.place, was.data)).rowcount > 0
            column = "question" if was.place.startswith("question") else "answer"
            told = f"UPDATE turns SET {column} = ? WHERE number = ? AND {column} = ?"
            return base.execute(told, (data, was.turn, was.data)).rowcount > 0

    def owners(self) -> tuple[str, ...]:
        """See `Store.owners`."""
        found = self.rows(
            "SELECT owner FROM vault_keys UNION SELECT user FROM originals UNION SELECT owner FROM talks ORDER BY 1"
        )
        return tuple(owner for (owner,) in found)

    def forget_owner(self, owner: str, now: datetime, traces: str = "") -> Forgotten:
        """See `Store.forget_owner`."""
        with self.writing() as base:
            keys = base.execute("DELETE FROM vault_keys WHERE owner = ?", (owner,)).rowcount
            values = base.execute("DELETE FROM originals WHERE user = ?", (owner,)).rowcount
            talks = "SELECT id FROM talks WHERE owner = ?"
            turns = base.execute(f"DELETE FROM turns WHERE talk IN ({talks})", (owner,)).rowcount
            base.execute("UPDATE talks SET expires = min(expires, ?) WHERE owner = ?", (millis(now), owner))
            followed = base.execute("DELETE FROM parents WHERE owner = ?", (traces,)).rowcount
            base.execute("DELETE FROM ends WHERE owner = ?", (traces,))
        self._empty_log()
        return Forgotten(keys, values, turns, followed)

    def forget_talk(self, talk: str, now: datetime) -> Forgotten:
        """See `Store.forget_talk`."""
        with self.writing() as base:
            keys = base.execute("DELETE FROM vault_keys WHERE talk = ?", (talk,)).rowcount
            turns = base.execute("DELETE FROM turns WHERE talk = ?", (talk,)).rowcount
            base.execute("UPDATE talks SET expires = min(expires, ?) WHERE id = ?", (millis(now), talk))
        self._empty_log()
        return Forgotten(keys, 0, turns)

    def trim(self, most: int) -> int:
        """See `Store.trim`."""
        with self.writing() as base:
            over = base.execute("SELECT count(*) FROM originals").fetchone()[0] - most
            if over <= 0:
                return 0
            oldest = "SELECT user, placeholder FROM originals ORDER BY expires LIMIT ?"
            told = f"DELETE FROM originals WHERE (user, placeholder) IN ({oldest})"
            return base.execute(told, (over,)).rowcount

    def vault_size(self) -> VaultSize:
        """See `Store.vault_size`."""
        values, people = self.rows("SELECT count(*), count(DISTINCT user) FROM originals")[0]
        most = self.rows("SELECT count(*) FROM originals GROUP BY user ORDER BY 1 DESC LIMIT 1")
        old = self.rows("SELECT count(*) FROM originals WHERE substr(data, 1, 1) = x'01'")[0][0]
        old += self.rows("SELECT count(*) FROM turns WHERE substr(question, 1, 1) = x'01'")[0][0]
        keys = dict(self.rows("SELECT version, count(*) FROM vault_keys GROUP BY version ORDER BY version"))
        return VaultSize(values, people, most[0][0] if most else 0, keys, old)

    def _empty_log(self) -> None:
        """Write all of the write-ahead log into the file and cut it; a reader may hold it a moment longer."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
