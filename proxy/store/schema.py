"""The tables of the embedded store, and the way from each older version to this one.

Enters: a connection inside a transaction. Leaves: a file of this version. Grants and requests are kept as the plain
fields of `proxy.workflow.permission`, with columns only for what is looked up by; names in those columns are folded. A
migration never drops what people did: grants of version 1 are kept, but carry no signature and so open nothing.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Final

from policies.decision import Grant
from policies.model import fold
from proxy.store.plain import document
from proxy.workflow.permission import GrantRecord

VERSION: Final = 6
"""Of the schema; kept in the file's `user_version`."""
OUTBOX: Final = 2
"""The first version with `events`, to which an older Sluice's file takes what a newer one adds."""
APPLICATION: Final = 0x534C4345
"""`SLCE`, kept in the file's `application_id`."""
UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the time at which a grant of version 1 was given, which nobody wrote down."""

VERSION_1: Final = (
    """CREATE TABLE originals (
        user TEXT NOT NULL, placeholder TEXT NOT NULL, data BLOB NOT NULL, fingerprint BLOB NOT NULL,
        expires INTEGER NOT NULL, -- milliseconds since 1970, as all times in columns
        PRIMARY KEY (user, placeholder)) WITHOUT ROWID""",
    "CREATE INDEX originals_by_expiry ON originals (expires)",
    f"PRAGMA application_id = {APPLICATION}",
)
"""What version 1 made and later versions have kept."""

VERSION_2: Final = (
    """CREATE TABLE grants (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, team TEXT NOT NULL, fields TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX grants_by_person ON grants (person)",
    "CREATE INDEX grants_by_team ON grants (team)",
    """CREATE TABLE requests (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, service TEXT NOT NULL, rule TEXT NOT NULL, activity TEXT NOT NULL,
        state TEXT NOT NULL, at INTEGER NOT NULL, fields TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX requests_by_state ON requests (state, at)",
    "CREATE UNIQUE INDEX requests_open ON requests (person, service, rule, activity) WHERE state = 'open'",
    # AUTOINCREMENT: a number that was handed out must never name another event.
    "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, fields TEXT NOT NULL)",
    """CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, fields TEXT NOT NULL,
        attempts INTEGER NOT NULL, next_try INTEGER NOT NULL)""",
    "CREATE INDEX messages_by_time ON messages (next_try, number)",
    """CREATE TABLE acknowledgements (
        user TEXT NOT NULL, notice TEXT NOT NULL, at INTEGER NOT NULL, words TEXT NOT NULL,
        PRIMARY KEY (user, notice)) WITHOUT ROWID""",
    """CREATE TABLE shown (
        user TEXT NOT NULL, notice TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (user, notice)) WITHOUT ROWID""",
    """CREATE TABLE purposes (
        user TEXT NOT NULL, service TEXT NOT NULL, purpose TEXT NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (user, service)) WITHOUT ROWID""",
    """CREATE TABLE counters (
        name TEXT NOT NULL, ends INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (name, ends)) WITHOUT ROWID""",
    "CREATE INDEX counters_by_end ON counters (ends)",
    """CREATE TABLE policies (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, source TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
        turn INTEGER NOT NULL) WITHOUT ROWID""",
)

VERSION_3: Final = (
    """CREATE TABLE talks (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, used INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX talks_by_owner ON talks (owner, used)",
    "CREATE INDEX talks_by_expiry ON talks (expires)",
    """CREATE TABLE turns (
        number INTEGER PRIMARY KEY AUTOINCREMENT, talk TEXT NOT NULL, at INTEGER NOT NULL, question BLOB NOT NULL,
        answer BLOB)""",
    "CREATE INDEX turns_by_talk ON turns (talk, number)",
)

VERSION_4: Final = (
    """CREATE TABLE vault_keys (
        owner TEXT NOT NULL, talk TEXT NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
        made INTEGER NOT NULL, PRIMARY KEY (owner, talk)) WITHOUT ROWID""",
    "CREATE INDEX vault_keys_by_talk ON vault_keys (talk)",
    """CREATE TABLE parents (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL,
        data BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX parents_by_owner ON parents (owner, at)",
    "CREATE INDEX parents_by_expiry ON parents (expires)",
    """CREATE TABLE uploads (
        number INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL UNIQUE, service TEXT NOT NULL,
        size INTEGER NOT NULL, expires INTEGER NOT NULL)""",
    "CREATE INDEX uploads_by_expiry ON uploads (expires)",
)

VERSION_5: Final = (
    # One row at most: the release that all nodes follow.
    "CREATE TABLE releases (number INTEGER PRIMARY KEY, fields TEXT NOT NULL)",
    "CREATE TABLE standings (node TEXT PRIMARY KEY, at INTEGER NOT NULL, fields TEXT NOT NULL) WITHOUT ROWID",
)

VERSION_6: Final = (
    """CREATE TABLE ends (
        number INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, owner TEXT NOT NULL, expires INTEGER NOT NULL,
        data BLOB NOT NULL)""",
    "CREATE INDEX ends_by_place ON ends (place, number)",
    "CREATE INDEX ends_by_owner ON ends (owner)",
    "CREATE INDEX ends_by_expiry ON ends (expires)",
)


def create(base: sqlite3.Connection) -> None:
    """Make all tables in an empty file."""
    for statement in (*VERSION_1, *VERSION_2, *VERSION_3, *VERSION_4, *VERSION_5, *VERSION_6):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {VERSION}")


def migrate(base: sqlite3.Connection, version: int) -> None:
    """Bring a file of an older version to this one."""
    if version == 1:
        old = base.execute("SELECT id, person, team, service, rule, approver, purpose, until FROM grants").fetchall()
        base.execute("DROP TABLE grants")  # with its indexes
        for statement in VERSION_2:
            base.execute(statement)
        for id, person, group, service, rule, approver, purpose, until in old:
            end = datetime.fromisoformat(until)
            record = GrantRecord(Grant(id, person, group, service, rule, approver, purpose, end), UNKNOWN)
            base.execute("INSERT INTO grants VALUES (?, ?, ?, ?)", grant_row(record))
    for made_by, statements in ((3, VERSION_3), (4, VERSION_4), (5, VERSION_5), (6, VERSION_6)):
        for statement in statements if version < made_by else ():
            base.execute(statement)
    base.execute(f"PRAGMA user_version = {VERSION}")


def grant_row(record: GrantRecord) -> tuple[str, str, str, str]:
    """Return a grant as its table holds it."""
    grant = record.grant
    return grant.id, fold(grant.person), fold(grant.group), document(record.fields())
