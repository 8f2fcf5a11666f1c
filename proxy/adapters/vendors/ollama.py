"""Ollama's own interface: `/api/chat`, `/api/generate` and embeddings.

Source: the `ollama` client library's types. Answers are lines of JSON, and streamed unless the request says `false`.
The paths are short words that other products use too, so they are taken for Ollama's only on its services, or on its
port. What `context` holds are numbers of tokens, which nobody here can read.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from proxy.adapters.entry import Entry
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai.unread import without_token_ids
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.adapters.vendors.ollama_to_chat import chat_to_chat, generate_to_chat
from proxy.adapters.vendors.ollama_writer import OllamaWriter
from proxy.adapters.vendors.refusing import tell
from proxy.adapters.vendors.roles import roles
from proxy.exchange import Answer, header
from proxy.wire import json_text

PORT: Final = ":11434"
WIRE: Final = "ollama"

SHAPE: Final = PathShape(
    (TextAt("/message/thinking"), TextAt("/message/content"), TextAt("/thinking"), TextAt("/response")),
    ends=({"/done": frozenset()}, {"/error": frozenset()}),
)
WORDS: Final = shapes(
    "/model", "/format", "/keep_alive", "/think", "/options/num_ctx", "/options/num_predict", "/options/seed",
    "/messages/*/role", "/messages/*/tool_calls/*/id", "/messages/*/tool_calls/*/type", "/messages/*/tool_call_id",
    "/tools/*/type",
)  # fmt: skip


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as Ollama's error object."""
    return tell(refusal, {"error": refusal.message})


@dataclass(frozen=True, slots=True)
class Ollama(JsonAdapter):
    """POST `/api/chat` and `/api/generate`."""

    turns: bool = True
    """Whether the request is a conversation, and no single prompt."""

    @property
    def path(self) -> str:
        """Where an Ollama of the company's answers the same."""
        return "/api/chat" if self.turns else "/api/generate"

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one request."""
        return replace(self, turns=asked.bare.rstrip("/").endswith("/chat"))

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        prompt = without_token_ids(JsonAdapter.read(self, body, content_type), "context")
        return replace(prompt, stream=prompt.tree.get("stream") is not False)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        return json_text.dump(chat_to_chat(asked, model) if self.turns else generate_to_chat(asked, model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> OllamaWriter:
        """Return what writes an answer as lines."""
        return OllamaWriter(self.turns, stream=stream, model=model, answer_id=answer_id, now=now)


@dataclass(frozen=True, slots=True)
class OllamaEntry(Entry):
    """A line of the register for what only Ollama speaks; a server on its port is one, whatever the catalogue says."""

    def fits(self, asked: Asked) -> bool:
        """Return whether a request speaks this format, to an Ollama."""
        here = header(asked.headers, "host").endswith(PORT)
        return Entry.fits(self, replace(asked, wire=WIRE) if here else asked)


OLLAMA: Final = Ollama(
    "ollama", SHAPE, refuse, WORDS, roles({"/prompt": "user", "/suffix": "user", "/system": "system"}, "/messages"),
    tested="sdk",
)  # fmt: skip
OLLAMA_EMBED: Final = JsonAdapter(
    "ollama-embed", PathShape(()), refuse, WORDS, roles({"/input": "user", "/prompt": "user"}), tested="sdk"
)
