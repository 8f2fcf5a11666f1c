"""Tells the supervisor what a worker has counted, every few seconds; a thread of its own.

Enters: the house of a worker and its hooks. Leaves: its metrics as text, the last of them when it ends, and spans where
settings ask for these. Without a listener for them nothing is told.
"""

import threading
from contextlib import suppress
from typing import Final

from prometheus_client import ProcessCollector

from proxy.errors import StoreError
from proxy.observe.live import Serving
from proxy.observe.merge import render
from proxy.observe.spans import spans_of
from proxy.passage import House
from proxy.settings.interface import Settings
from proxy.shell.addon import SluiceAddon
from proxy.workers.office import Office

EVERY: Final = 2.0
"""Seconds between two texts."""


class Teller:
    """Tells until it is stopped."""

    def __init__(self, settings: Settings, house: House, addon: SluiceAddon, office: Office) -> None:
        """Take what is told of, and whom it is told; raises `SettingsError` where a library cannot be had."""
        self._observer, self._office, self._asked = house.observer, office, settings.admin is not None
        registry = self._observer.meters.registry
        registry.register(Serving(addon))
        ProcessCollector(registry=registry)
        self._observer.spans = spans_of(settings.tracing, house.ledger.node)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-teller", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._asked:
            self._thread.start()

    def stop(self) -> None:
        """Tell for the last time, and send the last spans; blocks."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._observer.spans is not None:
            self._observer.spans.close()

    def _run(self) -> None:
        ended = False
        while not ended:
            ended = self._stop.wait(EVERY)
            with suppress(StoreError):  # a supervisor that does not answer shows what it was told last
                self._office.put("metrics", {}, render(self._observer.meters.registry))
