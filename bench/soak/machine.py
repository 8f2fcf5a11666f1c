"""What a soak sees of the machine: memory and open files of each process of the proxy, and files that stay.

Enters: a process and folders. Leaves: numbers. Reads /proc, so Linux only.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Held:
    """What one process holds at one moment."""

    role: str
    pid: int
    age: float
    """Seconds since it was first seen."""
    memory: int
    """Bytes of its own that no file holds (`Pss_Anon`): a library that it shares with others weighs more, in `Pss`, as
    soon as one of these has gone."""
    files: int
    resident: int = 0
    """Bytes it has in memory, shared ones too (`Rss`)."""
    peak: int = 0
    """The most it ever had there."""


ROLES = {b"proxy.workers.worker": "worker", b"detecting": "detection", b"documents": "documents"}


def family(pid: int) -> Iterator[tuple[str, int]]:
    """Yield the proxy and all below it with what each does."""
    children: dict[int, list[tuple[str, int]]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            said = (path / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        role = next((role for word, role in ROLES.items() if word in said), "other")
        children.setdefault(parent, []).append((role, int(path.name)))
    found = [("proxy", pid)]
    for role, one in found:
        yield role, one
        found += children.get(one, ())


def held(role: str, pid: int, age: float) -> Held | None:
    """Return what a process holds, or None where it has gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        status = Path(f"/proc/{pid}/status").read_text()
        files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return None

    def size(name: str) -> int:
        lines = (line.split() for line in (rollup + status).splitlines())
        return next((int(line[1]) * 1024 for line in lines if line[:1] == [name]), 0)

    return Held(role, pid, age, size("Pss_Anon:") or size("Pss:"), files, size("Rss:"), size("VmHWM:"))


def files_in(folders: Iterable[Path]) -> set[str]:
    """Return the names of all files below some folders."""
    return {str(path) for folder in folders for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast something grows, with the spread of that."""

    per_hour: float
    error: float
    """Standard error of the slope."""
    points: int

    @property
    def flat(self) -> bool:
        """Whether it does not grow beyond doubt."""
        return self.per_hour <= 2 * self.error


def slope(points: Sequence[tuple[float, float]]) -> Slope | None:
    """Return the least-squares slope of (seconds, value); None for fewer than ten points."""
    count = len(points)
    if count < 10:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    wide = sum((x - mean_x) ** 2 for x, _ in points)
    if not wide:
        return None
    steep = sum((x - mean_x) * (y - mean_y) for x, y in points) / wide
    rest = sum((y - mean_y - steep * (x - mean_x)) ** 2 for x, y in points)
    # Neighbouring samples are alike: as if only every tenth told something new.
    error = math.sqrt(rest / max(1, count - 2) / wide * 10)
    return Slope(steep * 3600, error * 3600, count)
