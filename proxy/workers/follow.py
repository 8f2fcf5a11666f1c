"""Puts in force, in a worker, the version of the policy that the supervisor has put in force; a thread of its own.

Enters: the name of a version, as the supervisor says it. Leaves: the house with a new street. The supervisor has read
the files, run the policy's tests and written the version into the store, from where it is taken; a version that it has
rejected is never heard of here. One that cannot be built here, for a detector is away, is tried again and again, and
the supervisor knows that this worker is behind.
"""

from collections.abc import Callable, Collection, Mapping
from threading import Event, Thread
from typing import Any, Final

import structlog

from policies.model import Policy
from proxy.passage import House
from proxy.pipeline import Street
from proxy.reload import Rejected, parsed

AGAIN: Final = 1.0
"""Seconds until a version that could not be built is tried again, and between two looks at the clock."""

LOG = structlog.get_logger("sluice")


class Follower:
    """Keeps a house at the version that it is told."""

    def __init__(
        self,
        house: House,
        make: Callable[[Policy], Street],
        own_entities: Collection[str],
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the house, what makes a street of a policy, and who is told which version is in force here."""
        self.house, self.make, self.own_entities, self.told = house, make, own_entities, told
        self._wanted: Mapping[str, Any] = {}
        self._done: Mapping[str, Any] | None = None
        self._news, self._stop = Event(), False
        self._thread = Thread(target=self._run, name="sluice-follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more."""
        self._stop = True
        self._news.set()

    def want(self, version: Mapping[str, Any]) -> None:
        """Be told which version is in force; the latest word counts."""
        self._wanted = version
        self._news.set()

    def take(self, version: Mapping[str, Any]) -> None:
        """Put a version in force; raises `Rejected`, or what building it raises."""
        if id_ := version.get("version"):
            kept = self.house.ledger.store.get_policy(str(id_))
            if kept is None:
                raise Rejected([f"{id_}: not remembered"])
            _, policy = parsed(kept, self.house.street.catalogue.names, self.own_entities)
            self.house.street = self.make(policy)
        self._done = version
        self.told(self.house.street.policy.label)

    def _run(self) -> None:
        while not self._stop:
            self._news.wait(AGAIN)
            self._news.clear()
            self.house.ledger.clock.look(self.house.clock())  # one that was set; the supervisor puts it on record
            wanted = self._wanted
            if self._stop or wanted == self._done:
                continue
            try:
                self.take(wanted)
            except Exception as error:  # what is in force stays; the supervisor sees that this worker is behind
                LOG.error("a policy could not be put in force", exc_info=error)
