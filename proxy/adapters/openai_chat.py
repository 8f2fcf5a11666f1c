"""OpenAI chat completions, as OpenAI and every compatible vendor serve them.

Source: the `openai` client library's types and its stream decoder. The prompt is every string of the body but the
interface's own words; the answer's text sits in `choices[].delta` of each chunk. Tool arguments are JSON in a string.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from proxy import json_text
from proxy.adapters.interface import Adapter, Asked, Refusal, Slot
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Rules, TreePrompt, read_tree, shapes
from proxy.adapters.shape import Shape
from proxy.exchange import Answer, Role

IGNORED: Final = shapes(
    "/model", "/models/*", "/service_tier", "/reasoning_effort", "/reasoning/effort", "/verbosity", "/thinking/type",
    "/modalities/*", "/audio/format", "/audio/voice", "/prompt_cache_retention",
    "/max_tokens", "/max_completion_tokens", "/seed", "/top_k", "/thinking/budget_tokens",
    "/response_format", "/response_format/type", "/web_search_options/search_context_size",
    "/tool_choice", "/tool_choice/type", "/function_call", "/tools/*/type", "/tools/*/custom/format/type",
    "/tools/*/custom/format/grammar/syntax",
    "/messages/*/role", "/messages/*/tool_call_id", "/messages/*/audio/id",
    "/messages/*/tool_calls/*/id", "/messages/*/tool_calls/*/type",
    "/messages/*/content/*/type", "/messages/*/content/*/image_url/detail",
    "/messages/*/content/*/input_audio/format", "/messages/*/content/*/file/file_id",
    "/messages/*/content/*/cache_control/type",
)  # fmt: skip

ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}

TEXTS: Final = ("content", "refusal", "reasoning_content", "reasoning")
"""Fields of a delta that hold running text; the last two are vendors' own."""

FINAL_4XX: Final = frozenset(range(400, 500)) - {408, 409, 429}
"""Statuses that no client library of the Stainless family retries."""


class ChatShape(Shape):
    """Where the text sits in chat completion chunks."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - these streams do not name events
        """Return the pieces of text of one chunk."""
        return [slot for path, number, delta in deltas(data) for slot in pieces(path, number, delta)]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the channels of each choice that finishes, or that goes on with another channel."""
        live = {slot.channel for slot in self.slots(event, data) if slot.text or slot.json}
        moved = {channel.partition("/")[0] for channel in live}
        done = {number for _, number, delta in deltas(data) if delta is None}
        return [
            channel
            for channel in open_channels
            if (number := channel.partition("/")[0]) in done or (number in moved and channel not in live)
        ]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a chunk with the head of `like` that carries `text` on `channel`."""
        number, _, rest = channel.partition("/")
        delta: dict[str, Any] = {rest: text}
        if rest.startswith("tool_calls/"):
            delta = {"tool_calls": [{"index": int(rest.split("/")[1]), "function": {"arguments": text}}]}
        elif rest == "function_call":
            delta = {"function_call": {"arguments": text}}
        head = {key: value for key, value in like.items() if key not in ("choices", "usage")}
        return "", {**head, "choices": [{"index": int(number), "delta": delta, "finish_reason": None}]}

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether `value` is encrypted reasoning, which the vendor wants back as it was."""
        kind = value.get("type")
        return isinstance(kind, str) and kind in ("reasoning.encrypted", "thinking", "redacted_thinking")


def deltas(data: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Yield the path, choice number and delta of each choice; once more with None for a choice that finishes."""
    choices = data.get("choices") if isinstance(data, dict) else None
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        if not isinstance(choice, dict):
            continue
        number = str(count(choice.get("index"), place))
        if isinstance(choice.get("delta"), dict):
            yield ("choices", place, "delta"), number, choice["delta"]
        if choice.get("finish_reason"):
            yield (), number, None


def pieces(path: tuple[str | int, ...], number: str, delta: Any) -> Iterator[Slot]:
    """Yield the pieces of text of one delta."""
    if delta is None:
        return
    for name in TEXTS:
        if isinstance(delta.get(name), str):
            yield Slot(f"{number}/{name}", (*path, name), delta[name])
    old = delta.get("function_call")
    if isinstance(old, dict) and isinstance(old.get("arguments"), str):
        yield Slot(f"{number}/function_call", (*path, "function_call", "arguments"), old["arguments"], json=True)
    calls = delta.get("tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            channel = f"{number}/tool_calls/{count(call.get('index'), place)}/arguments"
            yield Slot(channel, (*path, "tool_calls", place, "function", "arguments"), function["arguments"], json=True)


def count(value: Any, otherwise: int) -> int:
    """Return `value` if it is an index; some vendors leave it out."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    if len(path) < 2 or path[0] != "messages" or not isinstance(path[1], int):
        return "other"
    message = tree["messages"][path[1]]
    role = message.get("role") if isinstance(message, dict) else None
    return ROLES.get(role, "other") if isinstance(role, str) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as OpenAI's error object, with a status that is final."""
    final = refusal.status in FINAL_4XX or 500 <= refusal.status < 600
    kind = "server_error" if refusal.status >= 500 else "policy_violation"
    error = {"message": refusal.message, "type": kind, "param": None, "code": refusal.code}
    headers = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-should-retry", "false"),
        ("x-request-id", refusal.reference),
    )
    return Answer(refusal.status if final else 403, headers, json_text.dump({"error": error}))


class OpenAIChat:
    """POST `…/chat/completions` on any host."""

    id: Final = "openai-chat"
    ignored: Final = IGNORED
    shape: Final = ChatShape()

    def at(self, asked: Asked) -> Adapter:  # noqa: ARG002 - the body says all
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        return read_tree(body, tree, Rules(IGNORED, role=partial(role_of, tree)), json_text.dump)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a final error of this format."""
        return refuse(refusal)
