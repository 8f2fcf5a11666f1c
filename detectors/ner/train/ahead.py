"""Rounds made ahead of the training that reads them, in processes of their own: a GPU learns faster than a core deals.

Enters: what makes a round from its number, and how many processes may. Leaves: the rounds in their order, the same ones
whatever the number of processes.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import count
from multiprocessing import get_context

from detectors.ner.hashed import Hashed
from detectors.ner.pieces import Pieces
from detectors.ner.train.encode import Row, hashed_rows, latin_rows
from detectors.ner.train.encoder import encoder
from detectors.ner.train.rounds import Rounds

Make = Callable[[int], list[Row]]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the rounds of a model, in whatever process."""

    kind: str
    seed: int

    def __call__(self, number: int) -> list[Row]:
        """Return the rows of round `number`."""
        return self.rows(number)

    def rows(self, number: int, most: int | None = None) -> list[Row]:
        """Return the rows of round `number`, or of its first `most` records."""
        records = _rounds(self.kind, self.seed).records(number)[:most]
        return hashed_rows(records, _hashed()) if self.kind == "hashed" else latin_rows(records, _pieces())


_rounds, _hashed = cache(Rounds), cache(Hashed)


@cache
def _pieces() -> Pieces:
    return Pieces(encoder() / "tokenizer.json")


def dealt(make: Make, first: int, makers: int = 0) -> Iterator[list[Row]]:
    """Yield rounds from `first` on; with `makers`, as many processes make the next ones. `make` must be picklable."""
    if not makers:
        yield from map(make, count(first))
        return
    with ProcessPoolExecutor(makers, get_context("spawn")) as pool:
        waiting: deque[Future[list[Row]]] = deque(pool.submit(make, first + place) for place in range(makers + 1))
        for following in count(first + makers + 1):
            rows = waiting.popleft().result()
            waiting.append(pool.submit(make, following))
            yield rows
