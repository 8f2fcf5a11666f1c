"""What one reading of a file has used up so far, nested files included.

Enters: limits and what is about to be read. Leaves: `Unread` with the reason, as soon as a limit is passed; so no bomb
is unpacked to its end. The clock is an argument.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from proxy.documents.document import Document, Limits, Reason, sealed

CHUNK: Final = 1 << 16
FREE: Final = 1 << 20
"""Unpacked bytes below which the expansion does not count."""


class Source(AbstractContextManager[Any], Protocol):
    """A file that is unpacked piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; none at the end."""
        ...


type Opener = Callable[[bytes, str, "Reading"], Document]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is written in a picture."""

    text: str = field(repr=False)
    illegible: bool = False
    """Whether much of what looks like writing cannot be made out."""


class Unread(Exception):
    """Something cannot be looked into, for a reason that is told."""

    def __init__(self, reason: Reason) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.reason: Reason = reason


class Reading:
    """Counts for one file with all that is in it."""

    def __init__(
        self, limits: Limits, clock: Callable[[], float], opener: Opener, seen: dict[str, Seen] | None = None
    ) -> None:
        """Take the limits, a clock in seconds, what reads a file within this one, and pictures seen before."""
        self.limits = limits
        self.seen = {} if seen is None else seen
        self._clock = clock
        self._open = opener
        self._until = clock() + limits.seconds
        self._depth = 0
        self._left = {
            "unpacked": limits.unpacked,
            "files": limits.files,
            "pictures": limits.pictures,
            "characters": limits.characters,
        }

    def within(self, data: bytes, name: str) -> Document:
        """Read a file within the one being read; a whole that cannot be read is opaque."""
        if self._depth >= self.limits.depth:
            return sealed("unknown", data, "too_deep")
        self._depth += 1
        try:
            return self._open(data, name, self)
        finally:
            self._depth -= 1

    def wait(self) -> None:
        """Raise `Unread` once the time is over."""
        if self._clock() > self._until:
            raise Unread("too_slow")

    def file(self) -> None:
        """Count one more member; raises `Unread`."""
        self._take("files", 1, "too_many_files")
        self.wait()

    def picture(self) -> None:
        """Count one more picture to be read; raises `Unread`."""
        self._take("pictures", 1, "too_many_pages")
        self.wait()

    def text(self, characters: int) -> None:
        """Count text; raises `Unread`."""
        self._take("characters", characters, "too_large")
        self.wait()

    def unpack(self, source: Source, packed: int) -> bytes:
        """Return all that `source` gives, which came in `packed` bytes; raises `Unread` over a limit."""
        most = max(FREE, packed * self.limits.expansion)
        pieces: list[bytes] = []
        size = 0
        for piece in self._pieces(source):
            size += len(piece)
            if size > most or size > self.limits.size * 4:
                raise Unread("too_large")
            self._take("unpacked", len(piece), "too_large")
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, source: Source) -> Iterator[bytes]:
        while piece := source.read(CHUNK):
            self.wait()
            yield piece

    def _take(self, what: str, amount: int, reason: Reason) -> None:
        self._left[what] -= amount
        if self._left[what] < 0:
            raise Unread(reason)
