"""What a second worker brings: `sluice run --workers 1` and `--workers 2` side by side, in the same rounds.

`python -m bench.workers` prints a table and writes results/workers.json, in some four minutes. Both proxies run all the
time, each with its supervisor and its own detection; rounds take turns between them on the same texts, and a ratio is
that of two rounds which stand beside each other. Callers and the answering service share the machine's cores with them:
where it has two, that bounds the rate, and what counts is the processor's time of an exchange. Names are looked for the
fast way unless `--names` says otherwise: detection is shared by all workers, and less of what is measured is that.
"""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.capacity import Contestant, once
from bench.decide import load, machine, note
from bench.detect import spread
from bench.tables import spread as written
from bench.tables import table
from proxy.demo.act import set_stage

RESULTS = Path(__file__).parent / "results" / "workers.json"
FIGURES = ("exchanges a second", "p50 ms", "p95 ms", "processor ms")
LENGTH = 500


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=6)
    asked.add_argument("--names", choices=("fast", "accurate"), default="fast")
    asked.add_argument("--out", type=Path, default=RESULTS)
    options = asked.parse_args()
    results: dict[str, Any] = {
        "machine": {key: value for key, value in machine().items() if key not in ("peers", "engine")},
        "names": options.names,
        **ratios(measure(options.rounds, options.names)),
    }
    results["machine"]["load_after"] = load()
    options.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(results)


def measure(rounds: int, names: str) -> list[dict[int, dict[str, float]]]:
    """Return for each round what an exchange costs with one worker and with two."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        more = {"detection": {"names": names}}
        stages = {
            workers: stack.enter_context(set_stage(folder / str(workers), workers=workers, **more))
            for workers in (1, 2)
        }
        told = []
        for number in range(rounds):
            note(f"round {number + 1} of {rounds}")
            seen = {}
            for workers, stage in sorted(stages.items(), reverse=bool(number % 2)):
                stage.external.reset()  # what it heard is kept, and would fill the memory
                seen[workers] = once(Contestant(stage.proxy.process.pid, stage.proxy.url, stage.proxy.ca), LENGTH, 0)
            told.append(seen)
    return told


def ratios(told: list[dict[int, dict[str, float]]]) -> dict[str, Any]:
    """Return each figure with its spread, and that of two workers by that of one, round by round."""
    return {
        "workers": {
            str(workers): {what: spread([seen[workers][what] for seen in told]) for what in FIGURES}
            for workers in (1, 2)
        },
        "two by one": {what: spread([seen[2][what] / seen[1][what] for seen in told]) for what in FIGURES},
    }


def show(results: dict[str, Any]) -> None:
    """Print the figures as a table."""
    rows = [(f"{name} workers", *(written(one[what]) for what in FIGURES)) for name, one in results["workers"].items()]
    rows.append(("two by one", *(written(results["two by one"][what]) for what in FIGURES)))
    table(f"an exchange of {LENGTH} characters, names {results['names']}", ("", *FIGURES), rows)


if __name__ == "__main__":
    main()
