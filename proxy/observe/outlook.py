"""The small servers beside a running proxy, started and stopped as one: the admin listener and the PAC file.

Enters: settings and a running proxy. Leaves: pages at `admin.listen` and `pac.listen`. Without these settings nothing
listens. Where several processes serve, the supervisor shows all of them as one.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import orjson
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, PlatformCollector, ProcessCollector

from proxy.assemble import Works
from proxy.observe.health import Prober, Pulse
from proxy.observe.live import Standing
from proxy.observe.merge import merge, render
from proxy.observe.pages import Page, Server
from proxy.observe.spans import spans_of
from proxy.rollout.serve import server_of
from proxy.settings.interface import Settings


class Others(Protocol):
    """The processes that serve, where that is not this one."""

    @property
    def serving(self) -> bool:
        """Whether any of them takes connections."""
        ...

    def metrics(self) -> Sequence[bytes]:
        """Return what each of them has told last, and what those have left that ended."""
        ...


class Outlook:
    """All that watches a proxy, from the process that keeps its audit log."""

    def __init__(self, settings: Settings, works: Works, others: Others | None = None) -> None:
        """Take the house; raises `SettingsError` where the address or a library cannot be had."""
        house = works.house
        self.pulse, self.prober, self.observer, self.others = Pulse(), Prober(house), house.observer, others
        registry = self.observer.meters.registry
        registry.register(Standing(settings, works, self.prober))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.observer.recorded = self.prober.heard
        self.observer.spans = spans_of(settings.tracing, house.ledger.node)
        pages = {"/healthz": self.health, "/readyz": self.readiness, "/metrics": self.metrics}
        self.server = Server(settings.admin, pages, "admin.listen") if settings.admin is not None else None
        self.pac = server_of(settings.pac, settings.state, house)
        self._beat: asyncio.Task[None] | None = None

    @property
    def lives(self) -> bool:
        """Whether the loop of the process turns, where it has one."""
        return self._beat is None or self.pulse.lives

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin; a loop is to turn from now on."""
        if loop is not None:
            self._beat = loop.create_task(self.pulse.keep_beating())
        if self.server is not None:
            self.prober.start()
            self.server.start()
        if self.pac is not None:
            self.pac.start()

    def stop(self) -> None:
        """End, and send the last spans; blocks."""
        self.prober.stop()
        if self.server is not None:
            self.server.stop()
        if self.pac is not None:
            self.pac.stop()
        if self._beat is not None:
            self._beat.get_loop().call_soon_threadsafe(self._beat.cancel)
        if self.observer.spans is not None:
            self.observer.spans.close()

    def health(self) -> Page:
        """Say whether the process lives."""
        lives = self.lives
        return Page(b"ok\n" if lives else b"the event loop does not turn\n", status=200 if lives else 503)

    def readiness(self) -> Page:
        """Say whether it scans and records, and somebody serves."""
        state = self.prober.state()
        nobody = self.others is not None and not self.others.serving
        why = (*state.why, "workers") if nobody else state.why
        ready = state.ready and self.lives and not nobody
        told = {"ready": ready, "why": why, "scanned_ago": state.scanned_ago, "recorded_ago": state.recorded_ago}
        return Page(orjson.dumps(told) + b"\n", "application/json", 200 if ready else 503)

    def metrics(self) -> Page:
        """Return the metrics of all processes that serve and of this one."""
        own = render(self.observer.meters.registry)
        return Page(merge([own, *self.others.metrics()]) if self.others else own, CONTENT_TYPE_PLAIN_0_0_4)
