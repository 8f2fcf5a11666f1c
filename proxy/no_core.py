"""Turns off core dumps and access to this process's memory, which hold what people wrote.

Enters: nothing. Leaves: a process of which no core is written, and whose memory no other process of the same user may
read (on Linux; root still may). A program that is started from it has to ask for itself. This room does I/O.
"""

import ctypes
import resource
import sys
from contextlib import suppress
from typing import Final

PR_SET_DUMPABLE: Final = 4
"""prctl(2)."""


def leave_no_core() -> None:
    """Write no core, neither to a file nor, through `core_pattern`, into the pipe of a collector."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without it
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
