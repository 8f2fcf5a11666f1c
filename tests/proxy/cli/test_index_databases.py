"""What a database says when it cannot be asked is told by its cause, with what to do, and nothing of it is quoted."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.cli.index_databases import (
    BROKE_OFF,
    LOCKED,
    NO_COLUMN,
    NO_DATABASE,
    NO_DRIVER,
    NO_FILE,
    NO_RIGHT,
    NO_SQL,
    NO_TABLE,
    NO_URL,
    REFUSED,
    SEVERAL_AT,
    UNREACHED,
    cause_of,
    place_of,
)
from proxy.cli.index_sources import query_rows
from proxy.errors import SettingsError
from tests.rows import each

SECRET = "tr0ub4dor"


class Told(Exception):
    """An error as a driver raises it: with a code of its own, and words that quote."""

    def __init__(self, *args: object, **fields: object) -> None:
        super().__init__(*args)
        for name, value in fields.items():
            setattr(self, name, value)


class Wrapped(Exception):
    """SQLAlchemy's own, around a driver's."""

    def __init__(self, orig: Exception) -> None:
        super().__init__(f"{orig} [SQL: SELECT {SECRET}]")
        self.orig = orig


PSYCOPG = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '
DRIVERS = {
    "psycopg, no table": (Told('relation "x" does not exist', sqlstate="42P01"), NO_TABLE),
    "psycopg, no column": (Told('column "x" does not exist', sqlstate="42703"), NO_COLUMN),
    "psycopg2, no right": (Told("permission denied for table x", pgcode="42501"), NO_RIGHT),
    "psycopg, a word too few": (Told("syntax error at or near", sqlstate="42601"), NO_SQL),
    "psycopg, password": (Told(PSYCOPG + f'FATAL:  password authentication failed for user "{SECRET}"'), REFUSED),
    "psycopg, no database": (Told(PSYCOPG + 'FATAL:  database "none" does not exist'), NO_DATABASE),
    "psycopg, nobody there": (Told(PSYCOPG + "Connection refused"), UNREACHED),
    "psycopg, no such host": (Told("failed to resolve host 'x': [Errno -2] Name or service not known"), UNREACHED),
    "psycopg, ended": (Told("terminating connection due to administrator command", sqlstate="57P01"), BROKE_OFF),
    "pymysql, no table": (Told(1146, "Table 'a.x' doesn't exist"), NO_TABLE),
    "pymysql, password": (Told(1045, f"Access denied for user '{SECRET}'@'h' (using password: YES)"), REFUSED),
    "pymysql, nobody there": (Told(2003, "Can't connect to MySQL server on 'h' ([Errno 111])"), UNREACHED),
    "mysql-connector, no right": (Told("1142 (42000): denied", errno=1142, sqlstate="42000"), NO_RIGHT),
    "oracledb, no table": (Told(Told("ORA-00942", code=942)), NO_TABLE),
    "pyodbc, password": (Told("28000", "[28000] Login failed for user"), REFUSED),
    "sqlite, locked": (Told("database is locked"), LOCKED),
}


@each(("error", "told"), DRIVERS.values(), DRIVERS)
def test_each_driver_is_understood_and_none_is_quoted(error: Exception, told: object) -> None:
    for one in (error, Wrapped(error)):
        cause = cause_of(one)
        assert cause == told and SECRET not in cause.en + cause.zh


def test_what_no_word_is_known_for_is_told_by_its_kind_alone() -> None:
    cause = cause_of(Wrapped(Told(f"Key ({SECRET}) is odd")))
    assert "Told" in cause.en and "Told" in cause.zh and SECRET not in cause.en + cause.zh


URLS = {
    "no URL": ("nothing", NO_URL, "（U）"),
    "an unknown kind": (f"foo://a:{SECRET}@h/x", NO_DRIVER, "（foo h/x）"),
    "no file": ("sqlite:////nowhere/x.db", NO_FILE, "（sqlite /nowhere/x.db）"),
    "a folder": ("sqlite:////", NO_DATABASE, "（sqlite /）"),
    "no table": ("sqlite://", NO_TABLE, "（sqlite）"),
}


@pytest.mark.parametrize(("url", "told", "where"), URLS.values(), ids=URLS)
def test_a_database_is_named_with_its_place_and_what_to_do_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, url: str, told: object, where: str
) -> None:
    monkeypatch.setenv("U", url)
    with pytest.raises(SettingsError) as caught:
        list(query_rows("SELECT x FROM x", ["x"], "U").cells)
    text = caught.value.told
    assert told.en in text.en and told.zh in text.zh and where in text.zh
    assert SECRET not in text.en + text.zh and "SELECT" not in text.en + text.zh


def test_a_file_that_is_not_there_is_not_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///custommers.db", f"sqlite+pysqlite:///{tmp_path}/custommers.db"):
        monkeypatch.setenv("U", url)
        with pytest.raises(SettingsError) as caught:
            list(query_rows("SELECT x FROM x", ["x"], "U").cells)
        assert NO_FILE.en in caught.value.told.en and not list(tmp_path.iterdir())


def test_a_file_that_a_uri_of_sqlites_own_names_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as made, made:
        made.execute("CREATE TABLE x AS SELECT 'Wang' AS x")
    for url in (f"sqlite:///file:{tmp_path}/crm.db?mode=ro&uri=true", f"sqlite:///{tmp_path}/crm.db"):
        monkeypatch.setenv("U", url)
        assert list(query_rows("SELECT x FROM x", ["x"], "U").cells) == [["Wang"]]


SIGNS = st.one_of(
    st.text(st.characters(exclude_characters="\x00"), max_size=12), st.text("@:/?#%[]&=\\ ;,.'", max_size=8)
)
WAYS = (
    "postgresql+psycopg://crm:{}@db.example:5432/crm",
    "mysql://{}@db.example:5432/crm",
    "mysql://:{}@db.example",
    "mysql://crm:{}@[::1]:5432/crm",
    "mysql://crm:{}@/crm",
    "oracle://crm/{}@db.example:1521/crm",
    "oracle://crm/x:{}@db.example",
    "sqlite://crm:{}@db/x",
    "mysql://db.example/crm?a=b&password={}",
    "mysql://crm@db.example/crm?password={}",
)
"""How a user writes a password into a URL, the wrong ways among them."""
PLACES = {
    *("", "postgresql db.example:5432/crm", "mysql db.example:5432/crm", "mysql db.example", "mysql ::1:5432/crm"),
    *("mysql /crm", "mysql crm", "sqlite db/x", "mysql db.example/crm"),
}


@given(SIGNS, st.sampled_from(WAYS))
@example("", WAYS[5])
@example("/", WAYS[1])
@example("@", WAYS[0])
def test_no_part_of_a_password_is_taken_for_the_place(inner: str, way: str) -> None:
    told = place_of(way.format(SECRET + inner + SECRET))
    assert SECRET not in told and told in PLACES


def test_a_password_with_a_sign_that_ends_it_is_told_for_what_it_is() -> None:
    url = f"postgresql://crm:{SECRET}@{SECRET}@db.example/crm"
    assert cause_of(Told("Name or service not known"), url) == SEVERAL_AT and place_of(url) == ""
