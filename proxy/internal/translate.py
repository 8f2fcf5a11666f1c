"""Which translator carries an exchange between a client's protocol and the company's model server.

The client's adapter and the protocols that the server speaks go in; a `Translation` comes out, or `None`
where the two cannot meet, and then the exchange must be refused, never sent outside. The request goes to the server's
own path with the mapped model's name; the answer comes back in the client's protocol, naming the model that the client
asked for. Nothing is held longer than one event of a stream.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from proxy.adapters.anthropic_writer import error, sse
from proxy.adapters.chat_reader import ChatReader
from proxy.adapters.interface import Adapter, Keeper, Speaker
from proxy.adapters.openai.whole_calls import WholeCalls
from proxy.adapters.token_counts import counted
from proxy.errors import SluiceError, TooLarge
from proxy.exchange import Answer, Headers
from proxy.framing.events import Frame, Framer, LineFramer, SseFramer, split_field
from proxy.internal.answer import Event, Failed, Finished, TextDelta, ToolStarted, Writer
from proxy.internal.failure import BROKE_OFF, GARBLED, InternalFailure, explain, explain_error
from proxy.wire.json_text import dump, parse_object

GAP: Final = "\n\n"
"""Stands between an answer and what policy adds to it."""
ENDS: Final = frozenset({"stop", "length"})
"""Reasons with which an answer ends that a person reads."""

CHAT: Final = "openai-chat"
MESSAGES: Final = "anthropic-messages"
RESPONSES: Final = "openai-responses"
COMPLETIONS: Final = "openai-completions"
OLLAMA: Final = "ollama"
HOLDERS: Final = ("message", "response")
"""Where an event may name the model besides its top: Anthropic's `message_start`, what Responses say of all of one."""

LAST: Final = frozenset({"message_stop", "response.completed", "response.incomplete", "response.failed"})
"""Types of the events with which an answer is over, in the protocols that name their events."""

FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry"})
"""Names of the lines that an event stream may have; a comment has none (WHATWG HTML, section 9.2.6)."""


class AnswerTranslator(Protocol):
    """Carries one answer back; feed it every chunk of a 200 answer, then end it."""

    @property
    def failure(self) -> str:
        """What went wrong, for the person, or empty; an answer that is not streamed must then be refused with 503."""
        ...

    @property
    def said(self) -> str:
        """All the text of an answer that has ended as it should, as the model wrote it; empty for any other."""
        ...

    def headers(self) -> Headers:
        """Return the header fields of the client's answer; those of the internal server must be dropped."""
        ...

    def feed(self, chunk: bytes) -> bytes:
        """Return all that the client can have now."""
        ...

    def end(self) -> bytes:
        """Return what is left, however the connection ended."""
        ...


class Translation(Protocol):
    """Carries an exchange of one protocol to the internal model."""

    @property
    def path(self) -> str:
        """Path below the base address of the internal model, as `/chat/completions`."""
        ...

    def request(self, body: bytes, model: str) -> bytes:
        """Return the request's body for the internal `model`; raises `WireError` or `TooLarge`."""
        ...

    def answer(self, *, stream: bool, client_model: str, answer_id: str, now: int) -> AnswerTranslator:
        """Return the translator of the answer.

        `client_model` is the name the client asked for, `answer_id` an unguessable word of letters and digits for this
        answer, `now` the time in seconds since 1970.
        """
        ...

    def failure(self, status: int, body: bytes) -> InternalFailure:
        """Explain an answer of the internal model that is not a 200, for the adapter's `refuse`."""
        ...


@dataclass(frozen=True, slots=True)
class AsItIs:
    """For a server that speaks the client's protocol: only the model's name changes, both ways."""

    path: str
    tell: Callable[[str], bytes]
    """Makes the event that tells a streaming client of a failure."""
    lines: bool = False
    """Whether a stream is lines of JSON, and no events."""
    whole_calls: bool = False
    """Whether the client cannot put the pieces of a tool's call together."""
    plain: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Makes the protocol's own request of a client's, where an address says some of it."""

    def request(self, body: bytes, model: str) -> bytes:
        """Return the request with the internal model's name."""
        asked = parse_object(body)
        return dump((self.plain(asked) if self.plain else asked) | {"model": model})

    def answer(self, *, stream: bool, client_model: str, answer_id: str, now: int) -> AnswerTranslator:  # noqa: ARG002 - what every translation is given
        """Return a translator that puts the client's name for the model back; the server's ids and times stay."""
        calls = WholeCalls() if self.whole_calls else None
        return Renaming(stream, client_model, self.tell, calls, lines=self.lines)

    def failure(self, status: int, body: bytes) -> InternalFailure:
        """Explain an error answer."""
        return explain(status, body)


