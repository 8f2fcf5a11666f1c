"""Cohere's interface: `/v2/chat`, the older `/v1/chat` and `/v1/generate`, embeddings and reranking.

Source: the `cohere` client library's types and its stream decoder; LiteLLM, which asks for JSON and reads lines.
Events of version 2 are server-sent and say their `type`; those of version 1 are lines and say their `event_type`, the
last of which repeats the whole answer. Citations count characters of the text as the service wrote it.
"""

from dataclasses import dataclass, replace
from typing import Final

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.cohere_to_chat import to_chat
from proxy.adapters.vendors.cohere_v1_forms import CHAT, GENERATE
from proxy.adapters.vendors.cohere_v1_to_chat import generate_to_chat
from proxy.adapters.vendors.cohere_v1_to_chat import to_chat as v1_to_chat
from proxy.adapters.vendors.cohere_writer import CohereWriter
from proxy.adapters.vendors.plain_writer import PlainWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer, header
from proxy.wire import json_text

V2_SHAPE: Final = PathShape(
    (
        TextAt("/delta/message/content/text", {"/type": frozenset({"content-delta"})}),
        TextAt("/delta/message/content/thinking", {"/type": frozenset({"content-delta"})}),
        TextAt("/delta/message/tool_plan", {"/type": frozenset({"tool-plan-delta"})}),
        TextAt("/delta/message/tool_calls/function/arguments", {"/type": frozenset({"tool-call-delta"})}, json=True),
    ),
    ends=({"/type": frozenset({"content-end", "tool-call-start", "tool-call-end", "message-end"})},),
)
V1_SHAPE: Final = PathShape(
    (
        TextAt("/text", {"/event_type": frozenset({"text-generation", "tool-calls-chunk"})}),
        TextAt("/tool_call_delta/parameters", {"/event_type": frozenset({"tool-calls-chunk"})}, json=True),
    ),
    ends=(
        {"/event_type": frozenset({"stream-end", "tool-calls-generation", "citation-generation"})},
        {"/is_finished": frozenset({True})},
    ),
)

WORDS: Final = (
    "/model", "/safety_mode", "/truncate", "/input_type", "/embedding_types/*", "/citation_options/mode",
    "/tool_choice", "/response_format/type", "/thinking/type", "/max_tokens", "/k", "/seed", "/priority", "/top_n",
    "/max_tokens_per_doc", "/output_dimension", "/reasoning_effort",
)  # fmt: skip
MESSAGE: Final = (
    "/role", "/tool_call_id", "/tool_calls/*/id", "/tool_calls/*/type", "/content/*/type",
    "/content/*/image_url/detail", "/content/*/document/id",
)  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Cohere's error object."""
    return tell(refusal, {"id": refusal.reference, "message": refusal.message})


@dataclass(frozen=True, slots=True)
class CohereChat(JsonAdapter):
    """POST `/v2/chat`."""

    lines: bool = False
    """Whether the client reads a stream line by line, as those do that ask for JSON and for no events."""

    def at(self, asked: Asked) -> "CohereChat":
        """Return the adapter for what the client accepts."""
        accepted = header(asked.headers, "accept").lower()
        return replace(self, lines="json" in accepted and "event-stream" not in accepted and "*/*" not in accepted)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> CohereWriter:  # noqa: ARG002 - answers carry no time
        """Return what writes an answer as version 2 has it."""
        return CohereWriter(stream=stream, model=model, answer_id=answer_id, lines=self.lines)


@dataclass(frozen=True, slots=True)
class CohereV1(JsonAdapter):
    """POST `/v1/chat` and `/v1/generate`."""

    turns: bool = True
    """Whether the request is a conversation, and no single prompt."""

    def at(self, asked: Asked) -> "CohereV1":
        """Return the adapter of one request."""
        return replace(self, turns=asked.bare.rstrip("/").endswith("/chat"))

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        return json_text.dump(v1_to_chat(asked, model) if self.turns else generate_to_chat(asked, model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> PlainWriter:
        """Return what writes an answer as version 1 has it."""
        form = CHAT if self.turns else GENERATE
        return PlainWriter(form, stream=stream, model=model, answer_id=answer_id, now=now)


COHERE_CHAT: Final = CohereChat(
    id="cohere-chat",
    shape=V2_SHAPE,
    refusing=refuse,
    ignored=shapes(*WORDS, "/tools/*/type", "/documents/*/id", *(f"/messages/*{leaf}" for leaf in MESSAGE)),
    roles=roles({"/documents": "user"}, "/messages"),
    tested="sdk",
)
COHERE_V1: Final = CohereV1(
    id="cohere-v1",
    shape=V1_SHAPE,
    refusing=refuse,
    ignored=shapes(
        *WORDS, "/prompt_truncation", "/citation_quality", "/chat_history/*/role", "/connectors/*/id",
        "/return_likelihoods",
    ),
    roles=roles(
        {"/message": "user", "/prompt": "user", "/preamble": "system", "/tool_results": "tool"}, "/chat_history"
    ),
    tested="sdk",
)  # fmt: skip
COHERE_CALLS: Final = JsonAdapter(
    id="cohere-calls",
    shape=PathShape(()),
    refusing=refuse,
    ignored=shapes(*WORDS, "/inputs/*/content/*/type", "/dataset_type", "/language", "/format", "/extractiveness"),
    roles=roles({"/texts": "user", "/inputs": "user", "/query": "user", "/documents": "user", "/text": "user"}),
    tested="sdk",
)
