"""Archives: ZIP, TAR, and single files in gzip, bzip2, xz or zstd, nested in any way.

Enters: bytes and the counts so far. Leaves: one document of all members, each read as the file that it is; names of
members are text, too. Only a ZIP archive can be written anew.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol, Self

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document, FixedText, Text
from proxy.documents.office import family, read_office
from proxy.documents.reading import Reading, Source, Unread
from proxy.documents.zip_file import Archive
from proxy.errors import SluiceError
from proxy.wire.body import Limits as BodyLimits
from proxy.wire.body import decode

BROKEN: Final = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)
MOST: Final = 256 << 20
"""Bytes that unpacking may take at a time."""


class Unpacker(Protocol):
    """Unpacks one stream."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What stands behind its end."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most so many of the next bytes."""
        ...


def read_zip(data: bytes, reading: Reading) -> Document:
    """Return an archive, or the office file that it is; raises `Unread`."""
    archive = Archive(data, reading)
    kind = family(archive)
    if kind:
        return read_office(kind, data, archive, reading)
    bundle = Bundle()
    names = archive.names
    bundle.parts.append(Text("@names", "\n".join(names)))
    for info in archive.members:
        try:
            bundle.add(info.filename, reading.within(archive.read(info), info.filename))
        except Unread as error:
            bundle.close(info.filename, error.reason)
    archive.gather_rest(bundle)

    def write(texts: Sequence[str]) -> bytes:
        fresh = texts[0].split("\n")
        if len(fresh) != len(names) or len(set(fresh)) != len(fresh):
            raise FixedText
        return archive.written(dict(bundle.changed(texts)), fresh)

    return bundle.document("zip", data, write)


def read_tar(data: bytes, reading: Reading) -> Document:
    """Return the members of a TAR archive; raises `Unread`."""
    bundle = Bundle(fixed=True)
    said: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for info in archive:
                reading.file()
                said += (info.name, info.linkname, info.uname, info.gname, *info.pax_headers.values())
                if info.issparse():
                    bundle.close(info.name, "unknown")
                elif info.isreg() and (file := archive.extractfile(info)) is not None:
                    content = reading.unpack(file, info.size)
                    bundle.add(info.name, reading.within(content, info.name))
            end = archive.offset
    except BROKEN:
        raise Unread("broken") from None
    if data[end:].strip(b"\0"):
        bundle.close("", "hidden")
    bundle.say("@names", "\n".join(dict.fromkeys(filter(None, said))))
    return bundle.document("tar", data)


def read_packed(kind: str, data: bytes, name: str, reading: Reading) -> Document:
    """Return what a compressed file holds; raises `Unread`."""
    try:
        with PACKED[kind](data) as file:
            content = reading.unpack(file, len(data))
    except BROKEN:
        raise Unread("broken") from None
    inner = name.rpartition(".")[0] if "." in name else ""
    bundle = Bundle(fixed=True)
    bundle.add("", reading.within(content, inner.removesuffix(".tar") + ".tar" if name.endswith(".tgz") else inner))
    if kind == "gz":
        bundle.say("@", gzip_notes(data))
    return bundle.document(kind, data)


def gzip_notes(data: bytes) -> str:
    """Return the name and the comment that the head of a gzip file carries (RFC 1952 section 2.3.1)."""
    flags, at = data[3], 10
    said: list[bytes] = []
    if flags & 4:
        size = int.from_bytes(data[at : at + 2], "little")
        said.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    for flag in (8, 16):
        if flags & flag:
            text, _, _ = data[at:].partition(b"\0")
            said.append(text)
            at += len(text) + 1
    return "\n".join(one.decode("utf-8", "replace") for one in said)


class Streams:
    """Streams one after the other in one file; bytes after the last that are no stream make it broken."""

    def __init__(self, data: bytes, begin: Callable[[], Unpacker]) -> None:
        """Take the file, and what unpacks a stream."""
        self._left = data
        self._begin = begin
        self._unpacker: Unpacker | None = None

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; none at the end."""
        while self._left or self._unpacker is not None:
            if self._unpacker is None:
                self._unpacker = self._begin()
            piece = self._unpacker.decompress(self._left, size)
            self._left = b""
            if self._unpacker.eof:
                self._left, self._unpacker = self._unpacker.unused_data, None
            elif not piece:
                raise EOFError
            if piece:
                return piece
        return b""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: all is in memory."""


def _open_zstd(data: bytes) -> Source:
    try:
        return io.BytesIO(decode(data, "zstd", BodyLimits(MOST, MOST, MOST)))
    except SluiceError:
        raise Unread("broken") from None


PACKED: Final[dict[str, Callable[[bytes], Source]]] = {
    "gz": lambda data: gzip.GzipFile(fileobj=io.BytesIO(data)),
    "bz2": lambda data: Streams(data, bz2.BZ2Decompressor),
    "xz": lambda data: Streams(data, lambda: lzma.LZMADecompressor(memlimit=MOST)),
    "zst": _open_zstd,
}
