"""Writes an answer as Gemini's responses: one, or a stream of them as events or as one array.

Neutral events go in, bytes come out at once. Every event of a stream is a whole response with new parts only; calls of
functions stand in the last one. Code Assist has each response within another object.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from proxy.adapters.vendors.gather import Call, GatheringWriter
from proxy.exchange import Headers
from proxy.internal.answer import Reason
from proxy.wire.json_text import dump

type Form = Literal["whole", "events", "array"]

REASONS: Final[dict[Reason, str]] = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
}


class GeminiWriter(GatheringWriter):
    """Writes one answer."""

    def __init__(self, form: Form, *, model: str, answer_id: str, wrapped: bool = False) -> None:
        """Write the answer in one `form`; `wrapped` as Code Assist does."""
        super().__init__(stream=form != "whole", model=model, answer_id=answer_id)
        self.form = form
        self.wrapped = wrapped
        self.opened = False

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        kind = "text/event-stream" if self.form == "events" else "application/json; charset=UTF-8"
        return (("content-type", kind), ("cache-control", "no-cache"))

    def piece(self, text: str) -> bytes:
        """Return a response with one piece of text."""
        return self.send(self.response([{"text": text}]))

    def finish(self) -> bytes:
        """Return the response that ends the answer."""
        return self.send(self.response(called(self.calls) or [{"text": ""}], ended=True))

    def failed(self, message: str) -> bytes:
        """Return Google's error object."""
        told = {"error": {"code": 500, "message": message, "status": "INTERNAL"}}
        return self.send(told) if self.stream else dump(told)

    def close(self) -> bytes:
        """Return the bracket that closes an array."""
        return b"]" if self.form == "array" else b""

    def whole(self) -> bytes:
        """Return the answer at once."""
        said = [{"text": self.text}] if self.text else []
        return dump(self.wrap(self.response([*said, *called(self.calls)], ended=True)))

    def response(self, parts: list[dict[str, Any]], *, ended: bool = False) -> dict[str, Any]:
        """Return a response with `parts`, and with what the last one says where it is that."""
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        made: dict[str, Any] = {"candidates": [candidate]}
        if ended:
            end = self.finished
            candidate["finishReason"] = REASONS[end.reason]
            made["usageMetadata"] = {
                "promptTokenCount": end.input_tokens,
                "candidatesTokenCount": end.output_tokens,
                "totalTokenCount": end.input_tokens + end.output_tokens,
            }
        return {**made, "modelVersion": self.model, "responseId": self.answer_id}

    def wrap(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return a response as the client expects it."""
        return {"response": response} if self.wrapped else response

    def send(self, value: dict[str, Any]) -> bytes:
        """Return one object of the stream."""
        data = dump(value if "error" in value else self.wrap(value))
        if self.form == "events":
            return b"data: " + data + b"\r\n\r\n"
        before = b"," if self.opened else b"["
        self.opened = True
        return before + data + b"\r\n"


def called(calls: Mapping[int, Call]) -> list[dict[str, Any]]:
    """Return the parts that call functions, in the order of their numbers."""
    return [
        {"functionCall": {"id": one.id, "name": one.name, "args": one.arguments}} for _, one in sorted(calls.items())
    ]
