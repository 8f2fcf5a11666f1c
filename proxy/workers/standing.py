"""Says how the workers stand: in a file of the state directory, and in the audit log. Does I/O.

Enters: changes. Leaves: the file and lines, with numbers and words of ours only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import getpid
from pathlib import Path
from threading import Lock
from typing import Any, Final

import orjson
import structlog

from proxy.workers.crew import Crew, Place, Worker

FILE: Final = "workers.json"

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Stand:
    """How one worker stands, as the file says it."""

    worker: int
    pid: int
    state: str
    policy: str
    since: str
    starts: int
    why: str
    deaths: int = 0
    """How often a worker at this place ended that was not told to."""
    died_of: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How all of them stand."""

    supervisor: int
    """Number of its process, to which signals are sent."""
    policy: str
    """The version in force."""
    refused: str
    """Why the last restart was given up; empty where it was not."""
    workers: tuple[Stand, ...]


class Keeper:
    """Keeps the file; hears of changes from several threads."""

    def __init__(self, state: Path) -> None:
        """Take the state directory."""
        self._state = state
        self._lock = Lock()

    def write(self, crew: Crew, policy: str, refused: str = "") -> None:
        """Write how all stand."""
        with self._lock:
            found = [stand(worker, crew.places[worker.place - 1]) for worker in present(crew)]
            told: Mapping[str, Any] = {
                "supervisor": getpid(),
                "policy": policy,
                "refused": refused,
                "workers": sorted(found, key=lambda one: (one["worker"], one["since"])),
            }
            partial = self._state / f"{FILE}.partial"
            try:
                partial.write_bytes(orjson.dumps(told) + b"\n")
                partial.replace(self._state / FILE)
            except OSError as error:
                LOG.error("the states of the workers could not be written", exc_info=error)

    def forget(self) -> None:
        """Take the file away: nobody serves any more."""
        (self._state / FILE).unlink(missing_ok=True)


def present(crew: Crew) -> list[Worker]:
    """Return the workers that serve or leave."""
    return [*(place.now for place in crew.places if place.now is not None), *crew.leaving]


def stand(worker: Worker, place: Place) -> dict[str, Any]:
    """Return how a worker stands, and how often its place had to be filled anew, as plain values."""
    return {
        "worker": worker.place,
        "pid": worker.process.pid,
        "state": worker.state,
        "policy": worker.policy,
        "since": worker.since.isoformat(timespec="seconds"),
        "starts": place.starts,
        "why": worker.why,
        "deaths": place.deaths,
        "died_of": place.died_of,
    }


def read_standing(state: Path) -> Standing | None:
    """Return what the file says; None where there is none that can be read."""
    try:
        said = orjson.loads((state / FILE).read_bytes())
        known = {one.name for one in fields(Stand)}  # another version may say more
        workers = tuple(Stand(**{name: one[name] for name in one.keys() & known}) for one in said["workers"])
        return Standing(int(said["supervisor"]), str(said["policy"]), str(said["refused"]), workers)
    except (OSError, ValueError, KeyError, TypeError):
        return None
