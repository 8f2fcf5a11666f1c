"""The small servers beside a running proxy, started and stopped as one: the admin listener and the PAC file.

Enters: settings and a running proxy. Leaves: pages at `admin.listen` and `pac.listen`. Without these settings
nothing listens.
"""

import asyncio

import orjson
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, PlatformCollector, ProcessCollector

from proxy.assemble import Works
from proxy.observe.health import Prober, Pulse
from proxy.observe.live import Live
from proxy.observe.merge import render
from proxy.observe.pages import Page, Server
from proxy.observe.spans import spans_of
from proxy.overload.doorkeeper import Doorkeeper
from proxy.rollout.serve import server_of
from proxy.settings.interface import Settings
from proxy.shell.addon import SluiceAddon


class Outlook:
    """All that watches one proxy process."""

    def __init__(self, settings: Settings, works: Works, addon: SluiceAddon, doors: Doorkeeper) -> None:
        """Take the running proxy; raises `SettingsError` where the address or a library cannot be had."""
        house = works.house
        self.pulse, self.prober, self.observer = Pulse(), Prober(house), house.observer
        self.registry = self.observer.meters.registry
        self.registry.register(Live(settings, works, addon, doors, self.prober))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.observer.recorded = self.prober.heard
        self.observer.spans = spans_of(settings.tracing, house.ledger.node)
        pages = {"/healthz": self.health, "/readyz": self.readiness, "/metrics": self.metrics}
        self.server = Server(settings.admin, pages) if settings.admin is not None else None
        self.pac = server_of(settings.pac, settings.state, house)
        self._beat: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, inside the running loop."""
        self._beat = asyncio.create_task(self.pulse.keep_beating())
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
        lives = self.pulse.lives
        return Page(b"ok\n" if lives else b"the event loop does not turn\n", status=200 if lives else 503)

    def readiness(self) -> Page:
        """Say whether it scans and records."""
        state = self.prober.state()
        ready = state.ready and self.pulse.lives
        told = {"ready": ready, "why": state.why, "scanned_ago": state.scanned_ago, "recorded_ago": state.recorded_ago}
        return Page(orjson.dumps(told) + b"\n", "application/json", 200 if ready else 503)

    def metrics(self) -> Page:
        """Return the metrics of this process."""
        return Page(render(self.registry), CONTENT_TYPE_PLAIN_0_0_4)
