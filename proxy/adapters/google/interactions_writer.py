"""Writes an answer as an interaction: one object, or the events of its steps.

Neutral events go in, bytes come out at once. What the model says is one step; each call of a function is one, told when
the answer is whole.
"""

from datetime import UTC, datetime
from typing import Any

from proxy.adapters.vendors.gather import GatheringWriter
from proxy.internal.answer import Event, TextDelta
from proxy.wire.json_text import dump


class InteractionWriter(GatheringWriter):
    """Writes one interaction."""

    def __init__(self, *, stream: bool, model: str, answer_id: str, now: int) -> None:
        """`now` is the time in seconds since 1970."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.made = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def begin(self) -> bytes:
        """Return the event with which an interaction begins."""
        return event("interaction.created", interaction=self.head("in_progress"))

    def tell(self, happened: Event) -> bytes:
        """Return what a stream says; the first text opens its step."""
        first = isinstance(happened, TextDelta) and self.said and self.text == happened.text != ""
        opened = event("step.start", index=0, step={"type": "model_output", "content": []}) if first else b""
        return opened + super().tell(happened)

    def piece(self, text: str) -> bytes:
        """Return more of what the model says."""
        return event("step.delta", index=0, delta={"type": "text", "text": text})

    def idle(self) -> bytes:
        """Return a comment, which keeps the line open."""
        return b": the model thinks\n\n"

    def finish(self) -> bytes:
        """Return the end of the step, the calls of functions, and the end of the interaction."""
        out = [event("step.stop", index=0)] if self.text else []
        for index, (_, one) in enumerate(sorted(self.calls.items()), start=1 if self.text else 0):
            begun = {"type": "function_call", "id": one.id, "name": one.name, "arguments": {}}
            out += [
                event("step.start", index=index, step=begun),
                event("step.delta", index=index, delta={"type": "arguments_delta", "arguments": one.json or "{}"}),
                event("step.stop", index=index),
            ]
        return b"".join([*out, event("interaction.completed", interaction=self.ended())])

    def failed(self, message: str) -> bytes:
        """Return Google's error."""
        if self.stream:
            return event("error", error={"code": "internal", "message": message})
        return dump({"error": {"code": "internal", "message": message}})

    def close(self) -> bytes:
        """Return what closes a stream."""
        return b"event: done\ndata: [DONE]\n\n"

    def whole(self) -> bytes:
        """Return the interaction at once."""
        said = [{"type": "model_output", "content": [{"type": "text", "text": self.text}]}] if self.text else []
        called = [
            {"type": "function_call", "id": one.id, "name": one.name, "arguments": one.arguments}
            for _, one in sorted(self.calls.items())
        ]
        return dump({**self.ended(), "steps": [*said, *called]})

    def ended(self) -> dict[str, Any]:
        """Return the interaction as it ended, without its steps."""
        end = self.finished
        counted = {"total_input_tokens": end.input_tokens, "total_output_tokens": end.output_tokens}
        counted["total_tokens"] = end.input_tokens + end.output_tokens
        cut = end.reason in ("length", "content_filter")
        status = "requires_action" if self.calls else "incomplete" if cut else "completed"
        return {**self.head(status), "usage": counted}

    def head(self, status: str) -> dict[str, Any]:
        """Return what every telling of an interaction has."""
        named = {"id": f"v1_{self.answer_id}", "object": "interaction", "model": self.model, "role": "model"}
        return {**named, "status": status, "created": self.made, "updated": self.made}


def event(kind: str, **fields: Any) -> bytes:
    """Return one event."""
    return f"event: {kind}\n".encode() + b"data: " + dump({"event_type": kind, **fields}) + b"\n\n"