@dataclass(frozen=True, slots=True)
class ToChat:
    """For a client of any protocol that can be told in chat completions, and a server of these."""

    speaker: Speaker
    path: str = "/chat/completions"

    def request(self, body: bytes, model: str) -> bytes:
        """Return the request as a chat request."""
        return self.speaker.to_chat(body, model)

    def answer(self, *, stream: bool, client_model: str, answer_id: str, now: int) -> AnswerTranslator:
        """Return a translator from chat completions to the client's protocol."""
        writer = self.speaker.writer(stream=stream, model=client_model, answer_id=answer_id, now=now)
        return Rewriting(ChatReader(), writer)

    def failure(self, status: int, body: bytes) -> InternalFailure:
        """Explain an error answer."""
        return explain(status, body)


class Rewriting:
    """Reads one protocol and writes another."""

    def __init__(self, reader: ChatReader, writer: Writer) -> None:
        """Join the two."""
        self.reader = reader
        self.writer = writer
        self.words = ""
        """What policy adds to the answer."""
        self.labelled = False
        self.called = False
        self.failure = ""
        self.pieces: list[str] = []
        self.finished = False

    @property
    def said(self) -> str:
        """What was said, once it is whole; of an answer that is kept otherwise, all that is kept of it."""
        if self.finished and isinstance(kept := getattr(self.writer, "kept", None), str):
            return kept
        return "".join(self.pieces) if self.finished else ""

    def headers(self) -> Headers:
        """Return the writer's header fields."""
        return self.writer.headers

    def feed(self, chunk: bytes) -> bytes:
        """Translate one chunk."""
        return self.write(self.reader.feed(chunk))

    def end(self) -> bytes:
        """Translate what the end of the answer means."""
        return self.write(self.reader.end()) + self.writer.end()

    def write(self, events: list[Event]) -> bytes:
        """Write the events, and remember a failure."""
        self.failure = next((event.message for event in events if isinstance(event, Failed)), self.failure)
        self.pieces += (event.text for event in events if isinstance(event, TextDelta))
        self.finished |= any(isinstance(event, Finished) for event in events)
        return self.writer.write(list(self.with_words(events)) if self.words else events)

    def with_words(self, events: list[Event]) -> Iterator[Event]:
        """Yield the events, and before the end of an answer in words what policy adds; `said` is without it."""
        for event in events:
            self.called |= isinstance(event, ToolStarted)
            if isinstance(event, Finished) and event.reason in ENDS and not self.called and any(self.pieces):
                self.labelled = True
                yield TextDelta(GAP + self.words)
            yield event


class Renaming:
    """Passes an answer on, with another name for the model; events without one keep their bytes.

    A stream in which no event was ever heard is told as a failure, and what is no event stream is left out. So is one
    that ends before its answer is over. What the server says of its own errors is told as `failure` has it: it may hold
    addresses and keys.
    """

    said = ""
    """Nobody asks: clients of these protocols keep their conversations themselves."""

    def __init__(
        self,
        stream: bool,
        model: str,
        tell: Callable[[str], bytes],
        calls: WholeCalls | None = None,
        *,
        lines: bool = False,
    ) -> None:
        """Expect a stream of events, or one JSON object; `tell` makes the event of a failure, `calls` gathers calls.

        With `lines`, a stream is lines of JSON.
        """
        self.model = model
        self.calls = calls
        self.tell = tell
        self.heard = False
        self.over = False
        """Whether the answer is whole, whatever becomes of the connection."""
        self.ended = False
        self.framer: Framer | None = None
        if stream:
            self.framer = LineFramer() if lines else SseFramer()
        self.whole = bytearray()
        self.failure = ""

    def headers(self) -> Headers:
        """Return the header fields that the protocols share."""
        if self.framer is None:
            return (("content-type", "application/json"),)
        if isinstance(self.framer, LineFramer):
            return (("content-type", "application/x-ndjson"),)
        return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))

    def feed(self, chunk: bytes) -> bytes:
        """Pass on the events that this chunk completes."""
        if self.framer is None:
            self.whole += chunk
            return b""
        out: list[bytes] = []
        try:
            for frame in self.framer.feed(chunk):
                out.append(self.passed(frame))  # noqa: PERF401 - what came before an error must stay
        except TooLarge:
            self.framer.rest()
            out.append(self.fail())
        return b"".join(out)

    def end(self) -> bytes:
        """Pass on what is left."""
        self.ended = True
        if self.framer is not None:
            last = b"".join(self.passed(frame) for frame in self.framer.end())
            return last if self.over else last + self.fail()
        try:
            value = parse_object(bytes(self.whole))
        except SluiceError:
            self.failure = GARBLED
            return b""
        if is_error(value):
            self.failure = explain_error(0, value).message
            return b""
        return dump(rename(without_remarks(value), self.model))

    def passed(self, frame: Frame) -> bytes:
        """Return what the client gets of one frame."""
        if self.failure:
            return b""
        if frame.data is None:
            fields = {split_field(line)[0] for line in frame.raw.splitlines()}
            return frame.raw if fields <= FIELDS else b""
        if not self.heard and not frame.data.lstrip().startswith("{"):
            return self.fail() if frame.data.strip() == "[DONE]" else b""
        self.heard = True
        return self.renamed(frame, frame.data)

    def fail(self, message: str = "") -> bytes:
        """Return the event that says so, once."""
        if self.failure:
            return b""
        self.failure = message or (BROKE_OFF if self.ended and self.heard else GARBLED)
        return self.tell(self.failure)

    def renamed(self, frame: Frame, data: str) -> bytes:
        """Return one event with the client's name for the model."""
        if data.strip() in ("", "[DONE]"):
            self.over |= bool(data.strip())
            return frame.raw
        try:
            value = parse_object(data.encode())
        except SluiceError:
            return self.fail()
        if is_error(value) or frame.event == "error":
            return self.fail(explain_error(0, value).message)
        self.over |= is_last(value)
        if '"model"' not in data and '"error"' not in data and not (self.calls and '"choices"' in data):
            return frame.raw
        if self.calls:
            self.calls.gather(value)
        return frame.with_data(dump(rename(without_remarks(value), self.model)).decode())


