"""Opens the store that the settings name: the embedded one, or one that many nodes share. This room does I/O.

Enters: an address, the state directory, and what it takes to be let in. Leaves: a `Store`. What Redis needs is loaded
for Redis alone.
"""

import hmac
from pathlib import Path
from typing import Final

from detectors.vault import VaultError
from proxy.errors import SluiceError
from proxy.keyring import Keyring
from proxy.keys import master_key, unfit
from proxy.store.address import Access, is_redis, read_servers, store_file
from proxy.store.interface import Older, Store
from proxy.store.sqlite import SqliteStore

MARK: Final = b"sluice: which key this is"
A_COMMAND_WAITS: Final = 30.0
"""Seconds for another that writes. An exchange gives up soon, for a client waits and may ask again; what somebody who
administers does (a revocation, an emergency stop) is asked for once, and often when there is most to do."""


def open_store(
    url: str, base: Path, access: Access | None = None, *, older: Older = "renew", patience: float | None = None
) -> Store:
    """Open the store that the settings name; raises `SettingsError` for an address that is none, or `StoreError`.

    `sqlite:///sluice.db` is relative to `base`, `sqlite:////var/lib/sluice.db` is not, and `sqlite://:memory:`
    forgets everything at the end. Redis is shared by all nodes that have the same master key. What becomes of a
    store that an `older` Sluice has made, and may run on, the word says. `patience` is how many seconds to wait while
    another writes into the file; Redis lets nobody wait.
    """
    if not is_redis(url):
        return SqliteStore(store_file(url, base), patience, older=older)
    from proxy.store.redis.store import RedisStore  # its library, for whoever has it

    key_file = base / "keys" / "master.key"
    had = key_file.exists()
    key = master_key(base)
    try:
        store = RedisStore(read_servers(url), key, access or Access(), older=older)
        try:
            store.must_agree(_marks(Keyring(base / "keys"), first=not store.known_keys()))
        except SluiceError:
            store.close()
            raise
    except SluiceError:
        if not had:  # it has closed nothing yet, and whoever copies the keys of another node is not to find one here
            key_file.unlink(missing_ok=True)
        raise
    return store


def _marks(keyring: Keyring, *, first: bool) -> dict[int, str]:
    """Return what tells each version of the vault's key from another file of that name; the `first` node makes one."""
    try:
        if first and not keyring.versions():
            keyring.newest()  # now, so that it is there when the folder is copied to other nodes
        there = [version for version in keyring.versions() if version >= keyring.least()]
        return {version: hmac.digest(keyring.key(version), MARK, "sha256").hex() for version in there}
    except VaultError as error:
        raise unfit(error) from None
