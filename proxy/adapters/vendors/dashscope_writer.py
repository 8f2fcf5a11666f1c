"""Writes an answer as DashScope's own interface has it: one result, or a stream of them.

Neutral events go in, bytes come out at once. Events repeat the text so far, or hold pieces, as the request asked; the
text stands alone, in a message, or in a message of parts. The client library looks for the words of a line right behind
its colon.
"""

from typing import Any, Final, Literal

from proxy.adapters.vendors.gather import GatheringWriter
from proxy.internal.answer import Reason
from proxy.wire.json_text import dump

type Form = Literal["text", "message", "parts", "both"]
"""Where a result has its text; both where the request did not say, since models differ in what they then do."""

REASONS: Final[dict[Reason, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "stop",
}


class DashScopeWriter(GatheringWriter):
    """Writes one answer."""

    def __init__(self, form: Form, *, stream: bool, repeats: bool, model: str, answer_id: str) -> None:
        """Write results in `form`; `repeats` where each says all so far."""
        super().__init__(stream=stream, model=model, answer_id=answer_id)
        self.form = form
        self.repeats = repeats
        self.count = 0

    def piece(self, text: str) -> bytes:
        """Return a result with one more piece."""
        return self.event("result", 200, self.result(self.text if self.repeats else text, "null"))

    def finish(self) -> bytes:
        """Return the result that ends the answer."""
        text = self.text if self.repeats else ""
        return self.event("result", 200, self.result(text, REASONS[self.finished.reason]))

    def failed(self, message: str) -> bytes:
        """Return DashScope's error object."""
        told = {"code": "InternalError", "message": message, "request_id": self.answer_id}
        return self.event("error", 500, told) if self.stream else dump(told)

    def whole(self) -> bytes:
        """Return the answer at once."""
        return dump(self.result(self.text, REASONS[self.finished.reason]))

    def result(self, text: str, reason: str) -> dict[str, Any]:
        """Return a result with this text and this reason to stop."""
        output: dict[str, Any] = {}
        if self.form in ("text", "both"):
            output |= {"text": text, "finish_reason": reason}
        if self.form != "text":
            content: Any = [{"text": text}] if self.form == "parts" else text
            message: dict[str, Any] = {"role": "assistant", "content": content}
            if self.calls and self.last is not None:
                message["tool_calls"] = [
                    {
                        "index": place,
                        "id": one.id,
                        "type": "function",
                        "function": {"name": one.name, "arguments": one.json},
                    }
                    for place, (_, one) in enumerate(sorted(self.calls.items()))
                ]
            output["choices"] = [{"finish_reason": reason, "message": message}]
        end = self.finished
        usage = {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens}
        usage["total_tokens"] = end.input_tokens + end.output_tokens
        return {"output": output, "usage": usage, "request_id": self.answer_id}

    def event(self, kind: str, status: int, value: dict[str, Any]) -> bytes:
        """Return one event."""
        self.count += 1
        head = f"id:{self.count}\nevent:{kind}\n:HTTP_STATUS/{status}\ndata:"
        return head.encode() + dump(value) + b"\n\n"
