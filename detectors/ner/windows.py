"""Where a long text is cut into overlapping windows, and which of them speaks for a token.

Enters: how many tokens there are, what each costs, and what it looks like from nearby. Leaves: pairs of token numbers.
Pure. Every token lies in a window and is spoken for exactly once, by the window in which it stands further from the
edge; nothing is cut off. Where a long text changes in one place, the windows further on are those that they were.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

OVERLAP: Final = 32
"""Tokens that two neighbouring windows share."""

Range = tuple[int, int]


def cut_by_content(
    first: int,
    last: int,
    most: int,
    overlap: int,
    sign: Callable[[int], Any],
    costs: Sequence[int] = (),
    dearest: int = 0,
) -> Iterator[Range]:
    """Yield windows of at most `most` tokens over those from `first` to `last`; one where they fit.

    A window's share ends, in the second half of where it can, before the token with the least sign. With `costs` of the
    tokens, a window also costs no more than `dearest` in all, which must be enough for more than an overlap.
    """
    half = min(overlap, most // 4) // 2
    spent = [*accumulate(costs, initial=0)]

    def reach(begin: int) -> int:
        """Return how far a window from `begin` can go."""
        end = min(last, begin + most)
        return min(end, first + bisect_right(spent, spent[begin - first] + dearest) - 1) if costs else end

    share = begin = first
    while (end := reach(begin)) < last:
        least = (end - half - share) // 2
        share = min(range(end - half - least, min(end - half, last - least) + 1), key=sign)
        yield begin, share + half
        begin = share - half
    if begin < last:
        yield begin, last


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


def spoken_from(before: int, begin: int) -> int:
    """Return the first token that a window from `begin` speaks for, where the one before ends at `before`."""
    return (before + begin) // 2
