"""OpenAI's Realtime as the company's model answers it: a session's items told as one chat, and the answer as events.

Enters: the events of both sides. Leaves: a chat request, and events as the `openai` client library reads them, in the
present names or in those of the beta that came before. Text crosses over, and sound that somebody has transcribed; what
was said in sound alone is known to the service only, and then nothing is told to anybody else.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from proxy.adapters.openai.responses_to_chat import to_chat
from proxy.adapters.openai.responses_writer import ResponsesWriter
from proxy.adapters.sockets.session import NO_SOUND, OTHER, TEXT_ONLY, Json, Session, given, objects_in
from proxy.adapters.sockets.socket_adapter import text_in
from proxy.errors import Untranslatable
from proxy.exchange import Headers
from proxy.framing.message import MESSAGES, pack
from proxy.internal.answer import Event, Finished, ReasoningDelta
from proxy.wire.json_text import dump

TOLD: Final = ("conversation.item.added", "conversation.item.created", "conversation.item.done",
               "conversation.item.retrieved", "response.output_item.done")  # fmt: skip
"""Types of the service's events that tell a whole item."""
SPOKEN: Final = "the conversation so far was held in sound, which the company's model cannot be told"
OLD_NAMES: Final = {
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
}
"""What the beta called its events."""


class RealtimeSession(Session):
    """One session: its settings, and its items in order."""

    marks = (b'"conversation.item.', b'"response.output_item.done"', b'"response.done"', b'"session.')

    def __init__(self, old: bool) -> None:
        """Begin; `old` is the beta."""
        super().__init__()
        self.old = old
        self.settings: Json = {}
        self.items: list[Json] = []
        self.made = 0
        """How many items got a name here."""

    # -- what was said -------------------------------------------------------------------------------------------------

    def sent(self, event: Json) -> None:
        """Remember what the client sets, adds and takes away."""
        match event.get("type"):
            case "session.update":
                self.configure(event.get("session"))
            case "conversation.item.create":
                self.put(dict(given(event.get("item"))), event.get("previous_item_id"))
            case "conversation.item.delete":
                self.drop(event.get("item_id"))

    def kept(self, event: Json) -> None:
        """Remember it under the name that the client was told."""
        if event.get("type") == "conversation.item.create":
            event = {**event, "item": self.named(event)}
            self.made += 1
        self.sent(event)

    def came(self, event: Json) -> None:
        """Remember what the service says of the session and its items."""
        kind = event.get("type")
        if kind in ("session.created", "session.updated"):
            self.configure(event.get("session"))
        elif kind in TOLD:
            self.learn(given(event.get("item")), event.get("previous_item_id"))
        elif kind == "response.done":
            for item in objects_in(given(event.get("response")).get("output")):
                self.learn(item, None)
        elif kind == "conversation.item.deleted":
            self.drop(event.get("item_id"))
        elif kind == "conversation.item.input_audio_transcription.completed":
            self.transcribe(event)

    def configure(self, settings: Any) -> None:
        """Take over what a session is set to."""
        self.settings = self.settings | given(settings)
        self.model = text_in(self.settings, "model") or self.model

    def put(self, item: Json, previous: Any) -> None:
        """Put an item where it belongs: at the end, unless it says otherwise."""
        names = [each.get("id") for each in self.items]
        place = 0 if previous == "root" else names.index(previous) + 1 if previous in names and previous else len(names)
        self.items.insert(place, item)

    def learn(self, item: Json, previous: Any) -> None:
        """Take over an item as the service tells it: one that is known, one that has no name yet, or a new one."""
        known = [each for each in self.items if each.get("id") == item.get("id")]
        nameless = [each for each in self.items if "id" not in each and like(each, item)]
        if place := (known or nameless):
            place[0].update({key: value for key, value in item.items() if value not in (None, [], "")})
        elif item:
            self.put(dict(item), previous)

    def drop(self, name: Any) -> None:
        """Forget an item."""
        self.items = [each for each in self.items if each.get("id") != name or name is None]

    def transcribe(self, event: Json) -> None:
        """Put the transcript in place of the sound it was made from."""
        for item in self.items:
            if item.get("id") == event.get("item_id"):
                item["content"] = [{"type": "input_text", "text": text_in(event, "transcript")}]

    # -- what the company's model is told, and what the client ---------------------------------------------------------

    def asks(self, event: Json) -> bool:
        """Return whether an event asks for a response."""
        return event.get("type") == "response.create"

    def named(self, event: Json) -> Json:
        """Return the item that an event adds, with a name."""
        return {"id": f"item_sluice{self.made}", "object": "realtime.item", "status": "completed"} | given(
            event.get("item")
        )

    def reply(self, event: Json) -> Sequence[Json]:
        """Return what the service says to an event; raises `Untranslatable` for what needs the service."""
        kind = text_in(event, "type")
        head = {"event_id": f"event_sluice{self.made}{len(self.items)}"}
        match kind:
            case "session.update":
                return ({**head, "type": "session.updated", "session": self.settings | given(event.get("session"))},)
            case "conversation.item.create":
                plain_item(given(event.get("item")))
                last = next((each.get("id") for each in reversed(self.items)), None)
                added = {**head, "previous_item_id": event.get("previous_item_id") or last, "item": self.named(event)}
                if self.old:
                    return ({**added, "type": "conversation.item.created"},)
                return ({**added, "type": "conversation.item.added"}, {**added, "type": "conversation.item.done"})
            case "conversation.item.delete":
                return ({**head, "type": "conversation.item.deleted", "item_id": text_in(event, "item_id")},)
            case "conversation.item.retrieve":
                found = [each for each in self.items if each.get("id") == event.get("item_id")]
                return tuple({**head, "type": "conversation.item.retrieved", "item": each} for each in found)
        raise Untranslatable(NO_SOUND if "audio" in kind else OTHER)

    def to_chat(self, event: Json, model: str) -> Json:
        """Return the session as a chat; raises `WireError`."""
        asked = self.settings | given(event.get("response"))
        wanted = asked.get("output_modalities", asked.get("modalities"))
        if isinstance(wanted, list) and "audio" in wanted and "text" not in wanted:
            raise Untranslatable(TEXT_ONLY)
        items = [self.meant(item) for item in objects_in(asked["input"])] if "input" in asked else self.items
        body: Json = {
            key: asked[key] for key in ("instructions", "tools", "tool_choice", "temperature") if key in asked
        }
        most = asked.get("max_output_tokens", asked.get("max_response_output_tokens"))
        if isinstance(most, int):
            body["max_output_tokens"] = most
        return to_chat({**body, "input": [plain_item(item) for item in items]}, model)

    def meant(self, item: Json) -> Json:
        """Return the item that a reference stands for."""
        if item.get("type") != "item_reference":
            return item
        return next((each for each in self.items if each.get("id") == item.get("id")), item)

    def writer(self, event: Json, model: str, answer_id: str, now: int) -> "RealtimeWriter":
        """Return what writes the response."""
        aside = given(event.get("response")).get("conversation") == "none"
        return RealtimeWriter(self, model=model, answer_id=answer_id, now=now, aside=aside)


