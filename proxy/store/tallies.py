"""What people said and how much they used: acknowledgements, purposes, notices shown, counters, and old policies.

See `proxy.store.interface` for what goes in and out. A counter's check and its addition are one statement inside one
transaction, so that of any number of threads and processes exactly as many get through as the limit allows.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from policies.model import fold
from proxy.store.database import Database, marks
from proxy.store.interface import MOST_POLICIES, Count
from proxy.store.plain import from_millis, millis
from proxy.workflow.permission import PolicyVersion

POLICY_COLUMNS = "id, digest, source, at, by"


class TallyTables(Database):
    """The part of the store that counts and remembers."""

    def acknowledge(self, user: str, notice: str, at: datetime, words: str = "") -> None:
        """See `Store.acknowledge`."""
        with self.writing() as base:
            base.execute(
                "INSERT INTO acknowledgements VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET at = max(at, excluded.at), words = excluded.words",
                (fold(user), notice, millis(at), words),
            )

    def acknowledged(self, user: str) -> Mapping[str, datetime]:
        """See `Store.acknowledged`."""
        found = self.rows("SELECT notice, at FROM acknowledgements WHERE user = ?", (fold(user),))
        return {notice: from_millis(at) for notice, at in found}

    def show_notice(self, user: str, notice: str, at: datetime, interval: int) -> bool:
        """See `Store.show_notice`."""
        now = millis(at)
        with self.writing() as base:
            return (
                base.execute(
                    "INSERT INTO shown VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at WHERE at <= ?",
                    (fold(user), notice, now, now - interval * 1000),
                ).rowcount
                > 0
            )

    def declare_purpose(self, user: str, service: str, purpose: str, until: datetime) -> None:
        """See `Store.declare_purpose`."""
        with self.writing() as base:
            base.execute(
                "INSERT INTO purposes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET purpose = excluded.purpose, until = excluded.until",
                (fold(user), service, purpose, millis(until)),
            )

    def declared_purpose(self, user: str, service: str, now: datetime) -> str:
        """See `Store.declared_purpose`."""
        found = self.rows(
            "SELECT purpose FROM purposes WHERE user = ? AND service = ? AND until > ?",
            (fold(user), service, millis(now)),
        )
        return str(found[0][0]) if found else ""

    def count(self, name: str, ends: datetime, amount: int, limit: int | None) -> bool:
        """See `Store.count`."""
        return not self.count_all([Count(name, ends, amount, limit)])

    def count_all(self, counts: Sequence[Count]) -> str:
        """See `Store.count_all`."""
        try:
            with self.writing() as base:
                for one in counts:
                    if one.amount < 0:
                        raise ValueError("a counter only counts up")
                    held = base.execute(
                        "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET used = used + excluded.used"
                        " RETURNING used",
                        (one.name, millis(one.ends), one.amount),
                    ).fetchone()[0]
                    if one.limit is not None and held > one.limit:
                        raise _Over(one.name)
        except _Over as over:
            return over.name
        return ""

    def used(self, names: Iterable[str]) -> Mapping[str, int]:
        """See `Store.used`."""
        wanted = sorted(set(names))
        # SQLite takes the other columns from the row that has the maximum (lang_select.html, "bare columns").
        question = f"SELECT name, used, max(ends) FROM counters WHERE name IN ({marks(wanted)}) GROUP BY name"
        return {name: used for name, used, _ in self.rows(question, tuple(wanted))} if wanted else {}

    def keep_policy(self, version: PolicyVersion) -> None:
        """See `Store.keep_policy`."""
        with self.writing() as base:
            base.execute(
                "INSERT INTO policies VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(turn), 0) + 1 FROM policies))"
                " ON CONFLICT DO UPDATE SET at = excluded.at, by = excluded.by, turn = excluded.turn",
                (version.id, version.digest, version.source, _written(version.at), version.by),
            )
            base.execute("DELETE FROM policies WHERE turn <= (SELECT max(turn) FROM policies) - ?", (MOST_POLICIES,))

    def policies(self) -> tuple[PolicyVersion, ...]:
        """See `Store.policies`."""
        found = self.rows(f"SELECT {POLICY_COLUMNS} FROM policies ORDER BY turn DESC")
        return tuple(_policy(*row) for row in found)

    def get_policy(self, id: str) -> PolicyVersion | None:
        """See `Store.get_policy`."""
        found = self.rows(f"SELECT {POLICY_COLUMNS} FROM policies WHERE id = ?", (id,))
        return _policy(*found[0]) if found else None


class _Over(Exception):
    """A counter would go over its limit."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def _policy(id: str, digest: str, source: str, at: str, by: str) -> PolicyVersion:
    return PolicyVersion(id, digest, source, datetime.fromisoformat(at), by)


def _written(at: datetime) -> str:
    millis(at)  # raises for a time without a zone
    return at.isoformat()
