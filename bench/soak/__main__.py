"""Keeps the real proxy busy for long, with reloads and restarts in between: `python -m bench.soak --minutes 30`.

Several people at once send values of their own at half of what this machine can do; every answer must hold its own
person's values and nobody else's. In between the policy is reloaded and the process that detects is killed. Samples go
to a file of JSON lines, one each few seconds; a run that was interrupted goes on where that file ends. The end is a
report, and exit status 1 where a promise does not hold: no wrong restore, nothing confidential outside, every exchange
on record, no file left over, memory flat.
"""

import argparse
import json
import os
import re
import signal
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Any

import httpx

from bench.soak.machine import family, files_in, held, slope
from bench.soak.people import Asked, ask, judge
from tests.e2e.street import Street, open_street

EVERY = 5.0
"""Seconds between two samples."""
WARMING = 120.0
"""Seconds of a process's life that say nothing of its memory."""
GROWS_AT_MOST = 24.0
"""MiB an hour that a process may grow beyond doubt before a soak fails."""
LONGEST = 60
"""Bytes of the longest value."""
VALUES = re.compile(rb"1(?:39|86)\d{8}|client\d+\.of\d{3}@")
HELD_BY = {"identity": {"header": {"user": "x-person", "from": ["127.0.0.0/8"]}}}
WORDS = {"openai": re.compile(r'"content":"((?:[^"\\]|\\.)*)"'), "anthropic": re.compile(r'"text":"((?:[^"\\]|\\.)*)"')}


