"""Lets canaries fly by themselves, at intervals, and raises the alarm where one is not caught; a thread of its own.

Enters: the settings, a running house, where it listens. Leaves: events for the audit log, notifications, a file of the
state directory, and words in the running log. An alarm names a service, a code and a number, never a word of the
prompt. Nobody waits for this thread, and an error in it ends one round, not the rounds.
"""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from proxy.canary.flight import fly, sky_of
from proxy.canary.judge import Result
from proxy.canary.plan import plan, service_called
from proxy.canary.state import Round, round_of, write_round
from proxy.passage import House
from proxy.settings.interface import Address, Settings
from proxy.store.interface import Changes
from proxy.workflow.portal import SLUICE, Portal

AGAIN: Final = timedelta(days=1)
"""A service that stays unproven is told of again after so long."""
LOOKS: Final = 1.0
"""Seconds between two looks at the clock."""

LOG = structlog.get_logger("sluice")

type Flock = Callable[[Address], Iterable[Result]]
"""Sends every canary to the proxy at an address."""


def fresh_mark() -> str:
    """Return a mark that no other canary has."""
    return secrets.token_hex(12)


def flock_of(settings: Settings, house: House) -> Flock:
    """Return what lets the canaries of the settings fly; raises `SettingsError` for what can never fly."""
    signer, wanted = house.ledger.signer, settings.canary.services
    plan(house.street.catalogue, wanted, fresh_mark, signer.canary)
    sky_of(settings, ("127.0.0.1", 1))

    def flock(proxy: Address) -> Iterable[Result]:
        shots = plan(house.street.catalogue, wanted, fresh_mark, signer.canary)
        return fly(shots, sky_of(settings, proxy))

    return flock


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was last told of a service."""

    code: str
    at: datetime


class Watch:
    """Goes its rounds until it is told to stop."""

    def __init__(
        self,
        portal: Portal,
        flock: Flock,
        every: timedelta,
        clock: Callable[[], datetime],
        keep: Callable[[Round], None] = lambda _: None,
    ) -> None:
        """Take the portal to notify, the canaries, the interval (seconds), the clock, and what keeps results."""
        self.portal, self.flock, self.every, self.clock, self.keep = portal, flock, every, clock, keep
        self.alarms: dict[str, Alarm] = {}
        """Services whose canary failed, and the alarm raised; forgotten at a restart, so raised again then."""
        self._stop = threading.Event()

    def start(self, proxy: Address) -> None:
        """Begin the rounds with one at once; `proxy` is where the proxy listens."""
        threading.Thread(target=self._run, args=(proxy,), name="sluice-canary", daemon=True).start()

    def stop(self) -> None:
        """Begin no other round, and tell nothing more of the one that is under way."""
        self._stop.set()

    def round(self, proxy: Address) -> None:
        """Let all canaries fly, and tell of each that changed; one line for the audit log says how many were proven."""
        results: list[Result] = []
        for result in self.flock(proxy):
            if self._stop.is_set():
                return
            results.append(result)
            self.tell(result, self.clock())
        last = round_of(self.clock(), results)
        LOG.info("self-tests flown", count=last.flown, unproven=len(last.unproven))
        self.keep(last)
        told = self.portal.event("canary_round", last.at, SLUICE, fates=dict(last.fates))
        self.portal.store.keep(Changes(events=[told]))

    def tell(self, result: Result, now: datetime) -> None:
        """Raise the alarm for a service that is not proven, or call it off; each once, and the alarm again each day."""
        before = self.alarms.get(result.service)
        code = f"{result.fate} {result.code}"
        if result.proven:
            if self.alarms.pop(result.service, None) is not None:
                self._keep("canary_proven", result, now)
            return
        LOG.error("a canary was not caught", service=result.service, code=code, id=result.reference)
        if before is None or before.code != code or now - before.at >= AGAIN:
            self.alarms[result.service] = Alarm(code, now)
            self._keep("canary_failed", result, now)

    def _keep(self, word: str, result: Result, now: datetime) -> None:
        event = self.portal.event(
            word,
            now,
            SLUICE,
            service=result.service,
            result=result.fate,
            code=result.code,
            reference=result.reference,
            left=result.left,
        )
        self.portal.store.keep(Changes(events=[event], messages=self.portal.messages(event)))

    def _run(self, proxy: Address) -> None:
        due = self.clock()
        while not self._stop.is_set():
            now = self.clock()
            if now >= due:
                due = now + self.every
                try:
                    self.round(proxy)
                except Exception as error:  # the next round may find the store or the log again
                    LOG.error("the canaries could not fly", exc_info=error)
            self._stop.wait(LOOKS)


def watch_of(settings: Settings, house: House) -> Watch | None:
    """Return the watch that the settings ask for; raises `SettingsError` where it could never do its work."""
    for id_ in settings.canary.services:
        service_called(house.street.catalogue, id_)
    if settings.canary.every is None or house.portal is None:
        return None
    keep = partial(write_round, settings.state)
    return Watch(house.portal, flock_of(settings, house), settings.canary.every, house.clock, keep)
