"""What hostile texts cost beside prose of the same length, and whether the cost grows faster than they do.

    make bench WHAT=hostile ARGS="--sizes 10000 100000 1000000 10000000"

Enters: kinds of texts and lengths. Leaves: a table, and `results/hostile.json`. Each text goes through all that the
product looks with. `growth` is the exponent between the two longest lengths: 1 is linear. What is past its allowance of
steps or seconds is told as unknown: nobody then says that the text is clean.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from bench.decide import load, machine, note
from bench.hostile_company import company_detectors
from bench.hostile_texts import HOSTILE, PROSE
from detectors.allowance import before
from detectors.combined import combined
from detectors.find import Finder, shipped_patterns
from detectors.ner.names import shipped_names

RESULTS = Path(__file__).parent / "results" / "hostile.json"
SIZES = (10_000, 100_000, 1_000_000)
SECONDS = 60.0
"""After so long a text is given up, as the proxy would do sooner."""
TIMES = 4.0
"""So many times what prose costs a character is roughly the same."""
SUPERLINEAR = 1.25
"""A growth beyond this is no noise."""


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    asked.add_argument("--only", nargs="+", default=[], help="words of the names of texts")
    asked.add_argument("--without-names", action="store_true")
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--out", type=Path, default=RESULTS)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as state:
        names = () if options.without_names else (shipped_names("accurate"),)
        finder = Finder(combined((*shipped_patterns(), *names, *company_detectors(Path(state)))), cache_size=0)
        kinds = {name: make for name, make in HOSTILE.items() if wanted(name, options.only)}
        rows: dict[str, list[dict[str, Any]]] = {}
        for name, make in (PROSE | kinds).items():
            note(name)
            rows[name] = []
            for size in sorted(options.sizes):
                rows[name].append(measure(finder, make(size), options.seconds))
                if rows[name][-1]["seconds"] > options.seconds / 2:
                    break  # the next length would only be given up
    told = {"machine": machine(), "load_after": load(), "texts": rows}
    options.out.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(rows)


def wanted(name: str, words: Sequence[str]) -> bool:
    """Tell whether a text is asked for."""
    return not words or any(word in name for word in words)


def measure(finder: Finder, text: str, seconds: float) -> dict[str, Any]:
    """Return what one look through a text takes, in seconds of the processor, and what comes of it."""
    start = process_time()
    with before(monotonic() + seconds):
        scan = finder.find(text, finder.entities)
    return {
        "characters": len(text),
        "seconds": round(process_time() - start, 4),
        "findings": len(scan.findings),
        "unknown": len(scan.unknown),
    }


def growth(row: Sequence[Mapping[str, Any]]) -> float:
    """Return the exponent by which the time grows with the length, between the two longest texts."""
    if len(row) < 2:
        return math.nan
    shorter, longer = row[-2:]
    return math.log(longer["seconds"] / max(shorter["seconds"], 1e-4)) / math.log(
        longer["characters"] / shorter["characters"]
    )


def show(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print a row for each kind, with a star where it is far dearer than prose or grows faster than it is long."""
    prose = {each["characters"]: each["seconds"] for each in rows[next(iter(PROSE))]}
    print("\n| text | characters/s | × the time of prose | growth | findings | unknown |\n|---|---|---|---|---|---|")
    for name, row in rows.items():
        last, exponent = row[-1], growth(row)
        size, seconds = last["characters"], max(last["seconds"], 1e-4)
        beside = seconds / prose[size] if size in prose else math.nan
        odd = "*" if beside > TIMES or exponent > SUPERLINEAR else ""
        pace = f"{size / seconds:,.0f} of {size:,}"
        print(f"| {name}{odd} | {pace} | {beside:.2f} | {exponent:.2f} | {last['findings']} | {last['unknown']} |")


if __name__ == "__main__":
    main()
