"""The way to Redis fails promptly and tells no value, and finds the server again by itself."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from policies.decision import Grant
from proxy.errors import SettingsError, StoreError
from proxy.store.address import Access, read_servers
from proxy.store.interface import Changes, Sealed
from proxy.store.redis import connection
from proxy.store.redis.store import RedisStore
from proxy.workflow.permission import GrantRecord
from tests.proxy.store.conftest import MASTER, open_redis
from tests.redis_servers import PASSWORD, RIGHTS, Server, needs_redis, until

pytestmark = needs_redis
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ONE = {"[PERSON_7K2F]": Sealed(b"SECRET sealed", b"f")}
KEPT = GrantRecord(Grant("G-1", "张三", "", "chatgpt", "r1", "李四", "SECRET", LATER), NOW)
ASKS = {
    "put": lambda store: store.put_originals("u", ONE, LATER, NOW),
    "get": lambda store: store.get_original("u", "[PERSON_7K2F]", NOW),
    "count": lambda store: store.count("SECRET", LATER, 1, 10),
    "grants": lambda store: store.grants_for("张三", []),
    "keep": lambda store: store.keep(Changes(grant=KEPT)),
    "files": lambda store: store.files_since(0, NOW, 9),
}
ANSWERS_WITHIN = 2 * connection.ANSWER_SECONDS + 20
"""Far more than it takes, for a busy machine; a wait for TCP to give up would take minutes."""


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "redis", "appendonly yes", "appendfsync always")
    yield server
    server.stop(signal.SIGKILL)


def must_fail(store, ask):
    begun = time.monotonic()
    with pytest.raises(StoreError, match="cannot be used") as caught:
        ask(store)
    assert time.monotonic() - begun < ANSWERS_WITHIN
    assert "SECRET" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_server_that_is_gone_is_an_error_at_once_and_found_again_by_itself(server, ask):
    store = open_redis(server)
    store.count("before", LATER, 3, None)
    server.stop(signal.SIGKILL)
    must_fail(store, ask)
    server.start()
    until(lambda: works(store, ask), "the store works again")
    assert store.used(["before"]) == {"before": 3}
    store.close()


def works(store, ask):
    try:
        ask(store)
    except StoreError:
        return False
    return True


def test_a_server_that_was_restarted_between_two_questions_is_not_noticed(server):
    store = open_redis(server)
    store.put_originals("u", ONE, LATER, NOW)
    server.stop()
    server.start()
    assert store.get_original("u", "[PERSON_7K2F]", NOW) == b"SECRET sealed"
    assert store.count("c", LATER, 1, 1)
    store.close()


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_server_that_is_silent_is_not_waited_on_and_nobody_else_waits_then(server, ask, monkeypatch):
    monkeypatch.setattr(connection, "REST_SECONDS", 3600)
    monkeypatch.setattr(connection, "ASIDE_REST_SECONDS", 3600)
    store = open_redis(server)
    server.process.send_signal(signal.SIGSTOP)
    assert "TimeoutError" in must_fail(store, ask)
    assert "silent a moment ago" in must_fail(store, ask)
    server.process.send_signal(signal.SIGCONT)
    store.close()


def test_after_its_silence_it_is_asked_again(server, monkeypatch):
    monkeypatch.setattr(connection, "REST_SECONDS", 0.05)
    store = open_redis(server)
    server.process.send_signal(signal.SIGSTOP)
    must_fail(store, ASKS["count"])
    server.process.send_signal(signal.SIGCONT)
    until(lambda: works(store, ASKS["count"]), "the store works again")
    assert store.used(["SECRET"])["SECRET"] <= 3, "what timed out may have counted, and no more than once each"
    store.close()


def test_a_replica_takes_no_changes_and_says_so(server, tmp_path):
    other = Server(tmp_path / "other", f"replicaof 127.0.0.1 {server.port}")
    store = open_redis(server, prefix="replica")
    store.put_originals("u", ONE, LATER, NOW)
    until(lambda: other.client.info("replication")["master_link_status"] == "up", "a replica")
    until(lambda: other.client.dbsize() == server.client.dbsize(), "all of it")
    with pytest.raises(StoreError, match="cannot be used"):
        open_redis(other, prefix="replica")
    server.client.replicaof("127.0.0.1", other.port)  # both are replicas now
    must_fail(store, ASKS["count"])
    server.client.replicaof("NO", "ONE")
    assert ASKS["get"](store) == b"SECRET sealed"
    store.close()
    other.stop()


def test_a_change_counts_once_so_many_replicas_have_it(server, tmp_path):
    store = open_redis(server, replicas=0, prefix="wait")
    with pytest.raises(StoreError, match="too few replicas"):
        open_redis(server, replicas=1, prefix="wait")
    other = Server(tmp_path / "other", f"replicaof 127.0.0.1 {server.port}")
    until(lambda: other.client.info("replication")["master_link_status"] == "up", "a replica")
    opened = []
    until(lambda: works(opened, lambda _: opened.append(open_redis(server, replicas=1, prefix="wait"))), "in step")
    strict = opened[0]
    until(lambda: works(strict, lambda _: strict.count("c", LATER, 1, None)), "a change that the replica has")
    other.stop()
    with pytest.raises(StoreError, match="too few replicas"):
        strict.count("d", LATER, 1, 1)
    for one in (store, strict):
        one.close()


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random"])
def test_a_server_that_throws_anything_away_is_refused(server, policy):
    server.client.config_set("maxmemory-policy", policy)
    with pytest.raises(SettingsError, match="set maxmemory-policy noeviction"):
        open_redis(server)


def test_a_server_without_memory_left_is_an_error_and_loses_nothing(server):
    store = open_redis(server)
    store.put_originals("u", ONE, LATER, NOW)
    server.client.config_set("maxmemory", 1)
    assert "OutOfMemoryError" in must_fail(store, ASKS["count"])
    assert ASKS["get"](store) == b"SECRET sealed"
    server.client.config_set("maxmemory", 0)
    assert store.count("c", LATER, 1, 1)
    store.close()


def test_what_was_changed_in_redis_by_hand_is_an_error_and_never_passed_over(server):
    store = open_redis(server, prefix="h")
    assert store.keep(Changes(grant=KEPT))
    (name,) = server.client.hkeys("h:{w}:g")
    server.client.hset("h:{w}:g", name, b"SECRET")
    for ask in (store.all_grants, lambda: store.grants_for("张三", []), lambda: store.get_grant("G-1")):
        with pytest.raises(StoreError, match="cannot be read; restore it") as caught:
            ask()
        assert "SECRET" not in str(caught.value)
    store.close()


def test_a_user_and_a_password_let_in_and_neither_is_told(tmp_path):
    rights = RIGHTS.replace("sluice:", "h:")
    server = Server(tmp_path, f"user sluice on >{PASSWORD} {rights}", "user default off")
    url = server.url.replace("//", "//sluice@")
    store = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h"))
    assert store.count("c", LATER, 1, 1) and store.purge(NOW) == 0
    for access, prefix in ((Access("wrong-SECRET", prefix="h"), "h"), (Access(PASSWORD, prefix="other"), "other")):
        with pytest.raises(StoreError, match="cannot be used") as caught:
            RedisStore(read_servers(url), MASTER, access)
        assert "SECRET" not in str(caught.value) + repr(access), prefix
    assert PASSWORD not in repr(store.redis.servers)
    store.close()
    server.stop()


def test_files_of_certificates_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(SettingsError, match="certificates of `redis` cannot be read: FileNotFoundError"):
        RedisStore(read_servers("rediss://127.0.0.1:1"), MASTER, Access(ca=tmp_path / "none.pem"))


def test_scripts_are_sent_again_to_a_server_that_has_forgotten_them(server):
    store = open_redis(server)
    assert store.count("c", LATER, 1, 2)
    server.client.script_flush()
    assert store.count("c", LATER, 1, 2) and not store.count("c", LATER, 1, 2)
    store.close()
