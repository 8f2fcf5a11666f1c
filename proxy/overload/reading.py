"""Schedules the work off the event loop: worker threads, and when a request is read.

Enters: work, and requests with their bodies. Leaves: what came of it. What is short (headers, records, answers, the
proxy's own pages) never waits for the reading of bodies: it has workers of its own. A request is read only with a turn
from the `Hall`; the turn ends when its work has. A client that has left is not read: it waits for no turn any more, and
what is looked for in its text is given up, so that those who are still there come before it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Final

import structlog

from detectors.allowance import Interest, in_time
from detectors.effort import Effort
from policies.decision import Decision
from proxy import handle
from proxy.errors import ClientLeft, OutOfTime, Overloaded, SealedFile, Unreadable, contained
from proxy.findable import body_out_of_time, busy
from proxy.ledger import owner
from proxy.observe.observer import waited
from proxy.overload.admission import HEAVY_AT_ONCE, Admission, Baggage, Hall, Lane
from proxy.passage import House, Passage
from proxy.pipeline import Departure
from proxy.settings.interface import LOOKING

HEAVY: Final = 256 * 1024
"""Bytes of a body from which on its reading must not stand before the short ones."""

LOG = structlog.get_logger("sluice")

UNSURE: Final = 5.0
"""Seconds of reading from which on a detector that could not tell is taken to have had too little time."""

PACKED: Final = 10
"""How much larger a coded body is taken to be than it came: text shrinks about so far."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to be read, and until when it is not late."""

    lane: Lane
    who: str
    until: float
    unsure: float
    """From when on it is late, too, if something could not be looked for: detectors have times of their own."""
    cuts: int
    """As they stood when it began; see `Lane.learn`."""
    interest: Interest
    ended: Callable[[], None]

    def end(self, work: "Future[Departure]") -> None:
        """Give the turn back; an abandoned reading does not count for how long readings take."""
        try:
            if not self.interest.over and self.lane.learn(self.cuts, late=self.is_late(work)):
                LOG.warning("texts are not looked through in time: fewer are read at once", count=self.lane.open)
            self.ended()
        finally:
            self.lane.leave(self.who)

    def is_late(self, work: "Future[Departure]") -> bool:
        """Tell whether the time was over before all was looked for."""
        now = monotonic()
        if now >= self.until or now < self.unsure:
            return now >= self.until
        return not work.cancelled() and work.exception() is None and bool(work.result().unknown)


class Reading:
    """The workers of one proxy, and the turns to be read by them."""

    def __init__(self, seconds: float, admission: Admission) -> None:
        """Take how long the reading of one request may take, and the limits (`fitted`)."""
        self.seconds = seconds
        self.read = 0
        """Readings that have ended."""
        self.hall = Hall(admission)
        self.short = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sluice")
        """For what is short: nobody's headers, refusal or record waits for the search of another's text."""
        self.returning = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sluice-answers")
        """For answers under way, and for the proxy's own pages."""
        self.readers = ThreadPoolExecutor(max_workers=admission.at_once, thread_name_prefix="sluice-reading")
        self.heavy = ThreadPoolExecutor(max_workers=HEAVY_AT_ONCE, thread_name_prefix="sluice-heavy")

    async def off_loop(
        self, work: Callable[..., Any], *arguments: Any, workers: ThreadPoolExecutor | None = None
    ) -> Any:
        """Run blocking work in a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(
            workers or self.short, contained, partial(work, *arguments)
        )

    def baggage(self, passage: Passage, announced: int) -> Baggage:
        """Return what counts the bytes of a body; raises `Overloaded` where there is no room for those announced."""
        made = Baggage(self.hall, owner(passage.caller))
        made.announce(announced)
        return made

    async def inspect(self, house: House, passage: Passage, body: bytes) -> Departure:
        """Read a body in the time that is allowed; raises `OutOfTime` where that is not enough, or `Overloaded`.

        Raises `ClientLeft` as soon as nobody waits for it any more.
        Detectors stop before that, and policy answers for what they could not look for. A look that is only for rules
        not in force yet must not stop anything: then the text goes unsearched.
        """
        workers = self.workers_for(passage, len(body))
        waits, loop = passage.interest, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as bound:
                with waits.heard(lambda: bound.reschedule(loop.time())):
                    return await self._inspect(workers, house, passage, body)
        except (TimeoutError, OutOfTime, Overloaded):
            if waits.over:
                raise ClientLeft("its client has left before it was read") from None
            if not passage.watching:
                raise
        departure: Departure = await self.off_loop(handle.inspect, house, passage, body, False, workers=workers)
        return departure

    async def _inspect(self, workers: ThreadPoolExecutor, house: House, passage: Passage, body: bytes) -> Departure:
        """Read with a turn, where there is anything to look for; raises `OutOfTime` or `Overloaded`."""
        loop = asyncio.get_running_loop()
        who, lane = owner(passage.caller), None
        if passage.arrival is None or not isinstance(passage.arrival.answer, Decision):
            over = waited(passage.marks)
            try:
                lane = await self.hall.enter(who, heavy=workers is self.heavy)
            finally:
                over()
        began, note = monotonic(), Effort()
        until, unsure = began + LOOKING * self.seconds, began + min(UNSURE, self.seconds / 2)
        end = Turn(lane, who, until, unsure, lane.cuts, passage.interest, self.count).end if lane is not None else None
        work: Future[Departure] = workers.submit(
            contained, partial(in_time, until, passage.interest, note, look, note, house, passage, body)
        )
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), self.seconds)
        except TimeoutError:
            raise body_out_of_time(len(body), note) from None
        finally:
            if end is not None and work.done():
                end(work)
            elif end is not None:
                work.add_done_callback(lambda _: loop.call_soon_threadsafe(end, work))

    def workers_for(self, passage: Passage, size: int) -> ThreadPoolExecutor:
        """Return who reads a body of `size` bytes as they came."""
        return self.heavy if size * (PACKED if is_coded(passage) else 1) > HEAVY else self.readers

    def count(self) -> None:
        """Count a reading that has ended."""
        self.read += 1

    @property
    def quiet(self) -> bool:
        """Whether nobody is read, and nobody waits for that."""
        return not any(lane.running or lane.line for lane in (self.hall.light, self.hall.heavy))

    def close(self) -> None:
        """Let the workers go."""
        for workers in (self.heavy, self.readers, self.returning, self.short):
            workers.shutdown(wait=True)


def look(note: Effort, house: House, passage: Passage, body: bytes) -> Departure:
    """Read and decide; raises `Overloaded` where a file could not be read for others' sake."""
    try:
        return handle.inspect(house, passage, body)
    except (Unreadable, SealedFile):
        if note.waited:
            raise busy() from None
        raise


def is_coded(passage: Passage) -> bool:
    """Tell whether a body holds more than the bytes that came."""
    return any(name == "content-encoding" for name, _ in passage.request.headers)
