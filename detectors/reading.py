"""A text read once for all who search it by pattern.

Enters: any string. Leaves: its view, and bytes in which every character is one: ASCII as it is, one of a few signs for
any other, so that an offset in them is an offset in the view. Where several ask about the same texts, what was read for
one of them is kept for the others, and for nobody after them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.engine import compiled
from detectors.normalise import TABLED, View, normalise
from detectors.syntax import BEYOND, SINGLED

type Span = tuple[int, int]

TOKENS: Final = compiled(r"[0-9A-Za-z+/_\-]{16,}", "long tokens")
LONGEST_KEPT: Final = 1 << 18
"""Characters of a text whose reading is kept; a longer one would take much memory for as long."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as all pattern detectors see it."""

    view: View
    skeleton: bytes = field(repr=False)
    """One byte a character of the view's text."""
    tokens: tuple[Span, ...]
    """Where tokens stand that are longer than words: keys, digests, codes, paths."""
    codes: NDArray[np.uint32] | None = field(default=None, repr=False, compare=False)
    """The characters of the view's text as numbers; none where they are those of the skeleton."""
    _made: dict[Callable[["Reading"], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was made of this very text: not of one that is read out of it with `replace`."""

    def made[Made](self, make: Callable[["Reading"], Made]) -> Made:
        """Return what somebody makes of a text, made once for all who ask."""
        made: Made | None = self._made.get(make)
        if made is None:
            made = self._made[make] = make(self)
        return made

    @property
    def text(self) -> str:
        """What is searched."""
        return self.view.text


KEPT: Final[ContextVar[dict[str, Reading] | None]] = ContextVar("readings", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Read each text only once for whoever asks inside."""
    mark = KEPT.set({})
    try:
        yield
    finally:
        KEPT.reset(mark)


def read_text(text: str) -> Reading:
    """Return the reading of a text."""
    kept = KEPT.get()
    if kept is None or len(text) > LONGEST_KEPT:
        return _read(text)
    reading = kept.get(text)
    if reading is None:
        reading = kept[text] = _read(text)
    return reading


def _read(text: str) -> Reading:
    view = normalise(text)
    codes = None if view.text.isascii() else codes_of(view.text)
    skeleton = view.text.encode() if codes is None else SKELETONS.take(codes, mode="clip").tobytes()
    return Reading(view, skeleton, tuple(match.span() for match in TOKENS.finditer(skeleton)), codes)


def utf8(reading: Reading) -> bytes:
    """Return the view's text in UTF-8."""
    return reading.skeleton if reading.codes is None else reading.text.encode("utf-8", "replace")


def codes_of(text: str) -> NDArray[np.uint32]:
    """Return the characters of a view's text as numbers."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


SKELETONS: Final = np.full(TABLED + 1, ord(BEYOND), np.uint8)
"""What each character is in a skeleton."""
SKELETONS[:128] = range(128)
SKELETONS[[*map(ord, SINGLED)]] = [*map(ord, SINGLED.values())]
