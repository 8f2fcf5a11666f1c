"""Who is let in when many come at once: turns to be read, and bytes that may wait. On the event loop only.

Enters: who asks (see `ledger.owner`), and how much they bring. Leaves: a turn, after a bounded wait in a bounded line,
or `Overloaded`. It is asked before anything is read: what has a turn is read whole, whatever else waits, and never less
of it. The line is fair by person: whoever has least under way is next. What goes to the proxy itself, and answers, take
no turn.

How many are read at once gives way: where more texts are looked through together than can be in the time that each
has, every one is cut off before its end, and none is served, however many turns there are. So when most of what is read
is late, half as many begin; and one more whenever a whole round has come in time.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from proxy.errors import Overloaded

LEAST_AT_ONCE: Final = 8
TURNS_A_CORE: Final = 4
"""More threads than cores: each waits most of its time for the processes that detect."""
FEWEST: Final = 2
"""Turns that are never taken away, however late readings end; of these, too, one person has at most their share, so
that somebody's slow texts do not take all."""
HEAVY_AT_ONCE: Final = 2
"""Turns for large bodies, which must not stand before the short ones."""
MEMORY_SHARE: Final = 16
"""A body takes a multiple of its size while it is read; so bodies that wait get this fraction of the memory."""
BODIES: Final = 4
"""Bodies of the largest size for which there is room at least."""


