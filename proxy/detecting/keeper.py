"""Keeps the processes that detect: starts, asks, watches them, starts them anew. Threads of its own; does I/O.

Enters: the settings, what each version of the policy asks for, texts. Leaves: scans. Whatever keeps an answer from
coming (a process that died, is silent, says what it must not, has too much to do) makes what was asked unknown, never
absent. Every process holds the finders of all versions that some exchange may still be under; a version that nobody
holds any more is dropped everywhere.
"""

import weakref
from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from socket import socket, socketpair
from threading import Condition, Event, Thread
from time import monotonic
from typing import Final

import structlog

from detectors.allowance import Interest, effort, interest
from detectors.allowance import until as nobody_waits
from detectors.interface import DetectorError, Scan, Searcher
from proxy.detecting.asking import GRACE, ask
from proxy.detecting.frames import Frame, Garbled, Oversized
from proxy.detecting.interface import Brief, Standing
from proxy.detecting.link import GARBLED, Down, Link, Wire
from proxy.detecting.messages import Question, names_in, read_scans, say_brief, say_detection
from proxy.detecting.remote import Remote
from proxy.settings.detection import Detection

LOADS_WITHIN: Final = 300.0
"""Seconds for loading what the settings or a policy name."""
ROUND: Final = 1.0
"""Seconds between two looks at a process."""
COMES_WITHIN: Final = 30.0
"""Seconds that a new version of the policy waits for a process that is being started."""
OVERDUE: Final = 60.0
MOST_OVERDUE: Final = 2
"""So many answers that nobody has waited for any more for so long: threads are stuck, and others will be."""
SILENT: Final = 15.0
"""After so many seconds without a word a process is stuck, whatever it does."""
PAUSES: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds until a process is started again, by how often it has failed in a row."""
SETTLED: Final = 60.0
"""One that has worked for so long has not failed in a row when it does."""

LOG = structlog.get_logger("sluice")

LONGEST_TOLD: Final = 500
"""Characters of what a detector's failure is told with."""

SILENCE: Final = "it did not answer in time"

type Start = Callable[[Callable[[], None]], Wire]
"""Starts a process, or finds one; what it takes is called when that process has gone."""


@dataclass(slots=True)
class Place:
    """Where one process is kept, and how that stands."""

    number: int
    link: Wire | None = None
    """The process that works; None while none does."""
    coming: bool = True
    """Whether one is being started."""
    built: set[int] = field(default_factory=set)
    """Versions whose finders it has."""
    failures: int = 0
    again: float = 0.0
    """When the next one is started, on the clock that cannot be set."""
    starts: int = 0
    why: str = ""
    chinese: str = ""
    pid: int = 0

    def standing(self) -> Standing:
        """Return how it stands, for people."""
        return Standing(self.number, self.link is not None, self.pid, self.why, self.starts)

    @property
    def link_down(self) -> bool:
        """Whether a process has just gone, which is about to be noticed."""
        return self.link is not None and bool(self.link.why)


