"""How long a decision takes, over 10 to 5,000 rules, beside peers and beside our own engine without its index.

`python -m bench.decide` prints the tables and writes results/decide.json; README.md says what is measured and how.
"""

import argparse
import json
import os
import platform
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import engine
from bench.company import company
from bench.engine import lap, parsed, scanning
from bench.measure import Contestant, lasting, race, ratio, summary, timer
from bench.peers import PEERS, Peer, installed
from bench.rulebook import write
from bench.shared import ours, plain, questions
from bench.tables import show
from bench.traffic import traffic
from policies.decide import decide
from policies.model import Policy

RULES = (10, 30, 100, 300, 500, 1000, 2000, 5000)
GROUPS = 100
RESULTS = Path(__file__).parent / "results" / "decide.json"
SECONDS = 0.4
"""What one contestant may take in one round."""


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rules", type=int, nargs="+", default=list(RULES))
    asked.add_argument("--exchanges", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=9)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--core", type=int, help="the processor to stay on")
    asked.add_argument("--out", type=Path, default=RESULTS)
    options = asked.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    results: dict[str, Any] = {"machine": machine(), "seed": options.seed, "full": [], "shared": []}
    for number in options.rules:
        sizes = {"growing": max(5, number // 5), "fixed": GROUPS}
        for curve, groups in sizes.items():
            if curve == "fixed" and groups == sizes["growing"]:
                continue
            note(f"{number} rules, {groups} groups: our own engine")
            results["full"].append({"curve": curve, **full(number, groups, options)})
        note(f"{number} rules, {sizes['growing']} groups: beside the peers")
        results["shared"].append(shared(number, sizes["growing"], options))
        keep(results, options.out)
    show(results)


def keep(results: dict[str, Any], out: Path) -> None:
    """Write what there is so far."""
    results["machine"]["load_after"] = load()
    out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def full(rules: int, groups: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure our engine over a policy that uses the whole language."""
    people = company(options.seed, groups)
    policy, cost = engine.loading(write(people, rules, options.seed), 5 if rules <= 500 else 1)
    exchanges = traffic(people, policy, options.seed, options.exchanges)
    strangers = traffic(people, policy, options.seed, options.exchanges // 4, known=False)
    met = engine.agree(policy, exchanges)
    racing = engine.contestants(policy, exchanges, strangers)
    race(racing, SECONDS, options.rounds)
    index, scan, stranger, first, counters, rod = racing
    return {
        "rules": rules,
        "groups": groups,
        **cost,
        "met": met,
        "needs": summary(lap(index, 0)),
        "decide": summary(lap(index, 1)),
        "together": summary(lap(index, 2)),
        "scan": summary(lap(scan, 1)),
        "scan_ratio": ratio(lap(index, 1), lap(scan, 1)),
        "stranger": summary(lap(stranger, 1)),
        "first": summary(lap(first, 0)),
        "counters": summary(counters.rounds),
        "yardstick": summary(rod.rounds),
    }


def shared(rules: int, groups: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure us and the peers over the policy that all can express, and check that all answer alike."""
    people = company(options.seed, groups)
    written = plain(people, rules, options.seed)
    text = ours(people, written)
    policy, asked = parsed(text), questions(people, options.seed, options.exchanges)
    expected = [decide(policy, each.exchange.facts, each.exchange.found).permitted for each in asked]
    own = [each.exchange for each in asked]
    racing = [Contestant("Sluice", lambda each: decide(policy, each.facts, each.found), own), unindexed(policy, own)]
    loads = {"Sluice": lasting(lambda: engine.build(parsed(text)), 1)}
    for kind in PEERS:
        if not installed(kind) or rules > kind.most:
            continue
        made: list[Peer] = []
        loads[kind.name] = lasting(lambda kind=kind, made=made: made.append(kind(people, written)), 1)
        prepared = [made[0].prepare(each) for each in asked]
        check(made[0], prepared, expected)
        racing.append(Contestant(kind.name, made[0].ask, prepared))
    race(racing, SECONDS, options.rounds)
    return {
        "rules": rules,
        "groups": groups,
        "allowed": round(sum(expected) / len(expected), 2),
        "engines": {
            each.name: {
                **summary(each.rounds),
                "ratio": ratio(racing[0].rounds, each.rounds),
                "load_ms": loads.get(each.name),
            }
            for each in racing
        },
    }


def unindexed(policy: Policy, own: list[Any]) -> Contestant:
    """Return our engine without its index."""
    scan = scanning(policy)
    return Contestant("Sluice without index", lambda each: decide(scan, each.facts, each.found), own)


def check(peer: Peer, prepared: list[Any], expected: list[bool]) -> None:
    """Compare a peer's answers with ours: all of them, or as many as it answers in half a minute, but 100 at least."""
    began = datetime.now(UTC)
    for number, (each, answer) in enumerate(zip(prepared, expected, strict=True)):
        if number >= 100 and (datetime.now(UTC) - began).total_seconds() > 30:
            break
        if peer.ask(each) is not answer:
            raise AssertionError(f"{peer.name} answers {not answer}, we {answer}: {each}")


def machine() -> dict[str, Any]:
    """Say where this was measured: the processor, how many of it, what else ran, and what the Python is like."""
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "core_used": sorted(os.sched_getaffinity(0)),
        "nice": os.nice(0),
        "load_before": load(),
        "engine": engine.digest(),
        "python": platform.python_version(),
        "python_optimised": "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""),
        "timer_ns": timer(),
        "when": datetime.now(UTC).date().isoformat(),
        "peers": [kind.label() for kind in PEERS if installed(kind)],
    }


def load() -> list[float]:
    """Return the load average of the last one and five minutes."""
    return [round(each, 1) for each in os.getloadavg()[:2]]


def note(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
