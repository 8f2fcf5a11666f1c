"""How thorough a run is: `make slow` tries everything, `make test` a part of what chance or place alone tells apart."""

import os
from collections.abc import Iterable
from typing import Any

THOROUGH = os.environ.get("SLUICE_TESTS") == "thorough"

OF_CHANCE = 12
"""Examples of a property that a usual run draws; each run draws others."""

OF_PLACES = 12
"""Places at which a usual run cuts a long stream in two."""


def some(cases: Iterable[Any], one_of: int) -> list[Any]:
    """Return the cases of a matrix: the first of so many in every run, those between them in a thorough one."""
    import pytest  # the proxies' nursery reads this module, too

    return [
        case if place % one_of == 0 else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)
    ]


def drawn(count: int, usual: int = OF_CHANCE) -> int:
    """Return how many of `count` examples of a property this run draws."""
    return count if THOROUGH else min(count, usual)


def crossed(names: str, firsts: dict[str, Any], seconds: dict[str, Any]) -> Any:
    """Return the mark for all pairs of two dimensions: each value of both in every run, each pair in a thorough one."""
    import pytest

    pairs = [
        pytest.param(one, other, id=f"{name}-{kind}", marks=() if (row + column) % 2 == 0 else pytest.mark.slow)
        for row, (name, one) in enumerate(firsts.items())
        for column, (kind, other) in enumerate(seconds.items())
    ]
    return pytest.mark.parametrize(names, pairs)
