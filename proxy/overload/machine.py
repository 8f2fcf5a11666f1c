"""What this machine has: cores, memory, open files. Reads the system, once, at the start.

Enters: nothing. Leaves: numbers, which a container's own limits lower where there are any.
"""

import os
import resource
from pathlib import Path
from typing import Final

UNKNOWN_MEMORY: Final = 2 << 30
"""Bytes taken for granted where the system does not say."""
CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory(cgroup: Path = CGROUP) -> int:
    """Return the bytes of memory there are, or that the container may use."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        whole = UNKNOWN_MEMORY
    try:
        allowed = cgroup.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return whole
    return min(whole, int(allowed)) if allowed.isdecimal() else whole


def open_files() -> int:
    """Let this process open as many files as it may, and return how many these are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return hard
        except (ValueError, OSError):
            return soft
    return soft
