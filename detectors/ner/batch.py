"""The worker that runs the windows of all exchanges together.

Enters: windows of a text, a model, and a moment after which nobody waits any more; windows for which nobody waits even
before that are not run. Leaves: the logits of each window,
the same whatever shared its batch. A small text never waits for the whole of a large one. What cannot be answered in
time, for want of room or because a model fails, is `CannotTell`; nobody hangs, and nothing reads as empty.
"""

import atexit
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event, Lock, Thread
from typing import Final

import numpy as np

from detectors.allowance import NOBODY, effort, interest
from detectors.interface import CannotTell
from detectors.ner.model import Absent, Floats, Model, Window, padded

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is run at once."""

    wait: float = 0.003
    """Seconds that the first window waits for those of callers that are about to bring theirs."""
    batch: int = 640
    """Tokens of one batch, padding included; of a dearer model fewer, in proportion. A processor gains nothing from
    more: what does not fit its caches costs more than calls that are saved. With fewer a worker would ask for the
    interpreter more often, and wait for it."""
    round: int = 2048
    """Tokens gathered, over all callers, before they are sorted into batches."""
    workers: int = 1
    """Threads that run batches. Two on a processor with cores for them: a batch is too small to keep two cores busy."""
    waiting: int = 4096
    """Windows that may wait; a caller that brings more than there is room for gets `CannotTell`."""
    alike: float = 0.9
    """A window joins a batch when its row is at least this part of the longest. Padding costs as much as text, and on a
    processor a call of its own costs no more than a few tokens; elsewhere it costs as much as hundreds."""


SERVER_PACE: Final = Pace(batch=8_192, round=16_384, workers=4, waiting=16_384, alike=0.6)
"""Of models on another machine: fewer and larger requests, some of them on their way at the same time."""

GPU_PACE: Final = Pace(batch=32_768, round=65_536, waiting=16_384, alike=0.6)


class Job:
    """Windows of one text, and what became of them."""

    def __init__(self, model: Model, windows: Sequence[Window], until: float, clock: Clock) -> None:
        """Take the windows, and when nobody waits for them any more."""
        self.model = model
        self.windows = windows
        self.until = until
        self.interest = interest()
        self.effort = effort()
        self.taken = 0
        self._clock = clock
        self._answers: list[Floats | None] = [None] * len(windows)
        self._left = len(windows)
        self._failed = ""
        self._done = Event()

    @property
    def over(self) -> bool:
        """Whether there is no more reason to run its windows."""
        return bool(self._failed) or self._done.is_set() or self.interest.over or self._clock() >= self.until

    def answer(self, place: int, logits: Floats) -> None:
        """Take the logits of one window."""
        self._answers[place] = logits
        self._left -= 1
        if not self._left:
            self._done.set()

    def fail(self, why: str) -> None:
        """Give the caller `CannotTell`."""
        self._failed = why
        self._done.set()

    def wait(self) -> list[Floats]:
        """Return the logits of every window; raises `CannotTell`."""
        with self.interest.heard(lambda: self.fail(NOBODY)):
            if not self._done.wait(max(0.0, self.until - self._clock())) and not self._failed:
                self.effort.short = True
                self.fail("the models for names had no time for this text")
        if self._failed:
            raise CannotTell(self._failed)
        return [answer for answer in self._answers if answer is not None]


class Caller:
    """Somebody who brings windows, of one text or of several; callers take turns, whatever each brings."""

    def __init__(self, batcher: "Batcher") -> None:
        """Bring nothing yet."""
        self.jobs: deque[Job] = deque()
        self._batcher = batcher
        self._came = False

    @property
    def clock(self) -> Clock:
        """What `until` is measured by."""
        return self._batcher.clock

    def submit(self, model: Model, windows: Sequence[Window], until: float) -> Job:
        """Hand windows over, in any number but nought; raises `CannotTell` where there is no room for them."""
        return self._batcher.submit(self, model, windows, until)

    def came(self) -> None:
        """Say that the first windows are handed over: nobody waits for this caller any more."""
        if not self._came:
            self._came = True
            self._batcher.came()

    def next(self, model: Model) -> Job | None:
        """Return the first job with windows for the model."""
        return next((job for job in self.jobs if job.model is model), None)


class Batcher:
    """The worker, and what waits for it."""

    def __init__(self, pace: Pace | None = None, clock: Clock = time.monotonic) -> None:
        """Start nothing yet: the threads begin with the first window."""
        self.pace = pace or Pace()
        self.clock = clock
        self._callers: deque[Caller] = deque()
        """Those with windows that wait, in the order of their turns."""
        self._lock = Lock()
        self._work_waits = Condition(self._lock)
        """For a worker with nothing to do."""
        self._all_came = Condition(self._lock)
        """For a worker that gathers."""
        self._coming = 0
        self._waiting = 0
        self._tokens = 0
        """Of the windows that wait, each as dear as its model."""
        self._closed = False
        self._threads: list[Thread] = []

    @contextmanager
    def caller(self) -> Iterator[Caller]:
        """Announce somebody who is making windows, and who says when the first are handed over."""
        with self._lock:
            self._coming += 1
        caller = Caller(self)
        try:
            yield caller
        finally:
            caller.came()

    def came(self) -> None:
        """Count one fewer of those who are making their first windows."""
        with self._lock:
            self._coming -= 1
            if not self._coming:
                self._all_came.notify_all()

    def submit(self, caller: Caller, model: Model, windows: Sequence[Window], until: float) -> Job:
        """Take windows of a caller; raises `CannotTell`."""
        job = Job(model, windows, until, self.clock)
        with self._lock:
            if self._closed:
                raise CannotTell("the models for names are shut down")
            if self._waiting + len(windows) > self.pace.waiting:
                job.effort.crowded = True
                raise CannotTell("too many texts wait for the models for names")
            self._waiting += len(windows)
            self._tokens += tokens_of(job, 0)
            if not caller.jobs:
                self._callers.append(caller)
            caller.jobs.append(job)
            self._start()
            self._work_waits.notify()
            if self._tokens >= self.pace.round:
                self._all_came.notify_all()
        return job

    def _start(self) -> None:
        """See that every worker is there; one that a fork left behind is started anew."""
        if not self._threads:
            atexit.register(self.close)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        while len(self._threads) < self.pace.workers:
            self._threads.append(Thread(target=self._work, name="names", daemon=True))
            self._threads[-1].start()

    def close(self) -> None:
        """Stop the worker; whoever still waits gets `CannotTell`."""
        with self._lock:
            self._closed = True
            self._work_waits.notify_all()
            self._all_came.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join()
        atexit.unregister(self.close)

    def _work(self) -> None:
        while True:
            with self._lock:
                self._work_waits.wait_for(lambda: self._callers or self._closed)
                self._gather()
                if self._closed:
                    for job in (job for caller in self._callers for job in caller.jobs):
                        job.fail("the models for names are shut down")
                    self._callers.clear()
                    return
                taken = self._take()
                if self._callers:
                    self._work_waits.notify()
            if taken:
                most = max(1, self.pace.batch // taken[0][0].model.cost)
                for batch in batches(taken, most, self.pace.alike):
                    run(batch)

    def _gather(self) -> None:
        """Wait a moment for callers who are known to be about to hand over windows; never for anybody else."""
        until = self.clock() + self.pace.wait
        while self._coming and not self._closed and self._tokens < self.pace.round:
            left = until - self.clock()
            if left <= 0 or not self._all_came.wait(left):
                return

    def _take(self) -> list[tuple[Job, int]]:
        """Take a round's windows, one from each caller in turn, all for the model of whoever waits longest."""
        self._drop_those_over()
        taken: list[tuple[Job, int]] = []
        tokens = 0
        model = self._callers[0].jobs[0].model if self._callers else None
        served: deque[Caller] = deque()
        others: deque[Caller] = deque()
        turn = self._callers
        while model is not None and turn and tokens < self.pace.round:
            caller = turn.popleft()
            job = caller.next(model)
            if job is None:
                others.append(caller)
                continue
            taken.append((job, job.taken))
            tokens += len(job.windows[job.taken]) * model.cost
            job.taken += 1
            if job.taken == len(job.windows):
                caller.jobs.remove(job)
            if caller.jobs:
                served.append(caller)
            if not turn:
                turn, served = served, deque()
        self._callers = deque([*others, *turn, *served])
        self._waiting -= len(taken)
        self._tokens -= tokens
        return taken

    def _drop_those_over(self) -> None:
        left: deque[Caller] = deque()
        for caller in self._callers:
            over = [job for job in caller.jobs if job.over]
            if over:
                self._waiting -= sum(len(job.windows) - job.taken for job in over)
                self._tokens -= sum(tokens_of(job, job.taken) for job in over)
                caller.jobs = deque(job for job in caller.jobs if job not in over)
            if caller.jobs:
                left.append(caller)
        self._callers = left


