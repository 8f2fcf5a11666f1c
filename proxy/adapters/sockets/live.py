"""Gemini Live as the company's model answers it: a session's setup and turns told as one chat, the answer as a turn.

Enters: the messages of both sides, in either spelling. Leaves: a chat request, by way of the interface without a
session, and messages as the `google-genai` client library reads them. What was said in sound crosses over where the
service transcribes it; what nobody has in writing is known to the service only.
"""

from collections.abc import Sequence
from typing import Any

from proxy.adapters.google.gemini_to_chat import to_chat
from proxy.adapters.google.gemini_writer import called
from proxy.adapters.google.spelling import camel
from proxy.adapters.sockets.session import NO_SOUND, OTHER, Json, Session, given, objects_in
from proxy.adapters.sockets.socket_adapter import text_in
from proxy.adapters.vendors.gather import GatheringWriter
from proxy.errors import Untranslatable
from proxy.framing.message import MESSAGES, pack
from proxy.internal.answer import Event, Finished
from proxy.wire.json_text import dump

SOUNDS = ("audio", "video", "mediaChunks")
SPOKEN = "something was said in sound that the service has not transcribed, and the company's model cannot be told it"


class LiveSession(Session):
    """One session."""

    marks = (b"serverContent", b"server_content", b"toolCall", b"tool_call")

    def __init__(self, _old: bool = False) -> None:
        """Begin before the setup."""
        super().__init__()
        self.setup: Json = {}
        self.turns: list[Json] = []
        self.unheard = False
        """Whether there was sound that nobody has in writing."""

    def sent(self, event: Json) -> None:
        """Remember what the client sets and says."""
        event = camel(event)
        if "setup" in event:
            self.setup = given(event["setup"])
            self.model = text_in(self.setup, "model").removeprefix("models/")
        self.turns += turns_of(event)
        heard = given(event.get("realtimeInput"))
        if any(key in heard for key in SOUNDS) and "inputAudioTranscription" not in self.setup:
            self.unheard = True

    def came(self, event: Json) -> None:
        """Remember the model's texts and tool calls, and its transcript of the person's speech."""
        event = camel(event)
        content = given(event.get("serverContent"))
        parts = [part for part in objects_in(given(content.get("modelTurn")).get("parts")) if "inlineData" not in part]
        self.say("user", words_of(content.get("inputTranscription")))
        self.say("model", [*parts, *words_of(content.get("outputTranscription"))])
        calls = objects_in(given(event.get("toolCall")).get("functionCalls"))
        self.say("model", [{"functionCall": call} for call in calls])

    def say(self, role: str, parts: list[Json]) -> None:
        """Add to the last turn, or begin another."""
        if parts and self.turns and self.turns[-1].get("role") == role:
            self.turns[-1] = {"role": role, "parts": joined(objects_in(self.turns[-1].get("parts")), parts)}
        elif parts:
            self.turns.append({"role": role, "parts": parts})

    def asks(self, event: Json) -> bool:
        """Return whether the model must answer now."""
        event = camel(event)
        done = given(event.get("clientContent")).get("turnComplete") is True
        return done or bool(text_in(event.get("realtimeInput"), "text")) or "toolResponse" in event

    def reply(self, event: Json) -> Sequence[Json]:
        """Return what the service says to a message; raises `Untranslatable` for sound."""
        event = camel(event)
        if "setup" in event:
            return ({"setupComplete": {}},)
        if any(key in given(event.get("realtimeInput")) for key in SOUNDS):
            raise Untranslatable(NO_SOUND)
        if not ({"clientContent", "realtimeInput"} & event.keys()):
            raise Untranslatable(OTHER)
        return ()

    def to_chat(self, event: Json, model: str) -> Json:
        """Return the session as a chat; raises `WireError`."""
        if self.unheard:
            raise Untranslatable(SPOKEN)
        turns = [*self.turns, *turns_of(camel(event))]
        kept = ("systemInstruction", "tools", "toolConfig", "generationConfig", "cachedContent")
        return to_chat(
            {**{key: self.setup[key] for key in kept if key in self.setup}, "contents": turns}, model, stream=True
        )

    def writer(self, event: Json, model: str, answer_id: str, now: int) -> "LiveWriter":  # noqa: ARG002 - as for all
        """Return what writes the turn."""
        return LiveWriter(self, model=model, answer_id=answer_id)


class LiveWriter(GatheringWriter):
    """Writes one turn of the model's."""

    streamed = MESSAGES

    def __init__(self, session: LiveSession, *, model: str, answer_id: str) -> None:
        """Take the session, which remembers the turn."""
        super().__init__(stream=True, model=model, answer_id=answer_id)
        self.session = session

    def take(self, event: Event) -> None:
        """Remember what was answered, once it is whole."""
        super().take(event)
        self.session.answering = self.last is None
        if isinstance(event, Finished):
            self.session.say("model", [*([{"text": self.text}] if self.text else ()), *called(self.calls)])

    def piece(self, text: str) -> bytes:
        """Return a piece of the turn."""
        return content({"modelTurn": {"role": "model", "parts": [{"text": text}]}})

    def idle(self) -> bytes:
        """Return nothing: a connection does not time out so soon."""
        return b""

    def finish(self) -> bytes:
        """Return the calls of functions, which leave the turn open, or its end."""
        if calls := called(self.calls):
            return pack(dump({"toolCall": {"functionCalls": [each["functionCall"] for each in calls]}}))
        end = self.finished
        counted = {"promptTokenCount": end.input_tokens, "responseTokenCount": end.output_tokens}
        counted["totalTokenCount"] = end.input_tokens + end.output_tokens
        return content({"generationComplete": True}) + pack(
            dump({"serverContent": {"turnComplete": True}, "usageMetadata": counted})
        )

    def failed(self, message: str) -> bytes:
        """Return the failure in words: the interface has no message for one."""
        return self.piece(message) + content({"turnComplete": True})


def content(told: Json) -> bytes:
    """Return one message, packed."""
    return pack(dump({"serverContent": told}))


def joined(parts: list[Json], more: list[Json]) -> list[Json]:
    """Return parts with more behind them; a text that comes in pieces is one part."""
    if parts and more and parts[-1].keys() == more[0].keys() == {"text"}:
        return [*parts[:-1], {"text": text_in(parts[-1], "text") + text_in(more[0], "text")}, *more[1:]]
    return [*parts, *more]


def words_of(transcription: Any) -> list[Json]:
    """Return the part that stands for a transcription."""
    return [{"text": words}] if (words := text_in(transcription, "text")) else []


def turns_of(event: Json) -> list[Json]:
    """Return the turns that a message of the client adds."""
    turns = objects_in(given(event.get("clientContent")).get("turns"))
    if words := text_in(event.get("realtimeInput"), "text"):
        turns = [*turns, {"role": "user", "parts": [{"text": words}]}]
    answers = objects_in(given(event.get("toolResponse")).get("functionResponses"))
    return [*turns, *([{"role": "user", "parts": [{"functionResponse": each} for each in answers]}] if answers else ())]
