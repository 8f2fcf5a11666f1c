"""What a soak has shown: how each process's memory went, and which promises did not hold.

Enters: the lines of a file of samples, of one run or of several that go on in each other. Leaves: a report. Pure.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bench.soak.machine import slope
from bench.soak.weather import CROWDED, STEADY

WARMING = 120.0
"""Seconds of a process's life that say nothing of its memory."""
GROWS_AT_MOST = 24.0
"""MiB an hour that a process may grow beyond doubt before a soak fails."""
FILLS = {"detection": 50.0}
"""MiB that a role's memories of bounded size may take in all: findings of 16,384 texts, logits of two models, words."""
LEAST_MINUTES = 5.0
"""Minutes of one process from which on its growth can be told: a slope of seconds is noise."""
LARGEST = 300.0
"""MB that a process may ever have in memory, model and rules included."""
RECOVERS_WITHIN = 60.0
"""Seconds after more came than could be done."""
SENT_AWAY = "refused 503 overloaded"
"""As OpenAI's clients hear it; Anthropic's hear `overloaded_error` of whatever they may try again."""
EXPECTED = (
    *("restored", "wrong", "error ", "refused as a message"),
    *(SENT_AWAY, "refused 503 detection_unavailable", "refused 403"),
)
"""How exchanges may end: what else happens is a mistake of ours. A 403 is policy's answer to what could not be read."""

type Line = dict[str, Any]


HELD, BROKEN, UNKNOWN = "held", "BROKEN", "not known"
PROMISES = {
    "answers": "no value of somebody else in an answer, none that was not restored",
    "outside": "no confidential value reached a service",
    "record": "every exchange is on record, and the audit log verifies",
    "files": "no file was left over",
    "refusals": "whoever was refused heard it in their client's own form, and when to come again",
    "outcomes": "no exchange ended in another way than it may",
    "growth": f"no process grew beyond doubt by more than {GROWS_AT_MOST:.0f} MiB an hour",
    "size": f"no process ever took more than {LARGEST:.0f} MB",
    "crowd": f"more came than could be done; {RECOVERS_WITHIN:.0f} s later nobody was sent away, and all were served",
    "running": "the proxy never ended",
}
"""What a soak is to show, by the word under which a mistake is noted."""


