"""How long detection takes, beside stock Presidio, detect-secrets, a bare RE2 Set and a bare onnxruntime loop.

`python -m bench.detect` prints the tables and writes results/detect.json; README.md says what is measured and how.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter_ns, process_time_ns
from typing import Any

from bench import detect_peers as peers
from bench.decide import load, machine, note
from bench.detect_bystander import bystander
from bench.detect_load import batching, memory
from bench.detect_texts import clean, cut, prompts, samples, with_hits
from detectors.combined import combined
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.ner.names import shipped_names
from detectors.ner.tags import LABELS

RESULTS = Path(__file__).parent / "results" / "detect.json"
LENGTH = 5000
PROMPT = 500
TEXTS = 8
ONCE = 16
"""Texts of which it is timed how long they take an engine that has not seen them."""
WARM = 48
"""Others that it sees before them, at most."""
TURNS = 50
TRAINING = 20.0
"""Seconds that spaCy's tagger is trained for."""

WITH_NAMES = DEFAULT_ENTITIES | frozenset(LABELS)

Find = Callable[[str], Any]


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    asked.add_argument("--out", type=Path, default=RESULTS)
    options = asked.parse_args()
    results: dict[str, Any] = {}
    if len(options.only) < len(SECTIONS) and options.out.exists():
        results = json.loads(options.out.read_text("utf-8"))  # the other sections stay as they were
    results["machine"] = {key: value for key, value in machine().items() if key not in ("peers", "engine")}
    for name in options.only:
        note(name)
        results[name] = SECTIONS[name](options.rounds)
        results["machine"]["load_after"] = load()
        options.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(results)


def ours(*, names: bool, cache: int = 0) -> Finder:
    """Return the shipped detectors as the proxy runs them, by default without a memory of texts."""
    return Finder(combined(shipped_detectors(names=names)), cache_size=cache)


def fast() -> Finder:
    """Return the same with the fast profile of names: the small model for both languages."""
    return Finder(combined((*shipped_detectors(names=False), shipped_names("fast"))), cache_size=0)


def patterns(rounds: int) -> dict[str, Any]:
    """Time all patterns on 5,000 characters, without a hit and with five."""
    finder, stock = ours(names=False), peers.presidio()
    every = finder.entities
    bare, taken, left = peers.bare_set()
    secrets = peers.detect_secrets()
    told: dict[str, Any] = {
        "patterns": {"in the bare Set": taken, "not in RE2": left, "Presidio recognizers": peers.recognizers()},
    }
    for language in ("en", "zh"):
        texts = clean(
            language, LENGTH, TEXTS, lambda text: len(finder.find(text, every).findings), lambda text: not stock(text)
        )
        for kind, given in (("none", texts), ("five", [with_hits(language, text) for text in texts])):
            racing: dict[str, Find] = {
                "Sluice": lambda text: finder.find(text, DEFAULT_ENTITIES),
                "Sluice, every entity": lambda text: finder.find(text, every),
                "bare RE2 Set": bare,
                "Presidio": stock,
            }
            if secrets is not None:
                racing["detect-secrets, two texts"] = secrets
            found = len(finder.find(given[0], DEFAULT_ENTITIES).findings)
            told[f"{language}, {kind}"] = {"found": found, "engines": race(racing, given, rounds)}
        racing = {"Sluice": racing["Sluice"], "bare RE2 Set": peers.bare_set()[0], "Presidio": stock}
        told[f"{language}, each text once"] = once(racing, cut(language, LENGTH)[-ONCE - WARM :])
    return told


def whole(rounds: int) -> dict[str, Any]:
    """Time patterns and names together on a prompt of 500 characters."""
    finder, small = ours(names=True), fast()
    told: dict[str, Any] = {}
    for language in ("en", "zh"):
        given = prompts(language, PROMPT, 12)
        note(f"whole, {language}: training spaCy's tagger for {TRAINING:.0f} s")
        pipeline = peers.small_model(language, list(samples(language))[:1500], TRAINING)
        racing: dict[str, Find] = {
            "Sluice": lambda text: finder.find(text, WITH_NAMES),
            "Sluice, fast profile": lambda text: small.find(text, WITH_NAMES),
            "Presidio + spaCy CNN": peers.presidio(pipeline),
            "spaCy CNN alone": lambda text, pipeline=pipeline: len(pipeline(text).ents),
        }
        told[language] = race(racing, given, rounds)
    return told


