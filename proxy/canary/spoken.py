"""Canaries for services whose turns are no POST: a question in an address, or messages on a WebSocket. Pure.

Enters: the packaged `spoken.yaml`. Leaves: where such a service is asked, and what is said, with a prompt in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

import yaml

PROMPT: Final = "PROMPT"
"""Placeholder for the canary's prompt."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One way to ask."""

    host: str
    path: str = field(repr=False)
    says: tuple[str, ...] = field(default=(), repr=False)
    """Messages on a WebSocket; none for a question in the address."""

    def address(self, prompt: str) -> str:
        """Return path and query with the prompt in them."""
        return self.path.replace(PROMPT, quote(prompt, safe=""))

    def messages(self, prompt: str) -> tuple[bytes, ...]:
        """Return what is said; nothing in a prompt needs escaping."""
        return tuple(each.replace(PROMPT, prompt).encode() for each in self.says)


@cache
def spoken() -> Mapping[str, Spoken]:
    """Return every way by the wire format of the catalogue."""
    loaded = yaml.load((files("proxy.canary") / "spoken.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return {wire: one_of(case) for wire, case in loaded.items()}


def one_of(case: Mapping[str, object]) -> Spoken:
    """Return the way that an entry describes."""
    host, _, path = str(case["at"]).partition("/")
    says = case.get("says", ())
    return Spoken(host, f"/{path}", tuple(map(str, says)) if isinstance(says, list) else ())
