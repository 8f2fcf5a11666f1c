"""Temporary folders; those that a killed process has left are removed at the next start. Does I/O.

Enters: a word for what it is for. Leaves: a folder for its owner alone, gone when it is done with. A file in it says
whose it is: a folder goes only where it is ours, and that process no longer runs; where that cannot be told, it stays.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Final

PREFIX: Final = "sluice-"
OWNER: Final = ".owner"
"""The file that says whose a folder is."""


def make(purpose: str) -> Path:
    """Make a folder, and take away what killed processes have left."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-"))
    (folder / OWNER).write_text(identity(os.getpid()), "ascii")
    return folder


@contextmanager
def scratch(purpose: str) -> Iterator[Path]:
    """Give a folder, and take it away again."""
    folder = make(purpose)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def sweep() -> list[Path]:
    """Take away the folders of this account whose process no longer runs; returns which."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_left(folder):
            rmtree(folder, ignore_errors=True)
            gone.append(folder)
    return gone


def is_left(folder: Path) -> bool:
    """Tell whether a folder is ours, and whoever made it has gone."""
    try:
        held = folder.lstat()
        if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid():
            return False
        said = (folder / OWNER).read_text("ascii")
        pid, _, space = said.split()
    except (OSError, ValueError):
        return False  # nobody says whose it is, or it has just gone
    if [space] != identity(os.getpid()).split()[2:]:
        return False  # of a container, say, whose processes are not seen from here; or none are seen
    return identity(int(pid)) != said if pid.isdigit() else False


def identity(pid: int) -> str:
    """Return a process's number, when it began, and among which processes that number counts; empty where none runs."""
    try:
        began = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return f"{pid} {began} {space}"