class Apart:
    """Detection in processes of its own; may be used from several threads."""

    def __init__(
        self,
        detection: Detection,
        state: Path,
        seconds: float,
        start: Start = lambda ended: Link(ended=ended),
    ) -> None:
        """Take the settings, where the state is, how long an answer may take, and what starts or finds a process."""
        self._settings = say_detection(detection, state)
        self._seconds, self._start = seconds, start
        self._places = [Place(number) for number in range(1, max(1, detection.processes) + 1)]
        self._change = Condition()
        self._stop = Event()
        self._own: frozenset[str] = frozenset()
        self._notes: frozenset[str] = frozenset()
        self._briefs: dict[int, bytes] = {}
        self._numbers = count(1)
        self._gone: deque[int] = deque()
        """Versions that nobody holds any more; a finalizer may run anywhere, so it only notes them."""
        self._links: set[Wire] = set()
        self._tell: Callable[[Standing], None] = lambda _: None
        self._failed: Callable[[str], None] = lambda _: None
        self._threads = [Thread(target=self._keep, args=(place,), daemon=True) for place in self._places]

    def start(self) -> "Apart":
        """Start every process; raises `DetectorError` where one cannot load what the settings name."""
        for thread in self._threads:
            thread.start()
        with self._change:
            self._change.wait_for(self._begun, LOADS_WITHIN)
            failed = [(one.why or SILENCE, one.chinese) for one in self._places if one.failures or one.link is None]
        if failed:
            self.close()
            raise DetectorError(*failed[0])
        return self

    def _begun(self) -> bool:
        return all(place.link for place in self._places) or any(place.failures for place in self._places)

    @property
    def own_entities(self) -> frozenset[str]:
        """Entities that only the company's own rules, recognizers and models find."""
        return self._own

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Detecting.notes`: what the processes have said so far."""
        return tuple(sorted(self._notes))

    def hear(self, tell: Callable[[Standing], None]) -> None:
        """Let `tell` know how each process stands, now and whenever that changes."""
        self._tell = tell
        for one in self.standing():
            tell(one)

    def overhear(self, tell: Callable[[str], None]) -> None:
        """Let `tell` know which detector could not tell of a text, and why."""
        self._failed = tell

    def searcher(self, brief: Brief) -> Searcher:
        """Return what searches for all that a policy asks for; raises `DetectorError`, or `Down` to be tried again."""
        version, told = next(self._numbers), say_brief(brief)
        with self._change:
            self._change.wait_for(lambda: any(place.link for place in self._places), COMES_WITHIN)
            self._briefs[version] = told
            ready = [(place, place.link) for place in self._places if place.link is not None]
        entities: frozenset[str] | None = None
        try:
            for place, link in ready:
                try:
                    entities = self._build(link, version, told)
                except (TimeoutError, Garbled) as error:
                    link.end(why_of(error))
                except Down:
                    continue  # it loads this version with the others when it is back
                else:
                    with self._change:
                        if place.link is link:
                            place.built.add(version)
            if entities is None:
                raise Down("no process has loaded what the policy asks for")
        except BaseException:
            with self._change:
                self._briefs.pop(version, None)  # at once: a process that is being started must not fail of it, too
            self._gone.append(version)
            raise
        made = Remote(self, version, entities)
        weakref.finalize(made, self._gone.append, version).atexit = False
        return made

    def _build(self, link: Wire, version: int, brief: bytes) -> frozenset[str]:
        told = loaded(link.ask("build", {"version": version}, brief, LOADS_WITHIN)).fields
        self._notes |= names_in(told.get("notes"))
        return names_in(told.get("entities"))

    def find_all(
        self, version: int, texts: Sequence[str], asked: frozenset[str], groups: tuple[int | None, ...] = ()
    ) -> list[Scan]:
        """Return what a process finds; where none answers as it must, nobody has looked."""
        nobody, away = [Scan((), asked)] * len(texts), [Scan((), asked, away=True)] * len(texts)
        until = min(monotonic() + self._seconds, nobody_waits())
        waits = interest()
        link = self._free(version, until, waits)
        if link is None:
            return away
        if (left := until - monotonic()) <= 0:
            effort().short = True
            return nobody
        try:
            answer = ask(link, Question(version, left, asked, tuple(texts), groups), self._seconds * GRACE, waits)
            if answer.kind != "done":
                return nobody
            for why in sorted(names_in(answer.fields.get("failures"))):
                self._failed(why[:LONGEST_TOLD])
            return read_scans(answer.body, texts, asked)
        except Garbled:
            link.end(GARBLED)
            return away
        except Down:
            return away
        except (TimeoutError, Oversized):
            return nobody

    def _free(self, version: int, until: float, waits: Interest) -> Wire | None:
        """Return the process with the least to do; one that is being started, or will be in time, is waited for."""
        with self._change:
            while not self._stop.is_set() and not waits.over:
                ready = [
                    place.link for place in self._places if place.link and not place.link.why and version in place.built
                ]
                if ready:
                    return min(ready, key=lambda link: link.load)
                if not any(place.coming or place.link_down or place.again < until for place in self._places):
                    return None  # none can come in time: whoever asks hears so at once
                left = until - monotonic()
                if left <= 0:
                    return None
                self._change.wait(min(left, ROUND))
        return None

    def lend(self, held: Collection[int], seconds: float) -> tuple[socket, int]:
        """Return a pipe of one's own to a process whose number is not among `held`, and that number.

        One that is being started is waited for. Raises `Down`, or `TimeoutError`.
        """
        until = monotonic() + seconds

        def free() -> list[Wire]:
            return [place.link for place in self._places if place.link and place.link.pid not in held]

        with self._change:
            self._change.wait_for(lambda: self._stop.is_set() or free(), seconds)
            ready = free()
        if not ready or self._stop.is_set():
            raise Down("no process that detects is free")
        link = min(ready, key=lambda one: one.load)
        ours, theirs = socketpair()
        with theirs:
            try:
                loaded(link.ask("join", {}, b"", until - monotonic(), [theirs.fileno()]))
            except BaseException:
                ours.close()
                raise
        return ours, link.pid

    def distrust(self, pid: int, why: str) -> None:
        """End a process of which somebody it was lent to says that it is not to be trusted."""
        with self._change:
            links = [place.link for place in self._places if place.link and place.link.pid == pid]
        for link in links:
            link.end(why)

    def standing(self) -> list[Standing]:
        """Return how each process stands."""
        with self._change:
            return [place.standing() for place in self._places]

    def close(self) -> None:
        """End all processes; whatever is asked afterwards is unknown."""
        with self._change:
            self._stop.set()
            links = list(self._links)
            self._change.notify_all()
        for link in links:
            link.end("detection is shut down")
        for thread in self._threads:
            if thread.is_alive():
                thread.join(ROUND * 5)

    # -- one process's keeper ---------------------------------------------------------------------------------------

    def _keep(self, place: Place) -> None:
        """See that a process works here until all is shut down."""
        while not self._stop.is_set():
            link, why, began = None, "", monotonic()
            try:
                gone = Event()
                link = self._begin(gone.set)
                self._equip(place, link)
                began = monotonic()
                self._watch(link, gone)
            except Exception as error:  # whatever it was: what is down is told, and started anew
                why, place.chinese = why_of(error), getattr(error, "chinese", "")
            if link is not None:
                link.end(why or SILENCE)
                why = link.why
            pause = self._note(place, link, why, monotonic() - began)
            if self._stop.wait(pause):
                return
            with self._change:
                place.coming = True

    def _begin(self, gone: Callable[[], None]) -> Wire:
        """Start a process, unless all is shut down meanwhile."""
        link = self._start(gone)
        with self._change:
            self._links.add(link)
            if self._stop.is_set():
                link.end("detection is shut down")
        return link

    def _note(self, place: Place, link: Wire | None, why: str, lasted: float) -> float:
        """Note that a process has gone; return how long to wait before the next one is started."""
        with self._change:
            settled = place.link is not None and lasted >= SETTLED
            place.failures = 1 if settled else place.failures + 1
            pause = PAUSES[min(place.failures, len(PAUSES)) - 1]
            place.link, place.built, place.why, place.coming = None, set(), why, not pause
            place.again = monotonic() + pause
            self._links.discard(link) if link else None
            self._change.notify_all()
        if not self._stop.is_set():
            LOG.error("detection is down: what it looks for is unknown", detector=f"process {place.number}", code=why)
            self._say(place)
        return pause

    def _equip(self, place: Place, link: Wire) -> None:
        """Let a new process load the settings and every version; raises `DetectorError`, `Down` and the like."""
        self._forget()
        own = names_in(loaded(link.ask("settings", {}, self._settings, LOADS_WITHIN)).fields.get("entities"))
        built: set[int] = set()
        while True:
            with self._change:
                left = [one for one in self._briefs.items() if one[0] not in built]
                if not left:
                    self._own = self._own or own
                    place.link, place.pid, place.built, place.coming, place.why = link, link.pid, built, False, ""
                    place.starts += 1
                    self._change.notify_all()
                    break
            for version, brief in left:
                self._build(link, version, brief)
                built.add(version)
        if place.starts > 1:
            LOG.warning("detection works again", detector=f"process {place.number}")
        self._say(place)

    def _watch(self, link: Wire, gone: Event) -> None:
        """Look after a process until it is down."""
        while not self._stop.is_set() and not link.why:
            gone.wait(ROUND)
            self._forget()
            if link.overdue(OVERDUE) >= MOST_OVERDUE:
                link.end("it does not come to an end with what it was asked")
            elif link.heard + ROUND < monotonic():
                link.ask("ping", {}, b"", SILENT)

    def _forget(self) -> None:
        """Drop the versions that nobody holds any more."""
        while self._gone:
            version = self._gone.popleft()
            with self._change:
                self._briefs.pop(version, None)
                links = [place.link for place in self._places if place.link]
                for place in self._places:
                    place.built.discard(version)
            for link in links:
                with suppress(Down, TimeoutError):  # one that is busy takes it up later; one that has gone needs not
                    link.ask("drop", {"version": version}, b"", ROUND)

    def _say(self, place: Place) -> None:
        try:
            self._tell(place.standing())
        except Exception as error:
            LOG.error("a change of detection could not be told", exc_info=error)


def loaded(answer: Frame) -> Frame:
    """Return an answer that is one; raises `DetectorError`, or `Down` where something else went wrong."""
    if answer.kind == "done":
        return answer
    why = str(answer.fields.get("why", ""))[:2000]
    if answer.fields.get("known") is True:
        raise DetectorError(why, str(answer.fields.get("chinese", ""))[:2000])
    raise Down(f"it could not load: {why}")


def why_of(error: Exception) -> str:
    """Return what went wrong, in words of ours."""
    match error:
        case DetectorError() | Down():
            return str(error)
        case TimeoutError():
            return SILENCE
        case Garbled():
            return GARBLED
        case _:
            return type(error).__name__
