"""The clients of `bench.exchange`: they ask through a proxy, one exchange after the other, as cheaply as can be.

Enters: a proxy, and by standard input which kind of exchange is asked for. Leaves: how many were done. All but those
that are new are asked on a connection that is kept.
"""

import json
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPSConnection
from urllib.parse import urlsplit

import httpx

from bench.detect_texts import prompts

OUTSIDE = "outside.example"
"""A host that is in no catalogue."""
ALLOWED, FORBIDDEN = "api.openai.com", "api.deepseek.com"
PATHS = {ALLOWED: "/v1/chat/completions", FORBIDDEN: "/chat/completions", OUTSIDE: "/"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of exchange."""

    host: str = ALLOWED
    length: int = 100
    """Characters of a prompt, half of them English and half Chinese."""
    turns: int = 0
    """Turns before it, all of which were sent before."""
    new: bool = False
    """Whether each has a connection of its own."""
    http2: bool = False
    streamed: bool = False
    piece: int = 5
    """Characters in each event of a streamed answer."""
    pause: float = 0.0
    """Seconds between two events, so that each comes alone; without one many come together."""
    times: int = 40
    """Exchanges in a round."""


KINDS = {
    "tunnelled": Kind(OUTSIDE, times=150),
    "tunnelled, new connection": Kind(OUTSIDE, new=True),
    "refused by its head": Kind(FORBIDDEN, times=60),
    "100 characters": Kind(),
    "100 characters, new connection": Kind(new=True, times=30),
    "2,000 characters": Kind(length=2000, times=30),
    "2,000 characters over HTTP/2": Kind(length=2000, http2=True, times=30),
    "turn 50, each of 200 characters": Kind(length=200, turns=49, times=20),
    "500 events together": Kind(length=500, piece=1, streamed=True, times=8),
    "500 events one by one": Kind(length=500, piece=1, pause=0.002, streamed=True, times=3),
}

type Ask = Callable[[str, str, bytes], int]
"""Asks a path of a host with a body; returns the status."""


class Kept:
    """Connections to the hosts, each made when it is first needed, and kept."""

    def __init__(self, url: str, ca: str) -> None:
        """Take the proxy, and whom to trust besides whoever answers in a tunnel."""
        self._proxy, self._ca = urlsplit(url), ca
        self._made: dict[str, HTTPSConnection] = {}
        self._client = httpx.Client(proxy=url, verify=self._trust(ALLOWED), http2=True, trust_env=False, timeout=120)

    def ask(self, host: str, path: str, body: bytes) -> int:
        """Ask, and return the status of the answer."""
        if host not in self._made:
            made = HTTPSConnection(self._proxy.hostname or "", self._proxy.port, timeout=120, context=self._trust(host))
            made.set_tunnel(host, 443)
            self._made[host] = made
        self._made[host].request("POST", path, body, {"content-type": "application/json"})
        answer = self._made[host].getresponse()
        answer.read()
        return answer.status

    def ask_http2(self, host: str, path: str, body: bytes) -> int:
        """Ask over HTTP/2."""
        answer = self._client.post(f"https://{host}{path}", content=body, headers={"content-type": "application/json"})
        return answer.status_code if answer.http_version == "HTTP/2" else 0

    def forget(self, host: str) -> None:
        """Close the connection to a host."""
        if (made := self._made.pop(host, None)) is not None:
            made.close()

    def _trust(self, host: str) -> ssl.SSLContext:
        if host == OUTSIDE:
            return ssl._create_unverified_context()  # whoever answers behind a tunnel is the service itself
        return ssl.create_default_context(cafile=self._ca)


def texts(length: int) -> list[str]:
    """Return texts in turn English and Chinese."""
    pairs = zip(prompts("en", length, 60), prompts("zh", length, 60), strict=True)
    return [text for pair in pairs for text in pair]


def numbered(text: str, number: int) -> str:
    """Return a text that nobody has sent before; it begins and ends as it did."""
    return f"{text[:50]} ({number}) {text[50:]}"


def run(kept: Kept, kind: Kind, number: int, said: list[str]) -> int:
    """Do the exchanges of one round, and return how many; each has a text that nobody has sent before."""
    good = (200, 403) if kind.host == FORBIDDEN else (200,)  # mitmproxy forwards what we refuse
    before = [{"role": ("user", "assistant")[at % 2], "content": said[at]} for at in range(kind.turns)]
    first = 100_000 * [*KINDS.values()].index(kind) + 1_000 * number
    for at in range(kind.times):
        content = numbered(said[(number * kind.times + at) % len(said)], first + at)
        told = {"model": "m", "stream": kind.streamed, "messages": [*before, {"role": "user", "content": content}]}
        ask = kept.ask_http2 if kind.http2 else kept.ask
        if (status := ask(kind.host, PATHS[kind.host], json.dumps(told).encode())) not in good:
            raise SystemExit(f"an exchange went otherwise: {status}")
        if kind.new:
            kept.forget(kind.host)
    return kind.times


def main(url: str, ca: str) -> None:
    """Do what is asked for, line by line."""
    kept = Kept(url, ca)
    said = {kind.length: texts(kind.length) for kind in KINDS.values()}
    for line in sys.stdin:
        name, number = json.loads(line)
        print(run(kept, KINDS[name], number, said[KINDS[name].length]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
