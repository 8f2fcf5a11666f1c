"""How far a training is, for whoever watches it.

Enters: a line. Leaves: the line with the time of day, at once.
"""

import time


def log(line: str) -> None:
    """Print a line with the time."""
    print(time.strftime("%H:%M:%S"), line, flush=True)  # noqa: T201  (a run is watched in its log)
