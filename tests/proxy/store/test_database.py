"""The SQLite file: private, shared by processes, recognised as ours or left alone, and never waited on for long."""

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policies.decision import Grant
from proxy.errors import SettingsError, StoreError
from proxy.store import database
from proxy.store.interface import Changes, Sealed
from proxy.store.open import A_COMMAND_WAITS, open_store
from proxy.store.schema import APPLICATION, VERSION
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import GrantRecord

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ONE = {"[PERSON_7K2F]": Sealed(b"SECRET sealed", b"f")}

WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from proxy.store.interface import Sealed
from proxy.store.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
now = datetime(2026, 11, 20, tzinfo=UTC)
for n in range(60):
    assert not store.put_originals("u", {f"[P_{n}]": Sealed(b"x", b"f")}, now + timedelta(days=1), now)
store.close()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "sluice.db"


def with_plain(path, *statements):
    """Run statements on the file as any other program would."""
    base = sqlite3.connect(path, isolation_level=None)
    try:
        return [base.execute(statement).fetchall() for statement in statements]
    finally:
        base.close()


def test_the_file_and_its_side_files_are_for_their_owner_alone(path):
    store = SqliteStore(path)
    store.put_originals("u", ONE, LATER, NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"sluice.db": 0o600, "sluice.db-wal": 0o600, "sluice.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_what_was_kept_is_there_after_a_restart(path):
    store = SqliteStore(path)
    store.put_originals("u", ONE, LATER, NOW)
    store.close()
    again = SqliteStore(path)
    assert again.get_original("u", "[PERSON_7K2F]", NOW) == b"SECRET sealed"
    again.close()


def test_purged_originals_leave_no_bytes_in_the_file(path):
    store = SqliteStore(path)
    store.put_originals("u", ONE, LATER, NOW)
    assert store.purge(LATER) == 1
    store.close()
    assert b"SECRET" not in path.read_bytes()


def test_processes_make_and_fill_one_file_together(path):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(path)], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [worker.communicate()[1] for worker in workers] == [""] * 4
    assert with_plain(path, "SELECT count(*) FROM originals") == [[(60,)]]


def test_a_store_of_a_newer_sluice_is_refused_and_left_alone(path):
    SqliteStore(path).close()
    with_plain(path, f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="newer Sluice"):
        SqliteStore(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE theirs (x)", "PRAGMA user_version = 7", f"PRAGMA application_id = {APPLICATION + 1}"],
)
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path, statement):
    path = tmp_path / "theirs.db"
    with_plain(path, statement)
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("会议纪要 minutes\n" * 200, encoding="utf-8")
    with pytest.raises(StoreError, match="SQLITE_NOTADB"):
        SqliteStore(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"sluice\.db cannot be opened"):
        SqliteStore(tmp_path / "file" / "sluice.db")


def test_a_store_that_another_process_holds_is_not_waited_on_for_long(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    store = SqliteStore(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="SQLITE_BUSY") as caught:
        store.put_originals("u", ONE, LATER, NOW)
    assert "SECRET" not in str(caught.value)
    assert store.get_original("u", "[PERSON_7K2F]", NOW) is None  # readers go on
    holder.execute("ROLLBACK")
    holder.close()
    assert store.put_originals("u", ONE, LATER, NOW) == frozenset()
    store.close()


def test_a_command_waits_for_who_writes_where_an_exchange_has_given_up(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            held.set()
            free.wait(30)
            holder.execute("ROLLBACK")

    with closing(SqliteStore(path)) as exchange:
        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(30)
        with pytest.raises(StoreError, match="SQLITE_BUSY"):
            exchange.put_originals("u", ONE, LATER, NOW)
        threading.Timer(0.3, free.set).start()
        with closing(open_store(f"sqlite:///{path}", path.parent, patience=A_COMMAND_WAITS)) as command:
            assert command.put_originals("u", ONE, LATER, NOW) == frozenset()
        thread.join()


def test_a_write_that_breaks_off_keeps_nothing(path):
    store = SqliteStore(path)
    broken = {**ONE, "[PERSON_0000]": Sealed(b"x", None)}
    with pytest.raises(StoreError, match="SQLITE_CONSTRAINT"):
        store.put_originals("u", broken, LATER, NOW)
    assert store.get_original("u", "[PERSON_7K2F]", NOW) is None
    assert store.put_originals("u", ONE, LATER, NOW) == frozenset()
    store.close()


@pytest.mark.parametrize("way", ["deleted", "replaced"])
def test_a_file_that_is_no_longer_at_its_place_is_neither_written_nor_believed(path, way):
    """A grant that was revoked in the new file must not live on in the old one."""
    store = SqliteStore(path)
    grant = GrantRecord(Grant("g1", "alice", "", "*", "*", "张敏", "p", LATER), NOW)
    assert store.keep(Changes(grant=grant))
    if way == "replaced":
        other = path.with_name("other.db")
        SqliteStore(other).close()
        other.rename(path)
    else:
        path.unlink()
    questions = (
        lambda: store.put_originals("u", ONE, LATER, NOW),
        lambda: store.get_original("u", "[PERSON_7K2F]", NOW),
        lambda: store.grants_for("alice", ()),
        store.all_grants,
        lambda: store.keep(Changes(grant=replace(grant, revoked_by="bob", revoked_at=NOW), grant_was=grant)),
        lambda: store.used(["quota"]),
        lambda: store.count("quota", LATER, 1, 1),
        lambda: store.acknowledged("alice"),
        lambda: store.purge(NOW),
    )
    for ask in questions:
        with pytest.raises(StoreError, match="deleted or replaced while in use; restart Sluice"):
            ask()
    store.close()
