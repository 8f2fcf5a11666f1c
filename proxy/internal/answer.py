"""An answer in neutral events, between a reader of the internal model and a writer of the client's protocol.

A reader makes the events from one wire format, a writer makes another wire format from them. The order is: one
`Started`, any number of pieces, then exactly one `Finished` or `Failed`; nothing follows it. Values only: nothing is
parsed or written here, and no text of an answer may show in a `repr`.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from proxy.exchange import Headers

type Reason = Literal["stop", "length", "tool_calls", "content_filter"]
"""Why an answer ended, in OpenAI's words."""


@dataclass(frozen=True, slots=True)
class Started:
    """The answer has begun."""

    id: str
    """The internal server's own number for it, or empty."""
    model: str
    """The internal model's name, or empty; clients are told the name they asked for."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text for the person."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thinks before it answers; unsigned, so not every protocol can show it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """The model begins to call a tool."""

    index: int
    """Number of the call within the answer, from 0, in order of appearance."""
    id: str
    """The call's id as the internal server gave it, or empty: the writer then makes one."""
    name: str


@dataclass(frozen=True, slots=True)
class ToolDelta:
    """More of a call's arguments."""

    index: int
    json: str = field(repr=False)
    """A fragment of JSON text; the fragments of one index, joined, are the arguments."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete."""

    reason: Reason
    input_tokens: int = 0
    """Tokens of the prompt; 0 where the server did not say."""
    output_tokens: int = 0
    """Tokens of the answer; 0 where the server did not say."""
    stop_sequence: str | None = field(default=None, repr=False)
    """The client's stop sequence that ended the answer, where the server tells."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer cannot be completed."""

    message: str = field(repr=False)
    """For the person: may quote the server's remark on their own request, never its address, name or key."""


type Event = Started | TextDelta | ReasoningDelta | ToolStarted | ToolDelta | Finished | Failed


class Writer(Protocol):
    """Turns events into the bytes of one wire format."""

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer that `write` and `end` fill."""
        ...

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now."""
        ...

    def end(self) -> bytes:
        """Return what is left; an answer that was neither finished nor failed becomes a failed one."""
        ...
