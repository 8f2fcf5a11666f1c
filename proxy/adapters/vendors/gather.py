"""What the writers of many formats have in common: the answer so far, and when to say which part of it.

Neutral events go in; a format says what its bytes are for a piece of text, for the end, for a failure, and for a whole
answer. Tool calls are gathered until the end, because these formats send their arguments as one value. Reasoning is
left out: clients that did not ask for it would show it as the answer.
"""

from dataclasses import dataclass, field
from typing import Any

from proxy.adapters.anthropic_writer import tool_input
from proxy.exchange import Headers
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from proxy.internal.failure import BROKE_OFF


@dataclass(slots=True)
class Call:
    """One tool call, as far as it is known."""

    id: str
    name: str
    pieces: list[str] = field(default_factory=list, repr=False)

    @property
    def json(self) -> str:
        """The arguments as the model wrote them."""
        return "".join(self.pieces)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as an object; see `tool_input` for what is none."""
        return tool_input(self.json)


class GatheringWriter:
    """Writes one answer; a format builds on it and says the bytes."""

    streamed = "text/event-stream; charset=utf-8"
    """Type of a streamed answer."""
    whole_type = "application/json"

    def __init__(self, *, stream: bool, model: str, answer_id: str) -> None:
        """`model` is the name that the client asked for; `answer_id` makes ids where the server gave none."""
        self.stream = stream
        self.model = model
        self.answer_id = answer_id
        self.said: list[str] = []
        self.calls: dict[int, Call] = {}
        self.begun = False
        self.last: Finished | Failed | None = None

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self.said)

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        if self.stream:
            return (("content-type", self.streamed), ("cache-control", "no-cache"))
        return (("content-type", self.whole_type),)

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now; a whole answer is sent by `end`."""
        out: list[bytes] = []
        for event in events:
            if self.last is not None:
                break
            self.take(event)
            if self.stream:
                if not self.begun and not isinstance(event, Failed):
                    self.begun = True
                    out.append(self.begin())
                out.append(self.tell(event))
        data = b"".join(out)
        if self.stream and not data and any(isinstance(event, ReasoningDelta) for event in events):
            return self.idle()  # the model thinks: keep the client from timing out
        return data

    def end(self) -> bytes:
        """Return what is left."""
        rest = b"" if self.last else self.write([Failed(BROKE_OFF)])
        if self.stream:
            return rest + self.close()
        return self.failed(self.last.message) if isinstance(self.last, Failed) else self.whole()

    def take(self, event: Event) -> None:
        """Put what an event carries to the rest."""
        match event:
            case TextDelta(text):
                self.said.append(text)
            case ToolStarted(index, id, name):
                taken = {call.id for call in self.calls.values()}
                own = id if id and id not in taken else f"call_{self.answer_id}_{index}"
                self.calls[index] = Call(own, name)
            case ToolDelta(index, json):
                self.calls[index].pieces.append(json)
            case Finished() | Failed():
                self.last = event
            case Started() | ReasoningDelta():
                pass

    def tell(self, event: Event) -> bytes:
        """Return what a stream says of an event that was taken in."""
        match event:
            case TextDelta(text) if text:
                return self.piece(text)
            case Finished():
                return self.finish()
            case Failed(message):
                return self.failed(message)
            case _:
                return b""

    @property
    def finished(self) -> Finished:
        """How the answer ended."""
        return self.last if isinstance(self.last, Finished) else Finished("stop")

    def begin(self) -> bytes:
        """Return what opens a stream."""
        return b""

    def piece(self, text: str) -> bytes:
        """Return the event with one more piece of text."""
        raise NotImplementedError

    def idle(self) -> bytes:
        """Return an event that says nothing."""
        return self.piece("")

    def finish(self) -> bytes:
        """Return the events that end a stream, with the calls of tools."""
        raise NotImplementedError

    def close(self) -> bytes:
        """Return what closes a stream, however it ended."""
        return b""

    def failed(self, message: str) -> bytes:
        """Return a failure, as an event of the stream or as the whole answer."""
        raise NotImplementedError

    def whole(self) -> bytes:
        """Return the answer at once."""
        raise NotImplementedError
