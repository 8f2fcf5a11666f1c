"""The embedded store: one SQLite file, shared by the threads and processes of one node.

See `proxy.store.interface` for what goes in and out. The file is for its owner alone (0600), and a file of a newer
Sluice or of another program is refused, never changed.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from policies.decision import Grant
from proxy.errors import SettingsError, StoreError
from proxy.store.interface import Sealed, Store

VERSION: Final = 1
"""Of the schema; kept in the file's `user_version`."""
APPLICATION: Final = 0x534C4345
"""`SLCE`, kept in the file's `application_id`."""
BUSY_SECONDS: Final = 2.0
"""How long to wait for another process that writes, before the exchange is refused."""
SCHEMA: Final = (
    """CREATE TABLE originals (
        user TEXT NOT NULL, placeholder TEXT NOT NULL, data BLOB NOT NULL, fingerprint BLOB NOT NULL,
        expires INTEGER NOT NULL, -- milliseconds since 1970
        PRIMARY KEY (user, placeholder)) WITHOUT ROWID""",
    "CREATE INDEX originals_by_expiry ON originals (expires)",
    """CREATE TABLE grants (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, team TEXT NOT NULL, service TEXT NOT NULL, rule TEXT NOT NULL,
        approver TEXT NOT NULL, purpose TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX grants_by_person ON grants (person)",
    "CREATE INDEX grants_by_team ON grants (team)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
GRANT_COLUMNS: Final = "id, person, team, service, rule, approver, purpose, until"


class SqliteStore:
    """A store in the file `path`, or in memory when that is None."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, made if need be; raises `StoreError`, or `SettingsError` if it is not ours to use."""
        self._lock = threading.Lock()
        self._name = str(path) if path else "in memory"
        self._path = path
        self._file = _make_private(path) if path else None
        try:
            self._base = sqlite3.connect(
                path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._failure(error) from error
        try:
            self._prepare()
        except BaseException:
            self._base.close()
            raise

    def put_originals(
        self, user: str, sealed: Mapping[str, Sealed], expires: datetime, now: datetime
    ) -> frozenset[str]:
        """See `Store.put_originals`."""
        until, at = _millis(expires), _millis(now)
        rows = [(user, placeholder, one.data, one.fingerprint, until) for placeholder, one in sealed.items()]
        with self._writing() as base:
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
        return clashes

    def get_original(self, user: str, placeholder: str, now: datetime) -> bytes | None:
        """See `Store.get_original`."""
        found = self._rows(
            "SELECT data FROM originals WHERE user = ? AND placeholder = ? AND expires > ?",
            (user, placeholder, _millis(now)),
        )
        return bytes(found[0][0]) if found else None

    def purge(self, now: datetime) -> int:
        """See `Store.purge`."""
        with self._writing() as base:
            return base.execute("DELETE FROM originals WHERE expires <= ?", (_millis(now),)).rowcount

    def add_grant(self, grant: Grant) -> None:
        """See `Store.add_grant`."""
        _millis(grant.until)
        row = (
            *(grant.id, grant.person, grant.group, grant.service, grant.rule, grant.approver, grant.purpose),
            grant.until.isoformat(),
        )
        try:
            with self._writing() as base:
                base.execute(f"INSERT INTO grants ({GRANT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except StoreError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                raise StoreError(f"a grant {grant.id} is kept already; give this one another id") from error
            raise

    def grants_for(self, user: str, groups: Iterable[str]) -> tuple[Grant, ...]:
        """See `Store.grants_for`."""
        # An empty name stands for "nobody could be identified" here and for "given to a group" there: never equal.
        named = sorted({group for group in groups if group})
        people = [user] if user else []
        return self._grants(
            f"person IN ({_marks(people)}) OR team IN ({_marks(named)})",
            (*people, *named),
        )

    def all_grants(self) -> tuple[Grant, ...]:
        """See `Store.all_grants`."""
        return self._grants("1", ())

    def revoke_grant(self, id: str) -> bool:
        """See `Store.revoke_grant`."""
        with self._writing() as base:
            return base.execute("DELETE FROM grants WHERE id = ?", (id,)).rowcount > 0

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._base.close()

    def _grants(self, where: str, values: tuple[str, ...]) -> tuple[Grant, ...]:
        self._check()
        rows = self._rows(f"SELECT {GRANT_COLUMNS} FROM grants WHERE {where} ORDER BY id", values)
        return tuple(
            Grant(id, person, group, service, rule, approver, purpose, datetime.fromisoformat(until))
            for id, person, group, service, rule, approver, purpose, until in rows
        )

    def _rows(self, question: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._base.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock of the file from the first statement on, and keep all of the block or nothing."""
        self._check()
        try:
            with self._lock:
                self._base.execute("BEGIN IMMEDIATE")
                try:
                    yield self._base
                    self._base.execute("COMMIT")
                finally:
                    if self._base.in_transaction:
                        self._base.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _check(self) -> None:
        """Refuse to go on with a file that is no longer at its place: what is written there nobody would find again."""
        if self._path is None:
            return
        try:
            there = _identity(self._path.stat())
        except OSError:
            there = None
        if there != self._file:
            raise StoreError(f"the store {self._name} was deleted or replaced while in use; restart Sluice")

    def _prepare(self) -> None:
        """Make the tables in a new file; refuse a file that is not ours or is newer than we are."""
        with self._writing() as base:
            version = base.execute("PRAGMA user_version").fetchone()[0]
            owner = base.execute("PRAGMA application_id").fetchone()[0]
            used = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if owner != APPLICATION and (used or version or owner):
                raise SettingsError(f"the store {self._name} is a database of another program; name another file")
            if version > VERSION:
                raise SettingsError(f"the store {self._name} was made by a newer Sluice; update this one")
            if not used:
                for statement in SCHEMA:
                    base.execute(statement)
        # FULL: a revoked grant must stay revoked when the power fails.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._rows(f"PRAGMA {pragma}")

    def _failure(self, error: sqlite3.Error) -> StoreError:
        """Return our error for SQLite's, with its name but not its message."""
        kind = getattr(error, "sqlite_errorname", type(error).__name__)
        return StoreError(
            f"the store {self._name} cannot be used ({kind}); look at the disk and at who else has it open"
        )


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


def _make_private(path: Path) -> tuple[int, int]:
    """Create the file for its owner alone, and say which one it is; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        return _identity(path.stat())
    except OSError as error:
        raise StoreError(f"the store {path} cannot be opened: {error.strerror}") from error


def _identity(there: os.stat_result) -> tuple[int, int]:
    """Return what no other file of this machine has at the same time."""
    return there.st_dev, there.st_ino


def _millis(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise ValueError("the store needs aware times")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def _marks(values: list[str]) -> str:
    return ", ".join("?" for _ in values)
