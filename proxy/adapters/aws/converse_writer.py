"""Writes an answer as Bedrock's conversations have it: one object, or an AWS event stream.

Neutral events go in, bytes come out at once. The text is one block, opened by its first piece; each call of a tool is a
block behind it.
"""

import re
from typing import Any, Final

from proxy.adapters.vendors.gather import Call, GatheringWriter
from proxy.framing.aws import MEDIA_TYPE, message
from proxy.internal.answer import Reason
from proxy.wire.json_text import dump

REASONS: Final[dict[Reason, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}
FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]")
"""What an id of a call may not hold."""


class ConverseWriter(GatheringWriter):
    """Writes one answer."""

    streamed = MEDIA_TYPE

    def begin(self) -> bytes:
        """Return the event that begins a message."""
        return self.event("messageStart", role="assistant")

    def piece(self, text: str) -> bytes:
        """Return a piece of the text."""
        return self.event("contentBlockDelta", contentBlockIndex=0, delta={"text": text})

    def idle(self) -> bytes:
        """Return nothing: an empty text would be a block before the calls."""
        return b""

    def finish(self) -> bytes:
        """Return the end of the text, the calls, and the end of the message."""
        out = [self.event("contentBlockStop", contentBlockIndex=0)] if self.text else []
        for place, one in enumerate(self.called, start=len(out)):
            start = {"toolUse": {"toolUseId": client_id(one), "name": one.name}}
            out += [
                self.event("contentBlockStart", contentBlockIndex=place, start=start),
                self.event("contentBlockDelta", contentBlockIndex=place, delta={"toolUse": {"input": one.json}}),
                self.event("contentBlockStop", contentBlockIndex=place),
            ]
        return (
            b"".join(out) + self.event("messageStop", stopReason=self.reason) + self.event("metadata", usage=self.usage)
        )

    def failed(self, message_text: str) -> bytes:
        """Return the failure as an exception of the stream, or as Amazon's error."""
        told = dump({"message": message_text})
        return message("modelStreamErrorException", told, "exception") if self.stream else told

    def whole(self) -> bytes:
        """Return the answer at once."""
        said: list[dict[str, Any]] = [{"text": self.text}] if self.text else []
        called = [
            {"toolUse": {"toolUseId": client_id(one), "name": one.name, "input": one.arguments}} for one in self.called
        ]
        output = {"message": {"role": "assistant", "content": [*said, *called]}}
        return dump({"output": output, "stopReason": self.reason, "usage": self.usage})

    def event(self, kind: str, **fields: Any) -> bytes:
        """Return one event."""
        return message(kind, dump(fields))

    @property
    def called(self) -> list[Call]:
        """The calls of tools, in order."""
        return [one for _, one in sorted(self.calls.items())]

    @property
    def reason(self) -> str:
        """Why the answer ended."""
        end = self.finished
        return "stop_sequence" if end.stop_sequence is not None else REASONS[end.reason]

    @property
    def usage(self) -> dict[str, int]:
        """The count of tokens."""
        end = self.finished
        total = end.input_tokens + end.output_tokens
        return {"inputTokens": end.input_tokens, "outputTokens": end.output_tokens, "totalTokens": total}


def client_id(one: Call) -> str:
    """Return the id of a call as the service takes it back."""
    return FOREIGN.sub("_", one.id)
