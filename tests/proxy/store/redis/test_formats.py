"""Nodes of several versions share one Redis only as far as each knows what is kept there."""

from datetime import UTC, datetime, timedelta

import pytest

from proxy.errors import SettingsError, StoreError
from proxy.store.address import Access, read_servers
from proxy.store.interface import Count
from proxy.store.redis import formats
from proxy.store.redis.store import RedisStore
from tests.proxy.store.conftest import MASTER, open_redis
from tests.redis_servers import needs_redis

pytestmark = needs_redis
LATER = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(days=1)


@pytest.fixture
def house(redis_server):
    """A store, and how its key of the number is called."""
    store = open_redis(redis_server)
    yield store, store.key("w", "format")
    store.close()


def another(store, server, **more):
    """Open the same house once more."""
    return RedisStore(read_servers(server.url), MASTER, Access(prefix=store.prefix), **more)


def test_a_new_store_says_its_format_and_one_from_before_there_was_a_number_goes_on_and_gets_one(house, redis_server):
    store, key = house
    assert redis_server.client.get(key) == str(formats.FORMAT).encode()
    assert store.count("c", LATER, 1, 1)
    redis_server.client.delete(key)
    again = another(store, redis_server)
    assert redis_server.client.get(key) == b"1" and not again.count("c", LATER, 1, 1), "what was counted counts"
    again.close()


def test_an_older_node_does_not_start_on_a_newer_format_and_leaves_it_as_it_is(house, redis_server):
    store, key = house
    redis_server.client.set(key, formats.FORMAT + 1)
    for older in ("renew", "copy", "keep", "refuse"):
        with pytest.raises(SettingsError, match=r"format 2, made by a newer Sluice.*up to 1: update this node, or put"):
            another(store, redis_server, older=older)
    assert redis_server.client.get(key) == b"2"
    redis_server.client.set(key, "nonsense")
    with pytest.raises(SettingsError, match="no number of a format"):
        another(store, redis_server)


def test_a_newer_node_that_starts_raises_the_number_and_no_command_does(house, redis_server, monkeypatch):
    store, key = house
    monkeypatch.setattr("proxy.store.redis.store.FORMAT", 3)
    monkeypatch.setattr(formats, "FORMAT", 3)
    another(store, redis_server, older="copy").close()
    for older in ("keep", "refuse"):  # commands that write: the older nodes may run, and would refuse from then on
        with pytest.raises(SettingsError, match=r"format 1, made by an older Sluice.*use the `sluice` of one of them"):
            another(store, redis_server, older=older)
    assert redis_server.client.get(key) == b"1"
    another(store, redis_server).close()
    assert redis_server.client.get(key) == b"3"
    monkeypatch.setattr("proxy.store.redis.store.FORMAT", 2)
    monkeypatch.setattr(formats, "FORMAT", 2)
    with pytest.raises(SettingsError, match="format 3"):
        another(store, redis_server)


def test_a_running_node_refuses_as_soon_as_it_sees_that_a_newer_one_has_taken_over(house, redis_server, monkeypatch):
    store, key = house
    assert store.count("c", LATER, 1, None)
    redis_server.client.set(key, formats.FORMAT + 1)
    now = formats.time.monotonic()
    monkeypatch.setattr(formats.time, "monotonic", lambda: now + formats.EVERY)
    for ask in (
        lambda: store.get_grant(""),
        lambda: store.count_all([Count("c", LATER, 1, None)]),
        lambda: store.files_since(0, LATER, 1),  # by the connection of those who cannot wait
    ):
        with pytest.raises(StoreError, match="made by a newer Sluice"):
            ask()
    assert store.redis.ask("GET", key) == b"2"
    redis_server.client.set(key, formats.FORMAT)  # Redis was put back
    monkeypatch.setattr(formats.time, "monotonic", lambda: now + 2 * formats.EVERY)
    assert store.get_grant("") is None and store.count("c", LATER, 1, None)
