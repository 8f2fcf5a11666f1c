"""How long a refusal takes while the proxy looks through the prompts of others without a pause.

Enters: how many rounds. Leaves: milliseconds, from a real proxy over real TLS. The bystander asks for a service that is
forbidden, so it is answered from its headers: what it waits for is the event loop. Who keeps the detector busy runs in
a process of its own, and takes none of the bystander's time in Python.
"""

import itertools
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.detect_load import Spread
from bench.detect_texts import prompts
from proxy.demo.act import set_stage
from proxy.demo.process import RunningProxy

BUSY = "https://api.openai.com/v1/chat/completions"
FORBIDDEN = "https://api.deepseek.com/chat/completions"
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
    with ExitStack() as stack:
        stages = {}
        for where, processes in PROCESSES.items():
            folder = stack.enter_context(TemporaryDirectory())
            stages[where] = stack.enter_context(set_stage(Path(folder), detection={"processes": processes}))
        for number in range(max(2, rounds // 2)):
            for name in sorted(waited, reverse=bool(number % 2)):
                proxy = stages[name[4:]].proxy
                with busy(proxy, CALLERS if name.startswith("busy") else 0):
                    taken = waits(proxy)
                waited[name]["p50"].append(taken[len(taken) // 2])
                waited[name]["p99"].append(taken[int(len(taken) * 0.99)])
    told = {f"{state}, {what} ms": spread(values) for state, each in waited.items() for what, values in each.items()}
    return {**told, "callers": CALLERS, "characters of a prompt": PROMPT}


def waits(proxy: RunningProxy) -> list[float]:
    """Return how many milliseconds each refusal took, the shortest first."""
    taken: list[float] = []
    with client(proxy.url, proxy.ca) as asking:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            begun = time.perf_counter()
            answer = asking.post(FORBIDDEN, json={"model": "m", "messages": []})
            taken.append(1000 * (time.perf_counter() - begun))
            if answer.status_code != httpx.codes.FORBIDDEN:
                raise SystemExit(f"the bystander was not refused: {answer.status_code}")
            time.sleep(TICK)
    return sorted(taken[1:])  # the first one makes the connection


def client(url: str, ca: str | Path) -> httpx.Client:
    """Return a client that goes through the proxy and trusts it."""
    trust = ssl.create_default_context(cafile=str(ca))
    return httpx.Client(proxy=url, verify=trust, trust_env=False, timeout=60)


@contextmanager
def busy(proxy: RunningProxy, callers: int) -> Iterator[None]:
    """Let so many callers send prompts without a pause."""
    if not callers:
        yield
        return
    command = [sys.executable, "-m", "bench.detect_bystander", proxy.url, str(proxy.ca), str(callers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        time.sleep(SETTLING)
        try:
            yield
        finally:
            process.kill()


def send(url: str, ca: str, callers: int) -> None:
    """Send prompts, all of them new to the proxy, until the process is ended."""
    numbers = itertools.count()
    texts = prompts("en", PROMPT, 8) + prompts("zh", PROMPT, 8)

    def work(_: int) -> None:
        with client(url, ca) as asking:
            while True:
                number = next(numbers)
                text = f"{number}. {texts[number % len(texts)]}"
                asking.post(BUSY, json={"model": "m", "messages": [{"role": "user", "content": text}]})

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(work, range(callers)))


if __name__ == "__main__":
    send(sys.argv[1], sys.argv[2], int(sys.argv[3]))