@dataclass
class Tally:
    """What has happened so far; used from many threads."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, outcome: str, wrong: str = "") -> None:
        """Count an exchange, and what was wrong with it."""
        with self.lock:
            self.outcomes[outcome] += 1
            if wrong:
                self.wrong.append(wrong)


@dataclass
class Soak:
    """A running soak."""

    street: Street
    tally: Tally
    begun: int
    """Where the numbers of exchanges begin."""
    stop: Event = field(default_factory=Event)

    def person(self, number: int, pause: Callable[[], float]) -> None:
        """Send one exchange after the other until told to stop."""
        trust = ssl.create_default_context(cafile=str(self.street.proxy.ca))
        count = self.begun
        while not self.stop.is_set():
            proxy = httpx.Proxy(self.street.proxy.url, headers={"x-person": f"p{number:03d}"})
            http2 = number % 2 == 0
            with httpx.Client(http2=http2, proxy=proxy, verify=trust, trust_env=False, timeout=120) as client:
                for _ in range(50):
                    if self.stop.wait(pause()):
                        return
                    count += 1
                    self.one(client, ask(number, count))

    def one(self, client: httpx.Client, asked: Asked) -> None:
        """Send one exchange and judge its answer."""
        try:
            with client.stream("POST", f"https://{asked.host}{asked.path}", json=asked.body) as answer:
                raw = answer.read().decode()
        except httpx.HTTPError as error:
            self.tally.note(f"error {type(error).__name__}")
            return
        if answer.status_code != 200:
            code = re.search(r'"code":"(\w+)"', raw)
            self.tally.note(f"refused {answer.status_code} {code[1] if code else ''}".strip())
            return
        vendor = "anthropic" if "anthropic" in asked.host else "openai"
        said = "".join(json.loads(f'"{one}"') for one in WORDS[vendor].findall(raw))
        wrong = judge(asked, said)
        self.tally.note("restored" if not wrong else "wrong", f"person {asked.person}: {wrong}" if wrong else "")


def capacity(soak: Soak, people: int, seconds: float) -> float:
    """Return how many exchanges a second come through with all people sending without a pause."""
    before, began = sum(soak.tally.outcomes.values()), time.monotonic()
    with ThreadPoolExecutor(people) as pool:
        for number in range(people):
            pool.submit(soak.person, number, lambda: 0.0)
        time.sleep(seconds)
        soak.stop.set()
    made = (sum(soak.tally.outcomes.values()) - before) / (time.monotonic() - began)
    soak.stop.clear()
    soak.begun += 10_000
    return made


class Disturber:
    """Reloads the policy and kills the process that detects, in turn."""

    def __init__(self, street: Street, policy_every: float, kill_every: float) -> None:
        self.street, self.intervals = street, {"reload": policy_every, "kill": kill_every}
        self.last = dict.fromkeys(self.intervals, time.monotonic())
        self.done = Counter[str]()
        self.path = street.proxy.folder / "policy.yaml"

    def turn(self) -> None:
        """Do what is due."""
        for name, interval in self.intervals.items():
            if time.monotonic() - self.last[name] >= interval:
                self.last[name] = time.monotonic()
                self.done[name] += 1
                getattr(self, name)()

    def reload(self) -> None:
        """Write the policy under its next number."""
        text = self.path.read_text("utf-8")
        text = re.sub(r"(?m)^version: (\d+)$", lambda found: f"version: {int(found[1]) + 1}", text)
        partial = self.path.with_suffix(".new")
        partial.write_text(text, "utf-8")
        partial.replace(self.path)

    def kill(self) -> None:
        """Kill what detects."""
        for role, pid in family(self.street.proxy.process.pid):
            if role == "detection":
                os.kill(pid, signal.SIGKILL)


class Outside:
    """Watches what reaches the service, each byte once."""

    def __init__(self, street: Street) -> None:
        self.server = street.external.server
        self.read: dict[int, int] = {}

    def leaks(self) -> list[str]:
        """Return what has reached the service since the last look and must not have."""
        found = 0
        for number, wire in enumerate(self.server.wire):
            begin = max(0, self.read.get(number, 0) - LONGEST)
            found += len(VALUES.findall(bytes(wire[begin:])))
            self.read[number] = len(wire)
        requests, self.server.requests[:] = list(self.server.requests), []
        found += sum(len(VALUES.findall(one.everything)) for one in requests)
        return [f"{found} values went outside"] if found else []


def soak(minutes: float, people: int, out: Path, kill_every: float, policy_every: float) -> dict[str, Any]:
    """Run, and return the report."""
    old = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    samples = [line for line in old if line["kind"] == "sample"]
    so_far = max((line["at"] for line in samples), default=0.0)
    runs = 1 + sum(line["kind"] == "run" for line in old)
    tally, wrong = Tally(), []
    with tempfile.TemporaryDirectory(prefix="sluice-soak-") as folder, out.open("a", encoding="utf-8") as file:

        def say(**line: Any) -> None:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()

        temporary = Path(folder) / "tmp"
        temporary.mkdir()
        os.environ["TMPDIR"] = str(temporary)
        with open_street(Path(folder), **HELD_BY) as street:
            work, outside = Soak(street, tally, runs * 100), Outside(street)
            street.external.manner.piece = 60
            rate = capacity(work, people, 20.0) / 2
            wrong += outside.leaks()
            say(kind="run", run=runs, capacity=round(rate * 2, 2), rate=round(rate, 2), people=people)
            print(f"capacity {rate * 2:.1f} exchanges a second, soaking with {rate:.1f}", flush=True)
            disturber, first_seen = Disturber(street, policy_every, kill_every), dict[int, float]()
            began, at_first = time.monotonic(), set[str]()
            with ThreadPoolExecutor(people) as pool:
                each = [pool.submit(work.person, number, lambda: people / rate) for number in range(people)]
                try:
                    while so_far + time.monotonic() - began < minutes * 60:
                        time.sleep(EVERY)
                        disturber.turn()
                        wrong += outside.leaks()
                        now = time.monotonic() - began
                        processes = []
                        for role, pid in family(street.proxy.process.pid):
                            age = now - first_seen.setdefault(pid, now)
                            if (one := held(role, pid, age)) is not None:
                                processes.append(asdict(one))
                        at_first = at_first or files_in([Path(folder)])
                        say(
                            kind="sample",
                            run=runs,
                            at=round(so_far + now, 1),
                            processes=processes,
                            outcomes=dict(tally.outcomes),
                            wrong=[*tally.wrong, *wrong],
                            done=dict(disturber.done),
                        )
                        if street.proxy.process.poll() is not None:
                            wrong.append("the proxy has ended")
                            break
                finally:
                    work.stop.set()
                    for one in each:
                        one.result()
            wrong += outside.leaks()
            left = sorted(Path(name).name for name in files_in([Path(folder)]) - at_first)
            records = street.records()
            asked = sum(1 for line in records if line["event"] == "request")
            answered = sum(1 for line in records if line["event"] == "answer")
            forwarded = sum(1 for line in records if line["event"] == "request" and line["outcome"] == "forwarded")
            sent = sum(tally.outcomes.values())
            if asked != sent or answered != forwarded:
                wrong.append(
                    f"{sent} exchanges, {asked} on record; {forwarded} forwarded, {answered} answers on record"
                )
            if left:
                wrong.append(f"files left over: {', '.join(left[:10])}")
        say(kind="end", run=runs, wrong=[*tally.wrong, *wrong], outcomes=dict(tally.outcomes), left=left)
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return report(lines)


def report(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all runs of a file of samples say together."""
    series: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    files: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for line in lines:
        for one in line.get("processes", ()):
            if one["age"] >= WARMING:
                key = (one["role"], line["run"], one["pid"])
                series.setdefault(key, []).append((one["age"], one["memory"] / (1 << 20)))
                files.setdefault(key, []).append((one["age"], one["files"]))
    memory, wrong = [], [each for line in lines if line["kind"] == "end" for each in line["wrong"]]
    for key, every in series.items():
        points = every[len(every) // 2 :] if key[0] == "proxy" else every  # the other half fills caches and threads
        told, open_files = slope(points), slope(files[key][-len(points) :])
        if told is None or open_files is None:
            continue
        memory.append(
            {
                "role": key[0],
                "pid": key[2],
                "minutes": round((points[-1][0] - points[0][0]) / 60, 1),
                "from_mib": round(points[0][1], 1),
                "to_mib": round(points[-1][1], 1),
                "mib_an_hour": round(told.per_hour, 1),
                "error": round(told.error, 1),
                "files_an_hour": round(open_files.per_hour, 1),
            }
        )
        if told.per_hour - 2 * told.error > GROWS_AT_MOST:
            wrong.append(f"{key[0]} {key[2]} grows by {told.per_hour:.0f} ± {told.error:.0f} MiB an hour")
    outcomes = Counter[str]()
    for line in lines:
        if line["kind"] == "end":
            outcomes.update(line["outcomes"])
    return {"outcomes": dict(outcomes), "memory": memory, "wrong": wrong}


def main() -> None:
    """Run by the command line."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--minutes", type=float, default=30)
    told.add_argument("--people", type=int, default=8)
    told.add_argument("--out", type=Path, default=Path("soak.jsonl"))
    told.add_argument("--kill-every", type=float, default=300, help="seconds between two kills of what detects")
    told.add_argument("--policy-every", type=float, default=60, help="seconds between two reloads of the policy")
    told.add_argument("--report", action="store_true", help="only read what is there")
    asked = told.parse_args()
    if asked.report:
        made = report([json.loads(line) for line in asked.out.read_text("utf-8").splitlines()])
    else:
        made = soak(asked.minutes, asked.people, asked.out, asked.kill_every, asked.policy_every)
    print(json.dumps(made, ensure_ascii=False, indent=1))
    sys.exit(1 if made["wrong"] else 0)


if __name__ == "__main__":
    main()
