"""Writes an answer as Cohere's version 2 has it: whole, or events from `message-start` to `message-end`.

Neutral events go in, bytes come out at once. A content is opened with the first piece of text and closed before the
calls of tools, which follow one after the other.
"""

from typing import Any, Final

from proxy.adapters.vendors.gather import Call, GatheringWriter
from proxy.internal.answer import Event, Reason
from proxy.wire.json_text import dump

REASONS: Final[dict[Reason, str]] = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tool_calls": "TOOL_CALL",
    "content_filter": "ERROR",
}

DATA: Final = b"data: "


class CohereWriter(GatheringWriter):
    """Writes one answer."""

    opened = False
    """Whether a content has begun."""

    def __init__(self, *, stream: bool, model: str, answer_id: str, lines: bool = False) -> None:
        """`lines` is for clients that read a stream line by line, each the JSON of an event."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.lines = lines and stream
        if self.lines:
            self.streamed = "application/stream+json"

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now."""
        return self.framed(super().write(events))

    def end(self) -> bytes:
        """Return what is left."""
        return self.framed(super().end())

    def framed(self, events: bytes) -> bytes:
        """Return events as the client reads them."""
        if not self.lines:
            return events
        return b"".join(line[len(DATA) :] + b"\n" for line in events.split(b"\n") if line.startswith(DATA))

    def begin(self) -> bytes:
        """Return the event that begins a message."""
        message = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        return event("message-start", {"message": message}, id=self.answer_id)

    def piece(self, text: str) -> bytes:
        """Return a piece of the content, behind its beginning."""
        begun = b"" if self.opened else said("content-start", "content", {"type": "text", "text": ""})
        self.opened = True
        return begun + said("content-delta", "content", {"text": text})

    def idle(self) -> bytes:
        """Return nothing: an empty content would stand before the calls."""
        return b""

    def finish(self) -> bytes:
        """Return the end of the content, the calls, and the end of the message."""
        out = [event("content-end", index=0)] if self.opened else []
        for place, (_, one) in enumerate(sorted(self.calls.items())):
            out += [
                said("tool-call-start", "tool_calls", call(one, ""), place),
                said("tool-call-delta", "tool_calls", {"function": {"arguments": one.json}}, place),
                event("tool-call-end", index=place),
            ]
        return b"".join(out) + event(
            "message-end", {"finish_reason": self.reason, "usage": self.usage}, id=self.answer_id
        )

    def failed(self, message: str) -> bytes:
        """Return the failure: the end of a message, or the error object."""
        if self.stream:
            return event("message-end", {"error": message, "finish_reason": "ERROR"}, id=self.answer_id)
        return dump({"id": self.answer_id, "message": message})

    def whole(self) -> bytes:
        """Return the answer at once."""
        message: dict[str, Any] = {"role": "assistant"}
        if self.text:
            message["content"] = [{"type": "text", "text": self.text}]
        if self.calls:
            message["tool_calls"] = [call(one, one.json) for _, one in sorted(self.calls.items())]
        return dump({"id": self.answer_id, "finish_reason": self.reason, "message": message, "usage": self.usage})

    @property
    def reason(self) -> str:
        """Why the answer ended."""
        end = self.finished
        return "STOP_SEQUENCE" if end.stop_sequence is not None else REASONS[end.reason]

    @property
    def usage(self) -> dict[str, Any]:
        """The count of tokens."""
        end = self.finished
        tokens = {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens}
        return {"billed_units": tokens, "tokens": tokens}


def call(one: Call, arguments: str) -> dict[str, Any]:
    """Return a call of a tool."""
    return {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": arguments}}


def said(kind: str, where: str, value: dict[str, Any], index: int = 0) -> bytes:
    """Return an event with a piece of the message."""
    return event(kind, {"message": {where: value}}, index=index)


def event(kind: str, delta: dict[str, Any] | None = None, **more: Any) -> bytes:
    """Return one event."""
    data = {"type": kind, **more} | ({} if delta is None else {"delta": delta})
    return b"event: " + kind.encode() + b"\n" + DATA + dump(data) + b"\n\n"
