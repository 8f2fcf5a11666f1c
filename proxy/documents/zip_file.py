"""ZIP archives, every byte accounted for: members, their names and comments, and what stands between them.

Enters: bytes. Leaves: members unpacked within limits, or the reason why one is not; and an archive in which some read
otherwise. What the list of members does not own is told as hidden: another program may read it.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from proxy.documents.bundle import Bundle
from proxy.documents.document import FixedText
from proxy.documents.reading import Reading, Unread
from proxy.documents.strings import strings

LOCAL: Final = struct.Struct("<4s5H3I2H")
END: Final = b"PK\x05\x06"
ENDING: Final = 22
"""Bytes of the record that ends an archive, its comment left out."""
DESCRIBED: Final = 24
"""Bytes of the longest record that may follow a member's data."""
ENCRYPTED: Final = 1
DESCRIPTOR: Final = 8
UTF8: Final = 0x800
BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, ValueError, OSError, RuntimeError, IndexError, struct.error),
)
"""What the library raises of a broken or odd archive."""


class Archive:
    """An archive that is being read."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        """Open it; raises `Unread`."""
        self._data = data
        self._reading = reading
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN:
            raise Unread("broken") from None
        self.members = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(self._zip.infolist()) > reading.limits.files:
            raise Unread("too_many_files")
        if len({info.filename for info in self._zip.infolist()}) != len(self._zip.infolist()):
            raise Unread("hidden")

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """Return a member's content; raises `Unread`."""
        self._reading.file()
        if info.flag_bits & ENCRYPTED:
            raise Unread("encrypted")
        try:
            with self._zip.open(info) as file:
                return self._reading.unpack(file, info.compress_size)
        except NotImplementedError:
            raise Unread("unknown") from None
        except BROKEN:
            raise Unread("broken") from None

    @property
    def names(self) -> list[str]:
        """The members' names, as they were meant."""
        return [name_of(info) for info in self._zip.infolist()]

    def gather_rest(self, bundle: Bundle) -> None:
        """Add what is written beside the members, and say where bytes belong to none."""
        if self._hides():
            bundle.close("", "hidden")
        infos = self._zip.infolist()
        notes = [self._zip.comment, *(info.comment for info in infos)]
        said = [note.decode("utf-8", "replace") for note in notes]
        said += (run for info in infos for run in strings(info.extra))
        bundle.say("@", "\n".join(filter(None, said)))

    def _hides(self) -> bool:
        """Tell whether there are bytes that belong to no member, or to two."""
        at = slack = 0
        for info in sorted(self._zip.infolist(), key=lambda one: one.header_offset):
            head = self._data[info.header_offset : info.header_offset + LOCAL.size]
            if len(head) < LOCAL.size or not 0 <= info.header_offset - at <= slack:
                return True
            fields = LOCAL.unpack(head)
            at = info.header_offset + LOCAL.size + fields[9] + fields[10] + info.compress_size
            slack = DESCRIBED if info.flag_bits & DESCRIPTOR else 0
        tail = self._data.rfind(END)
        behind = len(self._data) - (tail + ENDING + len(self._zip.comment))
        return not 0 <= self._zip.start_dir - at <= slack or behind != 0

    def written(self, changed: Mapping[str, bytes], names: Sequence[str] = ()) -> bytes:
        """Return the archive with other content in some members, and other names where they are given.

        Raises `FixedText` where another member cannot be copied.
        """
        with suppress(*BROKEN):  # it may hold a name or a text, so ours is raised outside: not even its context may
            return self._written(changed, names)
        raise FixedText

    def _written(self, changed: Mapping[str, bytes], names: Sequence[str]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as copy:
            copy.comment = self._zip.comment
            for info, name in zip(self._zip.infolist(), names or self.names, strict=True):
                fresh = zipfile.ZipInfo(name, info.date_time)
                fresh.compress_type = info.compress_type
                fresh.comment = info.comment
                fresh.create_system = info.create_system
                fresh.external_attr = info.external_attr
                fresh.internal_attr = info.internal_attr
                content = changed[info.filename] if info.filename in changed else self._zip.read(info)
                copy.writestr(fresh, content)
        return out.getvalue()


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes names in GBK, which the library takes for an old code page."""
    if info.flag_bits & UTF8 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return info.filename
