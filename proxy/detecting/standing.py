"""Says how the processes that detect stand: in the audit log, and in a file of the state directory. Does I/O.

Enters: changes. Leaves: lines and the file, with numbers and words of ours only.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

import orjson
import structlog

from proxy.audit import Value, notice
from proxy.detecting.interface import Standing
from proxy.errors import SluiceError
from proxy.trail.sinks import AuditSink

STATES: Final = "detection.json"
"""File of the state directory that says how each process stands."""

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class State:
    """How a process stands, as the file says it."""

    process: int
    works: bool
    why: str
    starts: int
    since: str


class Teller:
    """Hears of changes, from several threads."""

    def __init__(self, state: Path, audit: AuditSink, node: str, clock: Callable[[], datetime]) -> None:
        """Take the state directory, the audit log, the node's name and the clock."""
        self._state, self._audit, self._node, self._clock = state, audit, node, clock
        self._seen: dict[int, State] = {}
        self._lock = Lock()

    def __call__(self, now: Standing) -> None:
        """Write a change down; a first start that went well is none for the audit log."""
        at = self._clock()
        with self._lock:
            seen = State(now.number, now.works, now.why, now.starts, at.isoformat(timespec="seconds"))
            self._seen[now.number] = seen
            write_states(self._state, [self._seen[number] for number in sorted(self._seen)])
        if now.works and now.starts == 1:
            return
        word = "working" if now.works else "down"
        with suppress(SluiceError):  # an exchange that was refused for it has a record of its own
            told: dict[str, Value] = {"process": now.number, "state": word, "why": now.why}
            self._audit.write(notice("detection_process", at, self._node, told))


def write_states(state: Path, seen: list[State]) -> None:
    """Write how each process stands, for whatever watches the proxy."""
    partial = state / f"{STATES}.partial"
    try:
        partial.write_bytes(orjson.dumps({"processes": seen}) + b"\n")
        partial.replace(state / STATES)
    except OSError as error:
        LOG.error("the states of detection could not be written", exc_info=error)


def read_states(state: Path) -> list[State]:
    """Return what the file says; nothing where there is none that can be read."""
    try:
        return [State(**one) for one in orjson.loads((state / STATES).read_bytes())["processes"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
