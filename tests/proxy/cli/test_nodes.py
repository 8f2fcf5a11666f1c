"""`sluice doctor` of a shared store: what would lose state is a failure, and what to do is said in both languages."""

from dataclasses import replace

import pytest

from proxy.cli import nodes
from proxy.cli.nodes import look_at_redis
from proxy.cli.state import look_at_store, look_at_vault
from proxy.keys import master_key
from proxy.settings.interface import Settings
from proxy.store.address import Access
from proxy.store.open import open_store
from proxy.store.redis import look
from tests.redis_servers import Server, needs_redis

pytestmark = needs_redis


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("redis"), "appendonly yes")
    yield server
    server.stop()


@pytest.fixture
def settings(tmp_path, server):
    server.client.flushall()
    settings = Settings(state=tmp_path, store=server.url, redis=Access(prefix="h"))
    master_key(tmp_path)
    open_store(settings.store, tmp_path, settings.redis).close()
    return settings


def told(settings):
    return [(check.name, check.level, check.told.en) for check in look_at_store(settings)]


def test_a_sound_server_is_well(settings, server):
    (store, redis), port = told(settings), server.port
    assert store == ("store", "ok", f"Redis at 127.0.0.1:{port}, 0 grants")
    assert redis[:2] == ("redis", "ok") and "noeviction" in redis[2]
    assert [check.level for check in look_at_vault(settings)] == ["ok"]


def test_before_there_are_keys_nothing_is_made(tmp_path, server):
    (check,) = look_at_redis(Settings(state=tmp_path / "none", store=server.url))
    assert check.level == "warn" and "copy `keys/master.key`" in check.told.en
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("seen", "mark", "words"),
    [
        ({"version": "6.0.1"}, "FAIL", "older than 6.2"),
        ({"eviction": "volatile-lru"}, "FAIL", "set maxmemory-policy noeviction"),
        ({"clock": -90.0}, "FAIL", "its clock is -90 s from ours"),
        ({"replicas": 0}, "FAIL", "has 0 replicas, and `replicas` asks for 1"),
        ({"durable": False}, "warn", "set appendonly yes"),
        ({}, "ok", "7.0.15"),
    ],
)
def test_each_danger_is_told_with_what_to_do(settings, monkeypatch, seen, mark, words):
    sound = look.Seen("", "7.0.15", "noeviction", durable=True, replicas=1, clock=0.0)
    found = replace(sound, **seen)
    monkeypatch.setattr(look, "look", lambda _: (found,))
    asked = replace(settings, redis=Access(prefix="h", replicas=1)) if "replicas" in seen else settings
    monkeypatch.setattr("proxy.store.redis.connection.Connection._call", plain_call)
    name, was, text = told(asked)[1]
    assert (name, was) == ("redis", mark) and words in text
    assert nodes.APART == 2.0


def plain_call(self, words):
    """Ask without waiting for replicas, of which there are none here."""
    return self.client.execute_command(*words)
