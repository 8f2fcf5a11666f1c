"""An administrator moves from SQLite to Redis by one command, while no proxy runs, and is told what is there."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies.decision import Grant
from proxy.cli.exits import Exit
from proxy.keys import private_directory
from proxy.store import owner
from proxy.store.address import Access
from proxy.store.interface import Changes
from proxy.store.open import open_store
from proxy.store.owner import owned
from proxy.workflow.permission import GrantRecord
from tests.proxy.cli.office import furnish, run
from tests.proxy.store.conftest import redis_server  # noqa: F401  # a fixture
from tests.redis_servers import needs_redis

STATE = Path("state")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
GRANT = GrantRecord(Grant("G-1", "张三", "", "*", "ask", "陈华", "月报", NOW + timedelta(days=9)), NOW)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    with Path("sluice.yaml").open("a", encoding="utf-8") as file:
        file.write(f"redis: {{prefix: {tmp_path.name[:30].replace('_', '-')}}}\n")
    with closing(open_store("sqlite:///sluice.db", private_directory(STATE))) as store:
        store.keep(Changes(grant=GRANT))


@needs_redis
def test_all_is_copied_and_looked_for_and_what_to_do_next_is_said(redis_server, tmp_path: Path) -> None:  # noqa: F811
    url = redis_server.url
    done = run("store", "copy", "--to", url)
    assert done.exit_code == Exit.OK, done.output
    assert "1 found, 1 copied now, 1 are there" in done.stdout and f"Write `store: {url}`" in done.stdout
    done = run("store", "copy", "--to", url, "--from", "sqlite:///sluice.db", language="zh_CN.UTF-8")
    assert done.exit_code == Exit.OK and "共 1，本次复制 0，目标中已有 1" in done.stdout
    access = Access(prefix=tmp_path.name[:30].replace("_", "-"))
    with closing(open_store(url, STATE, access)) as store:
        assert store.all_grants() == (GRANT,)
    with closing(open_store("sqlite:///sluice.db", STATE)) as before:
        before.keep(Changes(grant=GrantRecord(GRANT.grant, NOW, revoked_by="陈华", revoked_at=NOW), grant_was=GRANT))
    done = run("store", "copy", "--to", url)
    assert done.exit_code == Exit.FOUND and "1 are other ones there (G-1)" in done.stdout
    assert "do not start on it" in done.stdout


WRONG = {
    "the same store": (("--to", "sqlite:///sluice.db"), "is the store that is to be copied"),
    "no file": (("--to", "redis://127.0.0.1:1/0", "--from", "sqlite:///gone.db"), "there is no such store"),
    "no SQLite": (("--to", "redis://127.0.0.1:1/0", "--from", "redis://127.0.0.1:2/0"), "is no SQLite file"),
    "Redis away": (("--to", "redis://127.0.0.1:1/0"), "127.0.0.1:1"),
    "no address": (("--to", "mysql://x"), "not an address"),
}


@pytest.mark.parametrize(("words", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_copied_is_told(words: tuple[str, ...], told: str) -> None:
    done = run("store", "copy", *words)
    assert done.exit_code == Exit.UNUSABLE and told in done.stderr


def test_while_a_proxy_runs_nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "TRIES_FOR", 0.0)
    with owned(STATE):
        done = run("store", "copy", "--to", "redis://127.0.0.1:1/0")
    assert done.exit_code == Exit.UNUSABLE and "in use by process" in done.stderr
