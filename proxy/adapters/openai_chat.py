"""OpenAI chat completions, as OpenAI and every compatible vendor serve them.

Source: the `openai` client library's types and its stream decoder; vendors' own fields as described in public client
code. The prompt is every string of the body but the interface's own words; the answer's text sits in `choices[].delta`
of each chunk. Tool arguments are JSON in a string. Reasoning that a vendor has signed goes back as it came.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from proxy.adapters.interface import Adapter, Asked, Refusal, Slot
from proxy.adapters.openai.unread import without_sealed
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import Rules, TreePrompt, read_tree, shapes
from proxy.adapters.shape import Shape, find
from proxy.exchange import Answer, Role, header
from proxy.wire import json_text

SEALED: Final = (
    "/messages/*/reasoning_details/*/data", "/messages/*/reasoning_details/*/signature",
    "/messages/*/thinking_blocks/*/data", "/messages/*/thinking_blocks/*/signature",
    "/messages/*/content/*/signature", "/messages/*/reasoning_opaque",
    "/messages/*/tool_calls/*/extra_content/google/thought_signature",
)  # fmt: skip
"""Tokens of OpenRouter, LiteLLM, Copilot and Gemini that carry a model's reasoning from turn to turn."""

IGNORED: Final = shapes(
    *SEALED,
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
    *("/messages/*/reasoning_details/*/" + leaf for leaf in ("type", "id", "format")),
    "/messages/*/thinking_blocks/*/type",
)  # fmt: skip

ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}

TEXTS: Final = {
    "content": {"": "content", "/*/text": "content", "/*/thinking/*/text": "thinking"},
    **{name: {"": name} for name in ("refusal", "reasoning_content", "reasoning")},
    "audio": {"/transcript": "audio"},
}
"""Where a delta's entries hold running text, and the channel it goes on with; reasoning and lists are vendors' own."""

TOOLS: Final = {"arguments": "function", "input": "custom"}
"""Where a call in a delta has what the model writes for the tool: the field, and the kind of call that has it."""

FINAL_4XX: Final = frozenset(range(400, 500)) - {408, 409, 429}
"""Statuses that no client library of the Stainless family retries."""

MISTRAL: Final = "mistral"
"""What Mistral's own clients call themselves, among other things: these know a tool's call only as a whole."""

DEPLOYMENT: Final = "/openai/deployments/"
"""What only paths of Azure hold; `/openai/v1/` is Groq's, too."""


class ChatShape(Shape):
    """Where the text sits in chat completion chunks."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - these streams do not name events
        """Return the pieces of text of one chunk."""
        return [slot for path, number, delta in deltas(data) for slot in pieces(path, number, delta)]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the channels of each choice that finishes, or that goes on with another channel."""
        done = {number for _, number, delta in deltas(data) if delta is None}
        if not done and len(open_channels) < 2:
            return ()
        live = {slot.channel for slot in self.slots(event, data) if slot.text or slot.json}
        moved = {channel.partition("/")[0] for channel in live}
        return [
            channel
            for channel in open_channels
            if (number := channel.partition("/")[0]) in done or (number in moved and channel not in live)
        ]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a chunk with the head of `like` that carries `text` on `channel`."""
        number, _, rest = channel.partition("/")
        match rest.split("/"):
            case ["tool_calls", index, field]:
                delta: dict[str, Any] = {"tool_calls": [{"index": int(index), TOOLS[field]: {field: text}}]}
            case ["function_call"]:
                delta = {"function_call": {"arguments": text}}
            case ["audio"]:
                delta = {"audio": {"transcript": text}}
            case ["thinking"]:
                delta = {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}
            case _:
                delta = {rest: text}
        head = {key: value for key, value in like.items() if key not in ("choices", "usage")}
        return "", {**head, "choices": [{"index": int(number), "delta": delta, "finish_reason": None}]}

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether `value` is signed or encrypted reasoning, which the vendor wants back as it was.

        OpenRouter's `reasoning.…` repeats what `reasoning` shows; `thinking` that is a list is Mistral's, unsigned.
        """
        kind = value.get("type")
        if not isinstance(kind, str):
            return False
        signed = kind in ("thinking", "redacted_thinking") and not isinstance(value.get("thinking"), list)
        return signed or kind.startswith("reasoning.")


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
    for key in delta.keys() & TEXTS.keys():
        for where, name in TEXTS[key].items():
            for inner, text in find(delta[key], where):
                if isinstance(text, str):
                    yield Slot(f"{number}/{name}", (*path, key, *inner), text)
    old = delta.get("function_call")
    if isinstance(old, dict) and isinstance(old.get("arguments"), str):
        yield Slot(f"{number}/function_call", (*path, "function_call", "arguments"), old["arguments"], json=True)
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        yield from called((*path, "tool_calls"), number, calls)


def called(path: tuple[str | int, ...], number: str, calls: Sequence[Any]) -> Iterator[Slot]:
    """Yield the pieces of text of the calls of tools in one delta."""
    for place, call in enumerate(calls):
        for field, kind in TOOLS.items():
            for inner, text in find(call, f"/{kind}/{field}"):
                if isinstance(text, str):
                    channel = f"{number}/tool_calls/{count(call.get('index'), place)}/{field}"
                    yield Slot(channel, (*path, place, *inner), text, json=field == "arguments")


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


def failure(message: str) -> dict[str, Any]:
    """Return the error object of an answer that the company's model could not complete; SDKs raise it in a stream."""
    error = {"message": message, "type": "server_error", "param": None, "code": "internal_model_unavailable"}
    return {"error": error}


def refuse_as_azure(refusal: Refusal) -> Answer:
    """Return a verdict of policy as Azure's content filter tells one; apps made for Azure know what to do with it."""
    plain = refuse(refusal)
    if plain.status != 403:
        return plain
    inner = {"code": "ResponsibleAIPolicyViolation", "reason": refusal.code}
    error = {"message": refusal.message, "type": "policy_violation", "param": "prompt", "code": "content_filter"}
    body = json_text.dump({"error": {**error, "status": 400, "innererror": inner}})
    return Answer(400, plain.headers, body)


def refusing_for(asked: Asked) -> Callable[[Refusal], Answer]:
    """Return how a refusal of this request must be told."""
    azure = asked.wire == "azure" or header(asked.headers, "api-key") or DEPLOYMENT in asked.bare.lower()
    return refuse_as_azure if azure else refuse


class OpenAIChat:
    """POST `…/chat/completions` on any host."""

    id: Final = "openai-chat"
    ignored: Final = IGNORED
    shape: Final = ChatShape()
    tested: Final = "sdk"

    def __init__(self, refusing: Callable[[Refusal], Answer] = refuse, *, whole_calls: bool = False) -> None:
        """Speak to a client that expects refusals as `refusing` writes them, and perhaps calls of tools whole."""
        self.refusing = refusing
        self.whole_calls = whole_calls

    def at(self, asked: Asked) -> Adapter:
        """Return the adapter that refuses as the service would, and knows what the client can read."""
        mistral = MISTRAL in header(asked.headers, "user-agent").lower()
        return OpenAIChat(refusing_for(asked), whole_calls=mistral)

    def read(self, body: bytes, content_type: str) -> TreePrompt:  # noqa: ARG002 - always JSON, whatever it is called
        """Read a request body; raises `WireError` or `TooLarge`."""
        tree = json_text.parse_object(body)
        prompt = read_tree(body, tree, Rules(IGNORED, role=partial(role_of, tree)), json_text.dump)
        return without_sealed(prompt, SEALED)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as a final error of this format."""
        return self.refusing(refusal)
