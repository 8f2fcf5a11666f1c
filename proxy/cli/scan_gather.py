"""Which files `sluice scan` looks into: those that are named, and all that is in the folders that are named.

Enters: paths and globs. Leaves: files in order with their sizes, and what was passed over, counted. No `.gitignore` is
asked: what a repository hides from itself is where secrets lie. Links inside a folder are not followed.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from proxy import errors


@dataclass(frozen=True, slots=True)
class Globs:
    """Which files of a folder are looked into."""

    include: tuple[str, ...] = ()
    """Only files that one of these fits; all if none."""
    exclude: tuple[str, ...] = ()
    """No file that one of these fits, and none in a folder that it fits."""

    def takes(self, way: str) -> bool:
        """Tell whether a file at `way`, its path inside the folder, is looked into."""
        return not self.leaves(way) and (not self.include or any(fits(one, way) for one in self.include))

    def leaves(self, way: str) -> bool:
        """Tell whether a file or folder is left out, with all that is in it."""
        return any(fits(one, way) for one in self.exclude)


@dataclass(frozen=True, slots=True)
class Source:
    """One file to look into."""

    path: Path
    size: int
    named: bool
    """Whether it was named itself, not found in a folder: then it must be readable."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that was not looked into, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What there is to look into."""

    sources: tuple[Source, ...]
    unreadable: tuple[Passed, ...]
    """Folders that cannot be listed: what is in them is unknown."""
    links: int
    """Links, pipes and devices inside folders, which are not followed."""


def fits(glob: str, way: str) -> bool:
    """Tell whether a glob fits a path: one without a slash any single name on it, others the path from its start.

    `*` stands for any characters, in a glob with a slash for slashes too.
    """
    if "/" not in glob.rstrip("/"):
        return any(fnmatchcase(name, glob.rstrip("/")) for name in way.split("/"))
    return fnmatchcase(way, glob.lstrip("/")) or fnmatchcase(way, glob.strip("/") + "/*")


def gather(paths: Sequence[Path], globs: Globs) -> Gathered:
    """Return the files to look into; raises `SettingsError` for a named path that is not there."""
    sources: list[Source] = []
    unreadable: list[Passed] = []
    links = 0
    for path in paths:
        try:
            state = path.stat()
        except OSError as error:
            raise errors.unreadable(path, error.strerror) from None
        if not stat.S_ISDIR(state.st_mode):
            sources.append(Source(path, state.st_size, named=True))
            continue
        for one in _walk(path, globs, lambda name, problem: unreadable.append(Passed(name, problem))):
            if isinstance(one, Source):
                sources.append(one)
            else:
                links += 1
    return Gathered(tuple(sources), tuple(unreadable), links)


def _walk(folder: Path, globs: Globs, failed: Callable[[str, str], None]) -> Iterator[Source | None]:
    """Yield the files of a folder in order, and `None` for each thing that is neither file nor folder."""

    def told(error: OSError) -> None:
        failed(str(error.filename), error.strerror or "cannot be listed")

    for place, folders, names in os.walk(folder, onerror=told):
        inside = Path(place).relative_to(folder)
        ways = {name: (inside / name).as_posix() for name in (*folders, *names)}
        for name in tuple(folders):
            if globs.leaves(ways[name]):
                folders.remove(name)
            elif (Path(place) / name).is_symlink():
                folders.remove(name)
                yield None
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            if not globs.takes(ways[name]):
                continue
            try:
                state = path.lstat()
            except OSError as error:
                told(error)
                continue
            yield Source(path, state.st_size, named=False) if stat.S_ISREG(state.st_mode) else None
