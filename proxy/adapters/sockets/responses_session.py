"""Responses over a WebSocket as the company's model answers them: each may go on with one before it on the connection.

Enters: the events of both sides. Leaves: a chat request that holds what the responses before it were, and the answer as
the events that the same interface has over HTTP, one a message. A response of the company's model is known to nobody
else, so that what goes on with it never goes to the service.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.openai.responses_to_chat import to_chat
from proxy.adapters.openai.responses_writer import ResponsesWriter
from proxy.adapters.sockets.session import OTHER, Json, Session, given, objects_in
from proxy.adapters.sockets.socket_adapter import text_in
from proxy.errors import Untranslatable
from proxy.exchange import Headers
from proxy.framing.message import MESSAGES, pack
from proxy.internal.answer import Event, Finished, ReasoningDelta
from proxy.wire.json_text import dump

ENDS: Final = ("response.completed", "response.incomplete")
BEFORE: Final = "previous_response_id"


class ResponsesSession(Session):
    """The responses of one connection, each with all items up to it."""

    marks = (b'"response.created"', b'"response.completed"', b'"response.incomplete"')
    one_at_a_time = False

    def __init__(self, _old: bool = False) -> None:
        """Begin."""
        super().__init__()
        self.known: dict[str, list[Any]] = {}
        """By the id of a response."""
        self.ours: set[str] = set()
        """Ids of the company's model's own."""
        self.waiting: list[tuple[str, list[Any]]] = []
        """What was asked on which lane, and has no response yet."""
        self.begun: dict[str, list[Any]] = {}
        """What a response is the answer to, by its id."""

    def take_over(self) -> None:
        """Leave the others alone: each response goes its own way."""

    def holds(self, event: Any) -> bool:
        """Return whether a message goes on with a response of the company's model."""
        return text_in(event, BEFORE) in self.ours

    def sent(self, event: Json) -> None:
        """Remember what is asked."""
        if self.asks(event):
            self.waiting.append((text_in(event, "stream_id"), self.items_of(event)))

    def kept(self, event: Json) -> None:
        """Remember nothing: the writer knows what was asked."""

    def came(self, event: Json) -> None:
        """Remember which response answers what, and how."""
        response = given(event.get("response"))
        name = text_in(response, "id")
        if event.get("type") == "response.created":
            lane = text_in(event, "stream_id")
            place = next((number for number, (own, _) in enumerate(self.waiting) if own == lane), None)
            self.begun[name] = self.waiting.pop(place)[1] if place is not None else []
        elif event.get("type") in ENDS and name in self.begun:
            self.known[name] = [*self.begun.pop(name), *objects_in(response.get("output"))]

    def items_of(self, event: Json) -> list[Any]:
        """Return all items up to a question, those before it included where they are known."""
        asked = event.get("input")
        own = [{"role": "user", "content": asked}] if isinstance(asked, str) else objects_in(asked)
        return [*self.known.get(text_in(event, BEFORE), ()), *own]

    def asks(self, event: Json) -> bool:
        """Return whether an event asks for a response."""
        return event.get("type") == "response.create"

    def reply(self, event: Json) -> Sequence[Json]:  # noqa: ARG002 - whatever it is
        """Raise `Untranslatable`: all else is the service's own business."""
        raise Untranslatable(OTHER)

    def to_chat(self, event: Json, model: str) -> Json:
        """Return the request with what it goes on with; raises `WireError` where the service alone knows that."""
        before = text_in(event, BEFORE)
        body = {key: value for key, value in event.items() if key not in ("type", "stream_id", "event_id")}
        if before and before not in self.known:
            return to_chat(body, model)  # which tells why that cannot be
        return to_chat({**body, BEFORE: None, "input": self.items_of(event)}, model)

    def writer(self, event: Json, model: str, answer_id: str, now: int) -> "ResponsesSocketWriter":
        """Return what writes the response."""
        self.ours.add(f"resp_{answer_id}")
        return ResponsesSocketWriter(self, event, model=model, answer_id=answer_id, now=now)


class ResponsesSocketWriter(ResponsesWriter):
    """Writes one response, an event a message."""

    def __init__(self, session: ResponsesSession, asked: Json, *, model: str, answer_id: str, now: int) -> None:
        """Take what was asked: the answer comes on its lane."""
        super().__init__(stream=True, model=model, answer_id=answer_id, now=now)
        self.session = session
        self.asked = session.items_of(asked)
        self.lane = text_in(asked, "stream_id")

    @property
    def headers(self) -> Headers:
        """What stands for header fields."""
        return (("content-type", MESSAGES),)

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now; a model that only thinks says nothing."""
        return super().write([event for event in events if not isinstance(event, ReasoningDelta)])

    def take(self, event: Event) -> None:
        """Remember what was answered, once it is whole."""
        super().take(event)
        if isinstance(event, Finished):
            answered = [item.told("completed") for item in self.items]
            if self.session.room_for(dump(answered)):
                self.session.known[f"resp_{self.answer_id}"] = [*self.asked, *answered]

    def sse(self, event: Json) -> bytes:
        """Return one event, packed."""
        numbered = {"type": event["type"], "sequence_number": self.number, **event}
        self.number += 1
        return pack(dump({**numbered, **({"stream_id": self.lane} if self.lane else {})}))
