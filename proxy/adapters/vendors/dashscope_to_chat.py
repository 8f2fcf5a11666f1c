"""A request of DashScope's own → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. `top_k`, repetition penalties, search and plug-ins stay behind. Content
that has no counterpart raises `WireError`; no error holds text of the body.
"""

from typing import Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import entries, image, objects, parts_of, renamed, result, streaming, turns_of, word
from proxy.errors import Untranslatable, WireError

SAME: Final = {
    name: name
    for name in (
        "max_tokens", "temperature", "top_p", "seed", "presence_penalty", "tools", "tool_choice",
        "parallel_tool_calls", "response_format",
    )
}  # fmt: skip
ROLES: Final = frozenset({"system", "user", "assistant"})


def to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    asked = entries(body, "input")
    parameters = entries(body, "parameters")
    messages: list[Chat] = []
    if "messages" in asked:
        for turn in turns_of(asked, "messages"):
            add_turn(messages, turn)
    else:
        add_old_turns(messages, asked)
    stop = parameters.get("stop")
    words = isinstance(stop, str) or (isinstance(stop, list) and all(isinstance(one, str) for one in stop))
    chat: Chat = {"model": model, "messages": messages, **renamed(parameters, SAME), **streaming(stream)}
    return chat | ({"stop": stop} if stop and words else {})  # stops may be numbers of another model's tokens


def add_turn(messages: list[Chat], turn: Chat) -> None:
    """Append one message."""
    role = turn.get("role")
    parts = parts_of(turn.get("content"), part_of)
    if role == "tool":
        id = turn.get("tool_call_id", turn.get("name"))
        texts = [part["text"] for part in parts if part["type"] == "text"]
        messages.append(result(id if isinstance(id, str) else "", "\n".join(texts)))
    elif role in ROLES:
        add(messages, str(role), parts, objects(turn.get("tool_calls"), "tool_calls"))
    else:
        raise WireError("the role of a message must be system, user, assistant or tool")


def add_old_turns(messages: list[Chat], asked: Chat) -> None:
    """Append a prompt, behind the turns that came before it."""
    for turn in objects(asked.get("history"), "history"):
        add(messages, "user", text_part(word(turn, "user")))
        add(messages, "assistant", text_part(word(turn, "bot")))
    add(messages, "user", text_part(word(asked, "prompt")))


def part_of(part: Chat) -> list[Chat]:
    """Return one part: an object with one bare key."""
    if isinstance(part.get("text"), str):
        return text_part(part["text"])
    found = part.get("image", part.get("image_url"))
    url = found.get("url") if isinstance(found, dict) else found
    if isinstance(url, str) and url.startswith(("http://", "https://", "data:")):
        return [image(url)]
    raise Untranslatable("the internal model cannot be given a part of this kind")
