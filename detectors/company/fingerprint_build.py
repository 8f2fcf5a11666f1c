"""Registers documents by their fingerprints: anew, or only what changed since the last time.

Enters: documents, one after the other, and the index as it was. Leaves: the index. This room does I/O. Names of
documents are kept sealed, their texts nowhere. After some documents what is done is written down, so that a build that
was cut off goes on from there. What stands in many documents, or in documents that everybody has, is not kept as a
fingerprint: it recognises nothing.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.company.index_file import Index, Writer
from detectors.company.keys import derive, seal, unseal
from detectors.company.mixing import Mixer, Words, digests_of_hashes, fill, filter_bits
from detectors.company.text_files import Document
from detectors.company.tokens import codes_of, cut, plain
from detectors.company.winnow import SHAPES, Shape, grams, kept, shape_of
from detectors.interface import DetectorError
from detectors.normalise import normalise

FORM: Final = "fingerprints"
COMMON: Final = 5
"""Documents that may share a fingerprint; or so many in a hundred, where that is more."""
COMMON_SHARE: Final = 0.02
BATCH: Final = 16 << 20
"""Bytes of documents after which what is done is written down."""
DOCUMENTS: Final = "documents"


@dataclass(slots=True)
class Entry:
    """What is known of a document that was looked at."""

    name: str = field(repr=False)
    mark: str
    content: str
    """Keyed digest of its bytes."""
    kept: bool
    """Whether it has fingerprints here: not where it holds no text, or is the same as another."""

    def as_json(self) -> list[Any]:
        """Return it as plain values."""
        return [self.name, self.mark, self.content, self.kept]


class FingerprintBuilder:
    """A build that is under way, in a folder of its own beside the index."""

    def __init__(
        self, folder: Path, name: str, source: Mapping[str, Any], key: bytes, salt: bytes, created: str
    ) -> None:
        """Take the folder of all indexes, the index's name and source, their key, a fresh salt, and the instant."""
        self._path, self._work = folder / f"{name}.idx", folder / f"{name}.building"
        self._about, self._all = {"name": name, "source": dict(source)}, key
        self.salt, self._created = salt, created
        self.entries: list[Entry] = []
        self._lengths = {shape.name: 0 for shape in SHAPES}
        told = self._told_before()
        if not told:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work.mkdir(mode=0o700, parents=True)
        else:
            self.salt, self._created = bytes.fromhex(told["salt"]), told["created"]
            self._lengths = told["lengths"]
            self.entries = [
                Entry(*each) for each in json.loads(unseal(self._own("names"), bytes.fromhex(told["entries"])))
            ]
        self._key = self._own("digests")
        self._mixer = Mixer(self._key)
        for shape in SHAPES:
            for what, size in (("digests", 8), ("documents", 4)):
                spool = self._spool(shape, what)
                spool.touch(0o600)
                os.truncate(spool, size * self._lengths[shape.name])

    def build(
        self,
        documents: Iterable[Document],
        text_of: Callable[[str, bytes], str | None],
        common: Iterable[Document] = (),
        before: Index | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Register the documents that come after those done; `text_of` returns the text of a file, or None.

        What has not changed since the index `before` is taken over from it; it must have the same salt.
        """
        old = Before(before, self._own("names")) if before else None
        seen = {entry.content for entry in self.entries if entry.kept}
        done, waiting = {entry.name for entry in self.entries}, 0
        for document in documents:
            if document.name in done:
                continue
            waiting += self._add(document, text_of, old, seen)
            if waiting >= BATCH:
                self._keep()
                waiting = 0
            progress(len(self.entries))
        self._keep()
        known = {shape.name: self._of_all(common, text_of, shape) for shape in SHAPES}
        self._join(known)
        shutil.rmtree(self._work)

    def _add(
        self,
        document: Document,
        text_of: Callable[[str, bytes], str | None],
        old: "Before | None",
        seen: set[str],
    ) -> int:
        """Register one document; return how many bytes were read for it."""
        entry = old.unchanged(document) if old else None
        data = b""
        if entry is None:
            data = read_whole(document)
            content = blake2b(data, key=self._key, digest_size=16).hexdigest()
            entry = Entry(document.name, document.mark, content, False)
        number, fresh = len(self.entries), entry.content not in seen
        entry = Entry(entry.name, document.mark, entry.content, False)
        self.entries.append(entry)
        taken = old.fingerprints(entry.content) if old and fresh else None
        if taken is None and fresh:
            data = data or read_whole(document)
            text = text_of(document.name, data)
            shape = shape_of(document.name)
            taken = {shape.name: self._fingerprints(text, shape)} if text is not None else {}
        for name, made in (taken or {}).items():
            shape = next(each for each in SHAPES if each.name == name)
            _append(self._spool(shape, "digests"), made)
            _append(self._spool(shape, "documents"), np.full(len(made), number, np.uint32))
            self._lengths[name] += len(made)
            entry.kept |= bool(len(made))
        if entry.kept:
            seen.add(entry.content)
        return len(data)

    def _fingerprints(self, text: str, shape: Shape) -> Words:
        """Return the fingerprints of a text, each once."""
        view = plain(normalise(text).text)
        mixed = grams(cut(view, codes_of(view), shape.manner), self._mixer, shape.size)
        return np.unique(digests_of_hashes(self._key, kept(mixed, shape)))

    def _of_all(self, common: Iterable[Document], text_of: Callable[[str, bytes], str | None], shape: Shape) -> Words:
        """Return the k-grams of documents that everybody has; all of them, for another text chooses others."""
        made = [np.zeros(0, np.uint64)]
        for document in common:
            text = text_of(document.name, read_whole(document))
            if text is not None:
                view = plain(normalise(text).text)
                mixed = np.unique(grams(cut(view, codes_of(view), shape.manner), self._mixer, shape.size))
                made.append(digests_of_hashes(self._key, mixed))
        return np.unique(np.concatenate(made))

    def _told_before(self) -> dict[str, Any]:
        """Return what a build that was cut off had written down; nothing where it was another one."""
        try:
            told = json.loads((self._work / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) and told.get("about") == self._about else {}

    def _keep(self) -> None:
        """Write down what is done; what the spools hold beyond it is cut off when the build goes on."""
        told = {
            "about": self._about,
            "salt": self.salt.hex(),
            "created": self._created,
            "lengths": self._lengths,
            "entries": self._sealed_entries().hex(),
        }
        partial = self._work / "state.partial"
        with partial.open("wb") as file:
            file.write(json.dumps(told).encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._work / "state.json")

    def _join(self, known: Mapping[str, Words]) -> None:
        """Write the index."""
        most = max(COMMON, int(COMMON_SHARE * sum(entry.kept for entry in self.entries)))
        with Writer(self._path, self._all, self.salt) as writer:
            for shape in SHAPES:
                made = np.fromfile(self._spool(shape, "digests"), np.uint64)
                documents = np.fromfile(self._spool(shape, "documents"), np.uint32)
                order = np.argsort(made, kind="stable")
                made, documents = made[order], documents[order]
                _, where, times = np.unique(made, return_inverse=True, return_counts=True)
                good = (times[where] <= most) & ~np.isin(made, known[shape.name])
                writer.write(f"{shape.name}-digests", made[good])
                writer.write(f"{shape.name}-documents", documents[good])
                counts = np.bincount(documents[good], minlength=len(self.entries)).astype(np.uint32)
                writer.write(f"{shape.name}-counts", counts)
                mixed = Mixer(self._key)
                writer.write(f"{shape.name}-filter", fill(mixed, [made[good]], filter_bits(int(good.sum()))))
                writer.write(f"{shape.name}-dropped-digests", made[~good])
                writer.write(f"{shape.name}-dropped-documents", documents[~good])
            writer.write(DOCUMENTS, np.frombuffer(self._sealed_entries(), np.uint8))
            kept = sum(entry.kept for entry in self.entries)
            writer.finish({**self._about, "form": FORM, "created": self._created, "documents": kept})

    def _sealed_entries(self) -> bytes:
        return seal(self._own("names"), json.dumps([entry.as_json() for entry in self.entries]).encode())

    def _own(self, purpose: str) -> bytes:
        return derive(self._all, self.salt, purpose)

    def _spool(self, shape: Shape, what: str) -> Path:
        return self._work / f"{shape.name}-{what}"


def read_whole(document: Document) -> bytes:
    """Return the bytes of a document; raises `DetectorError`: an index without it would pass for a whole one."""
    try:
        return document.read()
    except OSError as error:
        why = f"cannot be read: {error.strerror}; make it readable or move it away"
        raise DetectorError(f"{document.name}: {why}") from None


class Before:
    """An index as it was, to take over what has not changed."""

    def __init__(self, index: Index, names_key: bytes) -> None:
        """Take the opened index and the key of its names."""
        told = entries_of(index, names_key)
        self._by_name = {entry.name: entry for entry in told}
        self._number = {entry.content: number for number, entry in enumerate(told) if entry.kept}
        self._arrays: dict[str, tuple[Words, NDArray[np.uint32]]] = {}
        for shape in SHAPES:
            made, documents = (
                np.concatenate([index.arrays[f"{shape.name}-{what}"], index.arrays[f"{shape.name}-dropped-{what}"]])
                for what in ("digests", "documents")
            )
            order = np.argsort(documents, kind="stable")
            self._arrays[shape.name] = made[order], documents[order]

    def unchanged(self, document: Document) -> Entry | None:
        """Return what was known of a document, if it has not changed since."""
        entry = self._by_name.get(document.name)
        return entry if entry and entry.mark == document.mark else None

    def fingerprints(self, content: str) -> dict[str, Words] | None:
        """Return the fingerprints of a content by shape, where it had any."""
        number = self._number.get(content)
        if number is None:
            return None
        taken = {}
        for name, (made, documents) in self._arrays.items():
            first, last = np.searchsorted(documents, [number, number + 1])
            if last > first:
                taken[name] = np.sort(made[first:last])
        return taken


def entries_of(index: Index, names_key: bytes) -> list[Entry]:
    """Return all documents of an index; raises `DetectorError`."""
    try:
        sealed = index.arrays[DOCUMENTS].tobytes()
        return [Entry(*each) for each in json.loads(unseal(names_key, sealed))]
    except (KeyError, ValueError, TypeError):
        raise DetectorError(f"{index.path}: the names of its documents cannot be read; build it anew") from None


def _append(path: Path, array: NDArray[Any]) -> None:
    with path.open("ab") as file:
        file.write(array.tobytes())
