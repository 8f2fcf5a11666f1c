"""How the policy in force stands, in a small file of the state directory, for whoever looks. Does I/O.

Enters and leaves: labels, times, a name, places of mistakes; never what the policy says.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
import structlog

BY_FILE: Final = "file"
"""Who put a version in force that the file itself says."""
HEALTH: Final = "health.json"

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Health:
    """How the policy in force stands."""

    policy: str
    """Label of the version in force; that of `reload.CLOSED` where there is none."""
    since: datetime
    by: str = BY_FILE
    rejected: tuple[str, ...] = ()
    """Places of all that is wrong with the version on disk; empty while it can be put in force."""
    coming: str = ""
    """Label of the version on disk, where its day has not come."""
    starts: datetime | None = None
    """When that version will be put in force."""
    release: int = 0
    """Number of the release that is followed; 0 where the file is."""

    @property
    def sound(self) -> bool:
        """Whether what is on disk is in force, or will be on its day."""
        return not self.rejected

    def fields(self) -> dict[str, object]:
        """Return it as plain values."""
        told = {"policy": self.policy, "since": self.since.isoformat(timespec="seconds"), "by": self.by}
        starts = self.starts.isoformat(timespec="seconds") if self.starts else ""
        more = {"coming": self.coming, "starts": starts, "release": self.release}
        return {**told, "sound": self.sound, "rejected": list(self.rejected), **more}


def read_health(state: Path) -> Health | None:
    """Return what the health file says; None where there is none that can be read."""
    try:
        told = orjson.loads((state / HEALTH).read_bytes())
        starts = datetime.fromisoformat(told["starts"]) if told["starts"] else None
        since = datetime.fromisoformat(told["since"])
        number = int(told.get("release", 0))
        return Health(told["policy"], since, told["by"], tuple(told["rejected"]), told["coming"], starts, number)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_health(state: Path, health: Health) -> None:
    """Write the file; the proxy goes on where that fails."""
    partial = state / f"{HEALTH}.partial"
    try:
        partial.write_bytes(orjson.dumps(health.fields()) + b"\n")
        partial.replace(state / HEALTH)
    except OSError as error:
        LOG.warning("the health file cannot be written", exc_info=error)