def turns(rounds: int) -> dict[str, Any]:
    """Time the first turn of a conversation, and the fiftieth, with which a client sends the 49 before it."""
    told: dict[str, Any] = {}
    for language in ("en", "zh"):
        finder = ours(names=True, cache=4096)
        parts = prompts(language, PROMPT, TURNS - 1 + 6 * rounds)
        history, fresh = parts[: TURNS - 1], iter(parts[TURNS - 1 :])
        for part in history:
            finder.find(part, WITH_NAMES)
        first, last, ratios = [], [], []
        for _ in range(rounds):
            alone, after = [], []
            for _ in range(3):
                alone.append(turn(finder, (next(fresh),)))
                after.append(turn(finder, (*history, next(fresh))))
            first.append(median(alone))
            last.append(median(after))
            ratios.append(last[-1] / first[-1])
        told[language] = {"turn 1, us": spread(first), "turn 50, us": spread(last), "ratio": spread(ratios)}
    return told


def turn(finder: Finder, parts: Sequence[str]) -> float:
    """Return the microseconds that all parts of a request take."""
    begun = process_time_ns()
    for part in parts:
        finder.find(part, WITH_NAMES)
    return (process_time_ns() - begun) / 1e3


def race(racing: dict[str, Find], given: Sequence[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Return microseconds a text of every engine, and how many times longer than the first one it took, by round."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in racing}
    names = list(racing)
    for number in range(-1, rounds):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            some = given[:2] if name.endswith("two texts") else given
            spent = [timed(racing[name], text) for text in some]
            if number >= 0:  # the first round warms up
                times[name].append((median(cpu for cpu, _ in spent) / 1e3, median(wall for _, wall in spent) / 1e3))
    ahead = times[names[0]]
    return {
        name: {
            "us": spread([cpu for cpu, _ in spent]),
            "us, wall": spread([wall for _, wall in spent]),
            "ratio": spread([theirs / our for (our, _), (theirs, _) in zip(ahead, spent, strict=True)]),
            "ratio, wall": spread([theirs / our for (_, our), (_, theirs) in zip(ahead, spent, strict=True)]),
        }
        for name, spent in times.items()
    }


def once(racing: dict[str, Find], given: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return microseconds of the processor for the last texts, as a proxy meets them: no engine has seen them before.

    The first ones warm up. Here a spread is over texts, and ratios are those of each text.
    """
    names = list(racing)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number, text in enumerate(given):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            begun = process_time_ns()
            racing[name](text)
            times[name].append((process_time_ns() - begun) / 1e3)
    counted = {name: spent[-ONCE:] for name, spent in times.items()}
    ahead = counted[names[0]]
    return {
        name: {"us": spread(spent), "ratio": spread([their / our for our, their in zip(ahead, spent, strict=True)])}
        for name, spent in counted.items()
    }


def timed(call: Find, text: str) -> tuple[float, float]:
    """Return the nanoseconds of a call, by processor and by wall; of several where one is too short for the clock."""
    times, least = 1, 2_000_000
    while True:
        cpu, wall = process_time_ns(), perf_counter_ns()
        for _ in range(times):
            call(text)
        spent = (process_time_ns() - cpu, perf_counter_ns() - wall)
        if spent[0] >= least / 2 or times > 1:
            return spent[0] / times, spent[1] / times
        times = 1 + least // max(spent[0], 20_000)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return the median and the range."""
    return {"median": short(median(values)), "range": [short(min(values)), short(max(values))]}


def short(number: float) -> float:
    """Return a number with three digits."""
    return float(f"{number:.3g}")


def show(results: dict[str, Any]) -> None:
    """Print every figure, section by section."""
    for section, told in results.items():
        print(f"\n{section}")
        walk(told, 1)


def walk(told: Any, depth: int) -> None:
    """Print nested figures, a line each."""
    for name, value in told.items():
        if isinstance(value, dict) and "median" in value:
            low, high = value["range"]
            print(f"{'  ' * depth}{name}: {value['median']} [{low}–{high}]")
        elif isinstance(value, dict):
            print(f"{'  ' * depth}{name}")
            walk(value, depth + 1)
        else:
            print(f"{'  ' * depth}{name}: {value}")


SECTIONS: dict[str, Callable[[int], dict[str, Any]]] = {
    "patterns": patterns,
    "whole": whole,
    "batching": lambda rounds: batching(rounds, spread),
    "turns": turns,
    "bystander": lambda rounds: bystander(rounds, spread),
    "memory": lambda _: memory(),
}

if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
