"""What one exchange costs a machine, whole: the real proxy over real TLS, beside stock mitmproxy that only forwards.

`python -m bench.capacity` prints the tables and writes results/capacity.json; docs/capacity.md reckons with them. An
exchange is a prompt that nobody sent before and its streamed answer, which repeats it. Cost is processor time of the
proxy and of its process that detects, out of /proc (Linux only); clients and the service that answers are processes of
their own, or this one, and not counted. Rounds go through all contestants in turn, on the same machine and texts.
"""

import argparse
import itertools
import json
import ssl
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from bench.contestants import Contestant, contestant_of, mitmdump
from bench.decide import load, machine, note
from bench.detect import spread
from bench.detect_texts import prompts
from bench.tables import spread as written
from bench.tables import table
from proxy.demo.act import set_stage

RESULTS = Path(__file__).parent / "results" / "capacity.json"
SERVICE = "https://api.openai.com/v1/chat/completions"
CALLERS = 4
SECONDS = 15.0
SETTLING = 3.0
"""Seconds until the callers are at work; nothing of these is counted."""

SHAPES = {
    "a prompt of 500 characters": (500, 0, 0.0),
    "a prompt of 2,000 characters": (2000, 0, 0.0),
    "turn 20, each of 500 characters": (500, 19, 0.0),
    "a prompt of 500 characters, its answer piece by piece": (500, 0, 0.01),
}
"""Characters of a prompt, turns of which all were sent before, and seconds between two pieces of the answer.

Without a pause many pieces come at a time, as where a machine is busy; with one each comes alone, as a model writes.
"""


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--out", type=Path, default=RESULTS)
    asked.add_argument("--send", nargs=5, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.send:
        url, ca, callers, length, turns = options.send
        send(url, ca, int(callers), int(length), int(turns))
        return
    results: dict[str, Any] = {
        "machine": {key: value for key, value in machine().items() if key not in ("peers", "engine")},
        "callers": CALLERS,
        "shapes": measure(options.rounds),
    }
    results["machine"]["load_after"] = load()
    options.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(results)


def measure(rounds: int) -> dict[str, Any]:
    """Measure each shape of exchange through each contestant."""
    seen: dict[str, dict[str, dict[str, list[float]]]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = stack.enter_context(set_stage(folder / "stage"))
        ours = contestant_of(stage.proxy)
        plain = stack.enter_context(mitmdump(folder / "mitmproxy", stage.external.address, folder / "stage"))
        racing = {"Sluice": ours, "mitmproxy": plain}
        for number, (name, (length, turns, pause)) in itertools.product(range(rounds), SHAPES.items()):
            note(f"round {number + 1} of {rounds}: {name}")
            for who, one in sorted(racing.items(), reverse=bool(number % 2)):
                stage.external.reset()  # what it heard is kept, and would fill the memory
                stage.external.manner.pause = pause
                figures = once(one, length, turns)
                for what, value in figures.items():
                    seen.setdefault(name, {}).setdefault(who, {}).setdefault(what, []).append(value)
    return {
        name: {who: {what: spread(values) for what, values in each.items()} for who, each in sorted(told.items())}
        for name, told in seen.items()
    }


def once(one: Contestant, length: int, turns: int) -> dict[str, float]:
    """Return what the exchanges of one round cost."""
    place = str(turns)
    command = [sys.executable, "-m", "bench.capacity", "--send", one.url, str(one.ca), str(CALLERS), str(length), place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            before, began = one.spent(), time.monotonic()
            time.sleep(SECONDS)
            after, lasted = one.spent(), time.monotonic() - began
            memory = one.megabytes()
        finally:
            done, _ = process.communicate(b"enough\n")
    taken = sorted(json.loads(done))
    if not taken:
        raise SystemExit("no exchange came through")
    rate = len(taken) / lasted
    cost = {role: 1000 * (after[role] - before.get(role, 0)) / len(taken) for role in after}
    return {
        "exchanges a second": rate,
        "p50 ms": 1000 * taken[len(taken) // 2],
        "p95 ms": 1000 * taken[int(len(taken) * 0.95)],
        "processor ms": sum(cost.values()),
        **{f"processor ms, {role}": value for role, value in cost.items() if value >= 0.01},
        **{f"MiB, {role}": value for role, value in memory.items()},
    }


def send(url: str, ca: str, callers: int, length: int, turns: int) -> None:
    """Send prompts that are new to the proxy until told that it is enough, and print how long each exchange took.

    What was finished while the callers settled is left out.
    """
    texts = [text for pair in zip(prompts("en", length, 40), prompts("zh", length, 40), strict=True) for text in pair]
    numbers, stop, taken = itertools.count(time.monotonic_ns() % 10**9), [False], list[tuple[float, float]]()

    def work(_: int) -> None:
        trust = ssl.create_default_context(cafile=ca)
        history: list[dict[str, str]] = []
        with httpx.Client(proxy=url, verify=trust, trust_env=False, timeout=120) as client:
            while not stop[0]:
                number = next(numbers)
                turn = {"role": "user", "content": f"{number}. {texts[number % len(texts)]}"}
                body = {"model": "m", "stream": True, "messages": [*history, turn]}
                begun = time.perf_counter()
                answer = client.post(SERVICE, json=body)
                if answer.status_code == httpx.codes.OK:
                    taken.append((begun, time.perf_counter() - begun))
                if turns:
                    history = [*history, turn] if len(history) < turns else history
                elif answer.status_code != httpx.codes.OK:
                    raise SystemExit(f"an exchange was refused: {answer.status_code}")

    with ThreadPoolExecutor(callers) as pool:
        at_work = [pool.submit(work, number) for number in range(callers)]
        time.sleep(SETTLING + turns / 2)
        since = time.perf_counter()
        print("at work", flush=True)
        sys.stdin.readline()
        until = time.perf_counter()
        stop[0] = True
    for one in at_work:
        one.result()
    print(json.dumps([lasted for begun, lasted in taken if since <= begun + lasted <= until]))


def show(results: dict[str, Any]) -> None:
    """Print the figures as tables."""
    for name, told in results["shapes"].items():
        heads = list(dict.fromkeys(what for each in told.values() for what in each))
        rows = [(who, *(written(each[what]) if what in each else "–" for what in heads)) for who, each in told.items()]
        table(name, ("", *heads), rows)


if __name__ == "__main__":
    main()
