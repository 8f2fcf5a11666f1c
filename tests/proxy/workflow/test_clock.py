"""A clock that is set is told of once, and for an hour the other time is known, too."""

from datetime import timedelta

import pytest

from proxy.workflow.clock import DOUBT, ClockWatch
from tests.proxy.house import NOON

SECOND = timedelta(seconds=1)


def watched(*looks: tuple[float, float]) -> tuple[ClockWatch, list[timedelta | None]]:
    """Return a watch after looks at both clocks, given in seconds since noon, and what each look told."""
    watch = ClockWatch()
    return watch, [watch.look(NOON + wall * SECOND, tick) for wall, tick in looks]


@pytest.mark.parametrize("drift", [0, 1.9, -1.9])
def test_a_clock_that_is_kept_in_time_is_not_told_of(drift: float) -> None:
    watch, told = watched((0, 0), (10 + drift, 10), (20 + drift, 20))
    assert told == [None] * 3 and watch.unset(NOON) is None


@pytest.mark.parametrize("step", [3600, 2.5, -2.5, -3600])
def test_a_step_is_told_of_once_and_the_other_time_known_for_an_hour(step: float) -> None:
    watch, told = watched((0, 0), (10 + step, 10), (12 + step, 12))
    assert told == [None, step * SECOND, None]
    assert watch.unset(NOON) == NOON - step * SECOND
    watch.look(NOON + (DOUBT + 11 + step) * SECOND, DOUBT + 11)
    assert watch.unset(NOON) is None


def test_a_step_that_is_taken_back_leaves_no_doubt() -> None:
    watch, told = watched((0, 0), (3610, 10), (20, 20))
    assert told == [None, 3600 * SECOND, -3600 * SECOND] and watch.unset(NOON) is None
