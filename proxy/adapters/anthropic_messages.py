"""Anthropic Messages, as Anthropic, Claude Code's gateways and compatible vendors serve them.

Source: the `anthropic` client library's types and its stream accumulator. The prompt is every string but the
interface's own words; signed thinking is read, but goes back as it came, in both directions. Clients tell stream events
apart by their SSE name, so a new event always has one.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from proxy.adapters.anthropic_to_chat import to_chat
from proxy.adapters.anthropic_writer import AnthropicWriter
from proxy.adapters.interface import Adapter, Asked, Refusal, Slot
from proxy.adapters.openai_chat import FINAL_4XX
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Rules, TreePrompt, read_tree, shapes
from proxy.adapters.shape import Shape
from proxy.exchange import Answer, Role
from proxy.wire import json_text

BLOCK: Final = ("/messages/*/content/*", "/messages/*/content/*/content/*", "/system/*")

IGNORED: Final = shapes(
    "/model", "/service_tier", "/anthropic_version", "/anthropic_beta/*", "/max_tokens", "/top_k", "/inference_geo",
    "/thinking/type", "/thinking/budget_tokens", "/thinking/display", "/output_config/effort",
    "/output_config/format/type", "/tool_choice/type", "/context_management/edits/*/type", "/container",
    "/tools/*/type", "/tools/*/cache_control/type", "/tools/*/cache_control/ttl", "/mcp_servers/*/type",
    "/messages/*/role",
    *(block + leaf for block in BLOCK for leaf in (
        "/type", "/id", "/tool_use_id", "/cache_control/type", "/cache_control/ttl", "/file_id",
        "/source/type", "/source/media_type", "/source/file_id", "/caller/type",
    )),
)  # fmt: skip

SIGNED: Final = {
    "thinking": {"type", "thinking", "signature", "cache_control"},
    "redacted_thinking": {"type", "data", "cache_control"},
}
"""Blocks that the service has signed, with all the fields they may have."""
SEAL: Final = {"thinking": "signature", "redacted_thinking": "data"}
"""The field of each without which it is signed by nobody."""

OPAQUE: Final = frozenset({"thinking", "redacted_thinking", "thinking_delta", "signature_delta"})

ROLES: Final[dict[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}

DELTAS: Final = {"text_delta": "text", "input_json_delta": "partial_json"}
"""Kinds of delta that hold running text, and the field it is in."""

KINDS: Final = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 413: "request_too_large", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip


class MessagesShape(Shape):
    """Where the text sits in the events of a message stream."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data names its own type
        """Return the piece of text of a `content_block_delta`."""
        if not isinstance(data, dict) or data.get("type") != "content_block_delta":
            return ()
        delta = data.get("delta")
        if not isinstance(delta, dict) or not isinstance(kind := delta.get("type"), str):
            return ()
        name = DELTAS.get(kind, "")
        text = delta.get(name)
        if not isinstance(text, str):
            return ()
        return (Slot(f"{data.get('index', 0)}/{kind}", ("delta", name), text, json=kind == "input_json_delta"),)

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return the channels of a block that stops, and all when the message does."""
        kind = data.get("type") if isinstance(data, dict) else None
        if kind == "content_block_stop":
            return [channel for channel in open_channels if channel.partition("/")[0] == str(data.get("index", 0))]
        return open_channels if kind in ("message_delta", "message_stop", "error") else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a `content_block_delta` that carries `text`."""
        kind = channel.partition("/")[2]
        delta = {"type": kind, DELTAS[kind]: text}
        return "content_block_delta", {"type": "content_block_delta", "index": like.get("index", 0), "delta": delta}

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether `value` is signed thinking or a piece of it."""
        kind = value.get("type")
        return isinstance(kind, str) and kind in OPAQUE


def signed(path: Steps, value: Mapping[str, Any]) -> bool:
    """Return whether the object at `path` of a request is a signed block and nothing else."""
    if len(path) != 4 or path[0] != "messages" or path[2] != "content":
        return False
    kind = value.get("type")
    return isinstance(kind, str) and kind in SIGNED and value.keys() <= SIGNED[kind] and bool(value.get(SEAL[kind]))


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`; a tool's result counts as the tool's, though a user turn carries it."""
    if path[:1] == ("system",):
        return "system"
    if len(path) < 2 or path[0] != "messages" or not isinstance(path[1], int):
        return "other"
    message = tree["messages"][path[1]]
    if not isinstance(message, dict):
        return "other"
    if len(path) > 3 and path[2] == "content" and isinstance(path[3], int):
        block = message["content"][path[3]]
        if isinstance(block, dict) and str(block.get("type", "")).endswith("tool_result"):
            return "tool"
    role = message.get("role")
    return ROLES.get(role, "other") if isinstance(role, str) else "other"


class AnthropicMessages:
    """POST `…/v1/messages` and `…/v1/messages/count_tokens` on any host."""

    id: Final = "anthropic-messages"
    ignored: Final = IGNORED
    shape: Final = MessagesShape()
    tested: Final = "sdk"

    def at(self, asked: Asked) -> Adapter:  # noqa: ARG002 - the body says all
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        return read_tree(body, tree, Rules(IGNORED, signed, partial(role_of, tree)), json_text.dump)

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> AnthropicWriter:  # noqa: ARG002 - messages carry no time
        """Return what writes an answer as a message."""
        return AnthropicWriter(stream=stream, model=model, message_id=f"msg_{answer_id}")

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as Anthropic's error object, with a status that is final."""
        final = refusal.status in FINAL_4XX or 500 <= refusal.status < 600
        status = refusal.status if final else 403
        kind = (
            "overloaded_error"
            if refusal.again
            else KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        )
        error = {"type": kind, "message": refusal.message}
        headers = (
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("x-should-retry", "false"),
            ("request-id", refusal.reference),
        )
        body = {"type": "error", "error": error, "request_id": refusal.reference}
        return Answer(status, headers, json_text.dump(body))
