"""What exchanges leave behind: records, originals in the vault, and the grants they may use. This room does I/O.

Enters: records and placeholders. Leaves: grants, originals, durable lines. It is called from worker threads, never
from the event loop. A person's originals are sealed with keys of their own; nobody else's placeholder opens anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from detectors.vault import Sealer, VaultError
from policies.decision import Grant
from proxy.audit import Answered, Record, fingerprint
from proxy.caller import Caller
from proxy.errors import StoreError
from proxy.sinks import AuditSink
from proxy.store.interface import Sealed, Store


@dataclass(frozen=True, slots=True)
class Ledger:
    """Audit log, store and vault keys of one running proxy."""

    audit: AuditSink
    store: Store
    sealer: Sealer
    node: str
    kept_for: timedelta
    """How long originals stay after they were last seen."""

    def grants(self, caller: Caller, groups: frozenset[str]) -> Sequence[Grant]:
        """Return every grant that names the person or one of their groups, wherever those are known from."""
        return self.store.grants_for(caller.user, caller.groups | groups)

    def key(self, caller: Caller) -> bytes:
        """Return the key from which this person's placeholders derive."""
        return self.sealer.user_key(owner(caller))

    def keep(self, caller: Caller, originals: Mapping[str, str], now: datetime) -> None:
        """Put originals into the person's vault; raises `StoreError` where they cannot be kept."""
        if not originals:
            return
        person = owner(caller)
        digests = self.sealer.user_key("vault of " + person)
        sealed = {
            placeholder: Sealed(self.sealer.seal(person, placeholder, value), fingerprint(digests, value).encode())
            for placeholder, value in originals.items()
        }
        if self.store.put_originals(person, sealed, now + self.kept_for, now):
            raise StoreError("a placeholder already stands for another value of this person")

    def original(self, caller: Caller, placeholder: str, now: datetime) -> str | None:
        """Return what the person's placeholder stands for, or `None`: a broken entry is never guessed at."""
        person = owner(caller)
        try:
            sealed = self.store.get_original(person, placeholder, now)
            return None if sealed is None else self.sealer.open(person, placeholder, sealed)
        except (StoreError, VaultError):
            return None

    def fingerprints(self, placeholders: Mapping[str, str]) -> Sequence[str]:
        """Return digests that link equal values over records without telling them."""
        return sorted(fingerprint(self.sealer.user_key(""), placeholder) for placeholder in placeholders)

    def write(self, record: Record | Answered) -> None:
        """Make the record durable; raises `StoreError` where it cannot be."""
        self.audit.write(record.fields(self.node))


def owner(caller: Caller) -> str:
    """Return whose vault it is: the person's, or where nobody is known the address's."""
    return f"user:{caller.user}" if caller.user else f"address:{caller.address}"
