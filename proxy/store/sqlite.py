"""The embedded store: one SQLite file, shared by the threads and processes of one node.

See `proxy.store.interface` for what goes in and out. The vault's originals are here; the rest stands in
`proxy.store.vault_keys`, `proxy.store.workflow`, `proxy.store.tallies` and `proxy.store.talks`.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from proxy.errors import SettingsError
from proxy.store.database import millis
from proxy.store.interface import Sealed, Store
from proxy.store.talks import TalkTables
from proxy.store.tallies import TallyTables
from proxy.store.vault_keys import VaultTables
from proxy.store.workflow import WorkflowTables

SHOWN_FOR: Final = timedelta(days=400)
"""So long it is remembered that somebody saw a notice, or had a conversation: longer than a year, the longest interval
that makes sense."""


class SqliteStore(WorkflowTables, TallyTables, TalkTables, VaultTables):
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
                for placeholder, one in sealed.items()
                if base.execute(
                    "SELECT 1 FROM originals WHERE user = ? AND placeholder = ? AND fingerprint <> ? AND expires > ?",
                    (user, placeholder, one.fingerprint, at),
                ).fetchone()
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

    def purge(self, now: datetime) -> int:
        """See `Store.purge`."""
        at = (millis(now),)
        with self.writing() as base:
            base.execute("DELETE FROM counters WHERE ends <= ?", at)
            base.execute("DELETE FROM purposes WHERE until <= ?", at)
            base.execute("DELETE FROM shown WHERE at <= ?", (millis(now - SHOWN_FOR),))
            base.execute("DELETE FROM turns WHERE talk IN (SELECT id FROM talks WHERE expires <= ?)", at)
            base.execute("DELETE FROM vault_keys WHERE talk IN (SELECT id FROM talks WHERE expires <= ?)", at)
            base.execute("DELETE FROM talks WHERE expires <= ?", (millis(now - SHOWN_FOR),))
            return base.execute("DELETE FROM originals WHERE expires <= ?", at).rowcount


def _make_room(base: sqlite3.Connection, user: str, most: int) -> None:
    """Forget a user's oldest values where there are more than `most`: a twentieth at a time, for that takes a while."""
    held = base.execute("SELECT count(*) FROM originals WHERE user = ?", (user,)).fetchone()[0]
    if held > most:
        oldest = "SELECT placeholder FROM originals WHERE user = ? ORDER BY expires LIMIT ?"
        told = f"DELETE FROM originals WHERE user = ? AND placeholder IN ({oldest})"
        base.execute(told, (user, user, held - most + min(most // 20, most - 1)))


def open_store(url: str, base: Path) -> Store:
    """Open the store that the settings name; raises `SettingsError` for an address that is none.

    `sqlite:///sluice.db` is relative to `base`, `sqlite:////var/lib/sluice.db` is not, and `sqlite://:memory:`
    forgets everything at the end.
    """
    return SqliteStore(store_file(url, base))


def store_file(url: str, base: Path) -> Path | None:
    """Return the file of a store, `None` for one in memory; raises as `open_store` does, and opens nothing."""
    if url == "sqlite://:memory:":
        return None
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return base / url.removeprefix("sqlite:///")
    if url.startswith(("redis://", "rediss://")):
        raise SettingsError("the Redis store comes with a later version; write sqlite:///sluice.db")
    raise SettingsError("the store is not an address that Sluice knows; write sqlite:///sluice.db")
