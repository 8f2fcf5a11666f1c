import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import exchange, exchange_clients, trail, workers
from bench.company import company
from bench.detect_texts import HITS, clean, prompts, with_hits
from bench.engine import agree, parsed
from bench.rulebook import SHARES, write
from bench.shared import ours, plain
from bench.soak.report import PROMISES, report
from bench.traffic import traffic


def test_the_policies_that_are_measured_load_and_mean_the_same_with_and_without_the_index():
    people = company(1, 12)
    policy = parsed(write(people, 120, 1))
    met = agree(policy, traffic(people, policy, 1, 60))
    assert len(policy.rules) == 120
    assert len(met["outcomes"]) > 2


def test_what_is_put_to_the_peers_loads():
    people = company(1, 12)
    assert len(parsed(ours(people, plain(people, 40, 1))).rules) == 40


def test_the_kinds_of_rules_are_shares_of_a_hundred():
    assert sum(SHARES.values()) == 100


def test_texts_with_something_to_find_are_as_long_as_those_without():
    for language, hits in HITS.items():
        [text] = clean(language, 900, 1, lambda _: 0, lambda _: True)
        marked = with_hits(language, text)
        assert len(marked) == len(text) == 900 and all(hit in marked for hit in hits)
        assert [len(each) for each in prompts(language, 300, 4)] == [300] * 4


