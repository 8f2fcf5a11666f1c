"""Reads the internal model's answer: OpenAI chat completions, streamed or whole, as servers really write them.

Bytes in, neutral events out, each as soon as its last byte is there. Known differences between vLLM, SGLang, Ollama
and llama.cpp are levelled here: usage in a chunk of its own or nowhere, tool calls whole or in pieces, without index
or id, reasoning under two names, a whole body where a stream was asked for, a missing `[DONE]`. Silence never counts
as an answer: what cannot be read, or ends before the model said why it stopped, becomes `Failed`.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from proxy.errors import SluiceError, TooLarge
from proxy.framing.events import Frame, SseFramer
from proxy.internal.answer import (
    Event,
    Failed,
    Finished,
    Reason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolDelta,
    ToolStarted,
)
from proxy.internal.failure import BROKE_OFF, DOWN, GARBLED, explain_error
from proxy.wire.json_text import dump, parse

WHOLE_AT_MOST: Final = 64 * 1024 * 1024
"""Bytes of an answer that is not streamed."""

REASONS: Final[dict[str, Reason]] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
}
"""Reasons to stop, as servers name them; any other word is a plain stop."""

BREAKDOWNS: Final = frozenset({"abort", "error", "insufficient_system_resource"})
"""Reasons to stop that are failures of the server."""

NO_ARGUMENTS: Final = "{}"


@dataclass(slots=True)
class Call:
    """A tool call that is being read."""

    index: int
    id: str
    name: str = ""
    early: list[str] = field(default_factory=list, repr=False)
    """Arguments that came before the name."""
    argued: bool = False
    """Whether arguments came."""


class ChatReader:
    """Reads one answer; feed it every chunk in order, then end it."""

    def __init__(self) -> None:
        """Expect the first byte; whether it is a stream is seen from that byte."""
        self.framer = SseFramer()
        self.whole: bytearray | None = None
        self.sniffed = False
        self.started = False
        self.over = False
        self.calls: list[Call] = []
        self.by_key: dict[int, Call] = {}  # the server's own index → the call it means now
        self.reason = ""
        self.stop_sequence: str | None = None
        self.usage: dict[str, Any] = {}

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes."""
        if self.over:
            return []
        if not self.sniffed:
            chunk = chunk.lstrip()
            if not chunk:
                return []
            self.sniffed = True
            self.whole = bytearray() if chunk.startswith(b"{") else None
        if self.whole is not None:
            self.whole += chunk
            return [] if len(self.whole) <= WHOLE_AT_MOST else self.fail(GARBLED)
        try:
            frames = self.framer.feed(chunk)
        except TooLarge:
            return self.fail(GARBLED)
        return [event for frame in frames for event in self.take_frame(frame)]

    def end(self) -> list[Event]:
        """Return the last events; the connection has ended, however it ended."""
        if self.over:
            return []
        if self.whole is not None:
            events = self.take(bytes(self.whole))
            if not self.started and not self.over:
                return self.fail(GARBLED)
            self.reason = self.reason or "stop"  # the body is whole, whatever the server forgot to say
        else:
            events = [event for frame in self.framer.end() for event in self.take_frame(frame)]
            if events and events[-1] == Failed(GARBLED):
                return self.fail(BROKE_OFF)  # half an event is not nonsense: the connection ended inside it
        if self.over:
            return events
        return events + (self.finish() if self.reason else self.fail(BROKE_OFF))

    def take_frame(self, frame: Frame) -> list[Event]:
        """Read one event of the stream; comments keep the line open and say nothing."""
        if self.over:
            return []
        if frame.data is None:
            return [] if is_text(frame.raw) else self.fail(GARBLED)
        data = frame.data.strip()
        if not data:
            return []
        if data == "[DONE]":
            return self.finish() if self.started else self.fail(BROKE_OFF)
        return self.take(data.encode(), failed=frame.event == "error")

    def take(self, data: bytes, *, failed: bool = False) -> list[Event]:
        """Read one chunk of the answer, or the whole; `failed` says that it is known to be an error."""
        try:
            chunk = parse(data)
        except SluiceError:
            return self.fail(GARBLED)
        if not isinstance(chunk, dict):
            return self.fail(GARBLED)
        if failed or chunk.get("error") or chunk.get("object") == "error":
            return self.fail(explain_error(0, chunk).message)
        if isinstance(chunk.get("usage"), dict):
            self.usage = chunk["usage"]
        choice = first_choice(chunk)
        return [] if choice is None else self.take_choice(chunk, choice)

    def take_choice(self, chunk: dict[str, Any], choice: dict[str, Any]) -> list[Event]:
        """Read what a chunk adds to the answer."""
        events: list[Event] = []
        if not self.started:
            self.started = True
            events.append(Started(text_of(chunk.get("id")), text_of(chunk.get("model"))))
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            thought = text_of(delta.get("reasoning_content")) or text_of(delta.get("reasoning"))
            said = text_of(delta.get("content")) + text_of(delta.get("refusal"))
            events += [ReasoningDelta(thought)] if thought else []
            events += [TextDelta(said)] if said else []
            for call in delta.get("tool_calls") or []:
                events += self.take_call(call)
                if self.over:
                    return events
        self.reason = text_of(choice.get("finish_reason")) or self.reason
        for key in ("stop_reason", "matched_stop"):  # vLLM's name and SGLang's; a number there is a token
            if self.reason == "stop" and isinstance(choice.get(key), str):
                self.stop_sequence = choice[key]
        return events

    def take_call(self, piece: Any) -> list[Event]:
        """Read a piece of a tool call."""
        if not isinstance(piece, dict) or not isinstance(function := piece.get("function"), dict):
            return self.fail(GARBLED)
        number, name = text_of(piece.get("id")), text_of(function.get("name"))
        call = self.known_call(piece.get("index"), number, name)
        if call is None:
            call = Call(len(self.calls), number)
            self.calls.append(call)
        if isinstance(piece.get("index"), int):
            self.by_key[piece["index"]] = call
        arguments = function.get("arguments")
        fragment = arguments if isinstance(arguments, str) else dump(arguments).decode() if arguments else ""
        call.argued |= bool(fragment)
        if not call.name:
            if not name:
                call.early.append(fragment)
                return []
            call.name, fragment = name, "".join(call.early) + fragment
            started: list[Event] = [ToolStarted(call.index, call.id, name)]
            return started + ([ToolDelta(call.index, fragment)] if fragment else [])
        return [ToolDelta(call.index, fragment)] if fragment else []

    def known_call(self, key: Any, number: str, name: str) -> Call | None:
        """Return the call that a piece goes on with, or `None` for the first piece of a new one.

        Some servers give every call of an answer the index 0, or no index: then a name with an id of its own begins
        a call. An id that changes without a name is the same call still.
        """
        if isinstance(key, int):
            call = self.by_key.get(key)
            return None if call and call.name and name and number and number != call.id else call
        if number:
            same = next((call for call in self.calls if call.id == number), None)
            if same or name:
                return same
        return None if name or not self.calls else self.calls[-1]

    def finish(self) -> list[Event]:
        """Return the end of a complete answer."""
        if self.reason in BREAKDOWNS:
            return self.fail(DOWN)
        if any(not call.name for call in self.calls):
            return self.fail(GARBLED)
        self.over = True
        reason = REASONS.get(self.reason, "stop")
        if self.calls and reason == "stop":
            reason = "tool_calls"  # Ollama says `stop` after calls too, and clients would not run them
        # A tool that takes none is called by some with nothing; clients read what they get as JSON.
        none: list[Event] = [ToolDelta(call.index, NO_ARGUMENTS) for call in self.calls if not call.argued]
        used = (self.tokens("prompt_tokens"), self.tokens("completion_tokens"))
        return [*none, Finished(reason, *used, self.stop_sequence)]

    def fail(self, message: str) -> list[Event]:
        """Return the end of an answer that cannot be completed."""
        self.over = True
        return [Failed(message)]

    def tokens(self, key: str) -> int:
        """Return a count of the usage, 0 where it is missing or no count."""
        count = self.usage.get(key)
        return int(count) if isinstance(count, int) and count > 0 else 0


def first_choice(chunk: dict[str, Any]) -> dict[str, Any] | None:
    """Return the choice with index 0, if the chunk has one; others were not asked for."""
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        return None
    return next((one for one in choices if isinstance(one, dict) and one.get("index", 0) == 0), None)


def text_of(value: Any) -> str:
    """Return a text that may stand as a string, as text parts, or be missing."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def is_text(raw: bytes) -> bool:
    """Return whether the bytes are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
