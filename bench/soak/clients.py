"""Those who keep a proxy busy in a soak: over HTTP/1.1 and HTTP/2, whole and streamed, and over a WebSocket.

Enters: a street and who sends what (`people`). Leaves: a tally of how each exchange ended, and what was wrong with it.
Whoever is sent away waits as long as the answer says, as the vendors' own libraries do.
"""

import json
import re
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from bench.soak.people import FILLER, Asked, ask, judge
from tests.e2e.street import Street
from tests.e2e.tunnel import read_until

WORDS = {"openai": re.compile(r'"content":"((?:[^"\\]|\\.)*)"'), "anthropic": re.compile(r'"text":"((?:[^"\\]|\\.)*)"')}
ROOM = "dashscope.aliyuncs.com/api-ws/v1/talk"
"""Where the stand-in for WebSockets says back what it hears."""
LEAST = 20
"""Exchanges that must have come through before it is said how many can."""
KINDS = ("HTTP/1.1", "HTTP/2", "WebSocket")


@dataclass
class Tally:
    """What has happened so far; used from many threads."""

    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """Which promise did not hold (see `report.PROMISES`), and how."""
    lock: Lock = field(default_factory=Lock)

    def note(self, kind: str, outcome: str, wrong: str = "", promise: str = "answers") -> None:
        """Count an exchange, and what was wrong with it."""
        with self.lock:
            self.outcomes[outcome] += 1
            self.kinds[kind] += 1
            if wrong:
                self.wrong.append((promise, wrong))

    def ends(self, beginning: str) -> int:
        """Return how many exchanges ended so."""
        with self.lock:
            return sum(count for outcome, count in self.outcomes.items() if outcome.startswith(beginning))


