"""The vault of a running proxy: seals for the store, opens out of it, and forgets. It calls the store.

Enters: owners, placeholders, values. Leaves: ciphertext for the store, originals for their owner alone. Each person has
a data key, and so has each conversation of the company's model; the store holds them wrapped, and none is held here, so
that a key destroyed beside a running proxy is gone for it at once. Where a key cannot be had, nothing is guessed at.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Final

import structlog

from detectors.vault import DERIVED, DataKey, KeyEnded, Sealer, VaultError
from proxy.audit import fingerprint
from proxy.errors import StoreError
from proxy.keyring import DERIVED as VERSION_0
from proxy.keyring import Keyring
from proxy.store.interface import KeptKey, KeptValue, Sealed, Store

MOST_OF_ONE: Final = 20_000
MOST: Final = 2_000_000
TRIM_EVERY: Final = 200
"""Values kept between two looks at whether all of them are too many."""
LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What `Vault.rewrap` has done."""

    version: int
    keys: int = 0
    """Data keys that are wrapped under the newest version now."""
    values: int = 0
    """Values of before there were data keys that are sealed under one now."""
    lost: int = 0
    """Keys and values that do not open; they were left as they are."""


@dataclass
class Vault:
    """Keys and the store together."""

    store: Store
    sealer: Sealer
    """Opens what was sealed before there were data keys."""
    keyring: Keyring
    most_of_one: int = MOST_OF_ONE
    most: int = MOST
    _kept: int = field(default=0, repr=False)

    def placeholders(self, owner: str, now: datetime) -> bytes:
        """Return the 32 bytes that a person's placeholders are made with; they end with the person's key."""
        return self._key(owner, "", now).derive("placeholder")

    def keep(self, owner: str, originals: Mapping[str, str], expires: datetime, now: datetime) -> None:
        """Keep what placeholders stand for; raises `StoreError` where it cannot be."""
        if len(originals) > self.most_of_one:
            raise StoreError("more values than are kept for one person; raise most_originals_per_person")
        key = self._key(owner, "", now)
        digests = key.derive("digest")
        sealed = {
            place: Sealed(key.seal(owner, "", place, value), fingerprint(digests, value).encode())
            for place, value in originals.items()
        }
        if self.store.put_originals(owner, sealed, expires, now, self.most_of_one):
            raise StoreError("a placeholder already stands for another value of this person")
        self._kept += len(sealed)
        if self._kept >= TRIM_EVERY:
            self.trim(now)

    def trim(self, _: datetime | None = None) -> int:
        """Forget the oldest values where all are too many; returns how many."""
        self._kept = 0
        gone = self.store.trim(self.most)
        if gone:
            LOG.warning("the vault is full; the oldest values can no longer be put back", count=gone)
        return gone

    def original(self, owner: str, place: str, now: datetime) -> str | None:
        """Return what a placeholder stands for; raises `VaultError` or `StoreError` where that cannot be told."""
        sealed = self.store.get_original(owner, place, now)
        return None if sealed is None else self.open(owner, "", place, sealed)

    def originals(self, owner: str, places: Sequence[str], now: datetime) -> Mapping[str, str]:
        """Return the originals of those placeholders that can be opened, with one query; raises `StoreError`."""
        found: dict[str, str] = {}
        sealed = self.store.get_originals(owner, places, now) if places else {}
        with suppress(VaultError):  # its key was destroyed
            opens = self.opener(owner) if sealed else None
            for place, one in sealed.items():
                with suppress(VaultError):
                    found[place] = opens(place, one) if opens else ""
        return found

    def opener(self, owner: str) -> Callable[[str, bytes], str]:
        """Return what opens all that is a person's, the key asked for once; raises `VaultError`, and so does that."""
        kept = self.store.get_key(owner, "")
        if kept is None:
            raise VaultError("its key was destroyed")
        opens = cache(partial(self._opened(owner, "", kept).opener, owner, ""))  # many of one place, as a rule
        return lambda place, sealed: opens(place)(sealed)

    def thought(self, service: str, mark: str) -> str:
        """Return under what name the store keeps that a service has signed a thought."""
        return "thought " + fingerprint(self.sealer.user_key("thoughts"), f"{service} {mark}")

    def traces(self, owner: str) -> str:
        """Return the name under which the store keeps a person's refused turns and the ends of their last texts."""
        return fingerprint(self.sealer.user_key("parents"), owner)

    def seal(self, owner: str, talk: str, place: str, text: str, now: datetime) -> bytes:
        """Return a text of a conversation, sealed."""
        return self._key(owner, talk, now).seal(owner, talk, place, text)

    def open(self, owner: str, talk: str, place: str, sealed: bytes) -> str:
        """Return what was sealed; raises `VaultError`."""
        if sealed[:1] == DERIVED:
            self.keyring.must_open(VERSION_0)
            return self.sealer.open(owner, place, sealed)
        kept = self.store.get_key(owner, talk)
        if kept is None:
            raise VaultError("its key was destroyed")
        return self._opened(owner, talk, kept).open(owner, talk, place, sealed)

    def behind(self) -> Rewrapped:
        """Return what `rewrap` would do now; raises `VaultError`. Nothing is changed."""
        version, _ = self._newest()
        keys = values = lost = 0
        for owner, talk, kept in self.store.all_keys():
            if kept.version != version:
                opens = _works(self._unwrapped, owner, talk, kept)
                keys, lost = keys + opens, lost + (not opens)
        for value in self.store.values_of_old():
            if value.data[:1] == DERIVED:
                opens = _works(self.open, value.owner, value.talk, value.place, value.data)
                values, lost = values + opens, lost + (not opens)
        return Rewrapped(version, keys, values, lost)

    def rewrap(self, now: datetime) -> Rewrapped:
        """Bring all that is kept under the newest version; nothing is shown, and nobody is held up."""
        version, newest = self._newest()
        keys = values = lost = 0
        for owner, talk, kept in self.store.all_keys():
            if kept.version == version:
                continue
            try:
                key = self._unwrapped(owner, talk, kept)
            except VaultError:
                lost += 1
                continue
            keys += self.store.swap_key(owner, talk, kept, _wrapped(key, version, newest, owner, talk))
        for value in self.store.values_of_old():
            try:
                values += self.store.reseal(value, self._anew(value, now))
            except VaultError:
                lost += 1
        return Rewrapped(version, keys, values, lost)

    def _anew(self, value: KeptValue, now: datetime) -> bytes:
        """Return a value as it is sealed now."""
        if value.data[:1] != DERIVED:
            return value.data
        text = self.open(value.owner, value.talk, value.place, value.data)
        return self.seal(value.owner, value.talk, value.place, text, now)

    def _key(self, owner: str, talk: str, now: datetime) -> DataKey:
        """Return the data key, made where there is none; raises `StoreError` where it cannot be had.

        One that was ended is replaced, for nothing brings back what it sealed; one whose wrapping key is missing is
        not: the file may come back.
        """
        try:
            kept = self.store.get_key(owner, talk)
            if kept is None:
                version, newest = self._newest()
                fresh = _wrapped(DataKey.fresh(), version, newest, owner, talk)
                kept = self.store.add_key(owner, talk, fresh, now)
            try:
                return self._opened(owner, talk, kept)
            except KeyEnded:
                version, newest = self._newest()
                key = DataKey.fresh()
                if self.store.swap_key(owner, talk, kept, _wrapped(key, version, newest, owner, talk)):
                    return key
                raise
        except VaultError as error:
            raise StoreError("the key of the vault cannot be used; run sluice doctor") from error

    def _newest(self) -> tuple[int, bytes]:
        return self.keyring.newest()

    def _opened(self, owner: str, talk: str, kept: KeptKey) -> DataKey:
        """Return a data key that the store has just told; it may have been wrapped anew before it could be opened."""
        while True:
            try:
                return self._unwrapped(owner, talk, kept)
            except VaultError:
                now = self.store.get_key(owner, talk)
                if now is None or now == kept:
                    raise
                kept = now

    def _unwrapped(self, owner: str, talk: str, kept: KeptKey) -> DataKey:
        return DataKey.unwrap(kept.id, kept.wrapped, self.keyring.key(kept.version), kept.version, owner, talk)


def _works(opening: Callable[..., object], *words: object) -> bool:
    """Tell whether something opens; what it opens to is dropped at once."""
    try:
        opening(*words)
    except VaultError:
        return False
    return True


def _wrapped(key: DataKey, version: int, wrapping: bytes, owner: str, talk: str) -> KeptKey:
    return KeptKey(key.id, version, key.wrap(wrapping, version, owner, talk))
