"""Keeps the real proxy busy for long, with reloads and restarts in between: `python -m bench.soak --minutes 30`.

Several people at once send values of their own at half of what this machine can do; every answer must hold its own
person's values and nobody else's. Meanwhile the policy is reloaded, workers are replaced one by one, what detects is
killed, and for a minute far more is asked than can be done (`weather`). Samples go to a file of JSON lines, one each
few seconds; a run that was interrupted goes on where that file ends. The end is a report, and exit status 1 where a
promise does not hold: no wrong restore, nothing confidential outside, every exchange on record, no file left over,
memory flat and below its ceiling. Each promise is told as held, broken or not known, also by a run that was stopped
with Ctrl-C or SIGTERM, and by `--report` of one that was killed.
"""

import argparse
import json
import os
import re
import signal
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.soak.clients import ROOM, Clients, Crowd, Tally
from bench.soak.machine import family, files_in, held
from bench.soak.report import HELD, report
from bench.soak.weather import CROWDED, Disturber, phase
from proxy.demo.authority import make_authority, server_context
from proxy.demo.standins import ExternalStandIn
from proxy.scratch import scratch
from tests.e2e.socket_standin import SocketStandIn
from tests.e2e.street import CASES, COLD, Street, open_street, run_here

EVERY = 5.0
"""Seconds between two samples."""
LONGEST = 60
"""Bytes of the longest value."""
VALUES = re.compile(rb"1(?:39|86)\d{8}|client\d+\.of\d{3}@")
LATER = {"audit.checkpoints.jsonl", "audit.key"}
"""Files that come with the first checkpoint."""
HELD_BY = {"identity": {"header": {"user": "x-person", "from": ["127.0.0.0/8"]}}}
FEW = {"waiting": 32}
"""How many may wait for their turn: few, so that a crowd of a hundred is more than can be done on any machine."""
POLICY = (
    (CASES / "policy.yaml")
    .read_text("utf-8")
    .replace("openai-chatgpt]", "openai-chatgpt, dashscope]")
    .replace("PHONE_NUMBER,", "PHONE_NUMBER, PERSON,")
)
"""That of the tests, with one more service, and with names, so that the models are at work."""


class Outside:
    """Watches what reaches the services, each byte once."""

    def __init__(self, street: Street, sockets: SocketStandIn) -> None:
        self.server, self.sockets = street.external.server, sockets
        self.read: dict[int, int] = {}

    def leaks(self) -> list[str]:
        """Return what has reached a service since the last look and must not have."""
        found = 0
        for number, wire in enumerate(self.server.wire):
            begin = max(0, self.read.get(number, 0) - LONGEST)
            found += len(VALUES.findall(bytes(wire[begin:])))
            self.read[number] = len(wire)
        for kept in (self.server.requests, self.sockets.messages):
            for _ in range(len(kept)):  # what comes meanwhile stands behind these
                one: Any = kept.pop(0)
                text = one.encode() if isinstance(one, str) else one if isinstance(one, bytes) else one.everything
                found += len(VALUES.findall(text))
        return [f"{found} values went outside"] if found else []


def on_record(street: Street, tally: Tally) -> list[str]:
    """Return which exchanges are not in the audit log as they should be."""
    lines = [line for line in street.records() if line["event"] in ("request", "answer")]
    asked = [line for line in lines if line["event"] == "request" and line["method"] in ("POST", "MESSAGE")]
    answered = {line["id"] for line in lines if line["event"] == "answer"}
    missing = sum(line["outcome"] == "forwarded" and line["id"] not in answered for line in asked)
    sent, broken = sum(tally.outcomes.values()), tally.ends("error")
    wrong = []
    if not sent - broken <= len(asked) <= sent:
        wrong.append(f"{sent} exchanges, {broken} of them broken off, {len(asked)} on record")
    if missing:
        wrong.append(f"{missing} answers are not on record")
    verified = run_here("audit", "verify", str(street.proxy.audit))
    if verified.returncode:
        wrong.append(f"the audit log does not verify: {verified.stdout.decode().strip()}")
    return wrong


