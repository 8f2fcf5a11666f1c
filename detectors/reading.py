"""A text read once for all who search it by pattern.

Enters: any string. Leaves: its view, and bytes in which every character is one: ASCII as it is, one of a few signs for
any other, so that an offset in them is an offset in the view.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.normalise import TABLED, View, normalise
from detectors.syntax import BEYOND, SINGLED


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as all pattern detectors see it."""

    view: View
    skeleton: bytes = field(repr=False)
    """One byte a character of the view's text."""
    codes: NDArray[np.uint32] | None = field(default=None, repr=False, compare=False)
    """The characters of the view's text as numbers; none where they are those of the skeleton."""

    @property
    def text(self) -> str:
        """What is searched."""
        return self.view.text


def read_text(text: str) -> Reading:
    """Return the reading of a text."""
    view = normalise(text)
    if view.text.isascii():
        return Reading(view, view.text.encode())
    codes = codes_of(view.text)
    return Reading(view, SKELETONS.take(codes, mode="clip").tobytes(), codes)


def codes_of(text: str) -> NDArray[np.uint32]:
    """Return the characters of a view's text as numbers."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


SKELETONS: Final = np.full(TABLED + 1, ord(BEYOND), np.uint8)
"""What each character is in a skeleton."""
SKELETONS[:128] = range(128)
SKELETONS[[*map(ord, SINGLED)]] = [*map(ord, SINGLED.values())]
