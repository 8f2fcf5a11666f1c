"""A Gemini request → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, in either spelling, a new one comes out. Only known fields cross over: safety settings, labels,
`topK`, thinking budgets and tools that run on Google's side stay behind. Results of functions are matched with their
calls by id, or by name and order where there is none. Content that has no counterpart raises `WireError`; no error
holds text of the body.
"""

from typing import Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.google.schema import json_schema_of
from proxy.adapters.google.spelling import camel
from proxy.adapters.vendors.chat import (
    Calls,
    call,
    entries,
    function,
    json_schema,
    media,
    objects,
    renamed,
    result,
    streaming,
    word,
)  # fmt: skip
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

SAME: Final = {
    "temperature": "temperature", "topP": "top_p", "maxOutputTokens": "max_tokens", "stopSequences": "stop",
    "seed": "seed", "presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty",
}  # fmt: skip
MODES: Final = {"AUTO": "auto", "ANY": "required", "VALIDATED": "auto", "NONE": "none"}
LEFT_OUT: Final = frozenset({"executableCode", "codeExecutionResult", "toolCall", "toolResponse"})
"""Parts that Google's own tools made for themselves."""
CALLS: Final = frozenset({"functionCall", "functionResponse"})


def to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    body = camel(body)
    if body.get("cachedContent"):
        raise Untranslatable("the internal model has no content that Google keeps")
    turns = objects(body.get("contents"), "contents")
    if not turns:
        raise WireError("contents must be a list of messages and not be empty")
    messages: list[Chat] = []
    add(messages, "system", parts_of(entries(body, "systemInstruction")))
    calls = Calls()
    for turn in turns:
        add_turn(messages, turn, calls)
    config = entries(body, "generationConfig")
    chat: Chat = {"model": model, "messages": messages, **renamed(config, SAME), **streaming(stream)}
    return chat | answer_format(config) | tools(body)


def add_turn(messages: list[Chat], turn: Chat, calls: Calls) -> None:
    """Append one turn: what functions answered as messages of their own, then what is said, with calls."""
    role = turn.get("role", "user")
    if role not in ("user", "model", "function", "tool"):
        raise WireError("the role of a message must be user, model or function")
    parts = objects(turn.get("parts"), "parts")
    made: list[Chat] = []
    said: list[Chat] = []
    for part in parts:
        if isinstance(found := part.get("functionCall"), dict):
            name = word(found, "name")
            made.append(call(calls.begin(name, found.get("id")), name, entries(found, "args")))
        elif isinstance(found := part.get("functionResponse"), dict):
            id, answered = (
                calls.end(word(found, "name"), found.get("id")),
                dump(found.get("response", {})).decode("utf-8"),
            )
            messages.append(result(id, answered))
            if attached := parts_of(found):
                said += [*text_part(f"Attachments of the tool result {id}:"), *attached]
    add(messages, "assistant" if role == "model" else "user", [*said, *parts_of(turn)], made)


def parts_of(content: Chat) -> list[Chat]:
    """Return what is said in a content, without calls, their results, and thoughts."""
    said: list[Chat] = []
    for part in objects(content.get("parts"), "parts"):
        if part.get("thought") is True or not LEFT_OUT.isdisjoint(part) or not CALLS.isdisjoint(part):
            continue
        if isinstance(part.get("text"), str):
            said += text_part(part["text"])
        elif isinstance(found := part.get("inlineData"), dict):
            name = found.get("displayName")
            said += media(word(found, "mimeType"), word(found, "data"), name if isinstance(name, str) else "")
        elif part.keys() - {"thoughtSignature"}:
            raise Untranslatable("the internal model cannot be given a part of this kind")
    return said


def answer_format(config: Chat) -> Chat:
    """Return the form that the answer must have."""
    modalities = config.get("responseModalities") or ["TEXT"]
    if not isinstance(modalities, list) or any(str(one).upper() != "TEXT" for one in modalities):
        raise Untranslatable("the internal model answers in text only")
    if "json" not in str(config.get("responseMimeType", "")).lower():
        return {}
    schema = config.get("responseJsonSchema")
    if schema is None and isinstance(config.get("responseSchema"), dict):
        schema = json_schema_of(config["responseSchema"])
    return json_schema(schema)


def tools(body: Chat) -> Chat:
    """Return the functions that the model may call, and how it may choose."""
    functions = [
        declared(one)
        for tool in objects(body.get("tools"), "tools")
        for one in objects(tool.get("functionDeclarations"), "functionDeclarations")
    ]
    if not functions:
        return {}
    config = entries(entries(body, "toolConfig"), "functionCallingConfig")
    chosen: Chat = {}
    if isinstance(mode := config.get("mode"), str) and mode.upper() in MODES:
        chosen["tool_choice"] = MODES[mode.upper()]
        allowed = config.get("allowedFunctionNames")
        if isinstance(allowed, list) and allowed and mode.upper() != "NONE":
            functions = [one for one in functions if one["function"]["name"] in allowed] or functions
    return {"tools": functions, **chosen}


def declared(one: Chat) -> Chat:
    """Return a declared function."""
    schema = one.get("parametersJsonSchema")
    if schema is None and isinstance(one.get("parameters"), dict):
        schema = json_schema_of(one["parameters"])
    return function(word(one, "name"), one.get("description"), schema)
