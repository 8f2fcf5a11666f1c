"""Vaults without files, for tests."""

from pathlib import Path

from detectors.vault import Sealer, VaultError
from proxy.keyring import Keyring
from proxy.store.interface import Store
from proxy.store.sqlite import SqliteStore
from proxy.vault import Vault

MASTER = b"k" * 32


class Held(Keyring):
    """A keyring in memory."""

    def __init__(self, least: int = 0, **keys: bytes) -> None:
        """Take the keys by version, as `v1`."""
        super().__init__(Path())
        self.keys = {int(name[1:]): key for name, key in keys.items()} or {1: b"1" * 32}
        self.lowest = least

    def versions(self) -> tuple[int, ...]:
        """Return what is held."""
        return tuple(sorted(self.keys))

    def least(self) -> int:
        """Return what was said."""
        return self.lowest

    def newest(self) -> tuple[int, bytes]:
        """Return the newest."""
        return max(self.keys), self.keys[max(self.keys)]

    def key(self, version: int) -> bytes:
        """Return one."""
        self.must_open(version)
        if version not in self.keys:
            raise VaultError("missing")
        return self.keys[version]


def kept(store: Store | None = None, keys: Keyring | None = None) -> tuple[Store, Vault]:
    """Return a store in memory, or the one given, and a vault over it."""
    store = store or SqliteStore(None)
    return store, Vault(store, Sealer(MASTER), keys or Held())
