"""A request of Bedrock's conversations → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. Guardrails, cache points, metadata and a model's own fields stay behind,
and so does signed reasoning. Content that has no counterpart raises `WireError`; no error holds text of the body.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import (
    call,
    entries,
    function,
    json_schema,
    media,
    objects,
    renamed,
    result,
    streaming,
    turns_of,
    word,
)
from proxy.adapters.wrapped import inner_json
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

SAME: Final = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}
LEFT_OUT: Final = frozenset({"cachePoint", "reasoningContent", "toolUse", "toolResult", "toolAddition", "toolRemoval"})
"""Blocks that say nothing here, or elsewhere."""
TEXTS: Final = {
    "txt": "text/plain",
    "csv": "text/csv",
    "html": "text/html",
    "md": "text/plain",
    "pdf": "application/pdf",
}


def to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    if body.get("promptVariables"):
        raise Untranslatable("the internal model has no prompts that Bedrock keeps")
    messages: list[Chat] = []
    add(messages, "system", parts_of(objects(body.get("system"), "system")))
    for turn in turns_of(body, "messages"):
        add_turn(messages, turn)
    chat: Chat = {"model": model, "messages": messages, **renamed(entries(body, "inferenceConfig"), SAME)}
    return {**chat, **streaming(stream), **answer_format(body), **tools(body)}


def add_turn(messages: list[Chat], turn: Chat) -> None:
    """Append the results of tools as messages of their own, then what is said, with calls."""
    role = turn.get("role")
    if role not in ("user", "assistant", "system"):
        raise WireError("the role of a message must be user, assistant or system")
    blocks = objects(turn.get("content"), "content")
    calls: list[Chat] = []
    said: list[Chat] = []
    for block in blocks:
        if isinstance(used := block.get("toolUse"), dict):
            calls.append(call(word(used, "toolUseId"), word(used, "name"), used.get("input", {})))
        elif isinstance(found := block.get("toolResult"), dict):
            messages.append(tool_message(found, said))
    add(messages, str(role), [*said, *parts_of(blocks)], calls)


def tool_message(found: Chat, said: list[Chat]) -> Chat:
    """Return a tool's result as a message; what is not text is appended to `said`, since such a message holds text."""
    id = word(found, "toolUseId")
    parts = parts_of(objects(found.get("content"), "toolResult.content"))
    texts = [part["text"] for part in parts if part["type"] == "text"]
    others = [part for part in parts if part["type"] != "text"]
    if others:
        texts.append("(The attachments of this result follow in the next message.)")
        said += [*text_part(f"Attachments of the tool result {id}:"), *others]
    if found.get("status") == "error":
        texts.insert(0, "Error:")
    return result(id, "\n".join(texts))


def parts_of(blocks: list[Chat]) -> list[Chat]:
    """Return what is said in blocks."""
    return [part for block in blocks for part in block_parts(block)]


def block_parts(block: Chat) -> list[Chat]:
    """Return the parts that stand for one block; the key of a block says what it is."""
    if not LEFT_OUT.isdisjoint(block):
        return []
    for kind, read in READERS.items():
        if kind in block:
            return read(block[kind])
    raise Untranslatable("the internal model cannot be given a block of this kind")


def text(value: Any) -> list[Chat]:
    """Return a text."""
    if not isinstance(value, str):
        raise WireError("text must be a string")
    return text_part(value)


def picture(value: Any) -> list[Chat]:
    """Return a picture."""
    return media(f"image/{word(value, 'format')}", data_of(value))


def sound(value: Any) -> list[Chat]:
    """Return a sound."""
    return media(f"audio/{word(value, 'format')}", data_of(value))


def document(value: Any) -> list[Chat]:
    """Return a document: its name and context, then what is in it."""
    name = value.get("name")
    context = value.get("context")
    heading = [f"Document: {name}"] if isinstance(name, str) and name else []
    parts = text_part("\n".join([*heading, *([context] if isinstance(context, str) else [])]))
    source = entries(value, "source")
    if isinstance(source.get("text"), str):
        return [*parts, *text_part(source["text"])]
    if "content" in source:
        return [*parts, *parts_of(objects(source["content"], "document.source.content"))]
    kind = value.get("format")
    named = TEXTS.get(kind, "") if isinstance(kind, str) else ""
    return [*parts, *media(named, data_of(value), f"{name}.{kind}" if heading else "")]


def search_result(value: Any) -> list[Chat]:
    """Return what a search found."""
    heading = f"Search result: {word(value, 'title')} ({word(value, 'source')})"
    return [*text_part(heading), *parts_of(objects(value.get("content"), "searchResult.content"))]


def guarded(value: Any) -> list[Chat]:
    """Return content that a guardrail is to look at."""
    if isinstance(found := value.get("text"), dict):
        return text(found.get("text"))
    return picture(entries(value, "image"))


def cited(value: Any) -> list[Chat]:
    """Return a text with its citations left out."""
    return parts_of(objects(value.get("content"), "citationsContent.content"))


def value_of(value: Any) -> list[Chat]:
    """Return JSON that a tool answered."""
    return text_part(dump(value).decode("utf-8"))


READERS: Final = {
    "text": text, "image": picture, "audio": sound, "document": document, "json": value_of, "guardContent": guarded,
    "searchResult": search_result, "citationsContent": cited,
}  # fmt: skip
"""The reader of each kind of block, by its key."""


def data_of(value: Any) -> str:
    """Return the bytes of a file, in base64; raises `Untranslatable` for one that Amazon keeps."""
    source = entries(value, "source") if isinstance(value, dict) else {}
    if not isinstance(source.get("bytes"), str):
        raise Untranslatable("the internal model cannot be given a file that Amazon keeps")
    return str(source["bytes"])


def answer_format(body: Chat) -> Chat:
    """Return the form that the answer must have."""
    form = entries(entries(body, "outputConfig"), "textFormat")
    told = entries(entries(form, "structure"), "jsonSchema").get("schema")
    return json_schema(inner_json(told)) if isinstance(told, str) else {}


def tools(body: Chat) -> Chat:
    """Return the tools that the model may call, and how it may choose."""
    config = entries(body, "toolConfig")
    offered = [entries(tool, "toolSpec") for tool in objects(config.get("tools"), "tools") if "toolSpec" in tool]
    if not offered:
        return {}
    choice = entries(config, "toolChoice")
    chosen: Chat = {}
    if "tool" in choice:
        chosen = {"tool_choice": {"type": "function", "function": {"name": word(entries(choice, "tool"), "name")}}}
    elif "any" in choice:
        chosen = {"tool_choice": "required"}
    elif "auto" in choice:
        chosen = {"tool_choice": "auto"}
    functions = [
        function(word(one, "name"), one.get("description"), entries(one, "inputSchema").get("json")) for one in offered
    ]
    return {"tools": functions, **chosen}
