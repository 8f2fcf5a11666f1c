"""Detection under load: names of many callers at once, memory of a worker.

Enters: how many rounds. Leaves: figures. Throughput and waiting are wall time: the machine's other work is in them, so
rounds are interleaved and ratios taken inside each.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bench.detect_batches import as_batched, run, spent_on, windows_of
from bench.detect_texts import prompts
from detectors.find import DEFAULT_ENTITIES
from detectors.ner.batch import Batcher, Pace
from detectors.ner.names import shipped
from detectors.ner.session import choose_device
from detectors.ner.tagger import Tagger
from detectors.ner.tags import LABELS

WITH_NAMES = DEFAULT_ENTITIES | frozenset(LABELS)
CALLERS = 32
PROMPT = 300
WORKERS = 2
"""Threads that run batches, as the proxy has them on two cores."""

Spread = Callable[[Sequence[float]], dict[str, Any]]


def batching(rounds: int, spread: Spread) -> dict[str, Any]:
    """Measure windows a second: one by one, of 32 callers at once, and a bare loop over the same batches."""
    told: dict[str, Any] = {}
    device = choose_device()
    told["device"] = str(device)
    for kind, language in (("hashed", "zh"), ("latin", "en")):
        tagger: Tagger = shipped(kind, device)[0]
        told[kind] = _batching(tagger, prompts(language, PROMPT, CALLERS), rounds, spread)
    return told


def _batching(tagger: Tagger, texts: list[str], rounds: int, spread: Spread) -> dict[str, Any]:
    pace = Pace(workers=WORKERS)
    batcher = Batcher(pace)
    until = time.monotonic() + 600
    rows = [window for text in texts for window in windows_of(tagger, text)]
    made = as_batched(tagger, rows, pace)

    def ask(text: str) -> None:
        with batcher.caller() as caller:
            asked = tagger.ask(text, caller, until)
            caller.came()
            asked.spans()

    with ThreadPoolExecutor(CALLERS) as pool, ThreadPoolExecutor(WORKERS) as workers:
        calls: dict[str, Callable[[], object]] = {
            "one by one": lambda: [run(tagger, [row]) for row in rows],
            "32 at once": lambda: list(pool.map(ask, texts)),
            "bare loop": lambda: list(workers.map(partial(run, tagger), made)),
        }
        spent = spent_on(calls, rounds)
    batcher.close()
    alone, together, bare = spent.values()
    return {
        "windows": len(rows),
        **{f"{name}, windows/s": spread([len(rows) / wall for wall, _ in each]) for name, each in spent.items()},
        "at once over one by one": spread([a / b for (a, _), (b, _) in zip(alone, together, strict=True)]),
        "at once over bare loop": spread([a / b for (a, _), (b, _) in zip(bare, together, strict=True)]),
        **{
            f"{name}, processor ms a window": spread([1000 * cpu / len(rows) for _, cpu in each])
            for name, each in spent.items()
        },
        "bare loop over at once, by processor": spread([a / b for (_, a), (_, b) in zip(bare, together, strict=True)]),
    }


SCRIPT = """
import gc
def rss(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
steps = {"python": rss()}
import proxy.assemble
steps["code of the proxy"] = rss()
from detectors.combined import combined
from detectors.find import Finder, shipped_detectors
numbers = Finder(combined(shipped_detectors(names=False)))
steps["with all patterns"] = rss()
finder = Finder(combined(shipped_detectors()))
steps["with the models"] = rss()
from bench.detect_texts import prompts
from bench.detect_load import WITH_NAMES
for text in (*prompts("en", 500, 60), *prompts("zh", 500, 60)): finder.find(text, WITH_NAMES)
gc.collect()
steps["after 120 prompts"] = rss()
import json; print(json.dumps({name: round(value) for name, value in steps.items()}))
"""


def memory() -> dict[str, Any]:
    """Return the resident megabytes of a process that has all of it, step by step."""
    import json

    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=300)
    return dict(json.loads(done.stdout.splitlines()[-1]))