def is_error(value: dict[str, Any]) -> bool:
    """Return whether an answer, or an event of one, is an error of the server; a `Response` that failed is none."""
    return "error" in (value.get("type"), value.get("object")) or bool(value.get("error") and "output" not in value)


def is_last(value: dict[str, Any]) -> bool:
    """Return whether an answer is over with this event, in whatever protocol."""
    choices = value.get("choices")
    finished = isinstance(choices, list) and any(one.get("finish_reason") for one in choices if isinstance(one, dict))
    return finished or value.get("type") in LAST or value.get("done") is True


def without_remarks(value: dict[str, Any]) -> dict[str, Any]:
    """Put our words in the place of a server's own where a `Response` says why it failed."""
    for response in (value, value.get("response")):
        if isinstance(response, dict) and isinstance(error := response.get("error"), dict) and "message" in error:
            error["message"] = explain_error(0, response).message
    return value


def translation_for(adapter: Adapter, speaks: frozenset[str]) -> Translation | None:
    """Return how a client of this adapter reaches a server that speaks these protocols, or `None` if it cannot."""
    protocol = getattr(adapter, "protocol", adapter.id)
    if protocol in NATIVE and protocol in speaks:
        native = NATIVE[protocol]
        whole_calls, plain = bool(getattr(adapter, "whole_calls", False)), getattr(adapter, "plain", None)
        return replace(native, path=getattr(adapter, "path", native.path), whole_calls=whole_calls, plain=plain)
    if isinstance(adapter, Speaker) and CHAT in speaks:
        return ToChat(adapter)
    return None


def chat_error(message: str) -> bytes:
    """Return the event by which a stream of chat completions tells a failure; SDKs raise it."""
    told = {"message": message, "type": "server_error", "param": None, "code": "internal_model_unavailable"}
    return b"data: " + dump({"error": told}) + b"\n\n"


def response_error(message: str) -> bytes:
    """Return the event by which a stream of Responses tells a failure."""
    told = {"message": message, "code": "internal_model_unavailable", "param": None}
    return b"event: error\ndata: " + dump({**told, "error": told, "type": "error", "sequence_number": 0}) + b"\n\n"


def line_error(message: str) -> bytes:
    """Return the line by which Ollama's stream tells a failure."""
    return dump({"error": message}) + b"\n"


NATIVE: Final = {
    CHAT: AsItIs("/chat/completions", chat_error),
    MESSAGES: AsItIs("/messages", lambda message: sse(error(message))),
    RESPONSES: AsItIs("/responses", response_error),
    COMPLETIONS: AsItIs("/completions", chat_error),
    OLLAMA: AsItIs("/api/chat", line_error, lines=True),
}
"""Protocols that internal servers speak, by the adapter's id. An adapter of another id that speaks one says so as its
`protocol`; one of several paths says the `path`."""


def own_answer(adapter: Adapter, path: str, body: bytes) -> Answer | None:
    """Return the answer to a request that needs no model, or `None` for all others.

    How many tokens a prompt has; what only adds to a conversation. Raises `WireError` or `TooLarge`.
    """
    if isinstance(adapter, Keeper):
        return adapter.replies(body)
    answer = counted(path, body)
    if answer is None:
        return None
    return Answer(200, (("content-type", "application/json"), ("cache-control", "no-store")), answer)


def rename(value: dict[str, Any], model: str) -> dict[str, Any]:
    """Put a model's name where an answer or an event names one."""
    for holder in (value, *(value.get(name) for name in HOLDERS)):
        if isinstance(holder, dict) and isinstance(holder.get("model"), str):
            holder["model"] = model
    return value
