"""The workflow's tables in SQLite: what cannot be read stops, what breaks off keeps nothing."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from policies.decision import Grant
from proxy.errors import StoreError
from proxy.store.interface import Changes
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import Event, GrantRecord, Message
from tests.proxy.store.conftest import open_redis
from tests.redis_servers import needs_redis

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KEPT = GrantRecord(Grant("G-1", "张三", "", "chatgpt", "r1", "李四", "SECRET 报价", NOW + timedelta(days=1)), NOW)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sluice.db"
    store = SqliteStore(path)
    event = Event("grant_given", NOW, {"grant": "G-1"})
    assert store.keep(Changes(grant=KEPT, events=[event], messages=[Message("smtp", event)]))
    store.close()
    return path


READS = {
    "grants": lambda store: store.grants_for("张三", []),
    "events": lambda store: store.waiting_events(1),
    "messages": lambda store: store.due_messages(NOW, 1),
}


@pytest.mark.parametrize("table", READS)
@pytest.mark.parametrize("fields", ["{}", "[]", "SECRET", '{"until": 7}', "null"])
def test_a_record_that_cannot_be_read_is_an_error_and_never_passed_over(path, table, fields):
    base = sqlite3.connect(path)
    base.execute(f"UPDATE {table} SET fields = ?", (fields,))
    base.commit()
    base.close()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="cannot be read; restore it") as caught:
        READS[table](store)
    assert "SECRET" not in str(caught.value)
    store.close()


def test_a_step_survives_a_restart_whole(path):
    store = SqliteStore(path)
    assert store.all_grants() == (KEPT,)
    [(_, event)] = store.waiting_events(9)
    [(_, message)] = store.due_messages(NOW, 9)
    assert message.event == event
    store.close()


def test_an_event_that_no_log_can_hold_takes_the_step_back():
    store = SqliteStore(None)
    with pytest.raises(TypeError):
        store.keep(Changes(grant=KEPT, events=[Event("x", NOW, {"what": object()})]))
    assert store.all_grants() == ()
    assert store.keep(Changes(grant=KEPT))
    store.close()


@needs_redis
def test_one_node_at_a_time_carries_and_another_does_when_it_falls_silent(redis_server):
    one, other = (open_redis(redis_server, prefix="lead") for _ in range(2))
    assert one.lead("a", NOW, 30) and not other.lead("b", NOW, 30)
    assert one.lead("a", NOW + timedelta(seconds=20), 30), "it goes on"
    assert not other.lead("b", NOW + timedelta(seconds=49), 30)
    assert other.lead("b", NOW + timedelta(seconds=50), 30) and not one.lead("a", NOW + timedelta(seconds=50), 30)
    assert not one.lead("a", NOW + timedelta(seconds=51), 0), "only who has it can give it up"
    assert not one.lead("a", NOW + timedelta(seconds=51), 30)
    other.lead("b", NOW + timedelta(seconds=52), 0)
    assert one.lead("a", NOW + timedelta(seconds=52), 30)
    for store in (one, other):
        store.close()
