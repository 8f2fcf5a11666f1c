"""Stretches of files that wait for their end.

Enters: the name of an upload, and a stretch of its file. Leaves: whether the stretch goes on with what is held; the
file, when it is whole. In memory alone and within bounds, and forgotten after some minutes: an upload that is forgotten
goes on with a stretch that nothing is held before, which is no whole file.
"""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from proxy.errors import Overloaded, TooLarge
from proxy.gather.stretch import Stretch

LASTS: Final = timedelta(minutes=10)
"""How long the next stretch is waited for."""
FILES_OF_ONE: Final = 2
"""How many of the largest files one person's may take up together."""
FILES: Final = 8
"""How many of the largest files all may take up together."""
AGAIN: Final = 30
"""Seconds after which it may be tried again where there is no room."""


@dataclass(slots=True)
class File:
    """What is held of one file."""

    person: str
    seen: datetime
    content: bytearray = field(default_factory=bytearray, repr=False)
    ended: bool = False
    """Whether it went on, and is held only in case its last stretch comes once more."""


@dataclass(slots=True)
class Held:
    """What is held of all files; asked from several threads."""

    files: dict[Hashable, File] = field(default_factory=dict, repr=False)
    """By upload; the one heard of last comes last."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, name: Hashable, person: str, stretch: Stretch, body: bytes, most: int, now: datetime) -> bool:
        """Hold a stretch that is not the last; returns whether all before it is here.

        `most` is how long a file may be. Raises `TooLarge` or `Overloaded`.
        """
        if max(stretch.end, stretch.total) > most:
            raise TooLarge(f"the file is over {most} bytes")
        with self.lock:
            self.forget(now)
            file = self.files.pop(name, None)
            if stretch.start == 0:
                file = File(person, now)
            if file is None or not self.fits(file, stretch, body):
                return False
            self.must_have_room(person, stretch.end, most)
            file.content[stretch.start : stretch.end] = body
            file.seen, file.ended = now, False
            self.files[name] = file
            return True

    def end(self, name: Hashable, stretch: Stretch, body: bytes, most: int, now: datetime) -> bytes | None:
        """Return the file that ends with `stretch`; None where what is before it is not here. Raises `TooLarge`."""
        with self.lock:
            self.forget(now)
            file = self.files.get(name)
            if file is None or len(file.content) != stretch.start:
                return None
            if stretch.end > most:
                raise TooLarge(f"the file is over {most} bytes")
            file.ended, file.seen = True, now
            return bytes(file.content) + body

    @staticmethod
    def fits(file: File, stretch: Stretch, body: bytes) -> bool:
        """Return whether a stretch goes on where the file ends, or repeats its end."""
        here = len(file.content)
        return stretch.start == here or (stretch.end == here and file.content[stretch.start :] == body)

    def must_have_room(self, person: str, size: int, most: int) -> None:
        """Raise `Overloaded` where there is no room for one more file of `size` bytes; files that went on make way."""
        for name in [name for name, file in self.files.items() if file.ended]:
            if self.within(person, size, most):
                return
            del self.files[name]
        if not self.within(person, size, most):
            raise Overloaded("too many files in several requests are waited for", AGAIN)

    def within(self, person: str, size: int, most: int) -> bool:
        """Return whether `size` bytes more are within the bounds."""
        everybodys = sum(len(file.content) for file in self.files.values())
        theirs = sum(len(file.content) for file in self.files.values() if file.person == person)
        return everybodys + size <= FILES * most and theirs + size <= FILES_OF_ONE * most

    def forget(self, now: datetime) -> None:
        """Forget files of which nothing was heard for long."""
        for name in [name for name, file in self.files.items() if now - file.seen > LASTS]:
            del self.files[name]
