"""A request for an interaction → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. Steps, contents and the turns of older releases cross over, functions with
their calls and results; thoughts and tools that run on Google's side stay behind. An agent, or a conversation that
Google keeps, raises `Untranslatable`: without it the company's model would answer something else.
"""

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
    "temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens", "stop_sequences": "stop",
    "seed": "seed",
}  # fmt: skip
KEPT_BY_GOOGLE: Final = {
    "previous_interaction_id": "the conversation so far is kept by Google; send all of its steps as input",
    "agent": "the agent is Google's own; name a model",
    "cached_content": "the content is kept by Google; send it as input",
}
CHOICES: Final = {"auto": "auto", "any": "required", "validated": "auto", "none": "none"}
STEPS: Final = frozenset({"user_input", "model_output", "function_call", "function_result", "thought"})


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model`; raises `WireError`."""
    for field, why in KEPT_BY_GOOGLE.items():
        if body.get(field):
            raise Untranslatable(f"the company's model cannot be given {field}: {why}")
    if body.get("background") is True:
        raise Untranslatable("the company's model answers at once; send the request without background")
    messages: list[Chat] = []
    if isinstance(told := body.get("system_instruction"), str):
        add(messages, "system", text_part(told))
    add_input(messages, body.get("input"))
    if not any(message["role"] != "system" for message in messages):
        raise WireError("input must not be empty")
    config = entries(body, "generation_config")
    chat: Chat = {"model": model, "messages": messages, **renamed(config, SAME)}
    return chat | streaming(body.get("stream") is True) | answer_format(body) | tools(body, config)


def add_input(messages: list[Chat], given: Any) -> None:
    """Append what an input is: a text, one content or several, steps, or turns with a role."""
    if isinstance(given, str):
        add(messages, "user", text_part(given))
        return
    calls = Calls()
    for one in objects(given, "input"):
        kind = one.get("type")
        if kind in STEPS:
            add_step(messages, str(kind), one, calls)
        elif "role" in one:
            add(messages, "assistant" if one["role"] == "model" else "user", parts_of(one.get("content")))
        else:
            add(messages, "user", parts_of(one))


def add_step(messages: list[Chat], kind: str, step: Chat, calls: Calls) -> None:
    """Append what one step is."""
    match kind:
        case "function_call":
            name = word(step, "name")
            made = call(calls.begin(name, step.get("id")), name, entries(step, "arguments"))
            add(messages, "assistant", [], [made])
        case "function_result":
            answered = step.get("result")
            told = answered if isinstance(answered, str) else said_in(answered)
            messages.append(result(calls.end(str(step.get("name")), step.get("call_id")), told))
        case "user_input" | "model_output":
            add(messages, "user" if kind == "user_input" else "assistant", parts_of(step.get("content")))


def said_in(answered: Any) -> str:
    """Return what a function has answered as text."""
    if isinstance(answered, list) and all(isinstance(one, dict) and one.get("type") == "text" for one in answered):
        return "\n".join(word(one, "text") for one in answered)
    return dump(answered).decode()


def parts_of(content: Any) -> list[Chat]:
    """Return contents as parts; raises `Untranslatable` for what has no counterpart."""
    if isinstance(content, str):
        return text_part(content)
    made: list[Chat] = []
    for one in objects(content, "content"):
        kind = one.get("type")
        if kind == "text":
            made += text_part(word(one, "text"))
        elif kind in ("image", "audio", "document") and isinstance(one.get("data"), str):
            made += media(word(one, "mime_type"), word(one, "data"))
        elif kind == "image" and str(one.get("uri")).startswith(("https://", "data:")):
            made.append(image(word(one, "uri")))
        elif kind != "thought":
            raise Untranslatable("the company's model cannot be given a content of this kind")
    return made


def answer_format(body: Chat) -> Chat:
    """Return the form that the answer must have."""
    modalities = body.get("response_modalities") or ["text"]
    if not isinstance(modalities, list) or any(str(one).lower() != "text" for one in modalities):
        raise Untranslatable("the company's model answers in text only")
    form = body.get("response_format")
    wanted = form[0] if isinstance(form, list) and form else form
    held = wanted if isinstance(wanted, dict) else {}
    kind = str(body.get("response_mime_type") or held.get("mime_type") or "")
    if "json" not in kind.lower():
        return {}
    return json_schema(held.get("schema", held if "properties" in held else None))


def tools(body: Chat, config: Chat) -> Chat:
    """Return the functions that the model may call, and how it may choose."""
    functions = [
        function(word(one, "name"), one.get("description"), one.get("parameters"))
        for one in objects(body.get("tools"), "tools")
        if one.get("type") == "function"
    ]
    choice = config.get("tool_choice")
    if not functions or not isinstance(choice, str) or choice not in CHOICES:
        return {"tools": functions} if functions else {}
    return {"tools": functions, "tool_choice": CHOICES[choice]}
