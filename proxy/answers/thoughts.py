"""Signed reasoning in a service's answer, marked so that it is known again when the client sends it back.

Enters: the frames or the body of a service's own answer. Leaves: a mark for each signed thought in it, once whole.
Such a thought comes back with every later turn: what the vendor's own model has written discloses nothing to it. Only
what came from a service is listened to, never what the company's model says or a client claims. Nothing is changed, and
what cannot be read has no mark, so that it is looked through when it comes back.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from threading import Lock
from typing import Any, Final

from proxy.adapters.sealed import mark_of
from proxy.errors import SluiceError
from proxy.framing.events import Frame
from proxy.wire import json_text

SIGNING: Final = frozenset({"anthropic-messages", "bedrock-converse", "bedrock-invoke"})
"""Adapters in whose answers thoughts are signed."""
SIGNS: Final = ("think", "signature", "easoningContent", "lock_stop", "lockStop")
"""Without one of which an event says nothing of a thought."""
MOST: Final = 20_000
OPEN: Final = 64
"""Thoughts of one stream that may be under way at once."""
LONGEST: Final = 4 << 20
"""Characters of what is under way at once; a thought with which there would be more has no mark."""
MOST_IN_ANSWER: Final = 500
"""Thoughts of one answer that have a mark: the store keeps only so much of one person, originals among it."""

type Thought = dict[str, StringIO]
"""What has come of each field of a thought: in ten thousands of pieces, of which none may cost a copy of all others."""


@dataclass(slots=True)
class Hearing:
    """Listens to one answer."""

    remember: Callable[[str], None] = field(repr=False)
    """Is told each mark at once: the next turn may come as soon as this one ends."""
    marks: list[str] = field(default_factory=list, repr=False)
    """All that it was told."""
    _open: dict[int, Thought | None] = field(default_factory=dict, repr=False)
    """What has come so far; None of one that is too long."""
    _size: int = 0
    """Characters of all of it."""

    def frame(self, frame: Frame) -> None:
        """Listen to one event of a stream."""
        said = frame.data or ""
        if not any(sign in said or sign in frame.event for sign in SIGNS):
            return
        try:
            data = json_text.parse(said.encode("utf-8", "surrogatepass"))
        except (SluiceError, UnicodeError):
            return
        if isinstance(data, dict):
            self.event(frame.event, data)

    def event(self, name: str, data: Mapping[str, Any]) -> None:
        """Take up what an event says of a thought."""
        for kind in ("contentBlockDelta", "contentBlockStop"):  # Nova names the event within
            if isinstance(data.get(kind), dict):
                name, data = kind, data[kind]
        at = data.get("index", data.get("contentBlockIndex", 0))
        if not isinstance(at, int):
            return
        kind = str(data.get("type", name))
        if kind == "content_block_start" and isinstance(block := data.get("content_block"), dict):
            self.begin(at, block)
        elif kind in ("content_block_stop", "contentBlockStop"):
            self.stop(at)
        elif isinstance(delta := data.get("delta"), dict):
            self.piece(at, delta)

    def begin(self, at: int, block: Mapping[str, Any]) -> None:
        """Take up the beginning of a block."""
        self.let_go(at)
        if block.get("type") in ("thinking", "redacted_thinking") and len(self._open) < OPEN:
            self._open[at] = {}
            for one in ("thinking", "signature", "data"):
                if isinstance(block.get(one), str) and block[one]:
                    self.add(at, one, block[one])

    def piece(self, at: int, delta: Mapping[str, Any]) -> None:
        """Take up a piece of one."""
        given = delta.get("reasoningContent")
        if isinstance(given, dict):
            if at not in self._open and len(self._open) < OPEN:
                self._open[at] = {}
        elif delta.get("type") in ("thinking_delta", "signature_delta"):
            given = delta
        else:
            return
        for one in ("thinking", "text", "redactedContent"):
            if isinstance(given.get(one), str):
                self.add(at, one, given[one])
        if isinstance(given.get("signature"), str):
            self.add(at, "signature", given["signature"], anew=True)

    def add(self, at: int, name: str, text: str, *, anew: bool = False) -> None:
        """Add to a field of a thought that is under way, or let it begin `anew`."""
        if (thought := self._open.get(at)) is None:
            return
        if anew and name in thought:
            self._size -= thought.pop(name).tell()
        if self._size + len(text) > LONGEST:
            self.let_go(at)
            self._open[at] = None
            return
        thought.setdefault(name, StringIO()).write(text)
        self._size += len(text)

    def let_go(self, at: int) -> Thought:
        """Return what has come of a thought, which is under way no more."""
        thought = self._open.pop(at, None) or {}
        self._size -= sum(said.tell() for said in thought.values())
        return thought

    def stop(self, at: int) -> None:
        """Take up the end of a block."""
        self.note({name: said.getvalue() for name, said in self.let_go(at).items()})

    def body(self, body: bytes) -> None:
        """Listen to an answer that came whole."""
        if b"ignature" not in body and b"redacted" not in body:
            return
        try:
            value = json_text.parse(body)
        except SluiceError:
            return
        for block in blocks_in(value):
            self.note(block)

    def note(self, block: Mapping[str, Any]) -> None:
        """Remember a thought that is whole and signed."""
        if len(self.marks) < MOST_IN_ANSWER and (made := mark_of(block)):
            self.marks.append(made)
            self.remember(made)


def blocks_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an answer that are signed thoughts: where thoughts stand, not within what a tool is given.

    In a tool's arguments the model writes what a person asked for, and no service has signed that.
    """
    message = value.get("output", value) if isinstance(value, dict) else None
    message = message.get("message", message) if isinstance(message, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    for one in content if isinstance(content, list) else ():
        if not isinstance(one, dict):
            continue
        if one.get("type") in ("thinking", "redacted_thinking"):
            yield one
        elif isinstance(held := one.get("reasoningContent"), dict):
            yield held


class Seen:
    """Marks that have come in of late, with whose they are; may be used from several threads."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._most = most
        self._held: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def add(self, owner: str, name: str) -> None:
        """Remember one; the oldest is forgotten where they are too many."""
        with self._lock:
            self._held[owner, name] = None
            self._held.move_to_end((owner, name))
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def __contains__(self, one: tuple[str, str]) -> bool:
        """Tell whether a person has been given one."""
        with self._lock:
            return one in self._held
