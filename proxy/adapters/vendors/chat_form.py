"""The form of answers of interfaces that are OpenAI's chat completions but for a few words of their own.

Enters: these words. Leaves: a `Form` for `PlainWriter`. Calls of tools come whole, in the chunk before the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from proxy.adapters.vendors.gather import Call
from proxy.adapters.vendors.plain_writer import Form, PlainWriter


@dataclass(frozen=True, slots=True)
class Words:
    """What one interface calls otherwise."""

    model: str = "model"
    """Where the model's name stands."""
    delta: str = "delta"
    """Where a chunk has its piece."""
    reason: str = "finish_reason"
    """Where it stands why a choice ended."""

    def head(self, writer: PlainWriter, kind: str) -> dict[str, Any]:
        """Return what every chunk and every answer begins with."""
        head = {"id": f"chatcmpl-{writer.answer_id}", "object": kind, "created": writer.now}
        return {**head, self.model: writer.model}

    def chunk(self, writer: PlainWriter, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        """Return a chunk."""
        choice = {"index": 0, self.delta: delta, self.reason: reason}
        return {**self.head(writer, "chat.completion.chunk"), "choices": [choice]}

    def begins(self, writer: PlainWriter) -> Sequence[Any]:
        """Return the chunk that says whose turn it is."""
        return [self.chunk(writer, {"role": "assistant", "content": ""})]

    def piece(self, writer: PlainWriter, text: str) -> Any:
        """Return the chunk with one more piece of text."""
        return self.chunk(writer, {"content": text})

    def ends(self, writer: PlainWriter) -> Sequence[Any]:
        """Return the calls of tools, and the chunk that says why it ended."""
        called = [{"index": place, **call(one)} for place, one in enumerate(writer.called)]
        end = {**self.chunk(writer, {}, writer.reason()), "usage": usage(writer)}
        return [*([self.chunk(writer, {"tool_calls": called})] if called else []), end]

    def whole(self, writer: PlainWriter) -> Any:
        """Return the answer at once."""
        message: dict[str, Any] = {"role": "assistant", "content": writer.text or (None if writer.calls else "")}
        if writer.calls:
            message["tool_calls"] = [call(one) for one in writer.called]
        choice = {"index": 0, "message": message, self.reason: writer.reason()}
        return {**self.head(writer, "chat.completion"), "choices": [choice], "usage": usage(writer)}


def call(one: Call) -> dict[str, Any]:
    """Return a call of a tool."""
    return {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.json}}


def usage(writer: PlainWriter) -> dict[str, int]:
    """Return the count of tokens."""
    end = writer.finished
    return {
        "prompt_tokens": end.input_tokens,
        "completion_tokens": end.output_tokens,
        "total_tokens": end.input_tokens + end.output_tokens,
    }


def chat_form(failed: Callable[[PlainWriter, str], Any], words: Words | None = None, **more: Any) -> Form:
    """Return the form of an interface that tells failures as `failed` does; `more` are other fields of a `Form`."""
    told = words or Words()
    return replace(Form(told.piece, told.ends, told.whole, failed, told.begins), **more)
