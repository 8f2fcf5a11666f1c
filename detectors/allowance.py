"""The budget of one scan: a number of steps, a deadline, and whether anybody still waits for the answer.

Enters: the length of a text, when nobody waits for it any more, and whether somebody still does. Leaves: `CannotTell`
from whoever takes a step too many, so that its entities are unknown and policy answers; and what has been worked for
whoever asks (`effort`), which tells a text that is too much from one that had to wait. The allowance belongs to
whoever asks, not to a detector: it is kept beside the call, and where there is none every step is free. A detector that
loops over what a text holds must take steps; one that does not can be stopped by nobody.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from threading import Lock
from typing import Final

from detectors.effort import Effort
from detectors.interface import CannotTell

STEPS: Final = 500_000
STEPS_A_CHARACTER: Final = 2
"""Steps that one detector may take in one text: so many, and so many more for each character. A step is one place that
is looked at closely, some ten microseconds; honest texts take one in ten characters or fewer."""

BLOCK: Final = 4096
"""Characters, or other small items, that one step pays for."""

NO_TIME: Final = "there was no time left to look through this text"
NO_STEPS: Final = "this text takes more work than one of its length may"
NOBODY: Final = "nobody waits for what is in this text any more"


class Interest:
    """Whether somebody still waits for an answer: a cancellation token. Safe to use from several threads."""

    __slots__ = ("_lock", "_tell", "over")

    def __init__(self) -> None:
        """Begin to wait."""
        self.over = False
        """Whether nobody waits any more."""
        self._lock = Lock()
        self._tell: list[Callable[[], None]] = []

    def end(self) -> None:
        """Cancel, once and for good; the callbacks run in this thread."""
        with self._lock:
            told, self._tell, self.over = self._tell, [], True
        for tell in told:
            tell()

    @contextmanager
    def heard(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell` on cancellation while inside, at once if it has happened already; `tell` must be short."""
        with self._lock:
            over = self.over
            if not over:
                self._tell.append(tell)
        if over:
            tell()
        try:
            yield
        finally:
            with self._lock:
                if tell in self._tell:
                    self._tell.remove(tell)


class Allowance:
    """What is left of a budget: steps, deadline, who waits, and the work done so far."""

    __slots__ = ("clock", "effort", "interest", "left", "until")

    def __init__(
        self,
        steps: float,
        until: float,
        clock: Callable[[], float],
        interest: Interest,
        effort: Effort | None = None,
    ) -> None:
        """Take the steps, the deadline and the clock it is read by (seconds), who waits, and where work is counted."""
        self.left, self.until, self.clock, self.interest = steps, until, clock, interest
        self.effort = effort or Effort()


CURRENT: Final[ContextVar[Allowance | None]] = ContextVar("allowance", default=None)


def spend(steps: int = 1) -> None:
    """Use up steps; raises `CannotTell` where steps or time have run out, or nobody waits any more."""
    allowance = CURRENT.get()
    if allowance is None:
        return
    allowance.left -= steps
    if allowance.left < 0:
        raise CannotTell(NO_STEPS)
    if allowance.interest.over:
        raise CannotTell(NOBODY)
    if allowance.clock() >= allowance.until:
        allowance.effort.short = True
        raise CannotTell(NO_TIME)


def effort() -> Effort:
    """Return the counter of work of the current budget; a fresh one that nobody reads where there is no budget."""
    allowance = CURRENT.get()
    return Effort() if allowance is None else allowance.effort


def until() -> float:
    """Return the deadline of the current budget, in seconds of its own clock; infinity where there is none."""
    allowance = CURRENT.get()
    return inf if allowance is None else allowance.until


def is_over() -> bool:
    """Tell whether the deadline of the current budget has passed."""
    allowance = CURRENT.get()
    return allowance is not None and allowance.clock() >= allowance.until


def interest() -> Interest:
    """Return the cancellation token of the current budget; one that is never cancelled where there is none."""
    allowance = CURRENT.get()
    return Interest() if allowance is None else allowance.interest


class Given:
    """Sets the budget of all scans inside its `with` block."""

    __slots__ = ("_allowance", "_mark")

    def __init__(self, allowance: Allowance) -> None:
        """Take the allowance."""
        self._allowance = allowance

    def __enter__(self) -> None:
        """Set it for this context."""
        self._mark = CURRENT.set(self._allowance)

    def __exit__(self, *_: object) -> None:
        """Set back the one before."""
        CURRENT.reset(self._mark)


def allowed(characters: int) -> Given:
    """Budget for one text of some length: its own steps, and the deadline of the budget around it."""
    outer = CURRENT.get()
    steps = STEPS + STEPS_A_CHARACTER * characters
    if outer is None:
        return Given(Allowance(steps, inf, time.monotonic, Interest()))
    return Given(Allowance(steps, outer.until, outer.clock, outer.interest, outer.effort))


def before(
    moment: float,
    clock: Callable[[], float] = time.monotonic,
    waits: Interest | None = None,
    effort: Effort | None = None,
) -> Given:
    """Budget of time alone: until `moment` (seconds of `clock`), or until nobody waits; works in any thread."""
    return Given(Allowance(inf, moment, clock, waits or Interest(), effort))


def in_time[Made](moment: float, waits: Interest, effort: Effort, work: Callable[..., Made], *given: object) -> Made:
    """Return `work(*given)`; its scans end at `moment` (seconds of the monotonic clock), or when nobody waits."""
    with before(moment, waits=waits, effort=effort), effort.here():
        return work(*given)
