"""What the proxy's own process works for one exchange, by kind of exchange, beside stock mitmproxy that only forwards.

`python -m bench.exchange` prints a table and writes results/exchange.json, in some four minutes. Cost is time of the
processor, out of /proc (Linux only): of the thread that has the event loop, for which every other exchange waits, and
of the whole process. Detection is a process of its own and told beside it; clients and the service that answers are
other processes, and not counted. Rounds go through all contestants in turn, with the same texts on the same machine.
`--beside FOLDER` measures another checkout of Sluice in the same rounds.
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.contestants import Contestant, contestant_of, mitmdump
from bench.decide import load, machine, note
from bench.detect import spread
from bench.exchange_clients import KINDS, OUTSIDE
from bench.tables import spread as written
from bench.tables import table
from proxy.demo.act import INTERNAL_KEY, KEY_VARIABLE, demo_settings
from proxy.demo.authority import make_authority, server_context
from proxy.demo.process import RunningProxy, start_proxy
from proxy.demo.scenes import HOSTS
from proxy.demo.standins import ExternalStandIn

RESULTS = Path(__file__).parent / "results" / "exchange.json"
PLAIN = "mitmproxy"
FIGURES = ("loop", "process", "detection")


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--only", nargs="*", choices=tuple(KINDS), default=tuple(KINDS), metavar="KIND")
    asked.add_argument("--beside", type=Path, help="another checkout")
    asked.add_argument("--out", type=Path, default=RESULTS)
    options = asked.parse_args()
    results: dict[str, Any] = {
        "machine": {key: value for key, value in machine().items() if key not in ("peers", "engine")},
        "kinds": measure(options.rounds, options.only, options.beside),
    }
    results["machine"]["load_after"] = load()
    options.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(results)


def measure(rounds: int, only: tuple[str, ...], beside: Path | None) -> dict[str, Any]:
    """Measure each kind of exchange through each contestant; the first round warms up, and is not told."""
    seen: dict[str, dict[str, list[dict[str, float]]]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        authority = make_authority(folder)
        service = ExternalStandIn(server_context(authority, (*HOSTS, OUTSIDE)))
        service.start()
        stack.callback(service.stop)
        racing = {"Sluice": stack.enter_context(sluice(folder / "ours", service, authority.pem))}
        if beside is not None:
            racing["beside"] = stack.enter_context(sluice(folder / "beside", service, authority.pem, beside))
        racing[PLAIN] = stack.enter_context(mitmdump(folder / PLAIN, service.address, folder, OUTSIDE))
        asks = {who: stack.enter_context(clients(one)) for who, one in racing.items()}
        for number, kind in itertools.product(range(rounds + 1), only):
            note(f"round {number} of {rounds}: {kind}")
            for who in sorted(racing, reverse=bool(number % 2)):
                service.reset()  # what it heard is kept, and would fill the memory
                service.manner.piece, service.manner.pause = KINDS[kind].piece, KINDS[kind].pause
                before = worked(racing[who])
                count = asks[who](kind, number)
                told = {what: (value - before[what]) / count for what, value in worked(racing[who]).items()}
                if number:
                    seen.setdefault(kind, {}).setdefault(who, []).append(told)
    return {kind: summary(each) for kind, each in seen.items()}


def worked(one: Contestant) -> dict[str, float]:
    """Return milliseconds of the processor: of its event loop, of its process, and of those that detect for it."""
    spent = one.spent()
    return {
        "loop": 1000 * one.looped(),
        "process": 1000 * spent["proxy"],
        "detection": 1000 * spent.get("detection", 0.0),
    }


def summary(seen: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Return what each works for an exchange, in milliseconds, and how many times mitmproxy's, round by round."""
    told: dict[str, Any] = {
        who: {what: spread([one[what] for one in each]) for what in FIGURES} for who, each in seen.items()
    }
    for who, other in (("Sluice", PLAIN), ("Sluice", "beside")):
        if who in seen and other in seen:
            pairs = list(zip(seen[who], seen[other], strict=True))
            told[who][f"by {other}"] = {
                what: spread([our[what] / their[what] for our, their in pairs if their[what]])
                for what in ("loop", "process")
            }
    return told


@contextmanager
def sluice(folder: Path, service: ExternalStandIn, trusted: Path, code: Path | None = None) -> Iterator[Contestant]:
    """Run Sluice as `sluice demo` does, with the fast models for names; `code` is another checkout of it."""
    settings = demo_settings(service.address, "127.0.0.1:9", trusted)
    settings["resolve"][f"{OUTSIDE}:443"] = service.address
    settings["detection"] = {"names": "fast"}
    policy = Path(__file__).parents[1] / "proxy" / "demo" / "policy.yaml"

    def begin(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        if code is not None:
            more["env"] = {**more["env"], "PYTHONPATH": str(code.resolve())}
        return subprocess.Popen(command, **more)

    proxy: RunningProxy = start_proxy(folder, settings, policy.read_text("utf-8"), {KEY_VARIABLE: INTERNAL_KEY}, begin)
    try:
        yield contestant_of(proxy)
    finally:
        proxy.stop()


@contextmanager
def clients(one: Contestant) -> Iterator[Callable[[str, int], int]]:
    """Start a process that asks; yield what lets it ask a kind of exchange, and returns how many it has asked."""
    command = [sys.executable, "-m", "bench.exchange_clients", one.url, str(one.ca)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        to, answers = process.stdin, process.stdout

        def ask(kind: str, number: int) -> int:
            to.write(json.dumps([kind, number]).encode() + b"\n")
            to.flush()
            said = answers.readline()
            if not said:
                raise SystemExit(f"no answer to: {kind}")
            time.sleep(0.2)  # until what is done behind the answer is done
            return int(said)

        try:
            yield ask
        finally:
            process.kill()


def show(results: dict[str, Any]) -> None:
    """Print the figures as a table."""
    rows = []
    for kind, told in results["kinds"].items():
        for who, each in told.items():
            ratios = [
                f"{name} {written(each[name]['loop'])}, {written(each[name]['process'])}"
                for name in each
                if name not in FIGURES
            ]
            rows.append((kind, who, *(written(each[what]) for what in FIGURES), "; ".join(ratios)))
    table("milliseconds of the processor for one exchange", ("", "", *FIGURES, "ratios: loop, process"), rows)


if __name__ == "__main__":
    main()
