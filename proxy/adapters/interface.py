"""What every adapter promises.

An adapter knows one wire format and nothing of policy. It is pure: bytes in, values out. Hostile bytes raise
`WireError` (or its children, or `TooLarge`) and nothing else. Text that is not changed gives the same bytes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from proxy.exchange import Answer, Part

type Path = tuple[str | int, ...]
"""Keys and indexes from the root of a JSON value to a leaf."""


class Prompt(Protocol):
    """A request body, read."""

    @property
    def parts(self) -> Sequence[Part]:
        """Every piece of user-controlled text, in reading order."""
        ...

    @property
    def opaque(self) -> Sequence[str]:
        """Pointers of what could not be looked into: images, audio, archives. Any makes the inspection partial."""
        ...

    @property
    def model(self) -> str:
        """The model asked for, or an empty string."""
        ...

    @property
    def stream(self) -> bool:
        """Whether the client asked for a streamed answer."""
        ...

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the body with part *i* reading `texts[i]`; the very same bytes if nothing changed."""
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in one stream event where a piece of the answer's text stands."""

    channel: str
    """Pieces of one channel, joined in order, make one text: `0/content`, `0/tool_calls/1` …"""
    path: Path
    text: str = field(repr=False)
    json: bool = False
    """Whether the joined text is itself JSON (tool arguments), so that restored values must be escaped."""


class AnswerShape(Protocol):
    """Where the text sits in the answers of one wire format."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text that the event named `event` with JSON `data` carries."""
        ...

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return those of `open_channels` that get no more text once this event is seen."""
        ...

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event (name, data) that carries `text` on `channel`, made after the channel's last event `like`."""
        ...

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Whether this object of an answer must pass byte for byte (signed reasoning, for example)."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal must say, already in the person's language."""

    status: int
    code: str
    message: str
    """One paragraph: who stopped it, which rule, why, what to do instead, the reference number."""
    reference: str
    """The number of the record, to quote to the help desk."""


class Adapter(Protocol):
    """One wire format."""

    @property
    def id(self) -> str:
        """Stable name: `openai-chat`, `anthropic-messages`, `fallback` …"""
        ...

    def read(self, body: bytes, content_type: str) -> Prompt:
        """Read a request body (content-decoded already); raises `WireError` or `TooLarge`."""
        ...

    @property
    def shape(self) -> AnswerShape:
        """Where the answer's text sits."""
        ...

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as this format's own error, which no SDK retries."""
        ...
