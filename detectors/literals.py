"""Words beyond ASCII, found all at once by two characters of each.

Enters: words, and a text that was read. Leaves: where they stand. As in `spelt`, no engine is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.reading import Reading, codes_of

GRAM: Final = 2
CODES: Final = 1 << 16
LAST: Final = np.uint32(CODES - 1)
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
        self._single = {word: users for word, users in words.items() if len(word) < GRAM}
        self._alone = np.zeros(CODES, np.bool_)
        self._alone[[codes_of(word)[0] & LAST for word in self._single]] = True

    def find(self, reading: Reading) -> Iterator[tuple[int, int, Sequence[User]]]:
        """Yield the start and end of each word in a text, and who waits for it."""
        text, codes = reading.text, reading.codes
        if not self._words or codes is None:
            return
        for first in range(0, len(text), PIECE):
            piece = codes[first : first + PIECE + 1]
            for at in self._known.take(pairs(piece)).nonzero()[0].tolist():
                start = first + at
                for word in self._pairs.get(text[start : start + GRAM], ()):
                    if text.startswith(word, start):
                        yield start, start + len(word), self._words[word]
            for at in self._alone.take(piece[:PIECE].astype(np.uint16)).nonzero()[0].tolist() if self._single else ():
                start = first + at
                if users := self._single.get(text[start]):
                    yield start, start + 1, users


def pairs(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return a number for each pair of characters."""
    characters = codes.astype(np.uint16)
    return characters[:-1] * np.uint16(FACTOR) + characters[1:]
