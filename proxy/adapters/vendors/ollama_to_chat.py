"""A request of Ollama's own → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. Options of the engine (`num_ctx`, `top_k`, `mirostat`) and templates stay
behind. Results of tools are matched with their calls by name and order. Content that has no counterpart raises
`WireError`; no error holds text of the body.
"""

import base64
import binascii
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import (
    Calls,
    call,
    entries,
    function,
    image,
    json_schema,
    objects,
    renamed,
    result,
    streaming,
    turns_of,
    word,
)
from proxy.errors import Untranslatable, WireError

SAME: Final = {
    "temperature": "temperature", "top_p": "top_p", "seed": "seed", "stop": "stop",
    "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty",
}  # fmt: skip
ROLES: Final = frozenset({"system", "user", "assistant"})
PICTURES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
"""How pictures begin: the interface gives no media type."""


def chat_to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request for `/api/chat`; raises `WireError`."""
    messages: list[Chat] = []
    calls = Calls()
    for turn in turns_of(body, "messages"):
        add_turn(messages, turn, calls)
    chat: Chat = {"model": model, "messages": messages, **settings(body)}
    offered = [entries(tool, "function") for tool in objects(body.get("tools"), "tools")]
    if offered:
        chat["tools"] = [function(word(one, "name"), one.get("description"), one.get("parameters")) for one in offered]
    return chat


def generate_to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request for `/api/generate`; raises `WireError`."""
    if body.get("suffix") or body.get("context") or body.get("raw") is True:
        raise Untranslatable("the internal model cannot fill in, go on from tokens, or take a prompt in its raw form")
    messages: list[Chat] = []
    if isinstance(body.get("system"), str):
        add(messages, "system", text_part(body["system"]))
    add(messages, "user", [*text_part(word(body, "prompt")), *pictures(body.get("images"))])
    return {"model": model, "messages": messages, **settings(body)}


def settings(body: Chat) -> Chat:
    """Return the form of the answer, and how it is to be found."""
    options = entries(body, "options")
    chat = {**renamed(options, SAME), **streaming(body.get("stream") is not False)}
    most = options.get("num_predict")
    if isinstance(most, int) and most > 0:
        chat["max_tokens"] = most
    form = body.get("format")
    return chat | (json_schema(form) if form else {})


def add_turn(messages: list[Chat], turn: Chat, calls: Calls) -> None:
    """Append one message."""
    role = turn.get("role")
    content = turn.get("content")
    if content is not None and not isinstance(content, str):
        raise WireError("the content of a message must be a string")
    if role == "tool":
        id = turn.get("tool_call_id")
        messages.append(result(calls.end(name_of_tool(turn), id), content or ""))
        return
    if role not in ROLES:
        raise WireError("the role of a message must be system, user, assistant or tool")
    made: list[Chat] = []
    for one in objects(turn.get("tool_calls"), "tool_calls"):
        asked = entries(one, "function")
        name = word(asked, "name")
        made.append(call(calls.begin(name, one.get("id")), name, entries(asked, "arguments")))
    add(messages, str(role), [*text_part(content or ""), *pictures(turn.get("images"))], made)


def name_of_tool(turn: Chat) -> str:
    """Return the name of the tool that a message is from."""
    name = turn.get("tool_name", turn.get("name"))
    return name if isinstance(name, str) else ""


def pictures(found: Any) -> list[Chat]:
    """Return pictures, each a string of base64."""
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise WireError("images must be a list of strings")
    return [image(f"data:{kind_of(one)};base64,{one}") for one in found]


def kind_of(data: str) -> str:
    """Return the media type of a picture, by its first bytes."""
    try:
        head = base64.b64decode(data[:16])
    except (binascii.Error, ValueError):
        raise WireError("a picture is not in base64") from None
    return next((kind for beginning, kind in PICTURES.items() if head.startswith(beginning)), "image/png")
