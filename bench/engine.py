"""Our own engine as contestants: with its index, without it, and what the index costs.

Enters: a policy and exchanges. Leaves: contestants and figures. The engine without an index is the same `needs` and
`decide`, over a stand-in that hands them every rule with every condition: the difference is what the index gives.
"""

import gc
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import policies
from bench.measure import Contestant, lasting
from bench.traffic import Exchange
from policies.decide import decide, needs
from policies.decision import Needs
from policies.index import Index, build, index_of
from policies.load import parse_policy
from policies.match import conditions
from policies.meter import quota_names
from policies.model import Policy


class Scan(Index):
    """Stands in for the index: all rules may match, and nothing is known of any condition."""

    __slots__ = ()

    def matching(self, *_: Any) -> list[Any]:
        """Return all rules, each with all of its conditions."""
        return list(self.candidates)


def scanning(policy: Policy) -> Policy:
    """Return the policy with the stand-in in place of its index."""
    other = replace(policy)
    index = {name: getattr(index_of(policy), name) for name in Index.__dataclass_fields__}
    index["candidates"] = tuple((rule, tuple(each for _, each in conditions(rule.when))) for rule in policy.rules)
    other.memo[Index] = Scan(**index)
    return other


def both(policy: Policy, exchange: Exchange) -> tuple[int, int, int]:
    """Time `needs`, then `decide`, and what an exchange waits for: both, or `needs` alone where that decided."""
    start = perf_counter_ns()
    answer = needs(policy, exchange.facts)
    between = perf_counter_ns()
    decide(policy, exchange.facts, exchange.found)
    end = perf_counter_ns()
    first, second = between - start, end - between
    return first, second, first + (second if isinstance(answer, Needs) else 0)


def first_seen(policy: Policy, exchange: Exchange) -> tuple[int, int]:
    """Time `decide` for a service and activity that nothing is remembered of, and again."""
    index_of(policy).remembered.clear()
    start = perf_counter_ns()
    decide(policy, exchange.facts, exchange.found)
    between = perf_counter_ns()
    decide(policy, exchange.facts, exchange.found)
    return between - start, perf_counter_ns() - between


def contestants(policy: Policy, exchanges: Sequence[Exchange], strangers: Sequence[Exchange]) -> list[Contestant]:
    """Return our engine with and without its index, and where the index helps least."""
    scan, forgetful = scanning(policy), replace(policy)
    return [
        Contestant("index", lambda each: both(policy, each), exchanges, laps=3),
        Contestant("scan", lambda each: both(scan, each), exchanges, laps=3),
        Contestant("stranger", lambda each: both(policy, each), strangers, laps=3),
        Contestant("first", lambda each: first_seen(forgetful, each), exchanges, laps=2),
        Contestant("counters", lambda each: quota_names(policy, each.facts), exchanges),
        Contestant("yardstick", yardstick, exchanges),
    ]


def digest() -> str:
    """Return the first digits of the SHA-256 of the engine's source, to tell which one was measured."""
    package = Path(policies.__file__).parent
    return sha256(b"".join(each.read_bytes() for each in sorted(package.glob("*.py")))).hexdigest()[:12]


def yardstick(_: Exchange) -> None:
    """Call a function a hundred times: what the machine and its Python are worth, to compare runs by."""
    for _number in range(100):
        _nothing()


def _nothing() -> None:
    pass


def lap(one: Contestant, number: int) -> list[list[int]]:
    """Return the times of one step, round by round."""
    return [[times[number] for times in each] for each in one.rounds]


def loading(text: str, times: int) -> tuple[Policy, dict[str, float]]:
    """Return the policy of `text`, and what loading and indexing it takes, in milliseconds and bytes."""
    policy = parsed(text)
    figures = {
        "load_ms": lasting(lambda: parsed(text), times),
        "index_ms": lasting(lambda: build(policy), times),
        "index_kb": kilobytes(lambda: build(policy)),
        "policy_kb": kilobytes(lambda: parsed(text)),
        "text_kb": round(len(text.encode()) / 1024),
    }
    return policy, figures


def parsed(text: str) -> Policy:
    """Return the policy of `text`, which has no lists of terms beside it."""
    return parse_policy(text, "policy.yaml", lambda _: "")


def kilobytes(make: Any) -> int:
    """Return how much memory what is made holds."""
    gc.collect()
    tracemalloc.start()
    kept = make()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return round(size / 1024)


def agree(policy: Policy, exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Check that engine and scan decide alike, and say what these exchanges meet: outcomes, candidates, matches."""
    scan, outcomes = scanning(policy), dict[str, int]()
    candidates = matches = final = 0
    for each in exchanges:
        decision = decide(policy, each.facts, each.found)
        if decision != decide(scan, each.facts, each.found):
            raise AssertionError(f"index and scan differ over {each}")
        final += not isinstance(needs(policy, each.facts), Needs)
        candidates += len(index_of(policy).matching(each.facts))
        matches += len(decision.rules)
        words = [
            decision.verdict.value,
            decision.route.value,
            *([decision.gate.value] if decision.gate != "none" else []),
        ]
        outcome = " ".join(words)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    count = len(exchanges)
    return {
        "candidates": round(candidates / count, 1),
        "matches": round(matches / count, 1),
        "decided_by_headers": round(final / count, 2),
        "outcomes": {key: round(value / count, 3) for key, value in sorted(outcomes.items(), key=lambda one: -one[1])},
    }
