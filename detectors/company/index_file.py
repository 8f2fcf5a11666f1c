"""The file format of an index: a header, the arrays it names, and a keyed digest that shows any change.

Enters: arrays as they are made, or the path of a file and the key. Leaves: a file for its owner only, put in its place
as a whole; or arrays that are read where they lie. This room does I/O. A file that is cut off, altered, of another key
or of a newer version raises `DetectorError`: an index that is half there would pass for one that finds nothing.
"""

import hashlib
import hmac
import json
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors.company.keys import derive
from detectors.interface import DetectorError

MAGIC: Final = b"SLUICE\x00INDEX\x00\x00\x00\x01"
"""The last byte is the version of the layout."""
TAIL: Final = 16 + 32
"""Place and length of the header, and its authentication code, end the file."""
ALIGNED: Final = 4096
PIECE: Final = 1 << 20
SALT: Final = 16
TYPES: Final = {"u1": np.uint8, "u4": np.uint32, "u8": np.uint64}
ANEW: Final = "build it anew with `sluice index build`"
ANEW_ZH: Final = "请用 `sluice index build` 重建"


@dataclass(frozen=True, slots=True)
class Section:
    """One array of a file."""

    type: str
    """A key of `TYPES`."""
    offset: int
    length: int
    """Elements."""
    digest: str
    """Keyed BLAKE2b of its bytes."""


@dataclass(frozen=True, slots=True)
class Index:
    """An opened index."""

    path: Path
    about: Mapping[str, Any] = field(repr=False)
    """What the builder wrote into the header."""
    key: bytes = field(repr=False)
    """The key of this index."""
    salt: bytes
    """What that key was derived with."""
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    """Read where they lie; pages that nobody touches take no memory."""

    @property
    def name(self) -> str:
        """The name under which a policy refers to it."""
        return str(self.about["name"])

    @property
    def form(self) -> str:
        """`exact` or `fingerprints`."""
        return str(self.about["form"])


class Writer:
    """Writes an index beside its place; `finish` puts it there. Use it in a `with` block, which cleans up."""

    def __init__(self, path: Path, key: bytes, salt: bytes) -> None:
        """Take where the index goes, the key of all indexes, and the salt of this one."""
        self.key = derive(key, salt, "digests")
        self._proof = derive(key, salt, "proof")
        self._path, self._salt = path, salt
        self._partial = path.with_name(f"{path.name}.partial")
        self._sections: dict[str, Section] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file for its owner only."""
        self._partial.unlink(missing_ok=True)
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(MAGIC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take away what was not finished."""
        if self._file is not None:
            self._file.close()
        self._partial.unlink(missing_ok=True)

    def write(self, name: str, *arrays: NDArray[Any]) -> None:
        """Write a section, given in one array or in several."""
        assert self._file is not None
        self._file.write(b"\0" * (-self._file.tell() % ALIGNED))
        offset, digest, length, sort = self._file.tell(), hashlib.blake2b(key=self._proof, digest_size=32), 0, "u1"
        for array in arrays:
            sort = next(name for name, type_ in TYPES.items() if array.dtype == type_)
            octets = memoryview(np.ascontiguousarray(array, dtype=f"<{sort}")).cast("B")
            digest.update(octets)
            self._file.write(octets)
            length += len(array)
        self._sections[name] = Section(sort, offset, length, digest.hexdigest())

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the header, and put the file in its place."""
        assert self._file is not None
        sections = {name: [one.type, one.offset, one.length, one.digest] for name, one in self._sections.items()}
        header = json.dumps({**about, "sections": sections}, ensure_ascii=False, sort_keys=True).encode()
        place = self._file.tell().to_bytes(8, "little") + len(header).to_bytes(8, "little")
        self._file.write(self._salt + header)
        self._file.write(place + _proof(self._proof, self._salt + header + place))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def open_index(path: Path, key: bytes, *, whole: bool = True) -> Index:
    """Return the index at `path`; raises `DetectorError`. With `whole`, every byte of it is checked first."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise DetectorError(
                    f"{path}: others can read this index; run: chmod 600 {path}",
                    f"{path}：别人可以读取这个索引；请执行 chmod 600 {path}",
                )
            salt, about, sections = _header(path, file, key)
            proof = derive(key, salt, "proof")
            if whole:
                for section in sections.values():
                    _check(path, file, section, proof)
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise DetectorError(
            f"{path}: there is no such index; {ANEW}, or take its name out of the policy",
            f"{path}：没有这个索引；{ANEW_ZH}，或从政策中删去其名称",
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is damaged"
        raise DetectorError(
            f"{path}: the index cannot be read: {why}; {ANEW}", f"{path}：无法读取索引：{why}；{ANEW_ZH}"
        ) from None
    arrays = {
        name: np.frombuffer(held, dtype=f"<{one.type}", count=one.length, offset=one.offset)
        for name, one in sections.items()
    }
    return Index(path, about, derive(key, salt, "digests"), salt, arrays)


def _header(path: Path, file: BinaryIO, key: bytes) -> tuple[bytes, dict[str, Any], dict[str, Section]]:
    """Return salt, header and sections of a file whose header is authentic; raises `DetectorError` or `ValueError`."""
    start = file.read(len(MAGIC))
    size = file.seek(0, os.SEEK_END)
    if start[:-1] != MAGIC[:-1] or size < len(MAGIC) + SALT + TAIL:
        raise DetectorError(
            f"{path}: this is no index of Sluice, or it is cut off; {ANEW}",
            f"{path}：这不是 Sluice 的索引，或不完整；{ANEW_ZH}",
        )
    if start[-1] != MAGIC[-1]:
        raise DetectorError(
            f"{path}: the index is of version {start[-1]}, and this Sluice reads {MAGIC[-1]}; {ANEW}",
            f"{path}：索引的版本是 {start[-1]}，而本版 Sluice 只读 {MAGIC[-1]}；{ANEW_ZH}",
        )
    file.seek(size - TAIL)
    tail = file.read(TAIL)
    offset, length = int.from_bytes(tail[:8], "little"), int.from_bytes(tail[8:16], "little")
    if offset + SALT + length != size - TAIL:
        raise DetectorError(
            f"{path}: the index is cut off or damaged; {ANEW}", f"{path}：索引不完整或已损坏；{ANEW_ZH}"
        )
    file.seek(offset)
    salt, header = file.read(SALT), file.read(length)
    proof = derive(key, salt, "proof")
    if not hmac.compare_digest(_proof(proof, salt + header + tail[:16]), tail[16:]):
        raise DetectorError(
            f"{path}: the index is damaged, or was built with another key than keys/index.key; {ANEW}",
            f"{path}：索引已损坏，或不是用现在的 keys/index.key 建立的；{ANEW_ZH}",
        )
    about = json.loads(header)
    sections = {name: Section(*told) for name, told in about.pop("sections").items()}
    return salt, about, sections


def _check(path: Path, file: BinaryIO, section: Section, proof: bytes) -> None:
    """Raise `DetectorError` unless the bytes of a section are those that were written."""
    digest = hashlib.blake2b(key=proof, digest_size=32)
    left = section.length * np.dtype(TYPES[section.type]).itemsize
    file.seek(section.offset)
    while left:
        piece = file.read(min(PIECE, left))
        if not piece:
            break
        digest.update(piece)
        left -= len(piece)
    if left or not hmac.compare_digest(digest.hexdigest(), section.digest):
        raise DetectorError(f"{path}: the index is damaged; {ANEW}", f"{path}：索引已损坏；{ANEW_ZH}")


def _proof(key: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=32).digest()
