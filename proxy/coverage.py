"""What is covered, adapter by adapter and service by service, told by the register and the catalogue themselves.

Enters: the register of wire formats, the catalogue. Leaves: rows of a table, for the command line and for the docs. No
cell is written by hand: an adapter that cannot do a thing has no code for it, and the table says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.adapters.entry import Entry
from proxy.adapters.examples import examples
from proxy.adapters.interface import Adapter, Speaker, Talker
from proxy.adapters.known import known_as
from proxy.adapters.shape import Shape
from proxy.adapters.sockets.session import SessionSocket
from proxy.adapters.web.beside import BESIDE
from proxy.internal.translate import NATIVE
from proxy.services.service import Service

type Restores = Literal["yes", "partly", ""]

PROVED: Final = {
    "sdk": "the official client library",
    "replica": "a client like the vendor's",
    "format": "the format as described",
    "none": "no format is known",
}
"""Against what an adapter was tested; none was seen at work with the live service."""
LACKS: Final[tuple[tuple[str, str, str], ...]] = (
    ("openai-embeddings", "texts in answers", "vectors come back"),
    ("openai-embeddings", "answers in pieces", "vectors come back, all at once"),
    ("anthropic-batches", "answers in pieces", "results are fetched later, as a file that comes whole"),
    ("openai-completions|huggingface|text-generation-inference", "calls of tools", "the interface knows no tools"),
    ("openai-embeddings|openai-media", "calls of tools", "a call has one answer, and no tools"),
)
"""What an interface has not at all: a pattern over adapters' ids, the ability, and why."""
SOCKET: Final = "WebSocket "
"""How calls begin that are messages on an open connection."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What one adapter does."""

    id: str
    calls: tuple[str, ...]
    """The paths, as patterns."""
    wires: frozenset[str]
    """Wire formats of the catalogue for whose services alone it is; none means any host."""
    redacts: bool
    """Whether it reads requests; what it cannot read is refused or passed whole, as policy says."""
    restores: bool
    """Whether a placeholder that a stream cuts in two is restored; whole ones are everywhere."""
    guesses: bool
    """Whether that is done only where a stream looks like one of those that many services share."""
    redirects: bool
    """Whether the company's model can answer in its place."""
    turns: str
    """Who knows the turns before the one that the company's model answers; empty where it never does."""
    in_place: bool
    """Whether a refusal is shown as a turn of the conversation; elsewhere it is the format's own error."""
    proved: str
    """A key of `PROVED`."""


def covered(entries: Sequence[Entry] = ADAPTERS) -> list[Covered]:
    """Return what each adapter of the register does, the fallback last."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry.adapter.id, []).append(entry)
    rows = [row(lines[0].adapter, lines) for lines in by_id.values()]
    return [*rows, row(FALLBACK, ())]


def row(adapter: Adapter, entries: Sequence[Entry]) -> Covered:
    """Return what one adapter does."""
    shape = adapter.shape
    wires = frozenset[str]().union(*(entry.wires for entry in entries))
    redirects = isinstance(adapter, Speaker) or adapter.id in NATIVE
    return Covered(
        id=adapter.id,
        calls=tuple(f"{entry.method or 'any'} {entry.path.pattern}" for entry in entries),
        wires=wires,
        redacts=getattr(adapter, "reads", True),
        restores=not isinstance(shape, Shape) or type(shape).slots is not Shape.slots,
        guesses=type(shape) is AnyShape,
        redirects=redirects,
        turns=turns_of(adapter, wires) if redirects else "",
        in_place=bool(getattr(adapter, "in_place", False)),
        proved="none" if known_as(adapter.id) == "fallback" else str(getattr(adapter, "tested", "format")),
    )


def how_restored(one: Covered) -> Restores:
    """Return whether an adapter restores streams: all of its format, those that look familiar, or none."""
    if not one.restores:
        return ""
    return "partly" if one.guesses else "yes"


def turns_of(adapter: Adapter, wires: frozenset[str]) -> str:
    """Return who knows a conversation's turns before the newest."""
    if isinstance(adapter, SessionSocket):
        return "connection"
    if not isinstance(adapter, Talker):
        return "client"
    loads = any(call.shows and call.of in ("", adapter.id) for wire in wires for call in BESIDE[wire].calls)
    return "kept, shown on reload" if loads else "kept"


@dataclass(frozen=True, slots=True)
class Served:
    """How one service is covered, by what carries its turns."""

    service: Service
    by: Covered
    """What reads a turn; the fallback where the service's format is not known."""
    others: tuple[str, ...]
    """Other adapters of the service's own."""
    restores: Restores
    """Whether streams are restored: by what carries its turns, or by what its answers come on."""
    path: bool
    """Whether it speaks interfaces that are known by their paths on any host, of which `by` is the first."""

    @property
    def files(self) -> str:
        """Where files are looked into: in messages, in requests and apart from them, or nowhere."""
        if not self.by.redacts:
            return ""
        return "in messages" if self.by.calls and self.by.calls[0].startswith(SOCKET) else "in requests, apart"


def lacking(adapter: str, ability: str) -> str:
    """Return why an interface has no use for an ability; empty where it has one."""
    return next((why for pattern, lacks, why in LACKS if lacks == ability and re.fullmatch(pattern, adapter)), "")


def rank(one: Covered) -> tuple[bool, bool]:
    """Return how surely an adapter is not the one that carries a service's turns: what only answers does not."""
    answers_only = bool(one.calls) and one.calls[0].startswith(SOCKET) and not one.in_place
    return known_as(one.id) != "format", answers_only


def served(services: Mapping[str, Service], rows: Sequence[Covered]) -> Iterator[Served]:
    """Yield how each service is covered, by id."""
    by_id = {one.id: one for one in rows}
    by_wire: dict[str, list[Covered]] = {}
    for one in rows:
        for wire in one.wires:
            by_wire.setdefault(wire, []).append(one)
    for id_ in sorted(services):
        service = services[id_]
        own = sorted(by_wire.get(service.wire or "", ()), key=rank)
        example = examples().get(service.wire or "")
        first = by_id[example.adapter] if example else own[0] if own else by_id[FALLBACK.id]
        others = [one for one in own if one is not first]
        best = max((how_restored(one) for one in (first, *others)), key=("", "partly", "yes").index)
        path = example is not None and first not in own
        yield Served(service, first, tuple(one.id for one in others), best, path=path)