class Soak:
    """One run."""

    def __init__(self, asked: argparse.Namespace, old: list[dict[str, Any]]) -> None:
        samples = [line for line in old if line["kind"] == "sample"]
        self.asked = asked
        self.so_far = max((line["at"] for line in samples), default=0.0)
        self.run = 1 + sum(line["kind"] == "run" for line in old)
        self.tally, self.wrong = Tally(), list[tuple[str, str]]()

    def say(self, **line: Any) -> None:
        """Keep a line."""
        with self.asked.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"run": self.run}, ensure_ascii=False) + "\n")

    def soak(self) -> None:
        """Run to the end."""
        with ExitStack() as stack:
            folder = stack.enter_context(scratch("soak"))
            temporary = folder / "tmp"
            temporary.mkdir()
            os.environ["TMPDIR"] = str(temporary)
            authority = make_authority(folder / "sockets")
            sockets = SocketStandIn(tickets_off(server_context(authority, (ROOM.partition("/")[0],))))
            sockets.piece = 1 << 20
            sockets.start()
            stack.callback(sockets.stop)
            both = folder / "authorities.pem"
            workers = {"count": self.asked.workers, "drain_seconds": 30, "websocket_seconds": 5}
            there = {"resolve": {f"{ROOM.partition('/')[0]}:443": sockets.address}, "upstream_ca": str(both)}

            class Beside(ExternalStandIn):
                """Trusted together with the one for WebSockets."""

                def __init__(self, tls: ssl.SSLContext | None = None) -> None:
                    both.write_bytes(authority.pem.read_bytes() + (folder / authority.pem.name).read_bytes())
                    super().__init__(tls)

            street = stack.enter_context(
                open_street(
                    folder, POLICY, standin=Beside, begin=COLD, workers=workers, admission=FEW, **there, **HELD_BY
                )
            )
            self.keep_busy(folder, street, Outside(street, sockets))

    def keep_busy(self, folder: Path, street: Street, outside: Outside) -> None:
        """Send and disturb until the time is over, and look at everything."""
        people, clients = self.asked.people, Clients(street, self.tally, self.run * 100)
        street.external.manner.piece = 60
        rate = clients.capacity(people, 20.0) / 2
        self.wrong += told("outside", outside.leaks())
        self.say(kind="run", capacity=round(rate * 2, 2), rate=round(rate, 2), people=people)
        print(f"capacity {rate * 2:.1f} exchanges a second, soaking with {rate:.1f}", flush=True)
        disturber = Disturber(street, self.asked.policy_every, self.asked.restart_every, self.asked.kill_every)
        first_seen, at_first, crowd = dict[int, float](), set[str](), None
        began, seconds = time.monotonic(), self.asked.minutes * 60
        with ThreadPoolExecutor(people) as pool:
            each = [pool.submit(clients.person, number, lambda: people / rate) for number in range(people)]
            try:
                while self.so_far + time.monotonic() - began < seconds:
                    time.sleep(EVERY)
                    now = time.monotonic() - began
                    part = phase(self.so_far + now, seconds)
                    if part == CROWDED and crowd is None:
                        crowd = Crowd(clients, self.asked.crowd)
                    elif part != CROWDED and crowd is not None:
                        crowd.leave()
                    disturber.turn(part)
                    self.wrong += told("outside", outside.leaks())
                    at_first = at_first or files_in([folder])
                    self.sample(street, first_seen, now, part, dict(disturber.done))
                    if street.proxy.process.poll() is not None:
                        self.wrong.append(("running", "the proxy has ended"))
                        break
            finally:
                clients.stop.set()
                if crowd is not None:
                    crowd.leave()
                    crowd.pool.shutdown()
                for one in each:
                    one.result()
        self.wrong += told("outside", outside.leaks()) + told("record", on_record(street, self.tally))
        if left := sorted({Path(name).name for name in files_in([folder]) - at_first} - LATER):
            self.wrong.append(("files", f"files left over: {', '.join(left[:10])}"))
        wrong = [*self.tally.wrong, *self.wrong]
        self.say(kind="end", wrong=wrong, outcomes=dict(self.tally.outcomes), kinds=dict(self.tally.kinds), left=left)

    def sample(self, street: Street, first_seen: dict[int, float], now: float, part: str, done: dict[str, int]) -> None:
        """Keep what everything is like at the moment."""
        processes = []
        for role, pid in family(street.proxy.process.pid):
            age = now - first_seen.setdefault(pid, now)
            if (one := held(role, pid, age)) is not None:
                processes.append(asdict(one))
        self.say(
            kind="sample",
            at=round(self.so_far + now, 1),
            phase=part,
            load=round(os.getloadavg()[0], 1),
            processes=processes,
            outcomes=dict(self.tally.outcomes),
            wrong=[*self.tally.wrong, *self.wrong],
            done=done,
        )
        if (self.so_far + now) // 60 > (self.so_far + now - EVERY) // 60:
            resident = max((one["resident"] for one in processes), default=0) >> 20
            said = f"{(self.so_far + now) / 60:.0f} min, {part}: {sum(self.tally.outcomes.values())} exchanges"
            print(
                f"{said}, {len(self.wrong) + len(self.tally.wrong)} wrong, largest process {resident} MiB", flush=True
            )


def told(promise: str, wrong: list[str]) -> list[tuple[str, str]]:
    """Return what is wrong, each with the promise that does not hold."""
    return [(promise, one) for one in wrong]


def stop(*_: object) -> None:
    """Stop as for Ctrl-C: what was seen until then is reported."""
    raise KeyboardInterrupt


def tickets_off(context: ssl.SSLContext) -> ssl.SSLContext:
    """Send no tickets, which clients with threads cannot bear (see `tests.e2e.sockets`)."""
    context.num_tickets = 0
    return context


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return what a file of samples holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Run by the command line."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--minutes", type=float, default=30)
    told.add_argument("--people", type=int, default=9)
    told.add_argument("--crowd", type=int, default=96, help="how many more come for a minute")
    told.add_argument("--workers", type=int, default=2, help="0: the one process that does everything")
    told.add_argument("--out", type=Path, default=Path("soak.jsonl"))
    told.add_argument("--kill-every", type=float, default=180, help="seconds between two kills of what detects")
    told.add_argument("--restart-every", type=float, default=120, help="seconds between two restarts of the workers")
    told.add_argument("--policy-every", type=float, default=60, help="seconds between two reloads of the policy")
    told.add_argument("--report", action="store_true", help="only read what is there")
    asked = told.parse_args()
    stopped = ""
    if not asked.report:
        signal.signal(signal.SIGTERM, stop)
        try:
            Soak(asked, lines_of(asked.out)).soak()
        except KeyboardInterrupt:
            stopped = f"stopped early; {asked.out} holds what was seen, and the same command goes on from there"
    made = report(lines_of(asked.out))
    promises = made.pop("promises")
    print(json.dumps(made, ensure_ascii=False, indent=1))
    print("\n".join(f"{state:>8}  {promise}" for promise, state in promises.items()))
    print(stopped or "that was all of it" if lines_of(asked.out) else "there is nothing to report", flush=True)
    sys.exit(1 if made["wrong"] or any(state != HELD for state in promises.values()) else 0)


if __name__ == "__main__":
    main()
