"""Takes checkpoints to the witnesses outside, each by a thread of its own, and says how they stand. This room does I/O.

Enters: the file of checkpoints, which is the queue: durable, in order, as long as the disk. Leaves: deliveries, a file
of the state directory that says how far each witness has heard, events. A witness that is away is tried again for ever
and holds nobody up, unless the settings require it: then `must_be_heard` refuses once it was away too long.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from proxy.errors import StoreError
from proxy.trail.interface import Outside
from proxy.trail.notary import waiting
from proxy.trail.witness import TAIL, Away, Contradicts, deliver

STANDING: Final = "witnesses.json"
"""File of the state directory."""
AT_ONCE: Final = 100
"""Checkpoints told of at a time."""
LOOKS: Final = 0.5
"""Seconds between two looks for something to tell."""
LONGEST: Final = 60.0
"""Seconds between two tries while a witness is away."""
LOG = structlog.get_logger("sluice")

type Tell = Callable[[str, Mapping[str, Any]], None]
"""Keeps an event, by its word and facts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a witness has heard."""

    place: int = 0
    """Bytes of the file of checkpoints."""
    log: str = ""
    """The digest of the file's first line: another file is told of from its beginning."""
    heard: datetime | None = None
    """When it last took something."""
    since: datetime | None = None
    """Since when it has been away; None while it is there."""
    contradicts: bool = False
    """Whether it is not away, but has something else than what this house has signed."""


class Messenger:
    """Tells one witness."""

    def __init__(
        self,
        outside: Outside,
        path: Path,
        patience: timedelta,
        clock: Callable[[], datetime],
        tell: Tell,
        kept: Callable[[], None],
        cafile: str | None = None,
        standing: Standing | None = None,
    ) -> None:
        """Take the witness, the checkpoints, when to raise the alarm, and whom to tell; `kept` keeps the standing."""
        self.outside, self.path, self.patience, self.clock = outside, path, patience, clock
        self.tell, self.kept, self.cafile = tell, kept, cafile
        self.standing = standing or Standing()
        self._alarmed = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-witness", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Deliver what is left, and end; what is not delivered in time follows after the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def look(self) -> bool:
        """Tell what the witness has not heard yet; returns False where it is away."""
        while True:
            standing = self.standing
            first = next((line for line, _ in waiting(self.path, 0, 1)), b"").decode()[-64:]
            if not first:
                return True
            if standing.log != first:
                standing = Standing(0, first, standing.heard, standing.since, standing.contradicts)
            lines = list(waiting(self.path, standing.place, AT_ONCE))
            if not lines:
                return True
            try:
                deliver(self.outside, [line for line, _ in lines], self.cafile, told_before(self.path, standing.place))
            except Away as error:
                self._away(standing, error)
                return False
            self._there(standing, lines[-1][1], len(lines))

    def overdue(self, now: datetime) -> bool:
        """Whether it is required and was away for too long."""
        since = self.standing.since
        return self.outside.required and since is not None and now - since >= self.patience

    def _away(self, standing: Standing, error: Away) -> None:
        now, other = self.clock(), isinstance(error, Contradicts)
        since = standing.since or now
        if other and not standing.contradicts:
            LOG.error("a witness contradicts the audit log", exc_info=error, server=self.outside.name)
            notes = {"witness": self.outside.name, "since": now.isoformat(timespec="seconds")}
            self.tell("witness_contradicts", notes)
        elif standing.since is None:
            LOG.warning("a witness of the audit log is away", exc_info=error, server=self.outside.name)
        self.standing = Standing(standing.place, standing.log, standing.heard, since, other)
        if not other and not self._alarmed and now - since >= self.patience:
            self._alarmed = True
            LOG.error("a witness of the audit log stays away", server=self.outside.name)
            self.tell("witness_away", {"witness": self.outside.name, "since": since.isoformat(timespec="seconds")})
        self.kept()

    def _there(self, standing: Standing, place: int, count: int) -> None:
        back, self._alarmed = self._alarmed or standing.contradicts, False
        self.standing = Standing(place, standing.log, self.clock())
        self.kept()
        if back:
            self.tell("witness_back", {"witness": self.outside.name, "count": count})

    def _run(self) -> None:
        wait = LOOKS
        while True:
            last = self._stop.is_set()
            try:
                wait = LOOKS if self.look() else min(wait * 2, LONGEST)
            except Exception as error:  # the next look may find disk and store again
                LOG.error("a witness of the audit log could not be told", exc_info=error, server=self.outside.name)
                wait = min(wait * 2, LONGEST)
            if last:
                return
            self._stop.wait(wait)


def told_before(path: Path, place: int) -> list[bytes]:
    """Return the last whole lines before `place` in the file of checkpoints, those a crash tore among them."""
    begin = max(0, place - 2 * TAIL)
    with path.open("rb") as file:
        file.seek(begin)
        held = file.read(place - begin)
    return held[held.find(b"\n") + 1 if begin else 0 :].split(b"\n")[:-1]


def must_be_heard(messengers: tuple[Messenger, ...], now: datetime) -> None:
    """Raise `StoreError` where a witness that is required has been away for too long."""
    for one in messengers:
        if one.overdue(now):
            what = "contradicts the log" if one.standing.contradicts else "stays away"
            raise StoreError(f"the audit log's witness {one.outside.name} is required and {what}")


def write_standings(state: Path, messengers: tuple[Messenger, ...]) -> None:
    """Keep how far each witness has heard; raises `OSError`."""
    told = {one.outside.name: _fields(one.standing) for one in messengers}
    partial = state / f"{STANDING}.partial"
    partial.write_bytes(orjson.dumps(told) + b"\n")
    partial.replace(state / STANDING)


def read_standings(state: Path) -> dict[str, Standing]:
    """Return how far each witness has been told; empty without a readable file, so that all is sent again."""
    try:
        told = orjson.loads((state / STANDING).read_bytes())
        return {
            str(name): Standing(
                int(one["place"]),
                str(one["log"]),
                _time(one["heard"]),
                _time(one["since"]),
                one.get("contradicts") is True,
            )
            for name, one in told.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _fields(standing: Standing) -> dict[str, Any]:
    return {
        "place": standing.place,
        "log": standing.log,
        "heard": standing.heard.isoformat() if standing.heard else None,
        "since": standing.since.isoformat() if standing.since else None,
        "contradicts": standing.contradicts,
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
