"""Many at once."""

import threading
from collections.abc import Callable, Sequence


def run_all(works: Sequence[Callable[[], object]]) -> None:
    """Do all works at the same time, each in a thread of its own, and wait for the last."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
