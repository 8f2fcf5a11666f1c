"""A request of Cohere's version 2 → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. The two are alike; other names, documents and the form of tools' results
are what differs. `k`, safety modes and citation options stay behind. Content that has no counterpart raises
`WireError`; no error holds text of the body.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, name_of, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import (
    entries,
    function,
    image,
    json_schema,
    objects,
    parts_of,
    renamed,
    result,
    streaming,
    turns_of,
    word,
)
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

SAME: Final = {
    "max_tokens": "max_tokens", "temperature": "temperature", "p": "top_p", "seed": "seed", "stop_sequences": "stop",
    "frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty",
}  # fmt: skip
CHOICES: Final = {"REQUIRED": "required", "NONE": "none"}
ROLES: Final = frozenset({"system", "developer", "user", "assistant"})


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    messages: list[Chat] = []
    add(messages, "system", documents_of(body.get("documents")))
    for turn in turns_of(body, "messages"):
        add_turn(messages, turn)
    chat: Chat = {"model": model, "messages": messages, **renamed(body, SAME), **streaming(body.get("stream") is True)}
    form = entries(body, "response_format")
    if form.get("type") == "json_object":
        chat |= json_schema(form.get("json_schema", form.get("schema")))
    offered = [entries(tool, "function") for tool in objects(body.get("tools"), "tools")]
    if offered:
        chat["tools"] = [function(word(one, "name"), one.get("description"), one.get("parameters")) for one in offered]
        if isinstance(choice := body.get("tool_choice"), str) and choice in CHOICES:
            chat["tool_choice"] = CHOICES[choice]
    return chat


def add_turn(messages: list[Chat], turn: Chat) -> None:
    """Append one message."""
    role = turn.get("role")
    if role == "tool":
        texts = [part["text"] for part in parts_of(turn.get("content"), part_of) if part["type"] == "text"]
        messages.append(result(word(turn, "tool_call_id"), "\n".join(texts)))
        return
    if role not in ROLES:
        raise WireError("the role of a message must be system, user, assistant or tool")
    parts = parts_of(turn.get("content"), part_of)
    if role == "assistant" and not parts and isinstance(turn.get("tool_plan"), str):
        parts = text_part(turn["tool_plan"])
    calls = objects(turn.get("tool_calls"), "tool_calls")
    add(messages, "system" if role == "developer" else str(role), parts, calls)


def part_of(part: Chat) -> list[Chat]:
    """Return one part; thoughts stay behind."""
    match kind := part.get("type"):
        case "text":
            return text_part(word(part, "text"))
        case "image_url":
            return [image(word(entries(part, "image_url"), "url"))]
        case "document":
            return document(part.get("document"))
        case "thinking":
            return []
    raise Untranslatable(f"the internal model cannot be given a content of type {name_of(kind)}")


def documents_of(found: Any) -> list[Chat]:
    """Return the documents that the answer is to be drawn from."""
    if found is None:
        return []
    if not isinstance(found, list):
        raise WireError("documents must be a list")
    return [part for one in found for part in document(one)]


def document(found: Any) -> list[Chat]:
    """Return a document, a string or an object with data, as text."""
    if isinstance(found, str):
        return text_part(found)
    if not isinstance(found, dict):
        raise WireError("a document must be a string or an object")
    data = found.get("data", found)
    said = data if isinstance(data, str) else dump(data).decode("utf-8")
    name = found.get("id")
    return text_part(f"Document {name}:\n{said}" if isinstance(name, str) else said)
