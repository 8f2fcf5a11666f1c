"""Bedrock's conversations: POST `/model/{id}/converse` and `…/converse-stream`.

Source: the service description in `botocore`. The prompt is every string but the interface's own words; signed
reasoning is read, but goes back as it came. Files are base64 however short they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Self

from proxy.adapters.aws.answers import ConverseShape, refuse
from proxy.adapters.aws.calls import call_of
from proxy.adapters.aws.converse_to_chat import to_chat
from proxy.adapters.aws.converse_writer import ConverseWriter
from proxy.adapters.interface import AnswerShape, Asked, Refusal
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Rules, Shape, TreePrompt, read_tree, shapes
from proxy.adapters.vendors.declared import with_declared
from proxy.adapters.vendors.roles import NAMES, message_at, role_of
from proxy.exchange import Answer, Role
from proxy.wire import json_text

BLOCKS: Final = ("/messages/*/content/*", "/messages/*/content/*/toolResult/content/*")
FILES: Final = tuple(
    f"{block}/{kind}/source/bytes"
    for block in (*BLOCKS, "/system/*/guardContent", "/messages/*/content/*/guardContent")
    for kind in ("image", "document", "video", "audio")
)
WORDS: Final = shapes(
    "/messages/*/role",
    *(block + leaf for block in (*BLOCKS, "/system/*") for leaf in (
        "/image/format", "/document/format", "/video/format", "/audio/format", "/toolUse/toolUseId", "/toolUse/type",
        "/toolResult/toolUseId", "/toolResult/status", "/toolResult/type", "/cachePoint/type", "/cachePoint/ttl",
        "/guardContent/text/qualifiers/*", "/guardContent/image/format",
    )),
    "/inferenceConfig/maxTokens", "/toolConfig/tools/*/cachePoint/type", "/performanceConfig/latency",
    "/guardrailConfig/guardrailIdentifier", "/guardrailConfig/guardrailVersion", "/guardrailConfig/trace",
    "/guardrailConfig/streamProcessingMode", "/serviceTier/type", "/outputConfig/textFormat/type",
    "/outputConfig/effort",
)  # fmt: skip
REASONING: Final = frozenset({"text", "signature"})
SHAPE: Final = ConverseShape()


def signed(path: Steps, value: Mapping[str, Any]) -> bool:
    """Return whether the object at `path` is reasoning with its signature, or encrypted, and nothing else."""
    if len(path) != 5 or path[-1] != "reasoningContent" or path[0] != "messages":
        return False
    text = value.get("reasoningText")
    if isinstance(text, dict) and value.keys() == {"reasoningText"}:
        return text.keys() == REASONING
    return value.keys() == {"redactedContent"}


def role_at(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: a tool's result is the tool's, though a user turn carries it."""
    if path[:1] == ("system",):
        return "system"
    if path[:1] != ("messages",) or len(path) < 2:
        return "other"
    return "tool" if path[4:5] == ("toolResult",) else role_of(message_at(tree, path[:2]), "role", NAMES)


@dataclass(frozen=True, slots=True)
class Converse:
    """One call, whole or streamed."""

    id: str = "bedrock-converse"
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
        prompt = read_tree(body, tree, Rules(self.ignored, signed, partial(role_at, tree)), json_text.dump)
        return replace(with_declared(prompt, FILES), model=self.model, stream=self.stream)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model, stream=self.stream))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> ConverseWriter:  # noqa: ARG002 - answers carry no time
        """Return what writes an answer as Bedrock has it."""
        return ConverseWriter(stream=stream, model=model, answer_id=answer_id)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Amazon's error."""
        return refuse(refusal)
