"""Anthropic content blocks → the content parts of an OpenAI chat message.

A block, or the `content` of something (a string or a list of blocks), goes in; parts come out, in order. A block that
the internal model cannot be shown raises `Untranslatable` with its type: content must never vanish unnoticed. Only what
the vendor's own side made for itself (reasoning, its server tools at work) is left out.
"""

from typing import Any, Final

from proxy.errors import Untranslatable, WireError

type Chat = dict[str, Any]
"""One part or one message of an OpenAI chat request."""

LEFT_OUT: Final = frozenset(
    {
        "thinking",
        "redacted_thinking",
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    }
)
"""Signed or encrypted by the vendor, and of no use to another model."""


def blocks_of(content: Any, where: str) -> list[dict[str, Any]]:
    """Return a `content` as blocks; a string is one text block. Raises `WireError`."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise WireError(f"{where} must be a string or a list of content blocks")
    return content


def parts_of(content: Any, where: str) -> list[Chat]:
    """Return all parts of a `content`; raises `WireError` for a block that has no counterpart."""
    return [part for block in blocks_of(content, where) for part in block_parts(block)]


def block_parts(block: dict[str, Any]) -> list[Chat]:
    """Return the parts that stand for one block."""
    kind = block.get("type")
    if isinstance(kind, str) and kind in LEFT_OUT:
        return []
    match kind:
        case "text":
            return text_part(string(block, "text"))
        case "image":
            return [image_part(block)]
        case "document":
            return document_parts(block)
        case "search_result":
            heading = f"Search result: {string(block, 'title')} ({string(block, 'source')})"
            return [*text_part(heading), *parts_of(block.get("content", []), "search_result.content")]
        case "tool_reference":
            return text_part(f"Tool available: {string(block, 'tool_name')}")
    raise Untranslatable(f"the internal model cannot be given a content block of type {name_of(kind)}")


def text_part(text: str) -> list[Chat]:
    """Return the text as a part; none for empty text, which some servers reject."""
    return [{"type": "text", "text": text}] if text else []


def image_part(block: dict[str, Any]) -> Chat:
    """Return an image as an `image_url` part: base64 data becomes a data URI (RFC 2397)."""
    source = mapping(block, "source")
    match source.get("type"):
        case "base64":
            url = data_uri(source)
        case "url":
            url = string(source, "url")
        case kind:
            raise Untranslatable(f"the internal model cannot be given an image source of type {name_of(kind)}")
    return {"type": "image_url", "image_url": {"url": url}}


def document_parts(block: dict[str, Any]) -> list[Chat]:
    """Return a document: its title and context, then its text, or a `file` part for a PDF."""
    source = mapping(block, "source")
    title = block.get("title") if isinstance(block.get("title"), str) else ""
    heading = [f"Document: {title}"] if title else []
    if isinstance(block.get("context"), str):
        heading.append(block["context"])
    parts = text_part("\n".join(heading))
    match source.get("type"):
        case "text":
            return parts + text_part(string(source, "data"))
        case "content":
            return parts + parts_of(source.get("content"), "document.source.content")
        case "base64":
            file = {"filename": title or "document.pdf", "file_data": data_uri(source)}
            return [*parts, {"type": "file", "file": file}]
        case kind:
            raise Untranslatable(f"the internal model cannot be given a document source of type {name_of(kind)}")


def data_uri(source: dict[str, Any]) -> str:
    """Return a base64 source as a data URI."""
    return f"data:{string(source, 'media_type')};base64,{string(source, 'data')}"


def merged(parts: list[Chat]) -> str | list[Chat]:
    """Return parts as a message's `content`: one string where all are text, for not every server takes lists."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def string(value: dict[str, Any], key: str) -> str:
    """Return a field that must be a string."""
    found = value.get(key)
    if not isinstance(found, str):
        raise WireError(f"the field {key} of a {name_of(value.get('type'))} must be a string")
    return found


def mapping(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a field that must be an object."""
    found = value.get(key)
    if not isinstance(found, dict):
        raise WireError(f"the field {key} of a {name_of(value.get('type'))} must be an object")
    return found


def name_of(kind: Any) -> str:
    """Return a type's name for an error message, unless it is too odd to be one and may hold text."""
    return (
        kind
        if isinstance(kind, str) and len(kind) <= 64 and kind.replace("_", "a").isalnum() and kind.isascii()
        else "unknown"
    )
