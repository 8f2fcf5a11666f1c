"""Bedrock's models in their own words: POST `/model/{id}/invoke` and `…/invoke-with-response-stream`.

Source: the service description in `botocore` for the envelope; what models say in it is their vendors' own, Anthropic's
above all, which Claude Code speaks here. The others' words are in `invoke_vendors`.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Self

from proxy.adapters import anthropic_messages as anthropic
from proxy.adapters.anthropic_to_chat import to_chat
from proxy.adapters.anthropic_writer import AnthropicWriter
from proxy.adapters.aws.answers import InvokeShape, refuse
from proxy.adapters.aws.calls import call_of
from proxy.adapters.aws.invoke_vendors import vendor_of
from proxy.adapters.interface import AnswerShape, Asked, Refusal
from proxy.adapters.prompt import Rules, Shape, TreePrompt, read_tree, shapes
from proxy.adapters.vendors.roles import roles
from proxy.errors import Untranslatable
from proxy.exchange import Answer, Headers
from proxy.framing.aws import MEDIA_TYPE, AwsFramer, message
from proxy.framing.events import SseFramer
from proxy.internal.answer import Event, Writer
from proxy.wire import json_text

WORDS: Final = anthropic.IGNORED | shapes(
    "/schemaVersion", "/textGenerationConfig/maxTokenCount", "/max_gen_len", "/inferenceConfig/maxTokens",
    "/inferenceConfig/max_new_tokens", "/taskType", "/embeddingTypes/*", "/input_type", "/truncate",
)  # fmt: skip
OTHERS: Final = roles(
    {"/prompt": "user", "/inputText": "user", "/message": "user", "/texts": "user", "/system": "system"},
    "/messages",
    "/chat_history",
)
SHAPE: Final = InvokeShape()
ANTHROPIC: Final = "anthropic_version"


@dataclass(frozen=True, slots=True)
class Invoke:
    """One call, whole or streamed."""

    id: str = "bedrock-invoke"
    ignored: frozenset[Shape] = WORDS
    tested: str = "sdk"
    model: str = ""
    stream: bool = False

    @property
    def shape(self) -> AnswerShape:
        """Where the answer's text sits."""
        return SHAPE

    def at(self, asked: Asked) -> Self:
        """Return the adapter of one call: the address says model and verb."""
        call = call_of(asked)
        return replace(self, model=call.model, stream=call.stream)

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        rules = Rules(self.ignored, role=partial(OTHERS, tree))
        if ANTHROPIC in tree:
            rules = Rules(self.ignored, anthropic.signed, partial(anthropic.role_of, tree))
        return replace(read_tree(body, tree, rules, json_text.dump), model=self.model, stream=self.stream)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        asked = json_text.parse_object(body)
        vendor = vendor_of(self.model)
        if vendor is not None:
            return json_text.dump(vendor.to_chat(asked, model, stream=self.stream))
        if ANTHROPIC not in asked:
            raise Untranslatable("in which words this model of Bedrock's answers cannot be told by its id")
        return json_text.dump(to_chat({**asked, "stream": self.stream}, model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:
        """Return what writes an answer as the model's vendor does, in chunks where it is streamed."""
        vendor = vendor_of(self.model)
        if vendor is not None:
            return vendor.writer(stream=stream, model=model, answer_id=answer_id, now=now)
        inner = AnthropicWriter(stream=stream, model=model, message_id=f"msg_{answer_id}")
        return ChunkWriter(inner) if stream else inner

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Amazon's error."""
        return refuse(refusal)


class ChunkWriter:
    """Puts the events of another writer into the chunks of an AWS event stream."""

    def __init__(self, inner: Writer) -> None:
        """Wrap what `inner` writes as server-sent events."""
        self.inner = inner
        self.events = SseFramer()
        self.chunks = AwsFramer("json")

    @property
    def headers(self) -> Headers:
        """Header fields of the 200 answer."""
        return (("content-type", MEDIA_TYPE), ("cache-control", "no-cache"))

    def write(self, events: list[Event]) -> bytes:
        """Return all that can be sent now."""
        return self.wrap(self.inner.write(events))

    def end(self) -> bytes:
        """Return what is left."""
        return self.wrap(self.inner.end())

    def wrap(self, data: bytes) -> bytes:
        """Return events as chunks; a failure is an exception of the stream."""
        return b"".join(self.chunk(frame.event, frame.data or "") for frame in self.events.feed(data))

    def chunk(self, event: str, data: str) -> bytes:
        """Return one event as a message."""
        if event != "error":
            return self.chunks.make("chunk", data)
        told: Any = json_text.parse(data.encode("utf-8"))
        return message("modelStreamErrorException", json_text.dump({"message": told["error"]["message"]}), "exception")