def soaked(end: bool = True, role: str = "detection", grows: float = 0, **told: Any) -> list[dict[str, Any]]:
    """The lines of a soak in which all went well, but for what is told; `grows` by so many MiB in ten minutes."""
    outcomes = {"restored": 100, "refused 503 overloaded": 9}
    lines: list[dict[str, Any]] = []
    for at in range(0, 600, 5):
        phase = "steady" if at < 480 else "crowded" if at < 530 else "after"
        has = (100 << 20) + int(grows * (1 << 20) * at / 600)
        process = {"role": role, "pid": 7, "age": 130 + at, "memory": has, "files": 9, "peak": 150e6}
        seen = {"restored": at // 6, "refused 503 overloaded": 9 * (at >= 500)}
        line = {"at": at, "phase": phase, "load": 1.0, "processes": [process], "outcomes": seen, "wrong": []}
        lines.append({"kind": "sample", "run": 1, **line})
    for name, value in told.items():
        for line in lines:
            (line["processes"][0] if name == "peak" else line)[name] = value
    wrong = told.get("wrong", [])
    return [*lines, *([{"kind": "end", "run": 1, "wrong": wrong, "outcomes": outcomes}] if end else [])]


SOAKS = {
    "all well": (soaked(), {"held"}, ""),
    "a leak": (soaked(wrong=[["outside", "1 values went outside"]]), {"held", "BROKEN"}, "outside"),
    "large": (soaked(peak=400e6), {"held", "BROKEN"}, "size"),
    "nobody served": (soaked(outcomes={"restored": 3}), {"held", "BROKEN"}, "crowd"),
    "one that grows": (soaked(grows=100), {"held", "BROKEN"}, "growth"),
    "one whose memories may be filling": (soaked(grows=30), {"held", "not known"}, ""),
    "a worker, which has none": (soaked(role="worker", grows=30), {"held", "BROKEN"}, "growth size"),
    "stopped": (soaked(end=False)[:60], {"held", "not known"}, ""),
    "stopped after a leak": (
        soaked(end=False, wrong=[["outside", "1 values went outside"]])[:60],
        {"held", "BROKEN", "not known"},
        "outside",
    ),
    "nothing at all": ([], {"not known"}, ""),
}


@pytest.mark.parametrize(("lines", "states", "broken"), SOAKS.values(), ids=SOAKS)
def test_a_soak_says_of_each_promise_whether_it_held(
    lines: list[dict[str, Any]], states: set[str], broken: str
) -> None:
    made = report(lines)
    assert set(made["promises"].values()) == states
    assert [said for said, state in made["promises"].items() if state == "BROKEN"] == [
        PROMISES[name] for name in broken.split()
    ]
    assert bool(made["wrong"]) == bool(broken)


def test_a_trail_that_is_stopped_says_how_far_it_came(tmp_path: Path) -> None:
    begun = subprocess.Popen(
        [sys.executable, "-m", "bench.trail", "--records", "10000000", "--says-every", "100"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert begun.stderr is not None
    while "100 records" not in begun.stderr.readline():
        assert begun.poll() is None
    begun.terminate()
    said = begun.communicate(timeout=60)[1]
    assert begun.returncode == 1 and "stopped by SIGTERM" in said
    assert not list(tmp_path.iterdir()), "nothing is left over"


def test_a_trail_for_which_there_is_no_room_says_so_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["trail", "--records", str(10**12)])
    with pytest.raises(SystemExit, match=r"TMPDIR"):
        trail.main()


def test_what_a_second_worker_brings_is_told_round_by_round():
    rounds = [
        {1: dict.fromkeys(workers.FIGURES, 10.0), 2: dict.fromkeys(workers.FIGURES, 10.0 * by)}
        for by in (1.5, 2.0, 1.8)
    ]
    told = workers.ratios(rounds)
    assert set(told["two by one"]) == set(workers.FIGURES)
    assert told["two by one"]["processor ms"] == {"median": 1.8, "range": [1.5, 2.0]}
    assert told["workers"]["1"]["p50 ms"] == {"median": 10.0, "range": [10.0, 10.0]}


def test_what_an_exchange_costs_beside_mitmproxy_is_told_round_by_round() -> None:
    rounds = {
        "Sluice": [{"loop": 6.0, "process": 12.0, "detection": 3.0}, {"loop": 3.0, "process": 9.0, "detection": 3.0}],
        "mitmproxy": [{"loop": 3.0, "process": 3.0, "detection": 0.0}, {"loop": 6.0, "process": 6.0, "detection": 0.0}],
    }
    told = exchange.summary(rounds)
    assert told["Sluice"]["by mitmproxy"]["loop"] == {"median": 1.25, "range": [0.5, 2.0]}
    assert told["Sluice"]["by mitmproxy"]["process"] == {"median": 2.75, "range": [1.5, 4.0]}
    assert told["Sluice"]["detection"]["median"] == 3.0 and "by mitmproxy" not in told["mitmproxy"]


def test_every_text_is_new_to_the_proxy() -> None:
    sent: list[str] = []

    class Kept(exchange_clients.Kept):
        def __init__(self) -> None:
            pass

        def ask(self, host: str, _path: str, body: bytes) -> int:
            sent.append(json.loads(body)["messages"][-1]["content"])
            return 403 if host == exchange_clients.FORBIDDEN else 200

        ask_http2 = ask

        def forget(self, host: str) -> None:
            pass

    for kind in exchange_clients.KINDS.values():
        said = exchange_clients.texts(kind.length)
        assert [exchange_clients.run(Kept(), kind, number, said) for number in (1, 2)] == [kind.times] * 2
    assert len(set(sent)) == len(sent) == 2 * sum(kind.times for kind in exchange_clients.KINDS.values())


CAPACITY = Path(__file__).parents[1]
SHAPES = {
    "a prompt of 500 characters": ("a prompt of 500 characters", "500 字符的提示"),
    "a prompt of 2,000 characters": ("a prompt of 2,000 characters", "2,000 字符的提示"),
    "turn 20, each of 500 characters": ("turn 20 of a conversation", "对话的第 20 轮"),
}


@pytest.mark.parametrize("page", ["capacity.md", "capacity.zh.md"])
def test_the_page_on_capacity_says_what_was_measured_and_reckons_right(page: str) -> None:
    told = (CAPACITY / "docs" / page).read_text("utf-8")
    measured = json.loads((CAPACITY / "bench" / "results" / "capacity.json").read_text("utf-8"))["shapes"]
    for shape, names in SHAPES.items():
        name = names["zh" in page]
        [row] = [line for line in told.splitlines() if line.startswith(f"| {name}")]
        numbers = [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*\.?\d*", row.partition(" | ")[2])]
        ours, other = measured[shape]["Sluice"], measured[shape]["mitmproxy"]
        processor, second = ours["processor ms"], ours["exchanges a second"]
        medians = [ours[f"processor ms, {part}"]["median"] for part in ("proxy", "detection")]
        wanted = [processor["median"], *processor["range"], *medians, other["processor ms"]["median"]]
        wanted += [second["median"], *second["range"], ours["p50 ms"]["median"], ours["p95 ms"]["median"]]
        assert numbers == pytest.approx(wanted, rel=0.012), name
    seconds = measured["a prompt of 500 characters"]["Sluice"]["processor ms"]["median"] / 1000
    busiest = 40 * 3 / 28_800
    for people in (100, 1_000, 10_000, 100_000):
        [row] = [line for line in told.splitlines() if line.startswith(f"| {people:,} |")][:1]
        assert int(row.split("|")[2]) == math.ceil(people * busiest * seconds / 0.5), row
