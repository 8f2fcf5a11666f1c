"""Every store, each in turn."""

from itertools import count

import pytest

from proxy.store.address import Access, read_servers
from proxy.store.redis.store import RedisStore
from proxy.store.sqlite import SqliteStore
from tests.redis_servers import Server, needs_redis

MASTER = b"k" * 32
NUMBERS = count()
OPENERS = {
    "sqlite file": lambda request: SqliteStore(request.getfixturevalue("tmp_path") / "sluice.db"),
    "sqlite memory": lambda _: SqliteStore(None),
    "redis": lambda request: open_redis(request.getfixturevalue("redis_server")),
}


def open_redis(server, **more):
    """Open a store of its own on a server."""
    more = {"prefix": f"house-{next(NUMBERS)}"} | more
    return RedisStore(read_servers(server.url), MASTER, Access(**more))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(params=[pytest.param(name, marks=needs_redis) if name == "redis" else name for name in OPENERS])
def store(request):
    opened = OPENERS[request.param](request)
    yield opened
    opened.close()