@dataclass
class Clients:
    """All that send."""

    street: Street
    tally: Tally
    begun: int
    """Where the numbers of exchanges begin."""
    sockets: bool = True
    """Whether some of them talk over a WebSocket."""
    stop: Event = field(default_factory=Event)
    trust: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.trust = ssl.create_default_context(cafile=str(self.street.proxy.ca))

    def person(self, number: int, pause: Callable[[], float], stop: Event | None = None, long: int = 0) -> None:
        """Send one exchange after the other until told to stop; `long` lines stand before each prompt."""
        kind = KINDS[number % 3] if self.sockets else KINDS[number % 2]
        stop, count = stop or self.stop, self.begun
        while not stop.is_set():
            try:
                if kind == "WebSocket":
                    count = self.talk(number, count, pause, stop)
                else:
                    count = self.call(number, count, pause, stop, FILLER * long, http2=kind == "HTTP/2")
            except (OSError, httpx.HTTPError, WebSocketException, EOFError) as error:
                count += 1
                self.tally.note(kind, f"error {type(error).__name__}")
                stop.wait(1)

    def call(
        self, number: int, count: int, pause: Callable[[], float], stop: Event, before: str, *, http2: bool
    ) -> int:
        """Send some exchanges on one connection, and return the last one's number."""
        proxy = httpx.Proxy(self.street.proxy.url, headers={"x-person": f"p{number:03d}"})
        with httpx.Client(http2=http2, proxy=proxy, verify=self.trust, trust_env=False, timeout=120) as client:
            for _ in range(50):
                if stop.wait(pause()):
                    break
                count += 1
                try:
                    again = self.one(client, ask(number, count, before), KINDS[http2])
                except httpx.HTTPError as error:
                    self.tally.note(KINDS[http2], f"error {type(error).__name__}")
                    break
                stop.wait(again)
        return count

    def one(self, client: httpx.Client, asked: Asked, kind: str) -> float:
        """Send one exchange, judge its answer, and return after how many seconds to come again."""
        with client.stream("POST", f"https://{asked.host}{asked.path}", json=asked.body) as answer:
            raw = answer.read().decode()
        if answer.status_code != 200:
            code = re.search(r'"code":"(\w+)"', raw) or re.search(r'"type":"(?!error")(\w+)"', raw)
            again = answer.headers.get("retry-after", "")
            wrong = misshapen(asked, raw, again) if answer.status_code == 503 else ""
            self.tally.note(kind, f"refused {answer.status_code} {code[1] if code else ''}".strip(), wrong, "refusals")
            return float(again) if again.isdecimal() else 0.0
        vendor = "anthropic" if "anthropic" in asked.host else "openai"
        said = "".join(json.loads(f'"{one}"') for one in WORDS[vendor].findall(raw))
        wrong = judge(asked, said)
        self.tally.note(kind, "restored" if not wrong else "wrong", f"person {asked.person}: {wrong}" if wrong else "")
        return 0.0

    def talk(self, number: int, count: int, pause: Callable[[], float], stop: Event) -> int:
        """Send some messages on one WebSocket, and return the last one's number."""
        host, _, port = self.street.proxy.url.removeprefix("http://").partition(":")
        there = ROOM.partition("/")[0]
        head = f"CONNECT {there}:443 HTTP/1.1\r\nHost: {there}:443\r\nx-person: p{number:03d}\r\n\r\n"
        trust = ssl.create_default_context(cafile=str(self.street.proxy.ca))
        trust.maximum_version = ssl.TLSVersion.TLSv1_2  # see `tests.e2e.sockets`
        with socket.create_connection((host, int(port)), timeout=120) as raw:
            raw.sendall(head.encode())
            read_until(raw, b"\r\n\r\n")
            with connect(f"wss://{ROOM}", sock=raw, ssl=trust, proxy=None, open_timeout=120) as connection:
                for _ in range(50):
                    if stop.wait(pause()):
                        break
                    count += 1
                    asked = ask(number, count)
                    connection.send(asked.text)
                    said = connection.recv(120)
                    if said == asked.text:
                        self.tally.note("WebSocket", "restored")
                    elif "error" in str(said) and "code" in str(said):
                        self.tally.note("WebSocket", "refused as a message")
                    else:
                        wrong = judge(asked, str(said)) or "another text than was said"
                        self.tally.note("WebSocket", "wrong", f"person {number}: {wrong}")
        return count

    def capacity(self, people: int, seconds: float) -> float:
        """Return how many exchanges a second come through with all people sending without a pause."""
        stop, before, began = Event(), self.tally.ends("restored"), time.monotonic()
        with ThreadPoolExecutor(people) as pool:
            for number in range(people):
                pool.submit(self.person, number, lambda: 0.0, stop)
            while time.monotonic() - began < seconds or self.tally.ends("restored") - before < LEAST:
                time.sleep(1)
            made = (self.tally.ends("restored") - before) / (time.monotonic() - began)
            stop.set()
        self.begun += 10_000
        return made


def misshapen(asked: Asked, raw: str, again: str) -> str:
    """Return what is wrong with a refusal for the moment: it must be the client's own kind, and say when to come."""
    if not again.isdecimal():
        return "503 without Retry-After"
    try:
        told = json.loads(raw)
        if "anthropic" in asked.host:
            native = told["type"] == "error" and isinstance(told["error"]["type"], str)
        else:
            native = isinstance(told["error"]["type"], str) and isinstance(told["error"]["code"], str)
    except (ValueError, KeyError, TypeError):
        native = False
    return "" if native else f"503 in another shape than {asked.host} has"


class Crowd:
    """Many more than can be served, for a while."""

    FIRST = 201
    """Where their numbers begin."""

    def __init__(self, clients: Clients, size: int) -> None:
        """Come at once."""
        self.stop, self.pool = Event(), ThreadPoolExecutor(size)
        for number in range(size):
            person = self.FIRST + 3 * (number // 2) + number % 2  # none of them over a WebSocket
            self.pool.submit(clients.person, person, lambda: 0.0, self.stop, 40)

    def leave(self) -> None:
        """Go, without waiting for those who are still in the line."""
        self.stop.set()
        self.pool.shutdown(wait=False)
