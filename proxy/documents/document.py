"""A file, read: its text piece by piece, what of it could not be looked into, and the way back to bytes.

Values only. What cannot be read is listed with a reason; an empty text never stands for it. A text that cannot be put
back is `fixed`, and a change of it is an error, never silently lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from proxy.exchange import Field

type Reason = Literal[
    "encrypted",
    "broken",
    "unknown",
    "encoding",
    "entities",
    "too_large",
    "too_deep",
    "too_many_files",
    "too_many_pages",
    "too_slow",
    "failed",
    "macro",
    "embedded",
    "legacy",
    "hidden",
    "picture",
    "illegible",
    "script",
]
"""Why something cannot be looked into: see `docs/documents.md`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read; what is over a limit is not looked into, and told."""

    size: int = 32 << 20
    """Bytes of one file."""
    unpacked: int = 256 << 20
    """Bytes that all its members unpack to, together."""
    expansion: int = 200
    """Unpacked bytes for each packed one, once past the first MiB."""
    depth: int = 4
    """Files within files."""
    files: int = 2_000
    """Members of archives and parts of office files, together."""
    pages: int = 500
    """Pages of one PDF file, or frames of one picture."""
    pictures: int = 20
    """Pictures and scanned pages that are read by OCR, together."""
    pixels: int = 50_000_000
    """Of one picture."""
    icon_pixels: int = 256
    """Pixels up to which a picture is an icon, in which no words fit: it counts as read. Nought for none."""
    characters: int = 10_000_000
    """Of all text."""
    seconds: float = 15.0
    """For one file, nested ones included."""
    memory: int = 3 << 30
    """Bytes of address space of a process that reads files."""
    processes: int = 2
    """How many read files at the same time."""
    ocr: bool = True
    """Whether pictures are read; otherwise they cannot be looked into."""


@dataclass(frozen=True, slots=True)
class Text:
    """One piece of a file's text: some paragraphs, rows of a table, or a page."""

    pointer: str
    """Where it stands: `word/document.xml#12`, `a.zip!b.txt`."""
    text: str = field(repr=False)
    fixed: bool = False
    """Whether it cannot be written anew."""
    fields: tuple[Field, ...] = field(default=(), repr=False)
    """Values that stand under keys, in order."""
    bounded: bool = False
    """Whether all that is outside of them are keys, which hold the file together."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something in a file that cannot be looked into."""

    pointer: str
    """Empty for the whole file."""
    reason: Reason


class FixedText(Exception):
    """A text was to be changed that the format does not let us change."""


def unwritable(_texts: Sequence[str]) -> bytes:
    """Refuse to write."""
    raise FixedText


@dataclass(frozen=True, slots=True)
class Document:
    """A file, read."""

    kind: str
    """`docx`, `pdf`, `zip`, `text` …"""
    data: bytes = field(repr=False)
    parts: tuple[Text, ...] = ()
    opaque: tuple[Opaque, ...] = ()
    write: Callable[[Sequence[str]], bytes] = field(default=unwritable, repr=False)
    """Writes the file with all its texts; asked only where one of them is new."""

    @property
    def rewritable(self) -> bool:
        """Whether every text of it can be written anew."""
        return not any(part.fixed for part in self.parts)

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the file with part *i* reading `texts[i]`; the very same bytes if nothing changed.

        Raises `FixedText` where a part is new that cannot be written.
        """
        changed = [part for part, text in zip(self.parts, texts, strict=True) if part.text != text]
        if not changed:
            return self.data
        if any(part.fixed for part in changed):
            raise FixedText
        return self.write(texts)


class FileReader(Protocol):
    """What reads files."""

    def read(self, data: bytes, name: str) -> Document:
        """Return what is in the file called `name`."""
        ...


def sealed(kind: str, data: bytes, reason: Reason) -> Document:
    """Return a file that cannot be looked into at all."""
    return Document(kind, data, opaque=(Opaque("", reason),))


def joined(outer: str, inner: str) -> str:
    """Return the pointer of something in the member `outer`."""
    if not inner or not outer:
        return outer or inner
    return outer + inner if inner[0] in "#@!" else f"{outer}!{inner}"
