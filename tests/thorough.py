"""How thorough a run is: `make slow` tries everything, `make test` a part of what chance or place alone tells apart."""

import os

THOROUGH = os.environ.get("SLUICE_TESTS") == "thorough"

OF_CHANCE = 20
"""Examples of a property that a usual run draws; each run draws others."""

OF_PLACES = 24
"""Places at which a usual run cuts a long stream in two."""


def drawn(count: int, usual: int = OF_CHANCE) -> int:
    """Return how many of `count` examples of a property this run draws."""
    return count if THOROUGH else min(count, usual)
