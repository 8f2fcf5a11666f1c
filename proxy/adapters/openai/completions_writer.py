"""Writes an answer as an old completion: one `text_completion`, or the stream of them that clients read.

Neutral events go in, bytes come out at once. Completions know neither tools nor reasoning: both are left out.
"""

from typing import Any, Final

from proxy.adapters.openai_chat import failure
from proxy.exchange import Headers
from proxy.internal.answer import Event, Failed, Finished, Reason, ReasoningDelta, TextDelta
from proxy.internal.failure import BROKE_OFF
from proxy.wire.json_text import dump

REASONS: Final[dict[Reason, str]] = {"length": "length", "content_filter": "content_filter"}
"""Reasons to stop that completions have, too; any other is a plain stop."""


class CompletionsWriter:
    """Writes one answer."""

    def __init__(self, *, stream: bool, model: str, answer_id: str, now: int) -> None:
        """`model` is the name that the client asked for, `answer_id` a word of letters and digits, `now` the time."""
        self.stream = stream
        self.head = {"id": f"cmpl-{answer_id}", "object": "text_completion", "created": now, "model": model}
        self.pieces: list[str] = []
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
            if self.last is not None:
                break
            match event:
                case TextDelta(text) if text:
                    self.pieces.append(text)
                    out.append(sse(self.completion(text, None)))
                case ReasoningDelta():
                    out.append(b": the model thinks\n\n")  # a comment, which keeps the line open
                case Finished():
                    self.last = event
                    out += [sse(self.completion("", event)), b"data: [DONE]\n\n"]
                case Failed(message):
                    self.last = event
                    out.append(sse(failure(message)))
        return b"".join(out) if self.stream else b""

    def end(self) -> bytes:
        """Return what is left."""
        rest = b"" if self.last else self.write([Failed(BROKE_OFF)])
        if self.stream:
            return rest
        if isinstance(self.last, Failed):
            return dump(failure(self.last.message))
        return dump(self.completion("".join(self.pieces), self.last))

    def completion(self, text: str, finished: Finished | None) -> dict[str, Any]:
        """Return a completion with `text`, or a piece of one."""
        reason = REASONS.get(finished.reason, "stop") if finished else None
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}
        return {**self.head, "choices": [choice], **({"usage": usage(finished)} if finished else {})}


def usage(finished: Finished) -> dict[str, int]:
    """Return the `usage` object."""
    return {
        "prompt_tokens": finished.input_tokens,
        "completion_tokens": finished.output_tokens,
        "total_tokens": finished.input_tokens + finished.output_tokens,
    }


def sse(event: dict[str, Any]) -> bytes:
    """Return one event."""
    return b"data: " + dump(event) + b"\n\n"
