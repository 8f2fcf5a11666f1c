"""Limits the connections of clients: how many there may be, and how long each may be silent.

Enters: the coming, going and doing of connections, by name. Leaves: connections cut off. On the event loop only, and
without a word of mitmproxy, which tells it by `connections`.

- At a limit, of all or of one address, the connection that has been idle for longest gives way to the new one; where
  none is idle, there is no room.
- The head of a request, and what comes before the first, must come in time; a connection without an exchange ends after
  a while; a client that takes nothing of what waits for it is cut off.

What is tunnelled unread counts, but only mitmproxy's own limit of ten silent minutes ends it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

import structlog

ROUND: Final = 1.0
"""Seconds between two looks at all connections."""
FILES_EACH: Final = 3
"""Open files that a connection is taken to need: its own, its server's, and a share of everything else."""
MOST: Final = 16_384
FEWEST: Final = 64

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Connections:
    """What clients may take up; 0 stands for what suits the machine, see `fitted`."""

    total: int = 0
    address: int = 0
    """Of them, from one address."""
    head_seconds: float = 30.0
    """For the head of a request, and for all before the first."""
    body_idle_seconds: float = 30.0
    """Between two pieces of a request's body."""
    body_seconds: float = 600.0
    """For a whole body."""
    idle_seconds: float = 300.0
    """Without any exchange."""
    stalled_seconds: float = 60.0
    """Without the client taking a byte of what waits for it."""

    def fitted(self, open_files: int) -> "Connections":
        """Return the limits with all that was left to the machine."""
        total = self.total or max(FEWEST, min(MOST, open_files // FILES_EACH))
        return replace(self, total=total, address=min(total, self.address or max(FEWEST, total // 4)))

    def shared(self, processes: int) -> "Connections":
        """Return the share of one of several processes; what is left to the machine suits each process anyway."""
        return replace(self, total=-(-self.total // processes), address=-(-self.address // processes))


@dataclass(slots=True, eq=False)
class Guest:
    """One connection of a client."""

    address: str
    cut: Callable[[], None]
    """Ends it at once, whatever waits in it."""
    unread: Callable[[], int]
    """Bytes that wait for the client to take them."""
    since: float
    """When its last exchange ended, or it began."""
    head_since: float | None
    """Since when the head of a request has been waited for; None while none has begun."""
    busy: set[str] = field(default_factory=set)
    """Exchanges under way."""
    tunnelled: bool = False
    asked: bool = False
    """Whether a request has come."""
    waiting: int = 0
    """Bytes that waited at the last look."""
    taken: float = 0.0
    """When that last changed."""

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self.busy and not self.tunnelled


class Doorkeeper:
    """Knows all connections of clients."""

    def __init__(self, limits: Connections, clock: Callable[[], float] = monotonic) -> None:
        """Take the limits, `fitted`."""
        self.limits, self.clock = limits, clock
        self.guests: dict[str, Guest] = {}
        self.addresses = Counter[str]()
        self.closed = Counter[str]()
        """Connections that were closed, by why."""

    def enter(self, name: str, address: str, cut: Callable[[], None], unread: Callable[[], int]) -> bool:
        """Let a connection in, for which another may have to give way; False where there is no room."""
        full = len(self.guests) >= self.limits.total
        crowded = self.addresses[address] >= self.limits.address
        if (full or crowded) and not self._make_room(address if crowded else None):
            self.closed["no_room"] += 1
            return False
        now = self.clock()
        self.guests[name] = Guest(address, cut, unread, since=now, head_since=now)
        self.addresses[address] += 1
        return True

    def leave(self, name: str) -> None:
        """Note that a connection has gone."""
        guest = self.guests.pop(name, None)
        if guest is not None:
            self.addresses[guest.address] -= 1
            if not self.addresses[guest.address]:
                del self.addresses[guest.address]

    def _make_room(self, address: str | None) -> bool:
        """Close the connection that has been idle for longest, of one address or of all."""
        idle = [
            (guest.since, name)
            for name, guest in self.guests.items()
            if guest.idle and (address is None or guest.address == address)
        ]
        if not idle:
            return False
        self._close(min(idle)[1], "gave_way")
        return True

    def _close(self, name: str, why: str) -> None:
        guest = self.guests[name]
        self.leave(name)
        self.closed[why] += 1
        guest.cut()

    # -- what happens on a connection ---------------------------------------------------------------------------------

    def heard(self, name: str, *, over_http2: bool) -> None:
        """Note that bytes came. With nothing under way they begin a head; over HTTP/2 they may mean nothing."""
        guest = self.guests.get(name)
        if guest is not None and guest.idle and guest.head_since is None and not over_http2:
            guest.head_since = self.clock()

    def connects(self, name: str) -> None:
        """Note that a tunnel is asked for: what comes next in it has its own time."""
        guest = self.guests.get(name)
        if guest is not None and not guest.asked:
            guest.since = guest.head_since = self.clock()

    def tunnels(self, name: str) -> None:
        """Note that nobody reads what is said on a connection."""
        if (guest := self.guests.get(name)) is not None:
            guest.tunnelled = True

    def begins(self, name: str, exchange: str) -> None:
        """Note that an exchange begins."""
        if (guest := self.guests.get(name)) is not None:
            guest.busy.add(exchange)
            guest.asked, guest.head_since = True, None

    def ends(self, name: str, exchange: str) -> None:
        """Note that an exchange is over."""
        if (guest := self.guests.get(name)) is not None:
            guest.busy.discard(exchange)
            guest.since = self.clock()

    def look(self) -> None:
        """Close all connections that have taken too long."""
        now, limits = self.clock(), self.limits
        for name, guest in list(self.guests.items()):
            waiting = guest.unread()
            if waiting != guest.waiting or not waiting:  # one that takes nothing stands still once its buffers are full
                guest.taken = now
            guest.waiting = waiting
            if waiting and now - guest.taken >= limits.stalled_seconds:
                self._close(name, "not_read")
            elif guest.idle and guest.head_since is not None and now - guest.head_since >= limits.head_seconds:
                self._close(name, "slow_head")
            elif guest.idle and now - guest.since >= limits.idle_seconds:
                self._close(name, "idle")

    async def keep_looking(self) -> None:
        """Look at all connections again and again."""
        while True:
            await asyncio.sleep(ROUND)
            try:
                self.look()
            except Exception as error:
                LOG.error("connections could not be looked at", exc_info=error)