def tokens_of(job: Job, taken: int) -> int:
    """Return the tokens of a job's windows but for those that were taken, each as dear as its model."""
    return sum(map(len, job.windows[taken:])) * job.model.cost


def batches(taken: Sequence[tuple[Job, int]], most: int, alike: float) -> Iterator[list[tuple[Job, int]]]:
    """Yield the windows in batches of like length, the shortest first, none of more than `most` tokens with padding."""
    row = {id(pair): len(pair[0].windows[pair[1]]) for pair in taken}
    batch: list[tuple[Job, int]] = []
    for pair in sorted(taken, key=lambda pair: row[id(pair)]):
        longest = row[id(pair)]
        if batch and (longest * (len(batch) + 1) > most or row[id(batch[0])] < alike * longest):
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch


def run(batch: Sequence[tuple[Job, int]]) -> None:
    """Answer every window of a batch; where the batch fails, each by itself, so that none fails for another's sake."""
    live = [(job, place) for job, place in batch if not job.over]
    if not live:
        return
    windows = [job.windows[place] for job, place in live]
    model = live[0][0].model
    began = time.thread_time()
    try:
        logits = model.run(padded(windows, model.padding))
        share(live, time.thread_time() - began)
        answers = [_own(logits[row], window) for row, window in enumerate(windows)]
    except Absent as reason:
        for job, _ in live:
            job.fail(str(reason))
        return
    except Exception:  # a model may fail in any way it likes; what it says might quote its input
        if len(live) > 1:
            for pair in live:
                run([pair])
        else:
            live[0][0].fail("a model for names failed on this text")
        return
    for (job, place), answer in zip(live, answers, strict=True):
        job.answer(place, answer)


def share(live: Sequence[tuple[Job, int]], seconds: float) -> None:
    """Note the work of a batch for those whose windows were in it, by the tokens of each."""
    tokens = sum(len(job.windows[place]) for job, place in live)
    for job, place in live:
        job.effort.add(seconds * len(job.windows[place]) / tokens)


def _own(logits: Floats, window: Window) -> Floats:
    """Return the logits of a window's tokens; raises `ValueError` for numbers that are none."""
    own = logits[: len(window)] if window.heads is None else logits[window.heads]
    if len(own) != window.last - window.first or not np.isfinite(own).all():
        raise ValueError("a model did not give every token its numbers")
    return own
