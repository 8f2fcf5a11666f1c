"""Prints the figures: tables for people, in the form that README.md quotes.

Enters: the results, as they stand in results/decide.json; `python -m bench.tables` shows those again.
"""

import json
from math import log10
from pathlib import Path
from typing import Any


def show(results: dict[str, Any]) -> None:
    """Print everything."""
    print(json.dumps(results["machine"], ensure_ascii=False))
    for curve, title in (("growing", "a company that grows: a group for five rules"), ("fixed", "100 groups")):
        rows = [each for each in results["full"] if curve in (each["curve"], "fixed" if each["groups"] == 100 else "")]
        table(f"Sluice, the whole language, {title}; µs", FULL, [full(each) for each in rows])
        print(bars({each["rules"]: each["together"]["median"] for each in rows}))
    table("Loading, index, memory", COST, [cost(each) for each in results["full"]])
    names = {name: None for each in results["shared"] for name in each["engines"]}
    head = ("rules", "groups", *names)
    table(
        "Shared rules, median µs [range of the rounds] / p99", head, [beside(each, names) for each in results["shared"]]
    )
    table("Times as long as Sluice [range]", head, [times(each, names) for each in results["shared"]])


FULL = (
    *("rules", "groups", "asked", "matched", "needs", "decide", "together", "p95", "p99", "p99 settled"),
    *("decide without index", "× [range]", "stranger", "first seen", "quota_names", "yardstick"),
)
COST = ("rules", "groups", "YAML KB", "load ms", "index ms", "policy KB", "index KB")


def full(row: dict[str, Any]) -> tuple[str, ...]:
    """Return one line about our engine."""
    met, all_ = row["met"], row["together"]
    return (
        *map(str, (row["rules"], row["groups"], met["candidates"], met["matches"])),
        *(spread(row[key]) for key in ("needs", "decide", "together")),
        *(f"{all_[key]:g}" for key in ("p95", "p99", "p99_settled")),
        *(spread(row["scan"]), spread(row["scan_ratio"])),
        *(f"{row[key]['median']:g}" for key in ("stranger", "first", "counters", "yardstick")),
    )


def cost(row: dict[str, Any]) -> tuple[str, ...]:
    """Return one line about loading."""
    keys = ("rules", "groups", "text_kb", "load_ms", "index_ms", "policy_kb", "index_kb")
    return tuple(f"{row[key]:g}" for key in keys)


def beside(row: dict[str, Any], names: Any) -> tuple[str, ...]:
    """Return one line of times beside the peers."""
    engines = row["engines"]
    said = (f"{spread(engines[name])} / {engines[name]['p99']:g}" if name in engines else "–" for name in names)
    return (str(row["rules"]), str(row["groups"]), *said)


def times(row: dict[str, Any], names: Any) -> tuple[str, ...]:
    """Return one line of ratios."""
    engines = row["engines"]
    return (
        *(str(row["rules"]), str(row["groups"])),
        *(spread(engines[name]["ratio"]) if name in engines else "–" for name in names),
    )


def spread(figure: dict[str, Any]) -> str:
    """Return a median with its range."""
    low, high = figure["range"]
    return f"{figure['median']:g} [{low:g}–{high:g}]"


def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a Markdown table."""
    widths = [max(len(line[place]) for line in (head, *rows)) for place in range(len(head))]
    print(f"\n{title}\n")
    for line in (head, tuple("-" * width for width in widths), *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")


def bars(points: dict[int, float], width: int = 60) -> str:
    """Return a curve of text: ten times longer is always as much further, so a straight line of growth bends flat."""
    top = max(points.values())
    scale = width / log10(max(top, 10) / 1)
    lines = [f"{rules:>6}  {'█' * round(log10(max(each, 1)) * scale)} {each:g} µs" for rules, each in points.items()]
    return "\n" + "\n".join([" rules  median of needs and decide together, logarithmic from 1 µs", *lines])


if __name__ == "__main__":
    show(json.loads((Path(__file__).parent / "results" / "decide.json").read_text("utf-8")))
