"""Whether a proxy lives, and whether it is ready: ready means that it has scanned and recorded, not that it says so.

Enters: a running house. Leaves: `Readiness`. A thread looks through a text that holds specimens, every few seconds,
with the very searcher that exchanges use; and where no exchange has left a record lately, it writes one (`probe`); a
record that an exchange could not leave shows at once. A
proxy without a valid policy, or one that may let nothing out, is not ready. No word of the text is told.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog

from proxy.audit import notice
from proxy.errors import SluiceError, unkept
from proxy.passage import House
from proxy.reload import CLOSED

SPECIMENS: Final = {
    "CREDIT_CARD": "卡号4111111111111111谢谢。",
    "EMAIL_ADDRESS": "Reach me at canary@example.com.",
    "CN_ID_CARD": "联系人身份证11010519491231002X，谢谢。",
}
"""Public specimens, by what must be found in them."""
EVERY: Final = 10.0
"""Seconds between two looks."""
RECENT: Final = 45.0
"""Seconds for which a look counts."""
QUIET: Final = 60.0
"""Seconds without a record after which one is written to see that it can be."""
STALE: Final = 120.0
"""Seconds after which the last record proves nothing any more."""
BEATS: Final = 1.0
STUCK: Final = 15.0
"""Seconds without a beat of the event loop after which the process lives no more."""

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known, and what is wrong."""

    ready: bool
    why: tuple[str, ...] = ()
    """Words of ours: `policy`, `scan`, `record`, `store`, `trail`, `stopping`."""
    scanned_ago: float | None = None
    recorded_ago: float | None = None


class Pulse:
    """The beat of the event loop."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin with a beat."""
        self.clock, self.last = clock, clock()

    @property
    def lives(self) -> bool:
        """Whether the loop has turned lately."""
        return self.clock() - self.last < STUCK

    async def keep_beating(self) -> None:
        """Beat until it is cancelled."""
        while True:
            self.last = self.clock()
            await asyncio.sleep(BEATS)


class Prober:
    """Proves again and again that the house can scan and record."""

    def __init__(self, house: House, clock: Callable[[], float] = monotonic) -> None:
        """Take the house, whose exchanges tell of records that could not be kept."""
        self.house, self.clock = house, clock
        house.observer.unrecorded = self.missed
        self._scanned: float | None = None
        self._recorded: float | None = None
        self._unrecorded = False
        self._trouble: frozenset[str] = frozenset()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-probe", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; it is not ready from now on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(EVERY)

    def drain(self) -> None:
        """Say from now on that it is not ready, so that a balancer sends nobody else."""
        self._stop.set()

    def heard(self) -> None:
        """Note that a record of an exchange is durable."""
        self._recorded, self._unrecorded = self.clock(), False

    def missed(self) -> None:
        """Note that an exchange left no record: it is not ready until one can be kept."""
        try:
            self.house.ledger.must_hold()
        except SluiceError:
            self._trouble |= {"trail"}
        else:
            self._unrecorded = True

    def state(self) -> Readiness:
        """Return how it stands."""
        now = self.clock()
        scanned = now - self._scanned if self._scanned is not None else None
        recorded = now - self._recorded if self._recorded is not None else None
        wrong = set(self._trouble)
        wrong |= {"scan"} if scanned is None or scanned > RECENT else set()
        wrong |= {"record"} if self._unrecorded or recorded is None or recorded > STALE else set()
        wrong |= {"policy"} if self.house.street.policy is CLOSED else set()
        wrong |= {"stopping"} if self._stop.is_set() else set()
        return Readiness(not wrong, tuple(sorted(wrong)), scanned, recorded)

    def look(self) -> None:
        """Scan and record once."""
        trouble = set()
        if self._scans():
            self._scanned = self.clock()
        else:
            trouble.add("scan")
        try:
            self.house.ledger.must_hold()
        except SluiceError:
            trouble.add("trail")
        try:
            self.house.ledger.store.get_grant("")
        except SluiceError:
            trouble.add("store")
        if self._recorded is None or self.clock() - self._recorded >= QUIET or self._unrecorded:
            try:
                house = self.house
                house.ledger.audit.write(notice("probe", house.clock(), house.ledger.node, {}))
                self.heard()
            except SluiceError as error:
                if not self._unrecorded:
                    LOG.error(unkept(error), exc_info=error)
                self._unrecorded = True
        self._trouble = frozenset(trouble)

    def _scans(self) -> bool:
        """Return whether the specimens are found that this house can look for."""
        finder = self.house.street.finder
        asked = frozenset(SPECIMENS) & finder.entities
        scan = finder.find(" ".join(SPECIMENS.values()), asked)
        return bool(asked) and not scan.unknown and asked <= {finding.entity for finding in scan.findings}

    def _run(self) -> None:
        was: tuple[str, ...] = ()
        while not self._stop.is_set():
            try:
                self.look()
            except Exception as error:  # not ready until the next look succeeds
                LOG.error("readiness could not be proven", exc_info=error)
                self._trouble |= {"scan"}
            if (now := self.state().why) != was:
                LOG.warning("not ready", code=" ".join(now)) if now else LOG.info("ready")
                was = now
            self._stop.wait(EVERY)
