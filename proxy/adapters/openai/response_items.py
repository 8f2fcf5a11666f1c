"""Items of a Responses request → the messages of an OpenAI chat request.

A list of items goes in, or the string that stands for one; messages are appended, in order. What the client's own side
has to do with becomes text, pictures, calls and their results; what the service made for itself (reasoning, its own
tools at work) is left out. Content that only the service holds, or that has no counterpart, raises `Untranslatable`: it
must never vanish unnoticed.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, mapping, name_of, string, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.openai.tool_names import INPUT, ToolName
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

LEFT_OUT: Final = frozenset(
    {"reasoning", "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call"}
    | {"mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "tool_search_call", "tool_search_output"}
    | {"program", "program_output", "configuration_update", "additional_tools"}
)
"""Encrypted by the vendor or done on its side, and of no use to another model; added tools are read where tools are."""

AT_THE_SERVICE: Final = frozenset({"item_reference", "compaction", "compaction_trigger"})
"""Items that stand for a history which only the service can read."""

DONE_BY_CLIENT: Final = {
    "local_shell_call": "action",
    "shell_call": "action",
    "computer_call": "action",
    "apply_patch_call": "operation",
}
"""Calls of tools that the vendor has described to its model, and the field that says what to do."""

ROLES: Final = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}

TEXTS: Final = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "refusal"}
"""Parts that are text, and the field it is in."""


def add_items(messages: list[Chat], items: Any) -> None:
    """Append the messages that an `input` stands for; raises `WireError`."""
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise WireError("input must be a string or a list of items")
    attached: list[Chat] = []
    for item in items:
        kind = kind_of(item)
        if kind.endswith("_call_output"):
            messages.append(tool_message(item, attached))
            continue
        add(messages, "user", attached)  # after all results, which must stand right after their calls
        attached = []
        add_item(messages, kind, item)
    add(messages, "user", attached)


def kind_of(item: Chat) -> str:
    """Return an item's type; it may be left out of a message and of a reference."""
    kind = item.get("type")
    if kind is None:
        kind = "message" if "role" in item else "item_reference"
    return kind if isinstance(kind, str) else "unknown"


def add_item(messages: list[Chat], kind: str, item: Chat) -> None:
    """Append what an item other than a result stands for."""
    if kind == "message":
        add_message(messages, item)
    elif kind == "function_call":
        add_call(messages, item, called(item).as_function, string(item, "arguments"))
    elif kind == "custom_tool_call":
        arguments = dump({INPUT: string(item, "input")}).decode()
        add_call(messages, item, called(item, free=True).as_function, arguments)
    elif kind in DONE_BY_CLIENT:
        done = item.get("actions") or mapping(item, DONE_BY_CLIENT[kind])
        add_call(messages, item, kind.removesuffix("_call"), dump(done).decode())
    elif kind in AT_THE_SERVICE:
        raise Untranslatable(f"the company's model cannot read history that the service keeps ({kind})")
    elif kind not in LEFT_OUT:
        raise Untranslatable(f"the company's model cannot be given an item of type {name_of(kind)}")


def add_message(messages: list[Chat], item: Chat) -> None:
    """Append a message, or join it to the one before."""
    role = item.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise WireError("the role of a message must be user, assistant, system or developer")
    parts = parts_of(item.get("content"), "the content of a message")
    if ROLES[role] == "assistant" and any(part["type"] != "text" for part in parts):
        raise WireError("a message of the assistant can hold text only")
    add(messages, ROLES[role], parts)


def called(item: Chat, *, free: bool = False) -> ToolName:
    """Return which tool a call is for."""
    namespace = string(item, "namespace") if item.get("namespace") is not None else ""
    return ToolName(string(item, "name"), namespace, free)


def add_call(messages: list[Chat], item: Chat, name: str, arguments: str) -> None:
    """Append a call to the assistant's turn."""
    function = {"name": name, "arguments": arguments}
    add(messages, "assistant", [], [{"id": string(item, "call_id"), "type": "function", "function": function}])


def tool_message(item: Chat, attached: list[Chat]) -> Chat:
    """Return a call's result as a message; such a message holds text, so what is none is appended to `attached`."""
    call = string(item, "call_id" if "call_id" in item else "id")  # of the local shell's results, `id` is the call's
    output = item.get("output")
    parts = parts_of([output] if isinstance(output, dict) else output or "", "the output of a call")
    texts = [part["text"] for part in parts if part["type"] == "text"]
    others = [part for part in parts if part["type"] != "text"]
    if others:
        texts.append("(The attachments of this result follow in the next message.)")
        attached += [*text_part(f"Attachments of the tool result {call}:"), *others]
    if item.get("status") == "failed":
        texts.insert(0, "Error:")
    return {"role": "tool", "tool_call_id": call, "content": "\n".join(texts)}


def parts_of(content: Any, where: str) -> list[Chat]:
    """Return the parts of a chat message that stand for a `content`: a string, or a list of parts."""
    if isinstance(content, str):
        return text_part(content)
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise WireError(f"{where} must be a string or a list of parts")
    return [made for part in content for made in part_of(part)]


def part_of(part: Chat) -> list[Chat]:
    """Return what stands for one part."""
    kind = part.get("type")
    if isinstance(kind, str) and kind in TEXTS:
        return text_part(string(part, TEXTS[kind]))
    match kind:
        case "input_image" | "computer_screenshot":
            return [{"type": "image_url", "image_url": {"url": held_here(part, "image_url")}}]
        case "input_file":
            name = part["filename"] if isinstance(part.get("filename"), str) else "document"
            return [{"type": "file", "file": {"filename": name, "file_data": held_here(part, "file_data")}}]
        case "input_audio":
            return [{"type": "input_audio", "input_audio": mapping(part, "input_audio")}]
        case None if "outcome" in part:  # what one command of a shell call wrote
            return text_part(f"{part.get('stdout') or ''}{part.get('stderr') or ''}")
    raise Untranslatable(f"the company's model cannot be given a part of type {name_of(kind)}")


def held_here(part: Chat, field: str) -> str:
    """Return what a picture or a file is, if the request holds it and not the service."""
    if not isinstance(part.get(field), str):
        raise Untranslatable(f"the company's model cannot read a file that the service keeps ({name_of(part['type'])})")
    return string(part, field)
