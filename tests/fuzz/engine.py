"""Feeds a target: from its seeds and what was kept, changed at random, for so long or for so many examples.

Enters: a target, a folder. Leaves: the smallest input that breaks the promise, kept in the folder, or nothing. What
reaches a line of ours for the first time is kept in the corpus of the target, so that a later run goes on from there;
lines are counted by Python itself (`sys.monitoring`), once each, which costs next to nothing. An input that takes more
processor time than `LONGEST_RUN` breaks the promise that work is bounded; no other clock is looked at.
"""

import hashlib
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Protocol

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.draw import change, inputs, smaller
from tests.fuzz.target import Broken, Target

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("proxy", "policies", "detectors"))
TOOL = 4
"""Number under which Python counts lines for us."""
LONGEST_RUN = 20.0
"""Seconds of processor time for one input of at most 64 KB."""
MOST_KEPT = 4000
"""Inputs of a corpus that are drawn from: the newest."""


class Once(Protocol):
    """Runs one input."""

    def __call__(self, data: bytes, *, known: bool = False) -> None:
        """Raise what the target raises; what is `known` is not kept."""
        ...


class Lines:
    """Which lines of ours were reached."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0

    def _line(self, code: CodeType, _number: int) -> object:
        self.count += code.co_filename.startswith(OURS)
        return sys.monitoring.DISABLE

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count within."""
        monitoring = sys.monitoring
        monitoring.use_tool_id(TOOL, "sluice-fuzz")
        monitoring.register_callback(TOOL, monitoring.events.LINE, self._line)
        monitoring.set_events(TOOL, monitoring.events.LINE)
        monitoring.restart_events()
        try:
            yield
        finally:
            monitoring.set_events(TOOL, 0)
            monitoring.register_callback(TOOL, monitoring.events.LINE, None)
            monitoring.free_tool_id(TOOL)


class Corpus:
    """The inputs of a target that were kept."""

    def __init__(self, target: Target, folder: Path | None) -> None:
        """Read what the folder holds; without one nothing is kept from one run to the next."""
        self.folder = folder / target.name if folder else None
        self.inputs = list(target.seeds())
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime)
            self.inputs += [file.read_bytes() for file in kept[-MOST_KEPT:]]

    def keep(self, data: bytes) -> None:
        """Keep an input that has reached something new."""
        self.inputs.append(data)
        if self.folder:
            (self.folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


@dataclass(slots=True)
class Told:
    """What came of feeding a target."""

    runs: int = 0
    kept: int = 0
    """Inputs that were new to the corpus."""
    failure: BaseException | None = None
    data: bytes = field(default=b"", repr=False)
    """The smallest input that fails."""
    file: Path | None = None


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise `Broken` once so much processor time was used: hostile bytes must not keep anybody busy."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise Broken(f"one input takes more than {seconds} s of processor time")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def feed(
    target: Target, *, seconds: float = 0.0, examples: int = 0, folder: Path | None = None, crashes: Path | None = None
) -> Told:
    """Feed a target its seeds, then for so many seconds, and so many examples of hypothesis."""
    corpus, lines, told = Corpus(target, folder), Lines(), Told()

    def once(data: bytes, *, known: bool = False) -> None:
        before, told.runs = lines.count, told.runs + 1
        try:
            with bounded(LONGEST_RUN):
                target.run(data)
        except BaseException:
            told.data = data  # hypothesis runs the smallest last
            raise
        if lines.count > before and not known:
            told.kept += 1
            corpus.keep(data)

    with lines.watched():
        try:
            for data in list(corpus.inputs):
                once(data, known=True)
            for_long(target, corpus, once, time.monotonic() + seconds if seconds else 0.0)
            if examples:
                by_hypothesis(target, corpus, once, examples)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            told.failure = error
    if told.failure is not None and crashes is not None:
        crashes.mkdir(parents=True, exist_ok=True)
        told.file = crashes / f"{target.name}.{hashlib.sha256(told.data).hexdigest()[:16]}"
        told.file.write_bytes(told.data)
    return told


def for_long(target: Target, corpus: Corpus, once: Once, until: float) -> None:
    """Feed what chance makes of the corpus until then; what fails is made small."""
    chance = Random()
    while time.monotonic() < until:
        data = change(chance, corpus.inputs, target.words)
        failed = raised(once, data)
        if failed is not None:
            once(smaller(data, lambda part, failed=failed: raised(once, part, known=True) == failed), known=True)
            raise Broken("it fails now and then")


def raised(once: Once, data: bytes, *, known: bool = False) -> tuple[type, str, int] | None:
    """Run an input; return what it raises, and where, or nothing: another place is another finding."""
    try:
        once(data, known=known)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        return (type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else None
    return None


def by_hypothesis(target: Target, corpus: Corpus, once: Once, examples: int) -> None:
    """Draw so many examples, the same in each run: to find new ones there is all the time of `make fuzz`."""

    def drawn(data: bytes) -> None:
        once(data)

    settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )(given(inputs(tuple(corpus.inputs), target.words))(drawn))()
