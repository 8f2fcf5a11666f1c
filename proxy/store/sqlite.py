"""The embedded store: one SQLite file, shared by the threads and processes of one node.

See `proxy.store.interface` for what goes in and out. The vault's originals are here; the rest stands in
`proxy.store.vault_keys`, `proxy.store.workflow`, `proxy.store.tallies`, `proxy.store.talks`, `proxy.store.traces` and
`proxy.store.releases`.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from proxy.store.database import marks
from proxy.store.interface import SHOWN_FOR, Sealed
from proxy.store.plain import millis
from proxy.store.releases import ReleaseTables
from proxy.store.talks import AT_ONCE, TalkTables
from proxy.store.tallies import TallyTables
from proxy.store.traces import TraceTables
from proxy.store.vault_keys import VaultTables
from proxy.store.workflow import WorkflowTables


class SqliteStore(WorkflowTables, TallyTables, TalkTables, VaultTables, TraceTables, ReleaseTables):
    """A store in the file `path`, or in memory when that is None."""

    def put_originals(
        self, user: str, sealed: Mapping[str, Sealed], expires: datetime, now: datetime, most: int = 0
    ) -> frozenset[str]:
        """See `Store.put_originals`."""
        until, at = millis(expires), millis(now)
        rows = [(user, placeholder, one.data, one.fingerprint, until) for placeholder, one in sealed.items()]
        with self.writing() as base:
            clashes = frozenset(
                placeholder
                for placeholder, known in _fingerprints(base, user, [*sealed], at)
                if known != sealed[placeholder].fingerprint
            )
            if not clashes:
                base.executemany(
                    "INSERT INTO originals VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data,"
                    " fingerprint = excluded.fingerprint, expires = max(expires, excluded.expires)",
                    rows,
                )
                if most:
                    _make_room(base, user, most)
        return clashes

    def get_original(self, user: str, placeholder: str, now: datetime) -> bytes | None:
        """See `Store.get_original`."""
        found = self.rows(
            "SELECT data FROM originals WHERE user = ? AND placeholder = ? AND expires > ?",
            (user, placeholder, millis(now)),
        )
        return bytes(found[0][0]) if found else None

    def get_originals(self, user: str, placeholders: Sequence[str], now: datetime) -> Mapping[str, bytes]:
        """See `Store.get_originals`."""
        found: dict[str, bytes] = {}
        for first in range(0, len(placeholders), AT_ONCE):
            some = [*placeholders[first : first + AT_ONCE]]
            which = f"user = ? AND expires > ? AND placeholder IN ({marks(some)})"
            found |= dict(
                self.rows(f"SELECT placeholder, data FROM originals WHERE {which}", (user, millis(now), *some))
            )
        return found

    def purge(self, now: datetime) -> int:
        """See `Store.purge`."""
        at = (millis(now),)
        with self.writing() as base:
            for table in ("parents", "uploads", "ends"):
                base.execute(f"DELETE FROM {table} WHERE expires <= ?", at)
            base.execute("DELETE FROM counters WHERE ends <= ?", at)
            base.execute("DELETE FROM purposes WHERE until <= ?", at)
            base.execute("DELETE FROM shown WHERE at <= ?", (millis(now - SHOWN_FOR),))
            base.execute("DELETE FROM turns WHERE talk IN (SELECT id FROM talks WHERE expires <= ?)", at)
            base.execute("DELETE FROM vault_keys WHERE talk IN (SELECT id FROM talks WHERE expires <= ?)", at)
            base.execute("DELETE FROM talks WHERE expires <= ?", (millis(now - SHOWN_FOR),))
            return base.execute("DELETE FROM originals WHERE expires <= ?", at).rowcount


def _fingerprints(
    base: sqlite3.Connection, user: str, placeholders: Sequence[str], at: int
) -> Iterator[tuple[str, bytes]]:
    """Yield those of some placeholders of a user's that stand for a value, with its fingerprint."""
    for first in range(0, len(placeholders), AT_ONCE):
        some = [*placeholders[first : first + AT_ONCE]]
        which = f"user = ? AND expires > ? AND placeholder IN ({marks(some)})"
        yield from base.execute(f"SELECT placeholder, fingerprint FROM originals WHERE {which}", (user, at, *some))


def _make_room(base: sqlite3.Connection, user: str, most: int) -> None:
    """Forget a user's oldest values where there are more than `most`: a twentieth at a time, for that takes a while."""
    held = base.execute("SELECT count(*) FROM originals WHERE user = ?", (user,)).fetchone()[0]
    if held > most:
        oldest = "SELECT placeholder FROM originals WHERE user = ? ORDER BY expires LIMIT ?"
        told = f"DELETE FROM originals WHERE user = ? AND placeholder IN ({oldest})"
        base.execute(told, (user, user, held - most + min(most // 20, most - 1)))
