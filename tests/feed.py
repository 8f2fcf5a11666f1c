"""Feed a stream in every way: whole, cut in two at every place, and one piece at a time.

Enters: something that makes a fresh consumer, and the data. Leaves: what each way of feeding gave, so that a test can
say that the cuts made no difference. A long stream is cut at places that its own bytes choose, the same in each run;
`make slow` cuts it at every one.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from tests.thorough import OF_PLACES, THOROUGH

SHORT = 48
"""Up to this length a stream is cut at every place."""


def places[Data: (bytes, str)](data: Data, step: int) -> Sequence[int]:
    """Return where to cut `data`: at every `step`-th place, or at some of them where it is long."""
    every = range(1, len(data), step)
    if THOROUGH or len(every) <= SHORT:
        return every
    return sorted(Random(repr(data)).sample(every, OF_PLACES))


def ways[Data: (bytes, str)](data: Data, step: int = 1) -> Iterator[tuple[str, list[Data]]]:
    """Yield a name and the pieces for every way to feed `data`, cut in two at every `step`-th place."""
    yield "whole", [data]
    yield "one by one", [data[at : at + 1] for at in range(len(data))]
    for at in places(data, step):
        yield f"cut at {at}", [data[:at], data[at:]]


def feed_every_way[Data: (bytes, str), Result](
    feed: Callable[[Sequence[Data]], Result], data: Data, want: Result, step: int = 1
) -> None:
    """Assert that `feed` makes `want` of `data`, however it is cut; `step` leaves cuts out where others prove them."""
    for name, pieces in ways(data, step):
        assert want == feed(pieces), f"fed {name}"
