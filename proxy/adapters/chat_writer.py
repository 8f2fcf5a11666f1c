"""Writes an answer as an OpenAI chat completion: one object, or chunks and `[DONE]`.

Neutral events go in, bytes come out at once. It speaks for Sluice itself (a refusal shown inside the chat) and for any
reader of the internal model. Reasoning goes out as `reasoning_content`, the name most clients know. A failed stream
ends with an `error` object and without `[DONE]`, which the SDKs raise.
"""

from typing import Any

from proxy.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from proxy.exchange import Headers
from proxy.internal_failure import BROKE_OFF
from proxy.json_text import dump


class ChatWriter:
    """Writes one answer."""

    def __init__(
        self, *, stream: bool, model: str, completion_id: str, created: int, include_usage: bool = False
    ) -> None:
        """Write for a client that asked for `model`.

        `completion_id` is the answer's id, as `chatcmpl-…`, `created` the time in seconds since 1970;
        `include_usage` is the client's own `stream_options.include_usage`.
        """
        self.stream = stream
        self.include_usage = include_usage
        self.frame: dict[str, Any] = {
            "id": completion_id,
            "object": "chat.completion.chunk" if stream else "chat.completion",
            "created": created,
            "model": model,
        }
        self.texts: list[str] = []
        self.reasoning: list[str] = []
        self.calls: dict[int, tuple[dict[str, Any], list[str]]] = {}
        self.begun = False
        self.last: Finished | Failed | None = None

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        if self.stream:
            return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
        return (("content-type", "application/json"),)

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now; a whole answer is sent by `end`."""
        out: list[bytes] = []
        for event in events:
            if self.last is None:
                out += self.take(event)
        return b"".join(out) if self.stream else b""

    def end(self) -> bytes:
        """Return what is left."""
        rest = b"" if self.last else self.write([Failed(BROKE_OFF)])
        if self.stream:
            return rest
        if isinstance(self.last, Failed):
            return dump(error(self.last.message))
        return dump(self.completion())

    def take(self, event: Event) -> list[bytes]:
        """Take in one event; return the stream events that it becomes."""
        out: list[bytes] = []
        if not self.begun and not isinstance(event, Failed):
            self.begun = True
            out.append(self.chunk({"role": "assistant", "content": ""}))
        match event:
            case TextDelta(text) if text:
                self.texts.append(text)
                out.append(self.chunk({"content": text}))
            case ReasoningDelta(text) if text:
                self.reasoning.append(text)
                out.append(self.chunk({"reasoning_content": text}))
            case ToolStarted(index):
                head = self.head(event)
                self.calls[index] = (head, [])
                function = {"name": event.name, "arguments": ""}
                out.append(self.chunk({"tool_calls": [{"index": index, **head, "function": function}]}))
            case ToolDelta(index, json) if json:
                self.calls[index][1].append(json)
                out.append(self.chunk({"tool_calls": [{"index": index, "function": {"arguments": json}}]}))
            case Finished():
                self.last = event
                out += self.closing(event)
            case Failed(message):
                self.last = event
                out.append(b"data: " + dump(error(message)) + b"\n\n")
            case Started() | TextDelta() | ReasoningDelta() | ToolDelta():
                pass
        return out

    def head(self, event: ToolStarted) -> dict[str, Any]:
        """Return what a call begins with; an id is made where the server gave none."""
        number = event.id or f"call_{self.frame['id'].removeprefix('chatcmpl-')}_{event.index}"
        return {"id": number, "type": "function", "function": {"name": event.name}}

    def chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        """Return one chunk with this delta."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return b"data: " + dump({**self.frame, "choices": [choice]}) + b"\n\n"

    def closing(self, finished: Finished) -> list[bytes]:
        """Return the chunks that end a stream."""
        out = [self.chunk({}, finished.reason)]
        if self.include_usage:
            out.append(b"data: " + dump({**self.frame, "choices": [], "usage": usage(finished)}) + b"\n\n")
        return [*out, b"data: [DONE]\n\n"]

    def completion(self) -> dict[str, Any]:
        """Return the whole `chat.completion` object."""
        finished = self.last if isinstance(self.last, Finished) else Finished("stop")
        calls = [
            {**head, "function": {**head["function"], "arguments": "".join(pieces)}}
            for head, pieces in self.calls.values()
        ]
        text = "".join(self.texts)
        message: dict[str, Any] = {"role": "assistant", "content": text if text or not calls else None, "refusal": None}
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finished.reason}
        return {**self.frame, "choices": [choice], "usage": usage(finished)}


def usage(finished: Finished) -> dict[str, int]:
    """Return the `usage` object."""
    return {
        "prompt_tokens": finished.input_tokens,
        "completion_tokens": finished.output_tokens,
        "total_tokens": finished.input_tokens + finished.output_tokens,
    }


def error(message: str) -> dict[str, Any]:
    """Return the vendor's error object."""
    code = "internal_model_unavailable"
    return {"error": {"message": message, "type": "server_error", "param": None, "code": code}}
