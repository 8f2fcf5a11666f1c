"""A file of an older Sluice is brought up to date, and nothing that people did is lost on the way."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies.decision import Grant
from proxy.errors import SettingsError, StoreError
from proxy.store.open import open_store
from proxy.store.redis.formats import FORMAT
from proxy.store.schema import APPLICATION, VERSION, VERSION_1, VERSION_2
from proxy.store.sqlite import SqliteStore
from proxy.workflow.grants import sort_out
from proxy.workflow.signing import Signer

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIRST = (
    """CREATE TABLE originals (
        user TEXT NOT NULL, placeholder TEXT NOT NULL, data BLOB NOT NULL, fingerprint BLOB NOT NULL,
        expires INTEGER NOT NULL,
        PRIMARY KEY (user, placeholder)) WITHOUT ROWID""",
    "CREATE INDEX originals_by_expiry ON originals (expires)",
    """CREATE TABLE grants (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, team TEXT NOT NULL, service TEXT NOT NULL, rule TEXT NOT NULL,
        approver TEXT NOT NULL, purpose TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX grants_by_person ON grants (person)",
    "CREATE INDEX grants_by_team ON grants (team)",
    "INSERT INTO originals VALUES ('user:张三', '[PERSON_7K2F]', x'0102', x'03', 4102444800000)",
    "INSERT INTO grants VALUES ('G-1', '张三', '', 'chatgpt', '*', '李四', '季度报价', '2026-12-31T18:00:00+08:00')",
    "INSERT INTO grants VALUES ('G-2', '', 'Sales', '*', 'r1', 'bob', 'quotes', '2026-12-31T00:00:00+00:00')",
    f"PRAGMA application_id = {APPLICATION}",
    "PRAGMA user_version = 1",
)
"""What version 1 wrote."""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sluice.db"
    write(path, *FIRST)
    return path


def write(path, *statements):
    base = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        base.execute(statement)
    base.close()


def shape(path):
    base = sqlite3.connect(path)
    found = base.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    version = base.execute("PRAGMA user_version").fetchone()
    base.close()
    return {
        name: " ".join(line.partition("--")[0].strip() for line in sql.splitlines()) for name, sql in found
    }, version


def test_a_file_of_version_1_becomes_like_a_new_one(path, tmp_path):
    SqliteStore(path).close()
    SqliteStore(tmp_path / "new.db").close()
    assert shape(path) == shape(tmp_path / "new.db")
    assert shape(path)[1] == (VERSION,)


def test_a_file_of_version_2_becomes_like_a_new_one_and_keeps_what_it_held(tmp_path):
    write(
        tmp_path / "sluice.db",
        *VERSION_1,
        *VERSION_2,
        "INSERT INTO originals VALUES ('user:张三', '[PERSON_7K2F]', x'0102', x'03', 4102444800000)",
        "PRAGMA user_version = 2",
    )
    store = SqliteStore(tmp_path / "sluice.db")
    assert store.get_original("user:张三", "[PERSON_7K2F]", NOW) == b"\x01\x02"
    assert store.find_talks(["t"], NOW) == {}
    store.close()
    SqliteStore(tmp_path / "new.db").close()
    assert shape(tmp_path / "sluice.db") == shape(tmp_path / "new.db")


def test_who_only_looks_leaves_the_file_to_an_older_sluice_that_may_be_running(path):
    before = shape(path), path.read_bytes()
    store = open_store(f"sqlite:///{path}", path.parent, older="copy")
    assert len(store.all_grants()) == 2 and store.vault_size().values == 1  # read as tables of today
    store.close()
    assert (shape(path), path.read_bytes()) == before
    for older, why in (("refuse", "of an older Sluice, which is running: use the"), ("keep", "too old for this")):
        with pytest.raises(SettingsError, match=why):
            SqliteStore(path, older=older)
    assert (shape(path), path.read_bytes()) == before
    SqliteStore(path).close()  # one that starts
    assert shape(path)[1] == (VERSION,)


def test_who_only_looks_makes_no_file(tmp_path):
    store = SqliteStore(tmp_path / "state" / "sluice.db", older="copy")
    assert store.all_grants() == () and store.vault_size().values == 0
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_originals_and_grants_of_version_1_are_kept(path):
    for _ in range(2):  # the second time, it is of this version already
        store = SqliteStore(path)
        assert store.get_original("user:张三", "[PERSON_7K2F]", NOW) == b"\x01\x02"
        first, second = store.all_grants()
        until = datetime.fromisoformat("2026-12-31T18:00:00+08:00")
        assert first.grant == Grant("G-1", "张三", "", "chatgpt", "*", "李四", "季度报价", until)
        assert store.grants_for("nobody", ["sales"]) == (second,)
        store.close()


def test_grants_of_version_1_carry_no_signature_and_open_nothing(path):
    store = SqliteStore(path)
    found = sort_out(store.all_grants(), Signer(b"k" * 32), {})
    assert (found.usable, found.unsound) == ((), ("G-1", "G-2"))
    store.close()


def test_a_grant_that_cannot_be_read_stops_the_migration_and_leaves_the_file(path):
    write(path, "UPDATE grants SET until = 'soon' WHERE id = 'G-2'")
    with pytest.raises(StoreError, match="cannot be read; restore it"):
        SqliteStore(path)
    assert shape(path)[1] == (1,)
    write(path, "UPDATE grants SET until = '2026-12-31T00:00:00+00:00'")
    store = SqliteStore(path)
    assert len(store.all_grants()) == 2
    assert store.count("c", NOW + timedelta(days=1), 1, 1)
    store.close()


@pytest.mark.parametrize("page", ("docs/operations.md", "docs/operations.zh.md"))
def test_the_numbers_of_both_stores_are_those_of_the_code(page: str) -> None:
    told = re.findall(
        r"""(?:user_version"`|:format'`)(?:, now |，现为 )(\d+)""",
        (Path(__file__).parents[3] / page).read_text("utf-8"),
    )
    assert told == [str(VERSION), str(FORMAT)]
