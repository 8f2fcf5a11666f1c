"""What one exchange costs a machine, whole: the real proxy over real TLS, beside stock mitmproxy that only forwards.

`python -m bench.capacity` prints the tables and writes results/capacity.json; docs/capacity.md reckons with them. An
exchange is a prompt that nobody sent before and its streamed answer, which repeats it. Cost is processor time of the
proxy and of its process that detects, out of /proc (Linux only); clients and the service that answers are processes of
their own, or this one, and not counted. Rounds go through all contestants in turn, on the same machine and texts.
"""

import argparse
import itertools
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.decide import load, machine, note
from bench.detect import spread
from bench.detect_texts import prompts
from bench.soak.machine import family, held
from bench.tables import spread as written
from bench.tables import table
from proxy.demo.act import set_stage
from proxy.demo.process import end

RESULTS = Path(__file__).parent / "results" / "capacity.json"
SERVICE = "https://api.openai.com/v1/chat/completions"
CALLERS = 4
SECONDS = 15.0
SETTLING = 3.0
"""Seconds until the callers are at work; nothing of these is counted."""
TICKS = os.sysconf("SC_CLK_TCK")

SHAPES = {
    "a prompt of 500 characters": (500, 0, 0.0),
    "a prompt of 2,000 characters": (2000, 0, 0.0),
    "turn 20, each of 500 characters": (500, 19, 0.0),
    "a prompt of 500 characters, its answer piece by piece": (500, 0, 0.01),
}
"""Characters of a prompt, turns of which all were sent before, and seconds between two pieces of the answer.

Without a pause many pieces come at a time, as where a machine is busy; with one each comes alone, as a model writes.
"""

FORWARD = '''"""Stock mitmproxy, led to the stand-in; it reads nothing."""
def server_connect(data):
    data.server.address = ("127.0.0.1", {port})
def responseheaders(flow):
    flow.response.stream = True
'''


@dataclass(frozen=True, slots=True)
class Contestant:
    """A proxy that runs."""

    pid: int
    url: str
    ca: Path

    def spent(self) -> dict[str, float]:
        """Return the seconds of the processor that each of its processes has used."""
        told: dict[str, float] = {}
        for role, pid in family(self.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            told[role] = told.get(role, 0) + (int(fields[11]) + int(fields[12])) / TICKS
        return told

    def megabytes(self) -> dict[str, float]:
        """Return the memory that is each process's own share."""
        found = [one for role, pid in family(self.pid) if (one := held(role, pid, 0))]
        return {one.role: one.memory / 2**20 for one in found}


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
        ours = Contestant(stage.proxy.process.pid, stage.proxy.url, stage.proxy.ca)
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


@contextmanager
def mitmdump(folder: Path, address: str, authority: Path, tunnelled: str = "") -> Iterator[Contestant]:
    """Run stock mitmproxy beside it, which opens TLS, streams as it comes, and reads nothing.

    It opens no connection to the host that is `tunnelled`.
    """
    folder.mkdir()
    script = folder / "forward.py"
    script.write_text(FORWARD.format(port=address.rpartition(":")[2]), "utf-8")
    port = free_port()
    (trusted,) = {path for path in authority.glob("*.pem") if b"PRIVATE" not in path.read_bytes()}
    options = {
        "confdir": folder,
        "ssl_verify_upstream_trusted_ca": trusted,
        "flow_detail": 0,
        "termlog_verbosity": "error",
        **({"ignore_hosts": re.escape(tunnelled)} if tunnelled else {}),
    }
    sets = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    command = ["mitmdump", "-q", "--listen-host", "127.0.0.1", "-p", str(port), "-s", str(script), *sets]
    executable = Path(sys.executable).with_name(command[0])
    process = subprocess.Popen([str(executable), *command[1:]], stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: (folder / "mitmproxy-ca-cert.pem").exists() and listens(port))
        yield Contestant(process.pid, f"http://127.0.0.1:{port}", folder / "mitmproxy-ca-cert.pem")
    finally:
        end(process)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], bool], patience: float = 60) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("mitmproxy did not start")
        time.sleep(0.1)


def show(results: dict[str, Any]) -> None:
    """Print the figures as tables."""
    for name, told in results["shapes"].items():
        heads = list(dict.fromkeys(what for each in told.values() for what in each))
        rows = [(who, *(written(each[what]) if what in each else "–" for what in heads)) for who, each in told.items()]
        table(name, ("", *heads), rows)


if __name__ == "__main__":
    main()
