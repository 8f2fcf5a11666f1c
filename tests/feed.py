"""Feed a stream in every way: whole, cut in two at every place, and one piece at a time.

Enters: something that makes a fresh consumer, and the data. Leaves: what each way of feeding gave, so that a test can
say that the cuts made no difference.
"""

from collections.abc import Callable, Iterator, Sequence


def ways[Data: (bytes, str)](data: Data, step: int = 1) -> Iterator[tuple[str, list[Data]]]:
    """Yield a name and the pieces for every way to feed `data`, cut in two at every `step`-th place."""
    yield "whole", [data]
    yield "one by one", [data[at : at + 1] for at in range(len(data))]
    for at in range(1, len(data), step):
        yield f"cut at {at}", [data[:at], data[at:]]


def feed_every_way[Data: (bytes, str), Result](
    feed: Callable[[Sequence[Data]], Result], data: Data, want: Result, step: int = 1
) -> None:
    """Assert that `feed` makes `want` of `data`, however it is cut; `step` leaves cuts out where others prove them."""
    for name, pieces in ways(data, step):
        assert want == feed(pieces), f"fed {name}"
