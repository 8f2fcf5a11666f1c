"""What looking through one text may cost: so many steps, and no longer than until a moment.

Enters: the length of a text, and when nobody waits for it any more. Leaves: `CannotTell` from whoever takes a step too
many, so that its entities are unknown and policy answers. The allowance belongs to whoever asks, not to a detector: it
is kept beside the call, and where there is none every step is free. A detector that loops over what a text holds must
take steps; one that does not can be stopped by nobody.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from math import inf
from typing import Final

from detectors.interface import CannotTell

STEPS: Final = 500_000
STEPS_A_CHARACTER: Final = 2
"""Steps that one detector may take in one text: so many, and so many more for each character. A step is one place that
is looked at closely, some ten microseconds; honest texts take one in ten characters or fewer."""

BLOCK: Final = 4096
"""Characters, or other small things, that are gone through for one step."""

NO_TIME: Final = "there was no time left to look through this text"
NO_STEPS: Final = "this text takes more work than one of its length may"


class Allowance:
    """Steps that are left, and the moment at which all of them are gone."""

    __slots__ = ("clock", "left", "until")

    def __init__(self, steps: float, until: float, clock: Callable[[], float]) -> None:
        """Take the steps, the moment, and what it is measured by."""
        self.left, self.until, self.clock = steps, until, clock


CURRENT: Final[ContextVar[Allowance | None]] = ContextVar("allowance", default=None)


def spend(steps: int = 1) -> None:
    """Take steps; raises `CannotTell` where they, or the time, are used up."""
    allowance = CURRENT.get()
    if allowance is None:
        return
    allowance.left -= steps
    if allowance.left < 0:
        raise CannotTell(NO_STEPS)
    if allowance.clock() >= allowance.until:
        raise CannotTell(NO_TIME)


def until() -> float:
    """Return the moment after which nobody waits, by the clock of the allowance; endless where there is none."""
    allowance = CURRENT.get()
    return inf if allowance is None else allowance.until


def is_over() -> bool:
    """Tell whether nobody waits any more."""
    allowance = CURRENT.get()
    return allowance is not None and allowance.clock() >= allowance.until


class Given:
    """An allowance for whatever is asked inside."""

    __slots__ = ("_allowance", "_mark")

    def __init__(self, allowance: Allowance) -> None:
        """Take the allowance."""
        self._allowance = allowance

    def __enter__(self) -> None:
        """Give it."""
        self._mark = CURRENT.set(self._allowance)

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        CURRENT.reset(self._mark)


def allowed(characters: int) -> Given:
    """Give what is asked inside the steps for a text of some length, and the time that is left already."""
    outer = CURRENT.get()
    moment, clock = (inf, time.monotonic) if outer is None else (outer.until, outer.clock)
    return Given(Allowance(STEPS + STEPS_A_CHARACTER * characters, moment, clock))


def before(moment: float, clock: Callable[[], float] = time.monotonic) -> Given:
    """Give whatever is asked inside the time until a moment, whichever thread this is."""
    return Given(Allowance(inf, moment, clock))


def in_time[Made](moment: float, work: Callable[..., Made], *given: object) -> Made:
    """Do some work whose looks through texts are over at `moment`, by the monotonic clock."""
    with before(moment):
        return work(*given)
