"""Whether the wall clock was set while the proxy ran, and what it would say had it not been.

Enters: the wall clock, and the one that cannot be set. Leaves: steps, each once, and for an hour the time by the clock
as it was before: rules on hours and grants hold by both then, whichever is stricter. It may be asked from any thread.
"""

from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final

LEAST: Final = timedelta(seconds=2)
"""A smaller step is no step: clocks are kept in time by smaller ones."""
DOUBT: Final = 3600.0
"""Seconds for which nobody can say which clock is right."""


class ClockWatch:
    """Watches the wall clock."""

    def __init__(self) -> None:
        """Know no time yet."""
        self._lock = Lock()
        self._last: tuple[datetime, float] | None = None
        self._steps: list[tuple[float, timedelta]] = []

    def look(self, now: datetime, tick: float | None = None) -> timedelta | None:
        """Take the time of both clocks; return by how much the wall clock was set since the last look, if it was."""
        tick = monotonic() if tick is None else tick
        with self._lock:
            last, self._last = self._last, (now, tick)
            self._steps = [one for one in self._steps if tick - one[0] < DOUBT]
            if last is None:
                return None
            step = now - last[0] - timedelta(seconds=tick - last[1])
            if abs(step) <= LEAST:
                return None
            self._steps.append((tick, step))
            return step

    def unset(self, at: datetime) -> datetime | None:
        """Return what the clock would say at `at` had it not been set lately; None where it was not."""
        with self._lock:
            steps = [step for _, step in self._steps]
        moved = sum(steps, timedelta())
        return at - moved if abs(moved) > LEAST else None