def report(lines: list[Line]) -> Line:
    """Return what all runs of a file of samples say together; of one that was stopped, what was seen until then."""
    last = last_words(lines)
    ended = {line["run"] for line in lines if line["kind"] == "end"}
    wrong = [tuple(each) for line in last for each in line["wrong"]]
    memory = list(growth(lines))
    wrong += [
        ("growth", f"{one['role']} {one['pid']} grows by {one['mib_an_hour']} ± {one['error']} MiB an hour")
        for one in memory
        if grows(one) and not may_be_filling(one)
    ]
    peaks = peaks_of(lines)
    if "detection" not in peaks and lines:
        wrong.append(("size", "no process that detects was seen: none was killed or measured"))
    wrong += [("size", f"{role} took {size} MB") for role, size in peaks.items() if size > LARGEST]
    outcomes = Counter[str]()
    for line in last:
        outcomes.update(line["outcomes"])
    wrong += [
        ("outcomes", f"{count} times: {name}") for name, count in outcomes.items() if not name.startswith(EXPECTED)
    ]
    crowd = crowded(lines)
    wrong += [("crowd", why) for why in crowd.pop("wrong")]
    unknown = set[str]()
    if not last or {line["run"] for line in last} - ended:
        unknown |= {"record", "files"}  # what only the end of a run can tell
    if not peaks:
        unknown |= {"size"}
    if not any(one["minutes"] >= LEAST_MINUTES for one in memory) or any(map(may_be_filling, memory)):
        unknown |= {"growth"}
    if "served" not in crowd or not crowd["after"]:
        unknown |= {"crowd"}
    if not outcomes.get("restored"):
        unknown |= {"answers", "outside", "refusals", "outcomes", "running"}
    broken = {promise for promise, _ in wrong}
    loads = sorted(line["load"] for line in lines if "load" in line)
    load = loads[len(loads) // 2] if loads else 0.0
    return {
        "outcomes": dict(outcomes),
        "load": load,
        "memory": memory,
        "peak_mb": peaks,
        "overload": crowd,
        "promises": {
            said: BROKEN if name in broken else UNKNOWN if name in unknown else HELD for name, said in PROMISES.items()
        },
        "wrong": [why for _, why in wrong],
    }


def grows(one: Line) -> bool:
    """Say whether a process grew beyond doubt by more than it may."""
    return bool(one["minutes"] >= LEAST_MINUTES and one["mib_an_hour"] - one["error"] > GROWS_AT_MOST)


def may_be_filling(one: Line) -> bool:
    """Say whether a process that grows has grown by no more than its memories take until they are full."""
    return grows(one) and one["to_mib"] - one["from_mib"] <= FILLS.get(one["role"], 0.0)


def last_words(lines: Iterable[Line]) -> list[Line]:
    """Return for each run what it said at its end, or where it was stopped, with its last sample."""
    last: dict[int, Line] = {}
    for line in lines:
        if line["kind"] in ("sample", "end"):
            last[line["run"]] = line
    return list(last.values())


def growth(lines: Iterable[Line]) -> Iterable[Line]:
    """Yield how each process that lived through the steady part grew in it."""
    memory: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    files: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for line in lines:
        for one in line.get("processes", ()):
            if one["age"] >= WARMING and line["phase"] == STEADY:
                key = (one["role"], line["run"], one["pid"])
                memory.setdefault(key, []).append((one["age"], one["memory"] / (1 << 20)))
                files.setdefault(key, []).append((one["age"], one["files"]))
    for (role, run, pid), points in memory.items():
        told, opened = slope(points), slope(files[role, run, pid])
        if told is not None and opened is not None:
            yield {
                "role": role,
                "pid": pid,
                "minutes": round((points[-1][0] - points[0][0]) / 60, 1),
                "from_mib": round(points[0][1], 1),
                "to_mib": round(points[-1][1], 1),
                "mib_an_hour": round(told.per_hour, 1),
                "error": round(2 * told.error, 1),
                "files_an_hour": round(opened.per_hour, 1),
            }


def peaks_of(lines: Iterable[Line]) -> dict[str, float]:
    """Return the most that a process of each role ever had in memory, in MB."""
    peaks: dict[str, float] = {}
    for line in lines:
        for one in line.get("processes", ()):
            peaks[one["role"]] = max(peaks.get(one["role"], 0.0), round(one["peak"] / 1e6, 1))
    return peaks


def all_away(line: Line) -> int:
    """Return how many were told to come again until then."""
    return sum(count for outcome, count in line["outcomes"].items() if outcome.startswith(SENT_AWAY))


def crowded(lines: list[Line]) -> Line:
    """Return what became of those who came when more came than could be done, and how long it went on after them."""
    samples = [line for line in lines if line["kind"] == "sample"]
    places = [place for place, line in enumerate(samples) if line["phase"] == CROWDED]
    if not places:
        return {"wrong": []}
    before, last = samples[max(0, places[0] - 1)], samples[places[-1]]
    away = [line["outcomes"].get(SENT_AWAY, 0) for line in samples]
    served = last["outcomes"].get("restored", 0) - before["outcomes"].get("restored", 0)
    sent_away = all_away(last) - all_away(before)
    after = range(places[-1] + 1, len(samples))
    ended = max((samples[at]["at"] - last["at"] for at in after if away[at] > away[at - 1]), default=0.0)
    wrong = [] if sent_away else ["more came than could be done, and nobody was sent away"]
    wrong += [] if served else ["while more came than could be done, nobody was served"]
    wrong += [f"still sent away {ended:.0f} s later"] if ended > RECOVERS_WITHIN else []
    later = samples[-1]["outcomes"].get("restored", 0) - last["outcomes"].get("restored", 0)
    wrong += [] if later or not len(after) else ["after more had come than could be done, nobody was served any more"]
    told = {"served": served, "sent_away": sent_away, "recovered_in_s": round(ended, 1)}
    return {**told, "after": len(after), "wrong": wrong}
