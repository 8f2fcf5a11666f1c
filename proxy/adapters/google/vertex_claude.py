"""Claude on Vertex AI: POST `…/publishers/anthropic/models/{model}:rawPredict` and `:streamRawPredict`.

Source: the `anthropic` client library. Bodies and answers are Anthropic Messages; the model stands in the path, and the
verb asks for the stream. What counts tokens goes to a model named `count-tokens`, and says the real one in its body.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import unquote

from proxy.adapters.anthropic_messages import IGNORED, AnthropicMessages
from proxy.adapters.anthropic_to_chat import to_chat
from proxy.adapters.anthropic_writer import AnthropicWriter
from proxy.adapters.interface import AnswerShape, Asked, Refusal
from proxy.adapters.prompt import Shape, TreePrompt
from proxy.exchange import Answer
from proxy.wire import json_text

PATH: Final = re.compile(
    r"(?:/.*)?/publishers/anthropic/models/(?P<model>[^/]+):(?P<verb>rawPredict|streamRawPredict)/?"
)
COUNTING: Final = "count-tokens"
MESSAGES: Final = AnthropicMessages()
VERSION: Final = "anthropic_version"
"""What stands in the bodies here, and in a header field elsewhere."""


@dataclass(frozen=True, slots=True)
class VertexClaude:
    """One call, whole or streamed."""

    id: str = "vertex-claude"
    ignored: frozenset[Shape] = IGNORED
    tested: str = "sdk"
    protocol: str = MESSAGES.id
    """What a server of the company's must speak to be asked the same as it is, but for what `plain` changes."""
    model: str = ""
    stream: bool = False

    @property
    def shape(self) -> AnswerShape:
        """Where the answer's text sits."""
        return MESSAGES.shape

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one call: the address says model and verb."""
        found = PATH.fullmatch(asked.bare)
        if found is None:
            return self
        model = unquote(found["model"])
        return replace(self, model="" if model == COUNTING else model, stream=found["verb"] == "streamRawPredict")

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = MESSAGES.read(body, content_type)
        return replace(prompt, model=self.model or prompt.model, stream=self.stream or prompt.stream)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(self.plain(json_text.parse_object(body)), model))

    def plain(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return a parsed request as Anthropic's own service takes it, but for the model."""
        stream = self.stream or asked.get("stream") is True
        return {key: value for key, value in asked.items() if key != VERSION} | ({"stream": True} if stream else {})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> AnthropicWriter:
        """Return what writes an answer as a message."""
        return MESSAGES.writer(stream=stream, model=model, answer_id=answer_id, now=now)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Anthropic's error object, with a status that is final."""
        return MESSAGES.refuse(refusal)
