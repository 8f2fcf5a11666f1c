"""Windows and their batches, for those who measure models: what detection under load and a GPU are timed with.

Enters: a tagger and texts. Leaves: windows, the batches that the product would run them in, and how fast they are run.
"""

import time
from collections.abc import Callable, Sequence

from detectors.ner.batch import Job, Pace, batches
from detectors.ner.model import Window, padded
from detectors.ner.tagger import Tagger


def as_batched(tagger: Tagger, rows: Sequence[Window], pace: Pace) -> list[list[Window]]:
    """Return the batches that the windows are run in when all of them wait at once."""
    job = Job(tagger.model, rows, time.monotonic() + 600, time.monotonic)
    every = [(job, place) for place in range(len(rows))]
    most = max(1, pace.batch // tagger.model.cost)
    return [[job.windows[place] for _, place in batch] for batch in batches(every, most, pace.alike)]


def run(tagger: Tagger, batch: Sequence[Window]) -> None:
    """Run one batch, and nothing else."""
    tagger.model.run(padded(batch, tagger.model.padding))


def rates_of(calls: dict[str, Callable[[], object]], windows: int, rounds: int) -> dict[str, list[float]]:
    """Return how many windows a second each call reaches, round by round; a first round warms up, uncounted."""
    return {name: [windows / wall for wall, _ in spent] for name, spent in spent_on(calls, rounds).items()}


def spent_on(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds of each call, by wall and by processor, round by round; a first one warms up, uncounted."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(-1, rounds):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            wall, cpu = time.perf_counter(), time.process_time()
            calls[name]()
            if number >= 0:
                spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return spent


def windows_of(tagger: Tagger, text: str) -> list[Window]:
    """Return all windows of a text."""
    places = tagger.reader.places(text)
    return list(tagger.reader.windows(text, places, 0, len(places)))
