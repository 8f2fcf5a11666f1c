"""What all proxies of a test run have left behind, searched for the values that the tests hand them as confidential.

Enters: the folder of a run's temporary files. Leaves: the names of files that hold one, never its text. Searched are
the folders of proxies alone, known by what a running one writes there, and of these not what a test has written: the
settings, the policy, and whatever stands beside. Temporary files of a proxy are in a folder of its own, and searched
too where they are left. A value counts in each spelling that a log, a trace or a store could give it: bare, escaped,
percent-encoded, in UTF-16, in hexadecimal, in base64 at any of its three places.
"""

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import re2

from proxy.demo.process import TEMPORARY
from tests.e2e.street import INTERNAL_KEY, load_planted

LEAST = 8
"""Characters of a spelling below which it would be found by chance."""
WRITTEN_BY_TESTS = frozenset({"policy.yaml", "sluice.yaml"})
SHOWN = "shown"
"""Folder beside a proxy's state where tests keep what it has shown: metrics, traces as their collector got them."""


def marks() -> tuple[str, ...]:
    """Return the values: those that are planted, and the key of the company's model."""
    return (*(each.value for each in load_planted()), INTERNAL_KEY)


def spellings(value: str) -> Iterator[bytes]:
    """Yield how a value may stand in a file."""
    raw = value.encode()
    for data in {raw, value.encode("utf-16-le"), value.encode("utf-16-be")}:
        yield data
        yield data.hex().encode()
        yield data.hex().upper().encode()
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + data)
            inner = whole[-(-before * 8 // 6) : len(whole) - 4 if (before + len(data)) % 3 else None]
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")
    for escaped in (json.dumps(value)[1:-1], quote(value, safe=""), quote(value, safe="").replace("%20", "+")):
        yield escaped.encode()
        yield escaped.lower().encode()


@cache
def searcher(values: tuple[str, ...]) -> "re2._Regexp[bytes]":
    """Return what finds any spelling of some values."""
    every = {spelt for value in values for spelt in spellings(value) if len(spelt) >= LEAST}
    options = re2.Options()
    options.encoding, options.max_mem = re2.Options.Encoding.LATIN1, 1 << 28
    return re2.compile(b"|".join(re2.escape(spelt) for spelt in sorted(every)), options)


def folders(run: Path) -> Iterator[Path]:
    """Yield the folder of each proxy of a run: the file that says that it is ready is written by nobody else.

    A run within the run, by which a test tries this search, is its own affair.
    """
    for ready in run.rglob("ready.json"):
        within = ready.relative_to(run).parts
        if (ready.parent / "sluice.log").exists() and not any(part.startswith("pytest-of-") for part in within):
            yield ready.parent


def files(folder: Path) -> Iterator[Path]:
    """Yield what a proxy has written: its log, all of its state, temporary files, and what it has shown or sent."""
    yield folder / "sluice.log"
    for below in ("state", SHOWN, TEMPORARY):
        for path in (folder / below).rglob("*"):
            if path.is_file() and not path.is_symlink() and path.name not in WRITTEN_BY_TESTS:
                yield path


def sweep(run: Path) -> tuple[list[Path], int]:
    """Return the files of a run that hold a value, and how many were searched."""
    search, found, count = searcher(marks()), [], 0
    for folder in folders(run):
        for path in files(folder):
            count += 1
            if search.search(path.read_bytes()):
                found.append(path)
    return found, count
