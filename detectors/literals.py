"""Words beyond ASCII, found all at once by two characters of each.

Enters: words, and a text that was read. Leaves: where they stand. As in `spelt`, no engine is asked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.reading import Reading, codes_of

GRAM: Final = 2
CODES: Final = 1 << 16
FACTOR: Final = 31
"""Keeps the characters of a pair apart, more or less: what is found is compared."""

PIECE: Final = 1 << 16
"""Characters looked through at a time."""


class Literals[User]:
    """Words, each with those who wait for it."""

    def __init__(self, words: Mapping[str, Sequence[User]]) -> None:
        """Take the words."""
        long = [word for word in words if len(word) >= GRAM]
        self._words = words
        self._known = np.zeros(CODES, np.bool_)
        self._pairs: dict[str, list[str]] = {}
        for word in long:
            self._pairs.setdefault(word[:GRAM], []).append(word)
        self._known[[pairs(codes_of(pair))[0] for pair in self._pairs]] = True
        self._single = [re.compile(re.escape(word)) for word in words if len(word) < GRAM]

    def find(self, reading: Reading) -> Iterator[tuple[int, int, Sequence[User]]]:
        """Yield the start and end of each word in a text, and who waits for it."""
        text, codes = reading.text, reading.codes
        if not self._words or codes is None:
            return
        for first in range(0, len(text), PIECE):
            for at in self._known.take(pairs(codes[first : first + PIECE + 1])).nonzero()[0].tolist():
                start = first + at
                for word in self._pairs.get(text[start : start + GRAM], ()):
                    if text.startswith(word, start):
                        yield start, start + len(word), self._words[word]
        for match in (match for word in self._single for match in word.finditer(text)):
            yield *match.span(), self._words[match.group()]


def pairs(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return a number for each pair of characters."""
    characters = codes.astype(np.uint16)
    return characters[:-1] * np.uint16(FACTOR) + characters[1:]
