"""What exchanges leave behind: records, originals in the vault, and the grants they may use. This room does I/O.

Enters: records and placeholders. Leaves: grants, originals, durable lines. It is called from worker threads, never
from the event loop. A person's originals are sealed with keys of their own; nobody else's placeholder opens anything.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from detectors.vault import VaultError
from policies.decision import Decision, Facts, Grant, Notice
from policies.meter import quota_names
from policies.model import Policy, fold
from proxy.answers.thoughts import Seen
from proxy.audit import Answered, Record, fingerprint
from proxy.caller import Caller
from proxy.errors import StoreError
from proxy.internal.talks import Talks
from proxy.parents import Parents
from proxy.quota import Amounts, counts_of
from proxy.recent import Recent
from proxy.refusals.notices import still_fresh
from proxy.store.interface import Count, Store
from proxy.trail.seal import Safe
from proxy.trail.sinks import AuditSink
from proxy.vault import Vault
from proxy.workflow.clock import ClockWatch
from proxy.workflow.grants import alive, sort_out, uses_counter
from proxy.workflow.signing import Signer

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Audit log, store and vault keys of one running proxy."""

    audit: AuditSink
    store: Store
    vault: Vault
    node: str
    kept_for: timedelta
    """How long originals stay after they were last seen."""
    signer: Signer
    safe: Safe
    """Where copies go that only the auditor opens."""
    conversations_for: timedelta = timedelta(days=30)
    """How long conversations of the company's model stay after their last turn."""
    clock: ClockWatch = field(default_factory=ClockWatch)
    """Knows whether the wall clock was set."""
    must_hold: Callable[[], None] = lambda: None
    """Raises `StoreError` where the log cannot be proven any more, so that nothing may go out."""

    rules: str = ""
    """Digest of the rules that find: what others have found before is not known again."""
    seen: Seen = field(default_factory=Seen, repr=False)
    """Thoughts that services have signed, known here without asking the store."""

    @property
    def talks(self) -> Talks:
        """The conversations of chat pages that the company's model holds."""
        return Talks(self.store, self.vault, self.conversations_for)

    @property
    def parents(self) -> Parents:
        """What refused turns of chat pages followed."""
        return Parents(self.store, self.vault, self.conversations_for)

    @property
    def recent(self) -> Recent:
        """What people have said last."""
        return Recent(self.store, self.vault, self.rules)

    def grants(self, caller: Caller, groups: frozenset[str]) -> Sequence[Grant]:
        """Return every grant that names the person or one of their groups, wherever those are known from.

        One whose signature does not hold was not given by this house: it is left out, and told of in the running log.
        """
        records = self.store.grants_for(caller.user, caller.groups | groups)
        limited = [uses_counter(one.grant.id) for one in records if one.grant.uses_left is not None]
        found = sort_out(records, self.signer, self.store.used(limited))
        for id in found.unsound:
            LOG.error("a grant is ignored: its signature does not hold", grant=id)
        return found.usable

    def inform(self, policy: Policy, caller: Caller, facts: Facts) -> Facts:
        """Return the facts with all that is kept of the person: grants, confirmations, purpose, and what was used."""
        listed = frozenset(group.name for group in policy.groups if fold(caller.user) in group.people)
        said = self.store.acknowledged(caller.user) if caller.user else {}
        purpose = self.store.declared_purpose(caller.user, facts.service, facts.at) if caller.user else ""
        facts = replace(
            facts,
            grants=tuple(self.grants(caller, listed)),
            acknowledged=still_fresh(policy, said, facts.at),
            purpose=purpose or "unknown",
            or_at=self.clock.unset(facts.at),
        )
        counters = quota_names(policy, facts)
        return replace(facts, used=self.store.used(counters)) if counters else facts

    def spend(self, decision: Decision, amounts: Amounts, now: datetime) -> bool:
        """Count what an exchange uses of its quotas and grants, all of it or nothing; False where something is used up.

        Many exchanges at once never use more than there is.
        """
        counts = [*counts_of(decision, amounts, self.store.used)]
        for id in decision.grant.split():
            record = self.store.get_grant(id)
            if record is None or record.revoked or not alive(record.grant, now):
                return False
            if record.grant.uses_left is not None:
                counts.append(Count(uses_counter(id), record.grant.until, 1, record.grant.uses_left))
        return not counts or not self.store.count_all(counts)

    def due(self, caller: Caller, decision: Decision, now: datetime) -> Sequence[Notice]:
        """Return the notices that this person has not seen within their interval, and remember that they are shown."""
        asked = [one for one in decision.notices if not one.acknowledge]
        return [one for one in asked if self.store.show_notice(owner(caller), one.id, now, one.interval)]

    def key(self, caller: Caller, now: datetime) -> bytes:
        """Return the key from which this person's placeholders derive; raises `StoreError`."""
        return self.vault.placeholders(owner(caller), now)

    def keep(self, caller: Caller, originals: Mapping[str, str], now: datetime) -> None:
        """Put originals into the person's vault; raises `StoreError` where they cannot be kept."""
        if not originals:
            return
        self.vault.keep(owner(caller), originals, now + self.kept_for, now)

    def original(self, caller: Caller, placeholder: str, now: datetime) -> str | None:
        """Return what the person's placeholder stands for, or `None`: a broken entry is never guessed at."""
        try:
            return self.vault.original(owner(caller), placeholder, now)
        except (StoreError, VaultError):
            return None

    def heard(self, caller: Caller, service: str, mark: str) -> None:
        """Remember here that a service has signed a thought for this person; `keep_heard` tells other processes."""
        self.seen.add(owner(caller), f"{service} {mark}")

    def keep_heard(self, caller: Caller, service: str, marks: Sequence[str], now: datetime) -> None:
        """Keep that a service has signed thoughts for this person; raises `StoreError`.

        Half as long as originals: where a person has too many of both, these go first. A thought that is forgotten is
        read, a value that is forgotten comes back to nobody.
        """
        if marks:
            kept = {self.vault.thought(service, one): one for one in marks}
            self.vault.keep(owner(caller), kept, now + self.kept_for / 2, now)

    def has_heard(self, caller: Caller, service: str, now: datetime, marks: Collection[str]) -> frozenset[str]:
        """Return which thoughts a service has signed for this person; where that is not known, it has not."""
        known = {one for one in marks if (owner(caller), f"{service} {one}") in self.seen}
        places = {self.vault.thought(service, one): one for one in marks if one not in known}
        try:
            kept = self.vault.originals(owner(caller), [*places], now)
        except StoreError:
            return frozenset(known)
        for mark in [mark for place, mark in places.items() if kept.get(place) == mark]:
            self.heard(caller, service, mark)
            known.add(mark)
        return frozenset(known)

    def fingerprints(self, placeholders: Mapping[str, str]) -> Sequence[str]:
        """Return digests that link equal values over records without telling them."""
        return sorted(fingerprint(self.vault.sealer.user_key(""), placeholder) for placeholder in placeholders)

    def write(self, record: Record | Answered) -> None:
        """Make the record durable; raises `StoreError` where it cannot be, or is of something that may not go out."""
        if isinstance(record, Record) and record.outcome not in ("refused", "error"):
            self.must_hold()
        self.audit.write(record.fields(self.node))


def owner(caller: Caller) -> str:
    """Return whose vault it is: the person's, or where nobody is known the address's."""
    return f"user:{caller.user}" if caller.user else f"address:{caller.address}"
