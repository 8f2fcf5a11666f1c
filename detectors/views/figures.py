"""Where the digits of a text stand: most views look for numbers, which most texts have not enough digits for.

Enters: the reading of a text. Leaves: how many digits there are, and whether so many stand near each other. Asked once
a text: to search for each kind of number takes longer than all of this.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.reading import Reading

EXPONENT, SIGN = 2, 1


def _before() -> NDArray[np.uint8]:
    """Return what a byte is before a digit: the sign of an exponent, or a plus or minus that may stand behind one."""
    table = np.zeros(256, np.uint8)
    table[list(b"eE")], table[list(b"+-")] = EXPONENT, SIGN
    return table


BEFORE: Final = _before()


class Figures:
    """The digits of a text."""

    __slots__ = ("_bytes", "_known", "_places")

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        self._bytes = np.frombuffer(reading.skeleton, np.uint8)
        self._places = ((self._bytes - np.uint8(ord("0"))) < 10).nonzero()[0]
        self._known: dict[tuple[int, int], bool] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places)

    def __bool__(self) -> bool:
        """Tell that this is something, however few there are."""
        return True

    def crowd(self, digits: int, within: int) -> bool:
        """Tell whether so many digits stand within so many characters."""
        places = self._places
        if len(places) < digits:
            return False
        known = self._known.get((digits, within))
        if known is None:
            apart = places[digits - 1 :] - places[: len(places) - digits + 1]
            known = self._known[digits, within] = int(apart.min()) < within
        return known

    def near(self, within: int) -> bytes:
        """Return for each place whether a digit stands in so many characters before it."""
        before = np.zeros(len(self._bytes) + within + 1, np.uint32)
        before[self._places + within + 1] = 1
        before.cumsum(out=before)
        return (before[within:-1] > before[: -within - 1]).tobytes()

    def exponent(self) -> bool:
        """Tell whether a digit stands behind an E, as in `1e10` and `1E+10`."""
        data, places = self._bytes, self._places
        if not len(places):
            return False
        before = BEFORE.take(data.take(places - 1, mode="clip"))
        most = before.max(initial=0)
        if most == SIGN:
            signed = places[before == SIGN] - 2
            most = BEFORE.take(data.take(signed, mode="clip")).max()
        return bool(most == EXPONENT)
