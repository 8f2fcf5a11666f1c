"""How the servers of Redis stand, for `sluice doctor` and for the start. This room does I/O.

Enters: a connection. Leaves: of each server that takes changes its version, what it does when its memory is full,
whether it keeps what it has over a restart, its replicas, and how far its clock is from ours. What it does not let us
see is not guessed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import NoPermissionError, ResponseError

from proxy.store.redis.connection import FAILURES, Connection

LEAST: Final = (6, 2)
"""The earliest version that has all that the scripts ask for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One server."""

    name: str
    version: str
    eviction: str
    """Its `maxmemory-policy`."""
    durable: bool
    """Whether what it was told survives a restart: an append-only file."""
    replicas: int
    clock: float
    """Seconds that its clock is ahead of ours."""

    @property
    def old(self) -> bool:
        """Whether it is too old."""
        numbers = [int(part) for part in self.version.split(".")[:2] if part.isdigit()]
        return tuple(numbers) < LEAST

    @property
    def evicts(self) -> bool:
        """Whether it throws away what it was given when its memory is full."""
        return self.eviction not in ("noeviction", "")

    @property
    def evicts_anything(self) -> bool:
        """Whether it throws away even what has no end."""
        return self.eviction.startswith("allkeys")


def look(connection: Connection) -> tuple[Seen, ...] | None:
    """Return how each server stands, None where it does not let us see that; raises `StoreError`."""
    client = connection.client
    try:
        if isinstance(client, RedisCluster):
            nodes: list[ClusterNode] = client.get_primaries()  # type: ignore[no-untyped-call]
            return tuple(
                _seen(node.name, client.info(target_nodes=node), client.time(target_nodes=node)) for node in nodes
            )
        return (_seen("", client.info(), client.time()),)
    except NoPermissionError:
        return None
    except ResponseError as error:
        if "permission" in str(error).lower():
            return None
        raise connection.failure(error) from None
    except FAILURES as error:
        raise connection.failure(error) from None


def _seen(name: str, info: Mapping[str, Any], clock: tuple[int, int]) -> Seen:
    return Seen(
        name,
        str(info.get("valkey_version") or info.get("redis_version", "")),
        str(info.get("maxmemory_policy", "")),
        str(info.get("aof_enabled", 0)) == "1",
        int(info.get("connected_slaves", 0)),
        clock[0] + clock[1] / 1e6 - time.time(),
    )
