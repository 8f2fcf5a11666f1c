"""Opens the store that the settings name: the embedded one, or one that many nodes share. This room does I/O.

Enters: an address, the state directory, and what it takes to be let in. Leaves: a `Store`. What Redis needs is loaded
for Redis alone.
"""

from pathlib import Path

from proxy.keys import master_key
from proxy.store.address import Access, is_redis, read_servers, store_file
from proxy.store.interface import Store
from proxy.store.sqlite import SqliteStore


def open_store(url: str, base: Path, access: Access | None = None) -> Store:
    """Open the store that the settings name; raises `SettingsError` for an address that is none, or `StoreError`.

    `sqlite:///sluice.db` is relative to `base`, `sqlite:////var/lib/sluice.db` is not, and `sqlite://:memory:`
    forgets everything at the end. Redis is shared by all nodes that have the same master key.
    """
    if not is_redis(url):
        return SqliteStore(store_file(url, base))
    from proxy.store.redis.store import RedisStore  # its library, for whoever has it

    return RedisStore(read_servers(url), master_key(base), access or Access())
