"""What a vendor of a chat page is, and a turn that it answers; see `vendor_pages.py`."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

SSE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class Turn:
    """One turn to be answered."""

    talk: str
    """Id of the conversation."""
    heard: str
    pieces: Sequence[str]
    """The answer, cut."""
    first: bool
    """Whether the conversation begins with it."""
    number: int = 0
    """How many turns the conversation had before."""
    id: str = field(default_factory=lambda: str(uuid4()))
    """Of the answer."""
    over: bool = True
    """Whether there is no more of it to come."""

    @property
    def said(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True)
class Vendor:
    """How one page is answered."""

    path: str
    """Of a turn, as a pattern."""
    heard: Callable[[Any], str]
    """Reads the text of a turn out of its body."""
    named: Callable[[str, Any], str | None]
    """Reads the conversation's id out of path and body; none where it begins."""
    frames: Callable[[Turn], Iterator[bytes]]
    named_by_page: bool = False
    """Whether the vendor takes ids of conversations that it has not given."""
    kind: str = SSE
    read: Callable[[bytes], Any] = json.loads
    method: str = "POST"
    page: str = "/"
    calls: Mapping[str, Callable[[str, Sequence[Turn]], Any]] = field(default_factory=dict)
    """What else a page asks: method, path and query as a pattern, whose group is the conversation's id."""
    loads: Mapping[str, tuple[Callable[[bytes], str], Callable[[Sequence[Turn]], bytes]]] = field(default_factory=dict)
    """What it asks of a conversation that a body names."""
    fetched: bool = False
    """Whether a page fetches an answer as far as it is, again and again, and not with the call that asks."""


def event(data: Any, name: str = "") -> bytes:
    """Return one server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
