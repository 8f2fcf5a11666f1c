"""One model at work on a text: windows out, logits in, spans back.

Enters: a view's text and the stretches of it that are this model's to judge. Leaves: spans with scores, in characters
of the view. Windows are handed over a few at a time, so that a long text is never in memory as numbers as a whole, and
the logits of all windows are put together before the likeliest row of tags is sought: a border breaks no name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, chain
from typing import Final

import numpy as np

from detectors.ner.batch import Batcher, Job
from detectors.ner.model import Floats, Model, Reader, Window
from detectors.ner.tags import Span
from detectors.ner.tokenise import Place
from detectors.ner.windows import Range, spoken_for

AT_ONCE: Final = 24
"""Windows handed over together; while they are run, the next ones are made."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """A model with its reader."""

    model: Model
    reader: Reader = field(repr=False)

    def spans(
        self,
        text: str,
        batcher: Batcher,
        until: float,
        *,
        places: Sequence[Place] | None = None,
        stretches: Sequence[Range] | None = None,
        came: Callable[[], None] = lambda: None,
    ) -> list[Span]:
        """Return what the model sees in `text`; raises `CannotTell`.

        `places` are its tokens, where they are known already; `stretches` the ranges of tokens to judge, all without.
        `came` is called once the first windows are handed over.
        """
        if places is None:
            places = self.reader.places(text)
        ranges = [(first, last) for first, last in stretches or [(0, len(places))] if first < last]
        windows = chain.from_iterable(self.reader.windows(text, places, first, last) for first, last in ranges)
        judged = self._judged(windows, batcher, until, came)
        found: list[Span] = []
        for first, last in ranges:
            end = next(at for at, (window, _) in enumerate(judged, start=1) if window[1] == last)
            chances = log_softmax(stitched(judged[:end]))
            judged = judged[end:]
            row = self.reader.scheme.best(chances)
            found += self.reader.scheme.spans(places[first:last], row, chances)
        return found

    def _judged(
        self, windows: Iterator[Window], batcher: Batcher, until: float, came: Callable[[], None]
    ) -> list[tuple[Range, Floats]]:
        """Return what the model says of each window, and of which tokens."""
        ahead: list[tuple[Job, tuple[Window, ...]]] = []
        judged: list[tuple[Range, Floats]] = []
        for group in batched(windows, AT_ONCE):
            ahead.append((batcher.submit(self.model, group, until), group))
            came()
            if len(ahead) > 1:
                judged += _answers(*ahead.pop(0))
        for job, group in ahead:
            judged += _answers(job, group)
        return judged


def stitched(judged: Sequence[tuple[Range, Floats]]) -> Floats:
    """Return the logits of all tokens of one stretch, each from the window that speaks for it."""
    shares = spoken_for([window for window, _ in judged])
    parts = [
        logits[first - window[0] : last - window[0]]
        for (window, logits), (first, last) in zip(judged, shares, strict=True)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _answers(job: Job, group: Sequence[Window]) -> list[tuple[Range, Floats]]:
    return [((window.first, window.last), logits) for window, logits in zip(group, job.wait(), strict=True)]


def log_softmax(logits: Floats) -> Floats:
    """Return log-probabilities of logits [tokens, tags]."""
    chances: Floats = logits - logits.max(1, keepdims=True)
    chances -= np.log(np.exp(chances).sum(1, keepdims=True))
    return chances
