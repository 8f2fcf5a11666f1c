"""A release is announced to whoever listens, also to one who was away; it opens at its place in Redis alone."""

import signal
import threading

import pytest

from proxy.errors import UnreadableRecord
from proxy.publish.release import Standing
from proxy.store.address import Access, read_servers
from proxy.store.redis.store import RedisStore
from tests.proxy.store.conftest import MASTER, open_redis
from tests.proxy.store.test_releases import NOW, release
from tests.redis_servers import PASSWORD, RIGHTS, Server, needs_redis, until

pytestmark = needs_redis
SHIPPED = RIGHTS.replace("sluice:", "h:")


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "redis", "appendonly yes", "appendfsync always")
    yield server
    server.stop(signal.SIGKILL)


class Ear:
    """Counts what was heard."""

    def __init__(self):
        self.heard = 0
        self.news = threading.Event()

    def __call__(self):
        self.heard += 1
        self.news.set()


def test_what_is_put_is_announced_also_after_a_restart_of_redis(server):
    one, other, ear = open_redis(server, prefix="h"), open_redis(server, prefix="h"), Ear()
    hears = other.hear(ear)
    until(hears, "the channel is open")
    first = ear.heard  # it may have missed one before
    assert first >= 1
    one.put_release(release(1), 0)
    until(lambda: ear.heard > first, "an announcement")
    server.stop(signal.SIGKILL)
    until(lambda: not hears(), "the channel is away")
    server.start()
    before = ear.heard
    until(lambda: hears() and ear.heard > before, "the channel is open again, and one is told to look")
    assert other.get_release() == release(1)
    for store in (one, other):
        store.close()


def test_a_user_who_may_hear_nothing_keeps_releases_all_the_same(tmp_path, logged):
    rights = SHIPPED.replace("&h:* ", "").replace("+publish +subscribe", "")
    server = Server(tmp_path, f"user sluice on >{PASSWORD} {rights}", "user default off")
    url = f"redis://sluice@127.0.0.1:{server.port}/0"
    store = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h"))
    hears = store.hear(lambda: None)
    assert store.put_release(release(1), 0) and store.get_release() == release(1)
    until(lambda: "every second" in logged.getvalue(), "it is said that nothing is heard")
    assert not hears()
    store.close()
    server.stop()


def test_the_shipped_rights_are_enough(tmp_path):
    server = Server(tmp_path, f"user sluice on >{PASSWORD} {SHIPPED}", "user default off")
    url = f"redis://sluice@127.0.0.1:{server.port}/0"
    store, ear = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h")), Ear()
    until(store.hear(ear), "the channel is open")
    before = ear.heard
    store.put_release(release(1), 0)
    until(lambda: ear.heard > before, "an announcement")
    store.close()
    server.stop()


def test_nothing_of_it_is_in_clear_and_none_opens_that_was_changed_or_moved(server):
    store = open_redis(server, prefix="h")
    store.put_release(release(1), 0)
    store.stand(Standing("节点-1", NOW, 1, "1@aa", (), 1))
    raw = server.client
    kept = repr([raw.hgetall(key) for key in raw.keys("h:{w}:*") if raw.type(key) == b"hash"])
    for word in ("政策", "张敏", "节点", "1@aa"):
        assert word not in kept and repr(word.encode())[2:-1] not in kept
    told = raw.hget("h:{w}:rel", "r")
    (name,) = raw.hkeys("h:{w}:st")
    raw.hset("h:{w}:rel", "r", raw.hget("h:{w}:st", name))  # from another place
    raw.hset("h:{w}:st", name, told)
    for ask in (store.get_release, store.standings):
        with pytest.raises(UnreadableRecord):
            ask()
    raw.hset("h:{w}:rel", "n", "many")
    with pytest.raises(UnreadableRecord):
        store.release_number()
    store.close()
