"""What `sluice doctor` is told of a server: nothing is guessed that it does not let us see."""

import pytest

from proxy.store.address import Access, read_servers
from proxy.store.redis.look import Seen, look
from proxy.store.redis.store import RedisStore
from tests.proxy.store.conftest import MASTER, open_redis
from tests.redis_servers import PASSWORD, Server, needs_redis


@pytest.mark.parametrize(
    ("version", "old"), [("6.0.16", True), ("6.2.0", False), ("7.0.15", False), ("10.1", False), ("", True)]
)
def test_a_version_is_compared_by_its_numbers(version, old):
    assert Seen("", version, "noeviction", True, 0, 0.0).old is old


@pytest.mark.parametrize(
    ("eviction", "some", "anything"),
    [("noeviction", False, False), ("volatile-lru", True, False), ("allkeys-lru", True, True), ("", False, False)],
)
def test_what_a_server_throws_away_is_told(eviction, some, anything):
    seen = Seen("", "7.0.15", eviction, True, 0, 0.0)
    assert (seen.evicts, seen.evicts_anything) == (some, anything)


@needs_redis
def test_a_server_is_seen_as_it_is(tmp_path):
    server = Server(tmp_path, "appendonly yes", "maxmemory-policy volatile-ttl")
    store = open_redis(server)
    (seen,) = look(store.redis)
    assert (seen.eviction, seen.durable, seen.old, seen.replicas) == ("volatile-ttl", True, False, 0)
    assert abs(seen.clock) < 60
    store.close()
    server.stop()


@needs_redis
def test_a_server_that_does_not_let_us_look_is_not_guessed_at(tmp_path):
    rights = "~h:* resetchannels -@all +@read +@write +@scripting +@connection"
    server = Server(tmp_path, f"user sluice on >{PASSWORD} {rights}")
    url = server.url.replace("//", "//sluice@")
    store = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h"))
    assert look(store.redis) is None
    store.close()
    server.stop()
