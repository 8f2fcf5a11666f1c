"""How the company's model servers stand while the proxy runs, and the keys they are asked with.

Enters: what checks and requests tell of a server, and renewed keys. Leaves: the order in which servers are asked. A
server that fails is asked last, never left out for good: where all fail, asking is the only way to find one that does
not. One whose key has to be fetched and is not there is asked nothing. Called from several threads; a key is in no
`repr` and in no state that is told.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from proxy.errors import InternalModelError
from proxy.internal.models import InternalModels, InternalServer
from proxy.internal.ways import Way


@dataclass(frozen=True, slots=True)
class State:
    """How one server stands."""

    server: str
    healthy: bool = True
    why: str = ""
    """What went wrong last, as a word or two: `refused`, `status 503` …"""
    since: datetime | None = None
    """When it changed last; None since the start."""


class Fleet:
    """All servers of all models; with none it orders nothing."""

    def __init__(
        self,
        models: InternalModels | None = None,
        clock: Callable[[], datetime] | None = None,
        tell: Callable[[State], None] = lambda _: None,
    ) -> None:
        """Take the servers; `tell` hears of each change, after it, from the thread that brought it about."""
        servers = models.all if models else ()
        self.clock, self.tell = clock, tell
        self._states = {server.name: State(server.name) for server in servers}
        self._keys = {server.name: server.key for server in servers}
        self._lock = Lock()

    def states(self) -> tuple[State, ...]:
        """Return how each server stands, in the order of the settings."""
        with self._lock:
            return tuple(self._states.values())

    def healthy(self, server: InternalServer) -> bool:
        """Tell whether nothing is known to be wrong with it."""
        state = self._states.get(server.name)
        return state is None or state.healthy

    def order(self, ways: Iterable[Way]) -> tuple[Way, ...]:
        """Return the ways to ask one after another; raises `InternalModelError` where no server has its key."""
        usable = [way for way in ways if self.key(way.outcome.server) or way.outcome.server.source is None]
        if not usable:
            raise InternalModelError("the key of the company's model is not there")
        return tuple(sorted(usable, key=lambda way: not self.healthy(way.outcome.server)))

    def key(self, server: InternalServer) -> str:
        """Return the key it is asked with, or nothing."""
        return self._keys.get(server.name, server.key)

    def renew(self, server: InternalServer, key: str) -> None:
        """Ask it with `key` from now on."""
        with self._lock:
            self._keys[server.name] = key

    def failed(self, server: InternalServer, why: str) -> None:
        """Note that it failed."""
        self._note(server, healthy=False, why=why)

    def worked(self, server: InternalServer) -> None:
        """Note that it answered."""
        self._note(server, healthy=True)

    def _note(self, server: InternalServer, *, healthy: bool, why: str = "") -> None:
        with self._lock:
            known = self._states.get(server.name)
            if known is None or known.healthy == healthy:
                return
            state = State(server.name, healthy, why, self.clock() if self.clock else None)
            self._states[server.name] = state
        self.tell(state)
