"""What refused turns followed, where announced files are expected, and what was said last, in SQLite.

See `proxy.store.interface` for what goes in and out. All that could tell of a person or a file comes in sealed or as a
keyed digest; what is there is bounded, the oldest goes first, and time takes it away.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from proxy.store.database import Database
from proxy.store.interface import ExpectedFile
from proxy.store.plain import from_millis, millis


class TraceTables(Database):
    """The part of the store that keeps traces."""

    def get_parent(self, id: str, now: datetime) -> bytes | None:
        """See `Store.get_parent`."""
        found = self.rows("SELECT data FROM parents WHERE id = ? AND expires > ?", (id, millis(now)))
        return bytes(found[0][0]) if found else None

    def put_parents(
        self, owner: str, parents: Mapping[str, bytes], expires: datetime, now: datetime, most: int
    ) -> None:
        """See `Store.put_parents`."""
        at, until = millis(now), millis(expires)
        with self.writing() as base:
            base.executemany(
                "INSERT INTO parents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET at = excluded.at, expires = excluded.expires, data = excluded.data",
                [(id, owner, at, until, data) for id, data in parents.items()],
            )
            base.execute(
                "DELETE FROM parents WHERE id IN"
                " (SELECT id FROM parents WHERE owner = ? ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (owner, most),
            )

    def drop_parents(self, ids: Iterable[str]) -> None:
        """See `Store.drop_parents`."""
        with self.writing() as base:
            base.executemany("DELETE FROM parents WHERE id = ?", [(id,) for id in ids])

    def put_end(self, owner: str, place: str, data: bytes, expires: datetime, now: datetime, most: int) -> None:
        """See `Store.put_end`."""
        with self.writing(durable=False) as base:
            base.execute("DELETE FROM ends WHERE expires <= ?", (millis(now),))
            base.execute(
                "INSERT INTO ends (place, owner, expires, data) VALUES (?, ?, ?, ?)",
                (place, owner, millis(expires), data),
            )
            base.execute(
                "DELETE FROM ends WHERE number IN"
                " (SELECT number FROM ends WHERE place = ? ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (place, most),
            )

    def get_ends(self, owner: str, place: str, now: datetime) -> Sequence[bytes]:
        """See `Store.get_ends`."""
        found = self.rows(
            "SELECT data FROM ends WHERE place = ? AND owner = ? AND expires > ? ORDER BY number",
            (place, owner, millis(now)),
        )
        return [data for (data,) in found]

    def put_files(self, files: Mapping[str, ExpectedFile], most: int) -> None:
        """See `Store.put_files`."""
        if not files:
            return
        with self.writing() as base:
            base.executemany(
                "INSERT OR REPLACE INTO uploads (place, service, size, expires) VALUES (?, ?, ?, ?)",
                [(place, one.service, one.size, millis(one.until)) for place, one in files.items()],
            )
            base.execute(
                "DELETE FROM uploads WHERE number <= (SELECT coalesce(max(number), 0) FROM uploads) - ?", (most,)
            )

    def files_since(self, number: int, now: datetime, most: int) -> Sequence[tuple[int, str, ExpectedFile]]:
        """See `Store.files_since`."""
        found = self.rows_aside(
            "SELECT number, place, service, size, expires FROM"
            " (SELECT * FROM uploads WHERE number > ? AND expires > ? ORDER BY number DESC LIMIT ?) ORDER BY number",
            (number, millis(now), most),
        )
        return [(at, place, ExpectedFile(service, size, from_millis(end))) for at, place, service, size, end in found]
