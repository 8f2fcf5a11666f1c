"""One example request for each wire format: the one source of `sluice canary` and of the adapters' tests.

Enters: the packaged `examples.yaml`. Leaves: examples by the wire format that the catalogue names, and bodies with a
prompt in them. An example that its own adapter does not read, or in which it does not find the prompt, must never be
sent: that raises, and a test fills every one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Asked
from proxy.errors import WireError
from proxy.exchange import Headers
from proxy.services.service import Service

PROMPT: Final = "PROMPT"
"""Stands in a body for what the person types."""
SHIPPED: Final = files("proxy.adapters") / "examples.yaml"


@dataclass(frozen=True, slots=True)
class Example:
    """What a client of a service sends for one short turn."""

    wire: str
    """The wire format, as the catalogue names it."""
    adapter: str
    """Id of the adapter that reads it."""
    path: str
    """Path and query."""
    headers: Headers
    """The content type among them."""
    body: bytes
    key: tuple[str, str] | None
    """The header that carries a key, and what stands in it before the key; None where pages log in with cookies."""
    at: Mapping[str, tuple[str, str]]
    """Host and path of single services, by id."""
    case: Mapping[str, Any]
    """The entry as it is written, in the form of the tests' tables."""

    @property
    def asked(self) -> Asked:
        """The head of the request."""
        return Asked("POST", self.path, self.headers, self.wire)

    def read_by(self) -> Adapter:
        """Return the adapter that reads it."""
        return choose(self.asked)

    def place(self, service: Service) -> tuple[str, str]:
        """Return host and path of the request to a service; an empty host where the catalogue names only patterns."""
        host = next(iter(service.hosts), "")
        return self.at.get(service.id, (host, self.path))

    def filled(self, prompt: str) -> bytes:
        """Return the body with `prompt` in it, written by the adapter; raises `WireError` where it finds no place."""
        read = self.read_by().read(self.body, self.asked.content_type)
        texts = [part.text.replace(PROMPT, prompt) for part in read.parts]
        if texts == [part.text for part in read.parts]:
            raise WireError(f"the example of {self.wire} has no place for a prompt")
        return read.rewrite(texts)


@cache
def examples() -> Mapping[str, Example]:
    """Return every example by its wire format."""
    loaded = yaml.load(SHIPPED.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {wire: example_of(wire, case) for wire, case in loaded.items()}


def example_of(wire: str, case: Mapping[str, Any]) -> Example:
    """Return the example that an entry describes."""
    kind = case.get("type", "application/json")
    places = {}
    for service, address in case.get("at", {}).items():
        host, _, path = address.partition("/")
        places[service] = (host, f"/{path}")
    return Example(
        wire=wire,
        adapter=case["adapter"],
        path=case["path"],
        headers=(("content-type", kind), *case.get("headers", {}).items()),
        body=(case["body"].replace("\n", "\r\n") if case.get("crlf") else case["body"]).encode(),
        key=tuple(case["key"]) if "key" in case else None,
        at=places,
        case=case,
    )
