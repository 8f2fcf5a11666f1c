"""Writes an answer as Ollama has it: one object, or lines of them.

Neutral events go in, bytes come out at once. The last line says `done`; calls of tools stand in the line before it.
"""

from datetime import UTC, datetime
from typing import Any, Final

from proxy.adapters.vendors.gather import GatheringWriter
from proxy.internal.answer import Reason
from proxy.wire.json_text import dump

REASONS: Final[dict[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "stop",
    "content_filter": "stop",
}


class OllamaWriter(GatheringWriter):
    """Writes one answer."""

    streamed = "application/x-ndjson"
    whole_type = "application/json; charset=utf-8"

    def __init__(self, turns: bool, *, stream: bool, model: str, answer_id: str, now: int) -> None:
        """Write messages for a conversation, where `turns` says that it is one, else responses to a prompt."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.turns = turns
        self.created = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def piece(self, text: str) -> bytes:
        """Return a line with one piece of text."""
        return self.line(self.saying(text), done=False)

    def finish(self) -> bytes:
        """Return the lines that end the answer."""
        called = self.line(self.saying("", self.called), done=False) if self.called and self.turns else b""
        return called + self.line(self.saying("") | self.ending, done=True)

    def failed(self, message: str) -> bytes:
        """Return Ollama's error object."""
        return dump({"error": message}) + b"\n" * self.stream

    def whole(self) -> bytes:
        """Return the answer at once."""
        return dump(self.head | self.saying(self.text, self.called) | self.ending | {"done": True})

    def saying(self, text: str, calls: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return what a line says."""
        if not self.turns:
            return {"response": text}
        return {"message": {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}}

    @property
    def called(self) -> list[dict[str, Any]]:
        """The calls of tools."""
        return [
            {"id": one.id, "function": {"index": place, "name": one.name, "arguments": one.arguments}}
            for place, (_, one) in enumerate(sorted(self.calls.items()))
        ]

    @property
    def head(self) -> dict[str, Any]:
        """What every line begins with."""
        return {"model": self.model, "created_at": self.created}

    @property
    def ending(self) -> dict[str, Any]:
        """What the last line says."""
        end = self.finished
        counts = {"prompt_eval_count": end.input_tokens, "eval_count": end.output_tokens}
        return {"done_reason": REASONS[end.reason], **counts}

    def line(self, value: dict[str, Any], *, done: bool) -> bytes:
        """Return one line."""
        return dump({**self.head, **value, "done": done}) + b"\n"
