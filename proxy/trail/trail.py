"""The trail of a running proxy: the notary and the messengers, started and stopped together; threads of their own.

Enters: the open log, the settings, what keeps events. Leaves: signed checkpoints, told to every witness; and, asked
before anything goes out, a refusal where the log is not the one that was signed, or a required witness stays away.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from proxy.errors import StoreError
from proxy.trail.interface import Checkpoints
from proxy.trail.messenger import Messenger, Tell, must_be_heard, read_standings, write_standings
from proxy.trail.notary import Notary
from proxy.trail.sinks import AuditFile

LOOKS: Final = 0.5
"""Seconds between two looks at the log."""
LAST: Final = 5.0
"""Seconds that a witness has at the end."""
LOG = structlog.get_logger("sluice")


class Trail:
    """What keeps the audit log provable."""

    def __init__(
        self,
        log: AuditFile,
        state: Path,
        wanted: Checkpoints,
        node: str,
        clock: Callable[[], datetime],
        cafile: str | None = None,
    ) -> None:
        """Take the open log; raises `StoreError` where it ends before its last checkpoint."""
        self.policy: Callable[[], str] = lambda: ""
        """Tells the version of the policy in force; set once there is one."""
        self.tell: Tell | None = None
        """Keeps an event; set once there is a store."""
        self.notary = Notary(log, state, wanted, node, self._policy)
        self.clock, self.state = clock, state
        self._alarmed = False
        self._kept = threading.Lock()
        known = read_standings(state)
        self.messengers = tuple(
            Messenger(
                outside,
                self.notary.path,
                wanted.patience,
                clock,
                self._tell,
                self._keep,
                cafile,
                known.get(outside.name),
            )
            for outside in wanted.witnesses
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-notary", daemon=True)

    def must_hold(self) -> None:
        """Raise `StoreError` where nothing may go out."""
        if self.notary.unsound:
            raise StoreError(self.notary.unsound)
        must_be_heard(self.messengers, self.clock())

    def start(self) -> None:
        """Begin to sign, and to tell."""
        self._thread.start()
        for one in self.messengers:
            one.start()

    def stop(self) -> None:
        """Sign over the end of the log, and tell of that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(LAST)
        self.look(final=True)
        for one in self.messengers:
            one.stop(LAST)

    def look(self, *, final: bool = False) -> None:
        """Sign where it is time."""
        try:
            self.notary.look(self.clock(), final=final)
        except Exception as error:  # the log goes on; the next look may find room on the disk
            LOG.error("the audit log could not be signed", exc_info=error)
            return
        if self.notary.unsound and not self._alarmed:
            self._alarmed = True
            LOG.error("the audit log is not the one that was signed", path=self.notary.log.path)
            self._tell("audit_rewritten", {"log": self.notary.log.path.name})

    def _policy(self) -> str:
        return self.policy()

    def _tell(self, word: str, notes: Mapping[str, Any]) -> None:
        if self.tell is not None:
            self.tell(word, notes)

    def _keep(self) -> None:
        with self._kept:
            write_standings(self.state, self.messengers)

    def _run(self) -> None:
        while not self._stop.wait(LOOKS):
            self.look()
