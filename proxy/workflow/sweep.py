"""What time brings about in the authorization workflow, and the way of its events into the audit log.

Enters: a portal, the audit log, the present time. Leaves: expired requests, announcements of grants that end soon,
and audit lines. An event leaves the store only after its line is durable: after a crash it may stand in the log twice,
with one `step` number, but it is never lost.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from proxy.audit import notice
from proxy.store.interface import Changes, Store
from proxy.trail.sinks import AuditSink
from proxy.workflow.grants import ends_soon
from proxy.workflow.portal import SLUICE, Portal

BATCH: Final = 100
"""Events taken in at a time."""
OVERDUE: Final = timedelta(days=1)
"""An emergency that nobody has reviewed is told of again after so long."""
ONE_AT_A_TIME: Final = Lock()
"""Of the threads of a process; processes are kept apart by the audit log's own lock."""


def drain(store: Store, audit: AuditSink, node: str) -> int:
    """Write all waiting events into the audit log, in order; returns how many. Raises `StoreError`."""
    written = 0
    with ONE_AT_A_TIME:
        while waiting := store.waiting_events(BATCH):
            for number, event in waiting:
                audit.write(notice(event.name, event.at, node, {**event.notes, "step": number}))
            store.forget_events(number for number, _ in waiting)
            written += len(waiting)
    return written


class Sweeper:
    """Does the workflow's chores, once in a while."""

    def __init__(self, portal: Portal) -> None:
        """Take the portal whose store is swept."""
        self.portal = portal
        self._reported: dict[str, datetime] = {}
        """When each unsound or unreviewed grant was last told of; forgotten at a restart, so told again then."""

    def sweep(self, now: datetime) -> None:
        """Close overdue requests, announce ends, and tell of grants that are unsound or unreviewed."""
        self.portal.expire_overdue(now)
        for record in self.portal.store.all_grants():
            if record.awaits_review and record.grant.until <= now:
                self._tell("grant_unreviewed", record.grant.id, now)
            if record.revoked:
                continue
            if not self.portal.signer.holds(record):
                self._tell("grant_unsound", record.grant.id, now)
            elif ends_soon(record, now) and not record.warned:
                event = self.portal.event("grant_ends_soon", now, SLUICE, record=record)
                messages = self.portal.messages(event)
                warned = replace(record, warned=True)
                self.portal.store.keep(Changes(grant=warned, grant_was=record, events=[event], messages=messages))

    def _tell(self, word: str, id: str, now: datetime) -> None:
        told = self._reported.get(f"{word} {id}")
        if told is not None and now - told < OVERDUE:
            return
        self._reported[f"{word} {id}"] = now
        event = self.portal.event(word, now, SLUICE, grant=id)
        self.portal.store.keep(Changes(events=[event], messages=self.portal.messages(event)))
