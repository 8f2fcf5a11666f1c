"""The linear-time engine, and what it needs beside it.

Enters: patterns in RE2 syntax and the bytes of a text. Leaves: compiled patterns, which of many match, and offsets in
characters. A pattern that does not compile stops the start; an engine that gives up is never taken for one that found
nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

import re2

from detectors.interface import DetectorError

MEMORY: Final = 64 << 20
"""Bytes that the states of one pattern, or of one set of patterns, may take."""


def compiled(pattern: str, where: str) -> Any:
    """Return the pattern on the linear-time engine, for bytes; raises `DetectorError`."""
    try:
        return re2.compile(pattern.encode(), _options(MEMORY))
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise DetectorError(f"{where}: bad pattern: {reason}{_remedy(pattern)}") from error


def _remedy(pattern: str) -> str:
    """Return what to do about what other engines know and this one does not."""
    if any(sign in pattern for sign in ("(?=", "(?!", "(?<=", "(?<!")):
        return (
            "; this engine knows no look-around: say with `edges` what may stand beside it, with `context` what near it"
        )
    if re.search(r"\\[1-9]", pattern):
        return "; this engine knows no back-references: write what is repeated out, or use a `check`"
    return ""


class Which:
    """One pass over a text that tells which of many patterns match somewhere."""

    def __init__(self, patterns: Iterable[str], memory: int = MEMORY) -> None:
        """Compile the patterns, which must each compile alone; raises `DetectorError` when `memory` is too little."""
        self._set = re2.Set.SearchSet(_options(memory))
        # The empty pattern matches every text. When it is missing from an answer the engine ran out of memory, which
        # it tells nobody but its log: then every pattern must be tried.
        self._witness = self._set.Add("")
        self._all = [self._set.Add(pattern) - 1 for pattern in patterns]
        try:
            self._set.Compile()
        except re2.error as error:
            raise DetectorError(
                f"{len(self._all)} patterns need more than {memory} bytes of memory together"
            ) from error

    def can_match(self, data: bytes) -> list[int]:
        """Return the places of the patterns that match somewhere in `data`, in order."""
        matching = self._set.Match(data)
        if self._witness not in matching:
            return self._all
        return sorted(number - 1 for number in matching if number != self._witness)


class Offsets:
    """From bytes to characters, for offsets that are asked for mostly in rising order."""

    def __init__(self, data: bytes, text: str) -> None:
        """Take a text and its UTF-8 bytes."""
        self._data = data
        self._plain = len(data) == len(text)
        self._known: list[tuple[int, int]] = [(0, 0)]

    def character(self, offset: int) -> int:
        """Return the character that begins at byte `offset`, or the length of the text at its end."""
        if self._plain:
            return offset
        nearest = bisect_right(self._known, (offset, offset)) - 1
        byte, character = self._known[nearest]
        character += len(self._data[byte:offset].decode(errors="ignore"))
        if nearest == len(self._known) - 1 and offset > byte:
            self._known.append((offset, character))
        return character


def _options(memory: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    return options
