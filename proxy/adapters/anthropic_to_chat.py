"""An Anthropic Messages request → the OpenAI chat request that asks the internal model the same.

The parsed body goes in, a new one comes out; the one given is not changed. Only known fields cross over: `metadata`
(it names the person), `cache_control`, `top_k`, `thinking`, `container` and other things of the vendor's own stay
behind, and so do tools that run on the vendor's side or whose schema only the vendor knows. Content that has no
counterpart raises `WireError`; no error holds text of the body.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import (
    Chat,
    block_parts,
    blocks_of,
    mapping,
    merged,
    name_of,
    parts_of,
    string,
    text_part,
)
from proxy.errors import WireError
from proxy.wire.json_text import dump

SAME: Final = ("max_tokens", "temperature", "top_p")
"""Fields that mean the same in both protocols."""

CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


def to_chat(body: dict[str, Any], model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    turns = body.get("messages")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise WireError("messages must be a list of messages and not be empty")
    messages: list[Chat] = []
    if "system" in body:
        add(messages, "system", parts_of(body["system"], "system"))
    for turn in turns:
        add_turn(messages, turn)
    chat: Chat = {"model": model, "messages": messages}
    chat |= {key: body[key] for key in SAME if body.get(key) is not None}
    if body.get("stop_sequences"):
        chat["stop"] = body["stop_sequences"]
    if body.get("stream") is True:
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    chat |= answer_format(body)
    return chat | tools(body)


def add_turn(messages: list[Chat], turn: Chat) -> None:
    """Append one turn of the conversation."""
    role = turn.get("role")
    content = turn.get("content")
    if role == "assistant":
        add_assistant(messages, blocks_of(content, "messages.content"))
    elif role == "user":
        add_user(messages, blocks_of(content, "messages.content"))
    elif role == "system":
        add(messages, "system", parts_of(content, "messages.content"))
    else:
        raise WireError("the role of a message must be user, assistant or system")


def add_user(messages: list[Chat], blocks: list[Chat]) -> None:
    """Append the results of tools as messages of their own, then what the person says.

    The results must stand right after the calls they answer, so they go first wherever they stood.
    """
    said: list[Chat] = []
    for block in blocks:
        if block.get("type") == "tool_result":
            messages.append(tool_message(block, said))
        else:
            said += block_parts(block)
    add(messages, "user", said)


def tool_message(block: Chat, said: list[Chat]) -> Chat:
    """Return a tool's result as a message; what is not text is appended to `said`, since such a message holds text."""
    call = string(block, "tool_use_id")
    parts = parts_of(block.get("content") or [], "tool_result.content")
    texts = [part["text"] for part in parts if part["type"] == "text"]
    others = [part for part in parts if part["type"] != "text"]
    if others:
        texts.append("(The attachments of this result follow in the next message.)")
        said += [*text_part(f"Attachments of the tool result {call}:"), *others]
    if block.get("is_error") is True:
        texts.insert(0, "Error:")
    return {"role": "tool", "tool_call_id": call, "content": "\n".join(texts)}


def add_assistant(messages: list[Chat], blocks: list[Chat]) -> None:
    """Append what the model said and the calls it made."""
    said: list[Chat] = []
    calls: list[Chat] = []
    for block in blocks:
        if block.get("type") == "tool_use":
            arguments = dump(mapping(block, "input")).decode()
            function = {"name": string(block, "name"), "arguments": arguments}
            calls.append({"id": string(block, "id"), "type": "function", "function": function})
        else:
            said += block_parts(block)
    if any(part["type"] != "text" for part in said):
        raise WireError("a message of the assistant can hold text and tool calls only")
    add(messages, "assistant", said, calls)


def add(messages: list[Chat], role: str, parts: list[Chat], calls: list[Chat] | None = None) -> None:
    """Append a message, or join it to the last one of the same role: chat templates want the roles to alternate."""
    if not parts and not calls:
        return
    if messages and messages[-1]["role"] == role:
        last = messages.pop()
        before = last["content"] or []
        parts = [*(text_part(before) if isinstance(before, str) else before), *parts]
        calls = [*last.get("tool_calls", []), *(calls or [])]
    message: Chat = {"role": role, "content": merged(parts) if parts else None}
    if calls:
        message["tool_calls"] = calls
    messages.append(message)


def answer_format(body: Chat) -> Chat:
    """Return the `response_format` for a JSON schema that the answer must keep."""
    config = body.get("output_config")
    wanted = config.get("format") if isinstance(config, dict) else None
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return {}
    schema = {"name": "answer", "schema": mapping(wanted, "schema"), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def tools(body: Chat) -> Chat:
    """Return the fields about tools."""
    offered = body.get("tools") or []
    if not isinstance(offered, list) or not all(isinstance(tool, dict) for tool in offered):
        raise WireError("tools must be a list of tools")
    functions = [function(tool) for tool in offered if tool.get("type", "custom") in ("custom", None)]
    if not functions:
        return {}
    return {"tools": functions} | tool_choice(body, {one["function"]["name"] for one in functions})


def function(tool: Chat) -> Chat:
    """Return a client's own tool as a function."""
    described: Chat = {"name": string(tool, "name")}
    if isinstance(tool.get("description"), str):
        described["description"] = tool["description"]
    described["parameters"] = mapping(tool, "input_schema")
    if isinstance(tool.get("strict"), bool):
        described["strict"] = tool["strict"]
    return {"type": "function", "function": described}


def tool_choice(body: Chat, names: set[str]) -> Chat:
    """Return how the model may choose among the tools that are left."""
    choice = body.get("tool_choice")
    if choice is None:
        return {}
    if not isinstance(choice, dict):
        raise WireError("tool_choice must be an object")
    fields: Chat = {}
    kind = choice.get("type")
    if kind == "tool":
        name = string(choice, "name")
        if name in names:
            fields["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif isinstance(kind, str) and kind in CHOICES:
        fields["tool_choice"] = CHOICES[kind]
    else:
        raise WireError(f"tool_choice cannot be of type {name_of(kind)}")
    if choice.get("disable_parallel_tool_use") is True:
        fields["parallel_tool_calls"] = False
    return fields