@dataclass(frozen=True, slots=True)
class Admission:
    """How much is let in at once; 0 stands for what suits the machine, see `fitted`."""

    at_once: int = 0
    """Requests that are read at the same time, large ones aside."""
    person_at_once: int = 0
    """Of them, one person's."""
    waiting: int = 0
    """Requests that wait for their turn."""
    person_waiting: int = 0
    waiting_bytes: int = 0
    """Bytes of bodies that have come and are not decided yet."""
    person_waiting_bytes: int = 0
    wait_seconds: float = 15.0
    """How long one waits before it is sent away."""
    retry_seconds: int = 5
    """After how long whoever was sent away is told to come again."""

    def fitted(self, cores: int, memory: int, max_body: int) -> "Admission":
        """Return the limits with all that was left to the machine."""
        at_once = self.at_once or max(LEAST_AT_ONCE, TURNS_A_CORE * cores)
        waiting = self.waiting or 10 * at_once
        held = self.waiting_bytes or max(BODIES * max_body, memory // MEMORY_SHARE)
        return replace(
            self,
            at_once=at_once,
            person_at_once=min(at_once, self.person_at_once or max(2, at_once // 2)),
            waiting=waiting,
            person_waiting=min(waiting, self.person_waiting or max(10, waiting // 2)),
            waiting_bytes=held,
            person_waiting_bytes=min(held, self.person_waiting_bytes or max(2 * max_body, held // 4)),
        )

    def shared(self, processes: int, max_body: int) -> "Admission":
        """Return the share of one of several processes, each with room for a largest body; `self` is fitted."""
        held = max(max_body, self.waiting_bytes // processes)
        return replace(
            self,
            at_once=max(1, self.at_once // processes),
            person_at_once=max(1, self.person_at_once // processes),
            waiting=max(1, self.waiting // processes),
            person_waiting=max(1, self.person_waiting // processes),
            waiting_bytes=held,
            person_waiting_bytes=min(held, max(max_body, self.person_waiting_bytes // processes)),
        )


@dataclass(slots=True, eq=False)
class Waiter:
    """One that waits for its turn."""

    who: str
    admitted: asyncio.Future[None]


@dataclass(slots=True)
class Lane:
    """Turns of one kind, and the line before them."""

    at_once: int
    person_at_once: int
    running: Counter[str] = field(default_factory=Counter)
    """Turns under way by person."""
    line: list[Waiter] = field(default_factory=list)
    open: int = 0
    """Turns that are given at the moment."""
    cuts: int = 0
    """How often there have been fewer."""
    in_time: int = 0
    late: int = 0
    """How many came in time, or late, since that has changed last."""

    def __post_init__(self) -> None:
        """Begin with all turns."""
        self.open = self.at_once

    @property
    def person_open(self) -> int:
        """One person's share of the turns that are given at the moment."""
        return max(1, self.person_at_once * self.open // self.at_once)

    def learn(self, cuts: int, *, late: bool) -> bool:
        """Note how the reading went that began after so many cuts; return whether fewer are read at once from now on.

        What began with more beside it than are read together now says nothing of how these go.
        """
        if late and cuts == self.cuts:
            self.late += 1
            if 2 * self.late > self.open > min(FEWEST, self.at_once):
                self._give(max(min(FEWEST, self.at_once), self.open // 2))
                self.cuts += 1
                return True
        elif not late:
            self.in_time += 1
            if self.in_time >= self.open:
                self._give(min(self.at_once, self.open + 1))
        return False

    def _give(self, turns: int) -> None:
        self.open, self.in_time, self.late = turns, 0, 0

    def take(self, who: str) -> bool:
        """Take a turn at once, if there is one and nobody in the line could have it."""
        free = self.running.total() < self.open and self.running[who] < self.person_open
        if not free or self.able():
            return False
        self.running[who] += 1
        return True

    def able(self) -> list[Waiter]:
        """Return who waits and may have a turn; one that has just given up is still in the line, but waits no more."""
        return [one for one in self.line if not one.admitted.done() and self.running[one.who] < self.person_open]

    def leave(self, who: str) -> None:
        """Give a turn back, and hand out what is free."""
        self.running[who] -= 1
        if self.running[who] <= 0:
            del self.running[who]
        while self.running.total() < self.open:
            able = self.able()
            if not able:
                return
            chosen = min(able, key=lambda one: self.running[one.who])  # the first of them: `min` keeps the order
            self.line.remove(chosen)
            self.running[chosen.who] += 1
            chosen.admitted.set_result(None)


class Hall:
    """Where requests wait until they are read."""

    def __init__(self, limits: Admission) -> None:
        """Take the limits, `fitted`."""
        self.limits = limits
        self.light = Lane(limits.at_once, limits.person_at_once)
        self.heavy = Lane(HEAVY_AT_ONCE, 1)
        self.held = Counter[str]()
        """Bytes that wait, by person."""

    async def enter(self, who: str, *, heavy: bool) -> Lane:
        """Wait for a turn, which `Lane.leave` ends; raises `Overloaded` where the line is full or takes too long."""
        lane = self.heavy if heavy else self.light
        if lane.take(who):
            return lane
        line = [*self.light.line, *self.heavy.line]
        if len(line) >= self.limits.waiting or sum(one.who == who for one in line) >= self.limits.person_waiting:
            raise self.overloaded("too many requests wait to be read")
        waiter = Waiter(who, asyncio.get_running_loop().create_future())
        lane.line.append(waiter)
        try:
            async with asyncio.timeout(self.limits.wait_seconds):
                await waiter.admitted
        except BaseException as error:
            if waiter in lane.line:
                lane.line.remove(waiter)
            elif waiter.admitted.done() and not waiter.admitted.cancelled():
                lane.leave(who)  # the turn came in the very moment in which nobody waited for it any more
            if isinstance(error, TimeoutError):
                raise self.overloaded("the wait to be read took too long") from None
            raise
        return lane

    def overloaded(self, why: str) -> Overloaded:
        """Return the error of one that is sent away."""
        return Overloaded(why, self.limits.retry_seconds)


class Baggage:
    """The bytes of one body while they wait."""

    def __init__(self, hall: Hall, who: str) -> None:
        """Begin with nothing."""
        self.hall, self.who, self.size = hall, who, 0
        self.gone = False

    def announce(self, size: int) -> None:
        """Raise `Overloaded` where there is no room for a body of this size."""
        if not self._fits(size):
            raise self.hall.overloaded("there is no room for the body")

    def grow(self, size: int) -> Overloaded | None:
        """Note that so many bytes have come in all; the error where there is no room for them."""
        if self.gone:
            return None
        if not self._fits(size):
            return self.hall.overloaded("there is no room for the body")
        self.hall.held[self.who] += size - self.size
        self.size = size
        return None

    def drop(self) -> None:
        """Let go of all bytes, for good."""
        if not self.gone:
            self.gone = True
            self.hall.held[self.who] -= self.size
            if self.hall.held[self.who] <= 0:
                del self.hall.held[self.who]

    def _fits(self, size: int) -> bool:
        limits, more = self.hall.limits, size - self.size
        held = self.hall.held
        return held.total() + more <= limits.waiting_bytes and held[self.who] + more <= limits.person_waiting_bytes
