"""Where a long text is cut into overlapping windows, and which of them speaks for a token.

Enters: how many tokens there are, and what each costs. Leaves: pairs of token numbers. Pure. Every token lies in a
window and is spoken for exactly once, by the window in which it stands further from the edge; nothing is cut off.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

OVERLAP: Final = 32
"""Tokens that two neighbouring windows share."""

Range = tuple[int, int]


def cut(first: int, last: int, most: int, overlap: int = OVERLAP) -> Iterator[Range]:
    """Yield windows of at most `most` tokens over those from `first` to `last`.

    The last one is as long as the others and shares more with its neighbour, so that no token is judged by a stump.
    """
    overlap = min(overlap, most // 4)
    while last - first > most:
        yield first, first + most
        if first + most - overlap + most >= last:
            first = last - most
            break
        first += most - overlap
    if last > first:
        yield first, last


def cut_by_cost(
    first: int, last: int, most: int, dearest: int, costs: Callable[[int, int], Sequence[int]], overlap: int = OVERLAP
) -> Iterator[Range]:
    """Yield windows like `cut`, each of which also costs no more than `dearest` in all.

    `costs` tells what the tokens of a range cost; a token that is dearer than that by itself has a window of its own.
    """
    while first < last:
        spent, end = 0, first
        for cost in costs(first, min(last, first + most)):
            if end > first and spent + cost > dearest:
                break
            spent, end = spent + cost, end + 1
        yield first, end
        if end >= last:
            return
        first = end - min(overlap, (end - first) // 4)


def spoken_for(windows: Sequence[Range]) -> list[Range]:
    """Return which tokens each of the overlapping windows, given in order, speaks for: each up to mid-overlap."""
    middles = [(one[1] + other[0]) // 2 for one, other in pairwise(windows)]
    return list(zip([windows[0][0], *middles], [*middles, windows[-1][1]], strict=True)) if windows else []
