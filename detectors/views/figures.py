"""Where the digits of a text stand: most views look for numbers, which most texts have not enough digits for.

Enters: the reading of a text. Leaves: how many digits there are, and whether so many stand near each other. Asked once
a text: to search for each kind of number takes longer than all of this.
"""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.engine import Pattern
from detectors.reading import Reading, Span
from detectors.syntax import SIGNS_BEYOND

LETTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS: Final = LETTERS + b" \t\r" + SIGNS_BEYOND.encode()
"""What most texts are made of, but for the ends of lines."""
DIGITS: Final = b"0123456789"
NEAR: Final = 40
"""Characters on either side of a digit in which others of the same number stand, and letters that are read for some."""
SHORT: Final = 256
"""Characters of a text that is taken as it is."""


def apart(reading: Reading) -> bytes:
    """Return what stands in a text beside its words: digits, signs and ends of lines, a tenth of most texts."""
    return reading.skeleton.translate(None, WORDS)


def may_match(pattern: Pattern, reading: Reading) -> bool:
    """Tell whether a pattern of digits that stand near each other may match in a text; in one full of them it may."""
    beside = reading.made(Figures).beside
    return beside is reading.skeleton or pattern.search(beside) is not None


class Figures:
    """The digits of a text."""

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        rest = reading.made(apart)
        self._data = reading.skeleton
        self._count = len(rest) - len(rest.translate(None, DIGITS))
        self._nearest: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __bool__(self) -> bool:
        """Tell that this is something, however few there are."""
        return True

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self._data, np.uint8)

    @cached_property
    def _places(self) -> NDArray[Any]:
        return ((self._bytes - np.uint8(ord("0"))) < 10).nonzero()[0]

    def crowd(self, digits: int, within: int) -> bool:
        """Tell whether so many digits stand within so many characters."""
        if self._count < digits or within >= len(self._data):
            return self._count >= digits
        nearest = self._nearest.get(digits)
        if nearest is None:
            places = self._places
            nearest = int((places[digits - 1 :] - places[: len(places) - digits + 1]).min())
            self._nearest[digits] = nearest
        return nearest < within

    def stretches(self, before: int, behind: int) -> list[Span]:
        """Return where the text is that has a digit at most so many characters behind it, or before it, in order."""
        places = self._places
        if not len(places):
            return []
        lasts = (places[1:] - places[:-1] > before + behind).nonzero()[0]
        starts = [int(places[0]), *places.take(lasts + 1).tolist()]
        ends = [*places.take(lasts).tolist(), int(places[-1])]
        return [(max(0, start - before), end + 1 + behind) for start, end in zip(starts, ends, strict=True)]

    def before(self, places: NDArray[Any], within: int) -> NDArray[Any]:
        """Return which of some places, in order, have a digit in so many characters before them."""
        if not self._count:
            return places[:0]
        last = self._places.searchsorted(places)
        near = places - self._places.take(last - 1, mode="clip") <= within
        near_one: NDArray[Any] = places[near & (last > 0)]
        return near_one

    @cached_property
    def beside(self) -> bytes:
        """What stands near digits: all in which a pattern matches whose digits stand no farther apart.

        The whole text where that is short, or most of it.
        """
        data = self._data
        if len(data) <= SHORT and self._count:
            return data
        stretches = self.stretches(NEAR, NEAR)
        if sum(end - start for start, end in stretches) > len(data) // 2:
            return data
        return b"\n\n".join(data[start:end] for start, end in stretches)
