"""What every store promises: it keeps the vault's sealed originals and the grants.

Values only and no clock: time is an argument. Originals come in sealed (encrypted elsewhere) and are never opened here.
Whatever goes wrong is a `StoreError`, promptly, and its message holds no value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from policies.decision import Grant


@dataclass(frozen=True, slots=True)
class Sealed:
    """An original value that only the vault can open."""

    data: bytes = field(repr=False)
    """Ciphertext; another one each time the same value is sealed."""
    fingerprint: bytes = field(repr=False)
    """Keyed digest of the value: equal for equal values of one user, and so the way to notice a clash."""


class Store(Protocol):
    """State that outlives an exchange; used from many threads and processes at once."""

    def put_originals(
        self, user: str, sealed: Mapping[str, Sealed], expires: datetime, now: datetime
    ) -> frozenset[str]:
        """Keep what placeholders of `user` stand for until `expires`, all of them or none.

        Returns the placeholders that already stand for another value and are alive at `now`; unless that set is empty,
        nothing was kept. Putting a value again refreshes its expiry (never shortens it) and takes the newer ciphertext.
        """
        ...

    def get_original(self, user: str, placeholder: str, now: datetime) -> bytes | None:
        """Return the ciphertext, or None when there is none for this user that is alive at `now`."""
        ...

    def purge(self, now: datetime) -> int:
        """Forget originals that expired by `now`; returns how many."""
        ...

    def add_grant(self, grant: Grant) -> None:
        """Keep a grant; raises `StoreError` when its id is taken."""
        ...

    def grants_for(self, user: str, groups: Iterable[str]) -> tuple[Grant, ...]:
        """Return the grants that name this person or one of the groups, sorted by id; expired ones too."""
        ...

    def all_grants(self) -> tuple[Grant, ...]:
        """Return every grant, sorted by id."""
        ...

    def revoke_grant(self, id: str) -> bool:
        """Forget a grant; returns whether there was one."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
