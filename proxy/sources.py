"""A policy as it stands on disk, taken up in one go: its files, its lists of terms, the tests beside it. Does I/O.

Enters: the path of a file or a folder. Leaves: texts that a policy can be made of again later, when the disk says
something else, and the stamp by which a change is noticed. What cannot be read is told by `policies.load` itself.
"""

import errno
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson

from policies.decision import Text
from policies.load import ENDINGS, LARGEST_TERMS, load_policy, parse_folder, parse_policy, policy_files, read_text
from policies.model import Policy
from policies.problem import PolicyError, Problem
from policies.source import LARGEST

TEST: Final = "_test"
"""End of the name of a file with tests."""
UNREADABLE_TESTS: Final = Text("The file of tests cannot be read.", "无法读取测试文件。")
FORM: Final = "sluice policy 1"
"""Stands in front of a packed policy."""

type Stamp = tuple[tuple[str, int, int, int], ...]
"""Path, time of change in nanoseconds, size and number of every file that belongs to a policy."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts of one policy."""

    name: str
    """The path, as messages show it."""
    folder: bool
    files: Mapping[str, str] = field(repr=False)
    """Path → text of each file of the policy."""
    beside: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name → text of each list of terms, as the policy names it."""
    tests: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Path → text of each file of tests."""
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name → text of each file that a test reads; only of what is published, for other nodes have no such files."""

    def parse(self, known_services: Collection[str] | None, own_entities: Collection[str] = ()) -> Policy:
        """Return the policy that the texts say; raises `PolicyError`."""

        def read_file(name: str) -> str:
            if name not in self.beside:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            return self.beside[name]

        if self.folder:
            return parse_folder(list(self.files.items()), self.name, read_file, known_services, own_entities)
        [text] = self.files.values()
        return parse_policy(text, self.name, read_file, known_services, own_entities)


def take_up(
    path: Path, known_services: Collection[str] | None, own_entities: Collection[str] = ()
) -> tuple[Policy, Sources]:
    """Return the policy at `path` with all its texts; raises `PolicyError`."""
    beside: dict[str, str] = {}
    folder = path.is_dir()
    base = path if folder else path.parent

    def read_file(name: str) -> str:
        beside[name] = read_text(base / name, LARGEST_TERMS)
        return beside[name]

    try:
        files = {str(one): read_text(one, LARGEST + 3) for one in (policy_files(path) if folder else [path])}
    except (OSError, UnicodeError):
        policy = load_policy(path, known_services, own_entities)  # raises, in the loader's own words
        return policy, Sources(str(path), folder, {})
    if folder:
        policy = parse_folder(list(files.items()), str(path), read_file, known_services, own_entities)
    else:
        policy = parse_policy(files[str(path)], str(path), read_file, known_services, own_entities)
    tests: dict[str, str] = {}
    for one in test_files(path):
        try:
            tests[str(one)] = read_text(one, LARGEST + 3)
        except (OSError, UnicodeError):
            raise PolicyError([Problem(str(one), 1, 1, UNREADABLE_TESTS)]) from None
    return policy, Sources(str(path), folder, files, beside, tests)


def test_files(path: Path) -> list[Path]:
    """Return the files of tests that belong to the policy at `path`: in its folder, or beside it under its name."""
    if path.is_dir():
        return [one for one in yaml_files(path) if one.stem.endswith(TEST)]
    return [each for end in ENDINGS if (each := path.with_name(f"{path.stem}{TEST}{end}")).is_file()]


def yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files of a folder; what an editor hides there is none of them."""
    return sorted(one for one in folder.iterdir() if one.suffix in ENDINGS and not one.name.startswith("."))


def stamp(path: Path, terms: Collection[str]) -> Stamp:
    """Return what changes when a file of the policy at `path` does; `terms` are the lists that it names."""
    base = path if path.is_dir() else path.parent
    found = [path, *test_files(path), *(base / name for name in sorted(terms))]
    if path.is_dir():
        found += yaml_files(path)
    return stamp_of(found)


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """Return what changes when one of the files does."""
    marks = []
    for one in paths:
        try:
            about = one.stat()
        except OSError:
            marks.append((str(one), 0, 0, 0))
        else:
            marks.append((str(one), about.st_mtime_ns, about.st_size, about.st_ino))
    return tuple(marks)


def content(path: Path) -> str:
    """Return the digest of the policy's own files as they stand, and nothing where they cannot be read."""
    digest = sha256()
    try:
        texts = [one.read_bytes() for one in policy_paths(path)]
    except OSError:
        return ""
    for text in texts:
        digest.update(b"%d\0" % len(text) + text)
    return digest.hexdigest() if texts else ""


def policy_paths(path: Path) -> list[Path]:
    """Return the files of the policy at `path`, tests and lists of terms left out."""
    if not path.is_dir():
        return [path]
    return [one for one in yaml_files(path) if not one.stem.endswith(TEST)]


def pack(sources: Sources) -> str:
    """Return the texts as one, to be kept."""
    told = {
        "form": FORM,
        "name": sources.name,
        "folder": sources.folder,
        "files": dict(sources.files),
        "beside": dict(sources.beside),
        "tests": dict(sources.tests),
        "texts": dict(sources.texts),
    }
    return orjson.dumps(told).decode()


def unpack(text: str) -> Sources:
    """Return the texts that were packed; raises `ValueError` for anything else."""
    told = orjson.loads(text)
    if not isinstance(told, dict) or told.get("form") != FORM:
        raise ValueError("this is no packed policy")
    return Sources(told["name"], told["folder"], told["files"], told["beside"], told["tests"], told.get("texts", {}))
