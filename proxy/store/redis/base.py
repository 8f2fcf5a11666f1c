"""What all parts of the store in Redis stand on: the connection, the names of keys, the buckets.

Enters: names as people write them. Leaves: keys in which they are closed. Every key begins with the prefix and a tag in
braces, which says its slot in a Cluster: `{w}` the workflow, `{c}` what is counted, `{x}` traces, `{v00}` to `{v31}`
people and their conversations, each whole in one bucket. What one script touches has one tag.
"""

import threading
from collections.abc import Iterator
from typing import Any, Final

from proxy.store.address import Access, Servers
from proxy.store.redis.connection import ASIDE_SECONDS, Connection, Script, Words
from proxy.store.redis.veil import BUCKETS, Veil, bucket

SLACK: Final = 24 * 3_600_000
"""Milliseconds after its end at which Redis forgets something by itself, where no Sluice is there to do it: by its own
clock, which may be wrong. What is over is told by the time that Sluice names."""


class Base:
    """A connection, and what keys are called."""

    def __init__(self, servers: Servers, master: bytes, access: Access) -> None:
        """Open it; raises `StoreError`, or `SettingsError` where it is not ours to use."""
        self.redis = Connection(servers, access)
        self.aside = Connection(servers, access, ASIDE_SECONDS)
        """For those who hold up everybody while they wait."""
        self.veil = Veil(master)
        self.prefix = access.prefix
        self.closed = threading.Event()

    def key(self, tag: str, name: str = "") -> str:
        """Return a key."""
        return f"{self.prefix}:{{{tag}}}:{name}"

    def bucket_of(self, closed: str) -> str:
        """Return the beginning of the keys of whoever has this closed name."""
        return self.key(f"v{bucket(closed):02}")

    def buckets(self) -> Iterator[str]:
        """Yield the beginning of the keys of each bucket."""
        for number in range(BUCKETS):
            yield self.key(f"v{number:02}")

    def within(self, base: str, script: Script, *values: str | bytes | int, again: bool = False) -> Any:
        """Return what a script of one bucket returns; it finds its keys by their beginning, the first value."""
        words: Words = (base, *values)
        return self.redis.run(script, [f"{base}i"], words, again=again)

    def close(self) -> None:
        """See `Store.close`."""
        self.closed.set()
        self.redis.close()
        self.aside.close()