class RealtimeWriter(ResponsesWriter):
    """Writes one response as events of a session, one a message."""

    def __init__(self, session: RealtimeSession, *, model: str, answer_id: str, now: int, aside: bool) -> None:
        """`aside` says that the response is no part of the conversation."""
        super().__init__(stream=True, model=model, answer_id=answer_id, now=now)
        self.session = session
        self.aside = aside

    @property
    def headers(self) -> Headers:
        """What stands for header fields."""
        return (("content-type", MESSAGES),)

    def take(self, event: Event) -> None:
        """Remember what was answered, once it is whole."""
        super().take(event)
        self.session.answering = self.last is None
        if isinstance(event, Finished) and not self.aside:
            for item in self.items:
                self.session.learn(self.realtime(item.told("completed")), None)

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now; a model that only thinks says nothing."""
        events = [event for event in events if not isinstance(event, ReasoningDelta)]
        return super().write(events)

    def sse(self, event: Json) -> bytes:
        """Return one event of Responses as those of Realtime, packed."""
        return b"".join(pack(dump(each)) for each in self.told(event))

    def told(self, event: Json) -> Iterator[Json]:
        """Yield what Realtime says of an event."""
        kind = event["type"]
        if kind in ("response.in_progress", "error"):
            return
        event = {key: value for key, value in event.items() if key != "logprobs"}
        if isinstance(item := event.get("item"), dict):
            event["item"] = self.realtime(item)
        if "part" in event:
            event["part"] = {"type": "text", "text": event["part"]["text"]}
        if isinstance(response := event.get("response"), dict):
            yield self.numbered({"type": kind_of(kind), "response": self.response_of(response)})
            return
        placed = {"response_id": f"resp_{self.answer_id}", **event, "type": self.name_of(kind)}
        if kind == "response.output_item.done" and not self.aside and not self.session.old:
            yield self.numbered({"type": "conversation.item.done", "item": event["item"]})
        yield self.numbered(placed)
        if kind == "response.output_item.added" and not self.aside:
            added = "conversation.item.created" if self.session.old else "conversation.item.added"
            yield self.numbered({"type": added, "previous_item_id": self.before(event["item"]), "item": event["item"]})

    def before(self, item: Json) -> str | None:
        """Return the name of the item before one."""
        own = [each.id for each in self.items]
        if (place := own.index(item["id"])) > 0:
            return own[place - 1]
        return next((each.get("id") for each in reversed(self.session.items)), None)

    def name_of(self, kind: str) -> str:
        """Return what the client's form calls an event."""
        return OLD_NAMES.get(kind, kind) if self.session.old else kind

    def numbered(self, event: Json) -> Json:
        """Return an event with a name of its own."""
        self.number += 1
        return {**event, "event_id": f"event_{self.answer_id}_{self.number}"}

    def realtime(self, item: Json) -> Json:
        """Return an item as Realtime has it."""
        content = item.get("content")
        if isinstance(content, list):
            kind = "text" if self.session.old else "output_text"
            item = {**item, "content": [{"type": kind, "text": part["text"]} for part in content]}
        return {**item, "object": "realtime.item"}

    def response_of(self, response: Json) -> Json:
        """Return a response as Realtime has it."""
        failed, reason = response["error"], (response["incomplete_details"] or {}).get("reason")
        details: Json | None = None
        if failed:
            details = {"type": "failed", "error": {"type": "server_error", "code": "internal_model_unavailable"}}
            details["error"]["message"] = failed["message"]
        elif reason:
            details = {"type": "incomplete", "reason": reason}
        modes = "modalities" if self.session.old else "output_modalities"
        return {
            "object": "realtime.response",
            "id": response["id"],
            "status": response["status"],
            "status_details": details,
            "conversation_id": None if self.aside else "conv_sluice",
            modes: ["text"],
            "max_output_tokens": "inf",
            "output": [self.realtime(item) for item in response["output"]],
            "usage": usage_of(response["usage"]),
        }


def usage_of(usage: Json | None) -> Json | None:
    """Return the count of tokens."""
    return usage and {key: usage[key] for key in ("total_tokens", "input_tokens", "output_tokens")}


def kind_of(kind: str) -> str:
    """Return how an event is called that tells a whole response: it begins, or it is done."""
    return kind if kind == "response.created" else "response.done"


def like(item: Json, other: Json) -> bool:
    """Return whether two items may be the same one."""
    return (item.get("type"), item.get("role")) == (other.get("type"), other.get("role"))


def plain_item(item: Json) -> Json:
    """Return an item in text; raises `Untranslatable` where it holds sound that nobody has transcribed."""
    content = item.get("content")
    if not isinstance(content, list):
        return item
    return {**item, "content": [plain_part(part) for part in objects_in(content)]}


def plain_part(part: Json) -> Json:
    """Return a part in text; see `plain_item`."""
    if "audio" not in text_in(part, "type"):
        return part
    if not (words := text_in(part, "transcript")):
        raise Untranslatable(SPOKEN)
    return {"type": "text", "text": words}
