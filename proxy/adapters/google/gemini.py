"""Gemini's interface, as Google serves it on its own host, on Vertex AI, and behind Code Assist.

Source: the `google-genai` client library's types and converters, and public clients of Code Assist; that the latter's
answers are wrapped in `response` is general knowledge and was not seen live. Model and verb are in the path; `alt=sse`
in the query asks for events, without it a streamed answer is one JSON array. Both spellings of a field, `inlineData`
and `inline_data`, are one field. The prompt is every string but the interface's own words and the signatures of
thoughts.
"""

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self
from urllib.parse import parse_qsl, unquote

from proxy.adapters.google.answers import GeminiShape, refuse
from proxy.adapters.google.gemini_to_chat import to_chat
from proxy.adapters.google.gemini_writer import Form, GeminiWriter
from proxy.adapters.google.words import IGNORED, SIGNATURES, role_at
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.openai.unread import without_sealed
from proxy.adapters.prompt import Rules, Shape, TreePrompt, read_tree
from proxy.adapters.vendors.chat import entries
from proxy.exchange import Answer
from proxy.wire import json_text

CALL: Final = re.compile(r"(?:.*/)?(?P<model>[^/]*):(?P<verb>[A-Za-z]+)/?")
STREAMED: Final = "streamGenerateContent"


@dataclass(frozen=True, slots=True)
class GeminiCalls:
    """Calls that the company's model has no answer to: counting, embeddings, caches, pictures, batches."""

    id: str
    wrapped: bool = False
    """Whether requests stand under `request` and answers under `response`, as Code Assist has it."""
    ignored: frozenset[Shape] = IGNORED
    tested: str = "format"
    model: str = ""
    stream: bool = False
    array: bool = False
    """Whether a streamed answer is one JSON array."""

    @property
    def shape(self) -> GeminiShape:
        """Where the answer's text sits."""
        return GeminiShape(("response",) if self.wrapped else (), self.array)

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one call: the address says which it is."""
        found = CALL.fullmatch(unquote(asked.bare))
        stream = found is not None and found["verb"] == STREAMED
        fields = dict(parse_qsl(asked.path.partition("?")[2]))
        events = fields.get("alt", fields.get("$alt", "")).lower() == "sse"
        model = found["model"] if found is not None and not self.wrapped else ""
        return replace(self, model=model, stream=stream, array=stream and not events)

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        rules = Rules(self.ignored, role=partial(role_at, tree))
        prompt = without_sealed(read_tree(body, tree, rules, json_text.dump), SIGNATURES)
        return replace(prompt, model=self.model or prompt.model.removeprefix("models/"), stream=self.stream)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Google's error, in an array where the answer would be one."""
        return refuse(refusal, array=self.array)


@dataclass(frozen=True, slots=True)
class Gemini(GeminiCalls):
    """Calls that generate content, which the company's model can answer too."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        inner = entries(asked, "request") if self.wrapped else asked
        return json_text.dump(to_chat(inner, model, stream=self.stream))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> GeminiWriter:  # noqa: ARG002 - responses carry no time
        """Return what writes an answer as responses with candidates."""
        form: Form = "whole" if not stream else "array" if self.array else "events"
        return GeminiWriter(form, model=model, answer_id=answer_id, wrapped=self.wrapped)
