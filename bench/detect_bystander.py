"""How long a refusal takes while the proxy looks through the prompts of others without a pause.

Enters: how many rounds. Leaves: milliseconds, from a real proxy over real TLS, and what part of the processors whom
took meanwhile. The bystander asks for a service that is forbidden, so it is answered from its headers: what it waits
for is the event loop, and a processor. It runs in a process of its own, and so does who keeps the detector busy; the
services that are played run here. In a company all of these are other machines.
"""

import itertools
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from bench.detect_load import Spread
from bench.detect_texts import prompts
from detectors.effort import process_seconds
from proxy.demo.act import Stage, set_stage
from proxy.demo.process import RunningProxy

BUSY = "api.openai.com"
FORBIDDEN = "api.deepseek.com"
PATHS = {BUSY: "/v1/chat/completions", FORBIDDEN: "/chat/completions"}
PROCESSES = {"": 1, " (detection in the proxy)": 0}
"""What is written beside a state, and `detection: processes:`."""
CALLERS = 4
PROMPT = 2000
TICK = 0.02
SECONDS = 6.0
SETTLING = 2.0
"""Seconds until the callers are at work."""


def bystander(rounds: int, spread: Spread) -> dict[str, Any]:
    """Measure how long a refusal takes, idle and while the detector is busy: in a process of its own, and in ours.

    Both proxies run all the while, and are measured in turn, so that whatever else the machine does meets both.
    """
    names = [f"{state}{where}" for where in PROCESSES for state in ("idle", "busy")]
    waited: dict[str, dict[str, list[float]]] = {name: {"p50": [], "p99": []} for name in names}
    shares: dict[str, list[float]] = {}
    with ExitStack() as stack:
        stages = {}
        for where, processes in PROCESSES.items():
            folder = stack.enter_context(TemporaryDirectory())
            stages[where] = stack.enter_context(set_stage(Path(folder), detection={"processes": processes}))
        for number in range(max(2, rounds // 2)):
            for name in sorted(waited, reverse=bool(number % 2)):
                taken, worked = watched(stages[name[4:]], CALLERS if name.startswith("busy") else 0)
                waited[name]["p50"].append(taken[len(taken) // 2])
                waited[name]["p99"].append(taken[int(len(taken) * 0.99)])
                for who, share in worked.items() if name == "busy" else ():
                    shares.setdefault(who, []).append(share)
    told = {f"{state}, {what} ms": spread(values) for state, each in waited.items() for what, values in each.items()}
    busy_with = {who: spread(values) for who, values in shares.items()}
    return {**told, "callers": CALLERS, "characters of a prompt": PROMPT, "busy, processors taken": busy_with}


def watched(stage: Stage, callers: int) -> tuple[list[float], dict[str, float]]:
    """Return the milliseconds of each refusal, the shortest first, and how many processors whom took meanwhile."""
    proxy = stage.proxy
    with busy(proxy, callers) as load:
        whom = {"the proxy": proxy.process.pid, "the services played": os.getpid(), **load}
        whom |= {f"detection {at}": pid for at, pid in enumerate(detecting(proxy.process.pid), 1)}
        with asking("wait", proxy) as process:
            before, begun = {who: seconds_of(pid) for who, pid in whom.items()}, time.monotonic()
            said, _ = process.communicate()
            passed = time.monotonic() - begun
            worked = {who: (seconds_of(pid) - before[who]) / passed for who, pid in whom.items()}
    answers = json.loads(said)
    stage.external.reset()
    return answers["taken"], worked | {"the bystander": answers["worked"] / passed}


def detecting(pid: int) -> list[int]:
    """Return the processes in which a proxy detects."""
    begun = [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
    return [int(one) for one in begun if b"proxy.detecting.worker" in Path(f"/proc/{one}/cmdline").read_bytes()]


def seconds_of(pid: int) -> float:
    """Return how long a process has worked."""
    return process_seconds(pid) or 0.0


@contextmanager
def asking(what: str, proxy: RunningProxy, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that asks through the proxy, and end it."""
    command = [sys.executable, "-m", "bench.detect_bystander", what, proxy.url, str(proxy.ca), *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def busy(proxy: RunningProxy, callers: int) -> Iterator[dict[str, int]]:
    """Let so many callers send prompts without a pause; yield who they are."""
    if not callers:
        yield {}
        return
    with asking("send", proxy, str(callers)) as process:
        time.sleep(SETTLING)
        yield {"the callers": process.pid}


class Client:
    """A client as cheap as can be, which keeps its connection."""

    def __init__(self, url: str, ca: str, host: str) -> None:
        """Take the proxy, whom to trust, and which service to ask."""
        proxy = urlsplit(url)
        trust = ssl.create_default_context(cafile=ca)
        self._connection = HTTPSConnection(proxy.hostname or "", proxy.port, timeout=60, context=trust)
        self._connection.set_tunnel(host, 443)
        self._path = PATHS[host]

    def ask(self, text: str) -> int:
        """Return the status of the answer to a prompt."""
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
        self._connection.request("POST", self._path, body, {"content-type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def wait(url: str, ca: str) -> None:
    """Print how many milliseconds each refusal took, the shortest first, and the seconds that were worked for it."""
    client = Client(url, ca, FORBIDDEN)
    client.ask("")  # the first one makes the connection
    taken: list[float] = []
    until, worked = time.monotonic() + SECONDS, time.process_time()
    while time.monotonic() < until:
        begun = time.perf_counter()
        status = client.ask("")
        taken.append(1000 * (time.perf_counter() - begun))
        if status != HTTPStatus.FORBIDDEN:
            raise SystemExit(f"the bystander was not refused: {status}")
        time.sleep(TICK)
    print(json.dumps({"taken": sorted(taken), "worked": time.process_time() - worked}))


def send(url: str, ca: str, callers: str) -> None:
    """Send prompts, all of them new to the proxy, until the process is ended."""
    numbers = itertools.count()
    texts = prompts("en", PROMPT, 8) + prompts("zh", PROMPT, 8)

    def work(_: int) -> None:
        client = Client(url, ca, BUSY)
        while True:
            number = next(numbers)
            client.ask(f"{number}. {texts[number % len(texts)]}")

    with ThreadPoolExecutor(int(callers)) as pool:
        list(pool.map(work, range(int(callers))))


if __name__ == "__main__":
    (wait if sys.argv[1] == "wait" else send)(*sys.argv[2:])
