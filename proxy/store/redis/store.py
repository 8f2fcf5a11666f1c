"""The store that many nodes share: Redis, as one server, behind Sentinels, or as a Cluster.

See `proxy.store.interface` for what goes in and out. Everything in it is closed with a key that all nodes of a house
have (`proxy.store.redis.veil`); who comes with another is turned away, for they would find nothing of what was revoked.
So is who is too old for it (`proxy.store.redis.formats`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from proxy.errors import SettingsError, StoreError
from proxy.store.address import Access, Servers
from proxy.store.interface import Forgotten, Older
from proxy.store.redis.connection import Script
from proxy.store.redis.formats import FORMAT, SETTLE, Watch, must_be_known
from proxy.store.redis.look import look
from proxy.store.redis.releases import Releases
from proxy.store.redis.talks import Conversations
from proxy.store.redis.tallies import Tallies
from proxy.store.redis.traces import Traces
from proxy.store.redis.workflow import TAG, Workflow

KNOWN_KEYS: Final = Script("return redis.call('HKEYS', KEYS[1])")
AGREE: Final = Script("""
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
""")


class RedisStore(Workflow, Tallies, Conversations, Traces, Releases):
    """A store on servers of Redis."""

    def __init__(self, servers: Servers, master: bytes, access: Access, *, older: Older = "renew") -> None:
        """Open it; raises `StoreError`, or `SettingsError` where it is another house's, or made by a newer Sluice.

        A store of an `older` format is renewed by a node that starts alone. All others leave it to the Sluice that made
        it: who only looks reads it, and whoever would write is told to start a node first.
        """
        super().__init__(servers, master, access)
        try:
            self._must_be_ours(older)
            self._must_keep()
            watch = Watch(self.key(TAG, "format"))
            self.redis.watch = self.aside.watch = watch
        except (SettingsError, StoreError):
            self.close()
            raise

    def forget_owner(self, owner: str, now: datetime, traces: str = "") -> Forgotten:
        """See `Store.forget_owner`."""
        followed = self.forget_parents(traces)
        self.forget_ends(traces)
        return replace(self.forget_person(owner, now), traces=followed)

    def purge(self, now: datetime) -> int:
        """See `Store.purge`."""
        self.purge_traces(now)
        self.purge_tallies(now)
        self.purge_talks(now)
        return self.purge_originals(now)

    def known_keys(self) -> frozenset[int]:
        """Return the versions of the vault's key that nodes have come with."""
        return frozenset(int(version) for version in self.redis.run(KNOWN_KEYS, [self.key(TAG, "vault")], again=True))

    def must_agree(self, marks: Mapping[int, str]) -> None:
        """Raise `SettingsError` where a node has another key of the vault than others have, or none at all."""
        known = self.known_keys()
        if known and not marks:
            raise SettingsError(
                f"the keys of the vault are missing here: copy vault-{max(known)}.key from another node's `keys`",
                f"本节点缺少保险库密钥：请从其他节点的 `keys` 复制 vault-{max(known)}.key",
            )
        for version, mark in marks.items():
            held = self.redis.run(AGREE, [self.key(TAG, "vault")], [version, mark], again=True)
            if held.decode() != mark:
                raise SettingsError(
                    f"vault-{version}.key is not the one that other nodes have: copy the folder `keys` from one of "
                    "them",
                    f"vault-{version}.key 与其他节点的不同：请从其中一个节点复制 `keys` 目录",
                )

    def _must_keep(self) -> None:
        """Refuse servers that may throw away what has no end: a count, or that a grant was given back."""
        for one in look(self.redis) or ():
            if one.evicts_anything:
                raise SettingsError(
                    f"{self.redis.name} throws away what it was given when its memory is full; set maxmemory-policy "
                    "noeviction",
                    f"{self.redis.name} 内存满时会丢弃数据；请设置 maxmemory-policy noeviction",
                )

    def _must_be_ours(self, older: Older) -> None:
        mark = self.veil.close(["sluice", "1"], "house")
        keys = [self.key(TAG, "house"), self.key(TAG, "format")]
        house, held = self.redis.run(SETTLE, keys, [mark, FORMAT, 1 if older == "renew" else 0], again=True)
        if house != mark:
            raise SettingsError(
                f"{self.redis.name} holds the state of another house: copy `keys/master.key` and `keys/vault-*` "
                "of the first node to this one, or give another house another database or another `redis`, `prefix`",
                f"{self.redis.name} 存放的是另一套 Sluice 的状态：请把第一个节点的 `keys/master.key` 与 "
                "`keys/vault-*` 复制到本节点；若确是另一套，请换用其他数据库或其他 `redis` 的 `prefix`",
            )
        must_be_known(held, self.redis.name, writing=older in ("keep", "refuse"))
