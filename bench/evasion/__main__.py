"""Runs the table: `python -m bench.evasion` writes bench/results/evasion.json and docs/evasion.md.

python -m bench.evasion                              # 200 seeds a row
python -m bench.evasion --resume                     # the rows that are missing in OUT, or have fewer seeds
python -m bench.evasion --seeds 20 --rows 13 19 --show --out /dev/null
python -m bench.evasion --seeds 20 --word oak --alone --out /dev/null   # values that nothing was developed with
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from bench.evasion import answered, live
from bench.evasion.judge import Verdict, judge, judge_peer, peers, reader
from bench.evasion.page import write
from bench.evasion.rows import ROWS, Row
from bench.evasion.values import Value, value
from bench.evasion.wires import Sent
from detectors.views.budget import DEPTH

RESULTS = Path(__file__).parents[1] / "results" / "evasion.json"
SEEDS = 200
PEER_SEEDS = 50
"""Of them, how many the peers are asked about: they take most of the time."""
SHOWN = 5
"""Misses that are listed for each row."""


def main() -> None:
    """Measure and write."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--seeds", type=int, default=SEEDS)
    told.add_argument("--peer-seeds", type=int, default=PEER_SEEDS)
    told.add_argument("--word", default="", help="another word, other values: the usual ones were developed with")
    told.add_argument("--rows", type=int, nargs="*")
    told.add_argument("--out", type=Path, default=RESULTS)
    told.add_argument("--show", action="store_true", help="print what is missed (all values are made up)")
    told.add_argument("--alone", action="store_true", help="leave the peers out")
    told.add_argument("--resume", action="store_true", help="leave out the rows that OUT has with as many seeds")
    asked = told.parse_args()
    beside = {} if asked.alone else peers()
    kept = Results(asked.out, asked.seeds, asked.peer_seeds)
    for row in ROWS:
        if (asked.rows and row.number not in asked.rows) or (asked.resume and kept.has(row)):
            continue
        others = {} if row.alone else beside
        one = measure(row, asked.seeds, others, asked.peer_seeds, asked.word, show=asked.show)
        print(summary(one), flush=True)
        kept.add(one)
    reader().close()
    live.close()
    if asked.out == RESULTS:
        write(asked.out)


class Results:
    """The file of the results, written anew with each row, so that a run that was broken off can be gone on with."""

    def __init__(self, path: Path, seeds: int, peer_seeds: int) -> None:
        """Begin with what is there."""
        self.path = path
        self.about = {"seeds": seeds, "peer_seeds": peer_seeds, "depth": DEPTH}
        text = path.read_text("utf-8") if path.is_file() else ""
        self.rows = {one["name"]: one for one in (json.loads(text)["rows"] if text else ())}

    def has(self, row: Row) -> bool:
        """Tell whether a row is there, with as many seeds."""
        return row.name in self.rows and sum(self.rows[row.name]["ours"].values()) == self.about["seeds"]

    def add(self, one: dict[str, Any]) -> None:
        """Put a row into the file; where the peers were left out, their counts stay, which only the texts change."""
        before = self.rows.get(one["name"], one)
        self.rows[one["name"]] = one | {"peers": one["peers"] or before["peers"]}
        rows = [self.rows[row.name] for row in ROWS if row.name in self.rows]
        text = json.dumps(self.about | {"rows": rows}, ensure_ascii=False, indent=1)
        if not self.path.is_char_device():
            self.path.write_text(text + "\n", "utf-8")


def measure(
    row: Row, seeds: int, beside: dict[str, Any], asked: int = PEER_SEEDS, word: str = "", *, show: bool = False
) -> dict[str, Any]:
    """Return what becomes of the values of a row and of their twins."""
    counts, twins = Counter[str](), Counter[str]()
    others = {name: Counter[str]() for name in beside}
    missed: list[str] = []
    for seed in range(seeds):
        for twin in (False, True):
            rng = Random(f"{word}{row.number}-{seed}")
            made = value(rng, row.kinds[seed % len(row.kinds)], twin=twin)
            sent = row.send(rng, made)
            verdict = judged(sent, made, row.names)
            (twins if twin else counts)[verdict.outcome] += 1
            if verdict.outcome in ("missed", "alarm"):
                missed.append(f"{verdict.outcome} {seed} {made.kind}")
                if show:
                    print("   ", verdict, made.text, sent.path[:200], sent.body.decode("utf-8", "replace")[:300])
            for name, find in beside.items() if seed < asked else ():
                others[name][("twin " if twin else "") + judge_peer(find, sent, made)] += 1
    return {
        "row": row.number,
        "likely": row.likely,
        "name": row.name,
        "feasible": row.feasible,
        "ours": dict(counts),
        "twins": dict(twins),
        "peers": {name: dict(each) for name, each in others.items()},
        "missed": missed[:SHOWN],
        "misses": Counter(one.split()[0] + " " + one.split()[2] for one in missed),
    }


def judged(sent: Sent, made: Value, names: bool) -> Verdict:
    """Return what becomes of a request: in the pipeline, through a running proxy, or of the answer to it."""
    if sent.live in answered.JUDGES:
        return answered.JUDGES[sent.live](sent, made)
    return live.judge(sent, made) if sent.live else judge(sent, made, names)


def summary(one: dict[str, Any]) -> str:
    """Return a row's figures on a line."""
    return (
        f"{one['row']:>3} {one['name'][:46]:<46} {one['feasible']:<8} {one['ours']} twins {one['twins']} {one['peers']}"
    )


if __name__ == "__main__":
    sys.exit(main())
