"""Timing on a machine that others use too: many short rounds, everybody in each of them, medians and their spread.

Enters: contestants, each a call and its inputs. Leaves: their times. A round is short and its order changes, so that
what the machine does meanwhile falls on all alike. Ratios are taken inside a round, over the same inputs, and only then
joined.
"""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter_ns
from typing import Any

ROUNDS = 9
LEAST = 15
"""Calls a round, however slow they are."""


@dataclass(slots=True)
class Contestant:
    """One thing that is timed."""

    name: str
    call: Callable[[Any], Any]
    inputs: Sequence[Any]
    laps: int = 1
    """How many times one call returns; more than one where it takes the time of its own steps."""
    rounds: list[list[Any]] = field(default_factory=list)
    """Nanoseconds of each call, round by round."""


def race(contestants: Sequence[Contestant], seconds: float, rounds: int = ROUNDS) -> None:
    """Run all contestants in each round, every one for about `seconds` at most; a first round warms up, uncounted."""
    counts = {}
    for each in contestants:
        spent = _run(each, each.inputs[:LEAST])
        typical = max(1, int(median(map(_whole, spent))))
        counts[each.name] = min(len(each.inputs), max(LEAST, int(seconds * 1e9 / typical)))
        _run(each, each.inputs[: counts[each.name]])
    gc.collect()
    gc.freeze()  # as the proxy does after its start
    for number in range(rounds):
        turn = number % len(contestants)
        for each in (*contestants[turn:], *contestants[:turn]):
            each.rounds.append(_run(each, each.inputs[: counts[each.name]]))
    gc.unfreeze()


def _run(one: Contestant, inputs: Sequence[Any]) -> list[Any]:
    """Return the times of one pass over the inputs."""
    call, times = one.call, []
    if one.laps > 1:
        return [call(each) for each in inputs]
    for each in inputs:
        start = perf_counter_ns()
        call(each)
        times.append(perf_counter_ns() - start)
    return times


def _whole(time: Any) -> int:
    return sum(time) if isinstance(time, tuple) else time


def summary(rounds: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return microseconds: the median of the rounds' medians and their range, and percentiles of all calls.

    `p99_settled` takes of each input the median of its rounds first: what is slow each time, not what was interrupted.
    """
    medians = [median(each) / 1000 for each in rounds]
    settled = sorted(map(median, zip(*rounds, strict=True)))
    calls = sorted(time for each in rounds for time in each)
    return {
        "median": _short(median(medians)),
        "range": [_short(min(medians)), _short(max(medians))],
        "p95": _short(calls[int(len(calls) * 0.95)] / 1000),
        "p99": _short(calls[int(len(calls) * 0.99)] / 1000),
        "p99_settled": _short(settled[int(len(settled) * 0.99)] / 1000),
        "calls": len(calls),
    }


def ratio(ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return how many times longer they take than we: by round, over the inputs that both had."""
    pairs = [median(their[: len(our)]) / median(our[: len(their)]) for our, their in zip(ours, theirs, strict=True)]
    return {"median": _short(median(pairs)), "range": [_short(min(pairs)), _short(max(pairs))]}


def timer() -> int:
    """Return the nanoseconds that taking the time costs; they are in every figure."""
    return int(median(-(perf_counter_ns() - perf_counter_ns()) for _ in range(10_000)))


def lasting(call: Callable[[], Any], times: int) -> float:
    """Return the median of the milliseconds that a long call takes."""
    spent = []
    for _ in range(times):
        start = perf_counter_ns()
        call()
        spent.append((perf_counter_ns() - start) / 1e6)
    return _short(median(spent))


def _short(number: float) -> float:
    return float(f"{number:.3g}")
