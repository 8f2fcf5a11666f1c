"""From a policy's data classes to detectors of the company's own: words, registered rows and documents, labels.

Enters: what a policy's data classes hold, and the state directory. Leaves: detectors. Indexes are read where they lie;
one that has not changed is not opened again. An index that is missing, damaged or of another key raises
`DetectorError`: without it the program does not start, and a policy that names it is not put in force.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Final

from detectors.company.exact import ExactMatch
from detectors.company.exact_build import FORM as ROWS
from detectors.company.fingerprints import Fingerprints
from detectors.company.index_file import Index, open_index
from detectors.company.keys import index_key
from detectors.company.labels import Labels
from detectors.dictionary import Dictionary
from detectors.interface import Detector, DetectorError
from policies.model import Policy
from policies.own import TermList

FOLDER: Final = "indexes"
ENDING: Final = ".idx"
BUILD_IT: Final = "build it with `sluice index build`, or take its name out of the policy"

type Stamp = tuple[int, int, int, bytes]
"""Time of change, size and number of a file, and the key that it was opened with."""


class Shelf:
    """Indexes that were opened, by path; a file that was replaced is opened anew."""

    def __init__(self) -> None:
        """Begin with none."""
        self._opened: dict[Path, tuple[Stamp, Index]] = {}
        self._lock = Lock()

    def take(self, path: Path, key: bytes) -> Index:
        """Return the index at `path`; raises `DetectorError`."""
        stamp = stamp_of(path, key)
        with self._lock:
            held = self._opened.get(path)
            if held is not None and held[0] == stamp:
                return held[1]
            index = open_index(path, key)
            self._opened[path] = stamp, index
            return index


SHELF: Final = Shelf()


def stamp_of(path: Path, key: bytes) -> Stamp:
    """Return what changes when an index is built anew; noughts where it is not there."""
    try:
        about = path.stat()
    except OSError:
        return 0, 0, 0, key
    return about.st_mtime_ns, about.st_size, about.st_ino, key


def company_detectors(own: Iterable[TermList], state: Path) -> tuple[Detector, ...]:
    """Return the detectors of all that is the company's own in a policy; raises `DetectorError`."""
    return tuple(detector for one in own for detector in _detectors(one, state))


def index_path(state: Path, name: str) -> Path:
    """Return where the index of this name stands."""
    return state / FOLDER / f"{name}{ENDING}"


def index_paths(policy: Policy, state: Path) -> frozenset[str]:
    """Return the files of all indexes that a policy names: to be watched, as its lists of terms are."""
    return frozenset(str(index_path(state, name).absolute()) for own in policy.dictionaries for name in own.indexes)


def _detectors(own: TermList, state: Path) -> Iterator[Detector]:
    if own.terms or own.aliases:
        yield Dictionary(f"terms:{own.entity}", own.entity, own.terms, own.aliases, own.variants)
    if own.labels:
        yield Labels(f"labels:{own.entity}", own.entity, own.labels)
    for name in own.indexes:
        path = index_path(state, name)
        if not path.exists():
            raise DetectorError(f"there is no index called {name} ({path}): {BUILD_IT}")
        index = SHELF.take(path, index_key(state))
        yield ExactMatch(own.entity, index) if index.form == ROWS else Fingerprints(own.entity, index)
