"""A Responses request → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out; the one given is not changed. Only known fields cross over: `metadata`,
`user`, `reasoning`, `include` and other things of the vendor's own stay behind, and so do tools that run on the
vendor's side or whose schema only the vendor knows. A request whose history or prompt the service keeps raises
`Untranslatable`: without it the company's model would answer something else. No error holds text of the body.
"""

from collections.abc import Iterator
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, mapping, string, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.openai.response_items import add_items
from proxy.adapters.openai.tool_names import INPUT, ToolName
from proxy.errors import Untranslatable, WireError

SAME: Final = {"temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens"}
"""Fields that mean the same in both protocols, and their names in the other."""

KEPT_BY_SERVICE: Final = {
    "previous_response_id": "the conversation so far is kept by the service; send the whole of it as input",
    "conversation": "the conversation so far is kept by the service; send the whole of it as input",
    "prompt": "the prompt is kept by the service; send its words as instructions",
}
"""Fields that stand for something the company's model cannot be told, and what a client can do instead."""

FREE_TEXT: Final = {"type": "object", "properties": {INPUT: {"type": "string"}}, "required": [INPUT]}


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    for field, why in KEPT_BY_SERVICE.items():
        if body.get(field) is not None:
            raise Untranslatable(f"the company's model cannot be given {field}: {why}")
    if body.get("background") is True:
        raise Untranslatable("the company's model answers at once; send the request without background")
    messages: list[Chat] = []
    if isinstance(body.get("instructions"), str):
        add(messages, "system", text_part(body["instructions"]))
    add_items(messages, body.get("input"))
    if not messages:
        raise WireError("input must not be empty")
    chat: Chat = {"model": model, "messages": messages}
    chat |= {other: body[field] for field, other in SAME.items() if body.get(field) is not None}
    if body.get("stream") is True:
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    return chat | answer_format(body) | tools(body)


def answer_format(body: Chat) -> Chat:
    """Return the `response_format` for an answer that must be JSON."""
    text = body.get("text")
    wanted = text.get("format") if isinstance(text, dict) else None
    if not isinstance(wanted, dict):
        return {}
    match wanted.get("type"):
        case "json_schema":
            known = {key: wanted[key] for key in ("name", "description", "strict") if wanted.get(key) is not None}
            schema = {"name": "answer", **known, "schema": mapping(wanted, "schema")}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
    return {}


def tools(body: Chat) -> Chat:
    """Return the fields about tools."""
    choice = body.get("tool_choice")
    if choice is not None and not isinstance(choice, str | dict):
        raise WireError("tool_choice must be a string or an object")
    offered = {name.as_function: function for name, function in functions(offered_tools(body))}
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = {chosen(tool).as_function for tool in listed(choice.get("tools"))}
        offered = {name: function for name, function in offered.items() if name in allowed}
        choice = string(choice, "mode")
    if not offered:
        return {}
    fields: Chat = {"tools": [{"type": "function", "function": function} for function in offered.values()]}
    if isinstance(choice, str):
        fields["tool_choice"] = choice
    elif choice is not None and (name := chosen(choice).as_function) in offered:
        fields["tool_choice"] = {"type": "function", "function": {"name": name}}
    if isinstance(body.get("parallel_tool_calls"), bool):
        fields["parallel_tool_calls"] = body["parallel_tool_calls"]
    return fields


def chosen(choice: Chat) -> ToolName:
    """Return the tool that a choice names; one of the vendor's own kinds is called by its kind, and is not offered."""
    name = choice.get("name")
    return ToolName(name if isinstance(name, str) else "", free=choice.get("type") == "custom")


def offered_tools(body: Chat) -> list[Chat]:
    """Return the tools of the request, and those that were added on the way."""
    items = body.get("input")
    added = [item for item in items if item.get("type") == "additional_tools"] if isinstance(items, list) else []
    return [tool for holder in (body, *added) for tool in listed(holder.get("tools"))]


def listed(tools: Any) -> list[Chat]:
    """Return a list of tools; raises `WireError`."""
    if tools is None:
        return []
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise WireError("tools must be a list of tools")
    return tools


def functions(offered: list[Chat], namespace: str = "") -> Iterator[tuple[ToolName, Chat]]:
    """Yield the tools that the client carries out itself, by name, as functions."""
    for tool in offered:
        match tool.get("type"):
            case "function":
                name = ToolName(string(tool, "name"), namespace)
                yield name, function(tool, name, tool.get("parameters") or {"type": "object", "properties": {}})
            case "custom":
                name = ToolName(string(tool, "name"), namespace, free=True)
                yield name, function({**tool, "description": described(tool)}, name, FREE_TEXT)
            case "namespace" if not namespace:
                yield from functions(listed(tool.get("tools")), string(tool, "name"))


def function(tool: Chat, name: ToolName, parameters: Chat) -> Chat:
    """Return a tool as a function."""
    made: Chat = {"name": name.as_function}
    if isinstance(tool.get("description"), str):
        made["description"] = tool["description"]
    made["parameters"] = parameters
    if isinstance(tool.get("strict"), bool):
        made["strict"] = tool["strict"]
    return made


def described(tool: Chat) -> str:
    """Return what the model must know of a tool that takes free text, its grammar included."""
    form = tool.get("format")
    lines = [tool["description"]] if isinstance(tool.get("description"), str) else []
    if isinstance(form, dict) and form.get("type") == "grammar":
        lines.append(f"The input must match this grammar ({string(form, 'syntax')}):\n{string(form, 'definition')}")
    return "\n\n".join(lines)
