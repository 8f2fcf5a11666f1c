"""Keeps the pieces of files that are uploaded in several requests, until a file is whole.

Enters: the name of an upload, and a stretch of its file. Leaves: whether the stretch goes on with what is held; the
file, when it is whole. In memory alone and within bounds, of bytes and of files, and forgotten after some minutes: an
upload that is forgotten continues with a stretch that has no beginning, and is therefore no whole file. A stretch that
is not accepted, for whatever reason, changes nothing.
"""

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from proxy.errors import Overloaded, TooLarge
from proxy.gather.stretch import Stretch

type Name = tuple[str, ...]
"""What an upload is known by: whose it is, and where it goes."""

LASTS: Final = timedelta(minutes=10)
"""How long the next stretch is waited for."""
FILES_OF_ONE: Final = 2
"""How many of the largest files one person's may take up together."""
FILES: Final = 8
"""How many of the largest files all may take up together."""
MANY_OF_ONE: Final = 16
"""How many files of one person are held, however small."""
MANY: Final = 1024
"""How many files of all are held, however small."""
ENTRY: Final = 1024
"""Bytes that a file takes up besides its content and its name."""
AGAIN: Final = 30
"""Seconds after which it may be tried again where there is no room."""


@dataclass(slots=True)
class File:
    """What is held of one file."""

    person: str
    seen: datetime
    entry: int
    """Bytes that it takes up besides its content."""
    content: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def size(self) -> int:
        """How many bytes it takes up."""
        return self.entry + len(self.content)

    def joined(self, stretch: Stretch, body: bytes) -> bool:
        """Return whether a stretch goes on where the file ends; what comes again must be what is here."""
        here = len(self.content)
        return stretch.start <= here and self.content[stretch.start : stretch.end] == body[: here - stretch.start]


@dataclass(slots=True)
class Held:
    """What is held of all files; asked from several threads, so sums are kept, and nobody waits for a count."""

    files: OrderedDict[Name, File] = field(default_factory=OrderedDict, repr=False)
    """By upload; the one heard of last comes last."""
    ended: OrderedDict[Name, None] = field(default_factory=OrderedDict, repr=False)
    """Those that went on, and are held only in case their last stretch comes once more."""
    many: Counter[str] = field(default_factory=Counter, repr=False)
    """How many files are held of each person."""
    sizes: Counter[str] = field(default_factory=Counter, repr=False)
    """How many bytes the files of each person take up."""
    size: int = 0
    """How many bytes all take up."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, name: Name, person: str, stretch: Stretch, body: bytes, most: int, now: datetime) -> bool:
        """Hold a stretch that is not the last; returns whether all before it is here.

        `most` is how long a file may be. Raises `TooLarge` or `Overloaded`.
        """
        if max(stretch.end, stretch.total) > most:
            raise TooLarge(f"the file is over {most} bytes")
        with self.lock:
            self.drop_old(now)
            file, entry = self.files.get(name), ENTRY + sum(map(len, name))
            begins = stretch.start == 0 and (file is None or name in self.ended)
            here = bytearray() if begins or file is None else file.content
            if not begins and (file is None or not file.joined(stretch, body)):
                return False
            grows = entry + max(len(here), stretch.end) - (file.size if file else 0)
            self.must_have_room(name, person, grows, most)
            self.drop(name)
            if stretch.end > len(here):
                here[stretch.start :] = body
            self.put(name, File(person, now, entry, here))
            return True

    def end(self, name: Name, stretch: Stretch, body: bytes, most: int, now: datetime) -> bytes | None:
        """Return the file that ends with `stretch`; None where what is before it is not here. Raises `TooLarge`."""
        with self.lock:
            self.drop_old(now)
            file = self.files.get(name)
            if file is None or stretch.end < len(file.content) or not file.joined(stretch, body):
                return None
            if stretch.end > most:
                raise TooLarge(f"the file is over {most} bytes")
            file.seen = now
            self.files.move_to_end(name)
            self.ended[name] = None
            self.ended.move_to_end(name)
            return bytes(file.content[: stretch.start]) + body

    def reach(self, name: Name, now: datetime) -> int:
        """Return how far an upload has come that waits for more; 0 where none does."""
        with self.lock:
            self.drop_old(now)
            file = self.files.get(name)
            return 0 if file is None or name in self.ended else len(file.content)

    def cancel(self, name: Name) -> None:
        """Let go what is held of an upload that its client gives up."""
        with self.lock:
            self.drop(name)

    def forget(self, now: datetime) -> bool:
        """Forget files of which nothing was heard for long; returns whether there were any."""
        with self.lock:
            return self.drop_old(now)

    def must_have_room(self, name: Name, person: str, more: int, most: int) -> None:
        """Raise `Overloaded` where there is no room for `more` bytes of an upload; files that went on make way."""
        for each in [each for each in self.ended if each != name]:
            theirs, everybodys = self.within(name, person, more, most)
            if theirs and everybodys:
                return
            if not everybodys or self.files[each].person == person:
                self.drop(each)
        if not all(self.within(name, person, more, most)):
            raise Overloaded("too many files in several requests are waited for", AGAIN)

    def within(self, name: Name, person: str, more: int, most: int) -> tuple[bool, bool]:
        """Return whether `more` bytes of an upload are within the bounds of the person, and of all."""
        new = name not in self.files
        theirs = self.many[person] + new <= MANY_OF_ONE and self.sizes[person] + more <= FILES_OF_ONE * most
        return theirs, len(self.files) + new <= MANY and self.size + more <= FILES * most

    def put(self, name: Name, file: File) -> None:
        """Keep a file as the one heard of last."""
        self.files[name] = file
        self.many[file.person] += 1
        self.sizes[file.person] += file.size
        self.size += file.size

    def drop(self, name: Name) -> None:
        """Let a file go, if there is one."""
        self.ended.pop(name, None)
        file = self.files.pop(name, None)
        if file is None:
            return
        self.size -= file.size
        self.sizes[file.person] -= file.size
        self.many[file.person] -= 1
        if not self.many[file.person]:
            del self.many[file.person], self.sizes[file.person]

    def drop_old(self, now: datetime) -> bool:
        """Drop files of which nothing was heard for long; returns whether there were any."""
        before = len(self.files)
        while self.files and now - self.files[name := next(iter(self.files))].seen > LASTS:
            self.drop(name)
        return len(self.files) < before
