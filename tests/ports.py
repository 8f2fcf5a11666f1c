"""Ports for programs that cannot say which one the system gave them: those that take a number in their settings.

Enters: nothing. Leaves: a port below those that the system gives out by itself, so that no connection that is opened
meanwhile can have it, and none that another worker of the same run is told.
"""

import os
import socket
from itertools import count

FIRST, LAST = 20_000, 32_000
"""Linux gives out 32768 and above."""
WORKERS = 4
SHARE = (LAST - FIRST) // WORKERS

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_tried = count(os.getpid())


def free_port() -> int:
    """Return a port that nobody has, another one each time."""
    for number in _tried:
        port = FIRST + _worker * SHARE + number % SHARE
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable")
