"""One model at work on a text: windows out, logits in, spans back.

Enters: a view's text and the stretches of it that are this model's to judge. Leaves: spans with scores, in characters
of the view. Windows are handed over a few at a time, so that a long text is never in memory as numbers as a whole, and
the logits of all windows are put together before the likeliest row of tags is sought: a border breaks no name.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, chain
from typing import Final

import numpy as np

from detectors.ner.batch import Caller, Job
from detectors.ner.model import Floats, Model, Reader, Window
from detectors.ner.remember import Memory, mark
from detectors.ner.tags import Span
from detectors.ner.tokenise import Place
from detectors.ner.windows import Range, spoken_from

AT_ONCE: Final = 24
"""Windows handed over together; while they are run, the next ones are made."""

LONG: Final = 4
"""Windows of a text that is long enough to be remembered."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """A model with its reader, and what it said of windows of long texts."""

    model: Model
    reader: Reader = field(repr=False)
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def ask(
        self,
        text: str,
        caller: Caller,
        until: float,
        *,
        places: Sequence[Place] | None = None,
        stretches: Sequence[Range] | None = None,
    ) -> "Asked":
        """Hand over the first windows of `text`, and return what answers later; raises `CannotTell`.

        `places` are its tokens, where they are known already; `stretches` the ranges of tokens to judge, all without.
        """
        places = self.reader.places(text) if places is None else places
        ranges = [(first, last) for first, last in stretches or [(0, len(places))] if first < last]
        return Asked(self, text, places, ranges, caller, until)


@dataclass(slots=True)
class Group:
    """Some windows of a text, what is known of them, and who answers for the others."""

    windows: tuple[Window, ...]
    known: list[Floats | None]
    marks: list[bytes]
    job: Job | None

    def answers(self, memory: Memory) -> Iterator[tuple[Window, Floats]]:
        """Yield each window with its logits; raises `CannotTell`."""
        told = iter(self.job.wait() if self.job else ())
        for place, (window, known) in enumerate(zip(self.windows, self.known, strict=True)):
            logits = next(told) if known is None else known
            if known is None and self.marks:
                memory.put(self.marks[place], logits)
            yield window, logits


class Asked:
    """A text that a model has been asked about."""

    def __init__(
        self,
        tagger: Tagger,
        text: str,
        places: Sequence[Place],
        ranges: Sequence[Range],
        caller: Caller,
        until: float,
    ) -> None:
        """Hand over the first windows; raises `CannotTell`."""
        self._tagger, self._caller, self._until = tagger, caller, until
        self._places, self._ranges = places, ranges
        windows = (tagger.reader.windows(text, places, first, last) for first, last in ranges)
        self._groups = batched(chain.from_iterable(windows), AT_ONCE)
        self._ahead: deque[Group] = deque()
        self._hand_over()

    @property
    def waiting(self) -> int:
        """Return how many windows are handed over and not yet asked for."""
        return sum(len(group.windows) for group in self._ahead)

    def spans(self) -> list[Span]:
        """Return what the model sees; raises `CannotTell`."""
        found: list[Span] = []
        answers = self._answers()
        for first, last in self._ranges:
            logits = stitched(answers, first, last)
            places, column = self._places[first:last], 0
            for scheme in self._tagger.reader.schemes:
                own = logits[:, column : column + len(scheme.tags)]
                found += scheme.spans(places, scheme.best(own), own)
                column += len(scheme.tags)
        return found

    def _answers(self) -> Iterator[tuple[Window, Floats]]:
        while self._ahead:
            group = self._ahead.popleft()
            self._hand_over()
            yield from group.answers(self._tagger.memory)

    def _hand_over(self) -> None:
        """Hand over some windows, of which those of a long text are looked for in the memory first."""
        windows = next(self._groups, ())
        if not windows:
            return
        marks = [mark(window) for window in windows] if len(windows) >= LONG else []
        known = [self._tagger.memory.get(one) for one in marks] or [None] * len(windows)
        new = [window for window, logits in zip(windows, known, strict=True) if logits is None]
        job = self._caller.submit(self._tagger.model, new, self._until) if new else None
        self._ahead.append(Group(windows, known, marks, job))


def stitched(answers: Iterator[tuple[Window, Floats]], first: int, last: int) -> Floats:
    """Return the logits of the tokens from `first` to `last`, each from the window that speaks for it."""
    before = first
    whole: Floats | None = None
    for window, logits in answers:
        if whole is None:
            if window.last == last:
                return logits
            whole = np.empty((last - first, logits.shape[1]), np.float32)
        begin = spoken_from(before, window.first) if window.first > first else first
        whole[begin - first : window.last - first] = logits[begin - window.first :]
        before = window.last
        if before == last:
            return whole
    raise ValueError("windows that do not reach the end")
