"""A request of Cohere's version 1 → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. The newest turn stands apart from the history; calls of tools have no ids
and are matched with their results by name and order. `k`, connectors' options and truncation stay behind. What Cohere
keeps (conversations, connectors) raises `Untranslatable`; no error holds text of the body.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import (
    Calls,
    call,
    entries,
    function,
    json_schema,
    objects,
    renamed,
    result,
    streaming,
    word,
)
from proxy.adapters.vendors.cohere_to_chat import CHOICES, SAME, documents_of
from proxy.adapters.vendors.templates import turns_in
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

ROLES: Final = {"SYSTEM": "system", "USER": "user", "CHATBOT": "assistant"}
TYPES: Final = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "dict": "object", "list": "array",
}  # fmt: skip
"""Types of Python, by which parameters are told, as JSON Schema calls them."""


def to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model` for `/v1/chat`; raises `WireError`."""
    if body.get("conversation_id") or body.get("connectors"):
        raise Untranslatable("the internal model has neither conversations nor connectors that Cohere keeps")
    messages: list[Chat] = []
    if isinstance(body.get("preamble"), str):
        add(messages, "system", text_part(body["preamble"]))
    add(messages, "system", documents_of(body.get("documents")))
    calls = Calls()
    for turn in objects(body.get("chat_history"), "chat_history"):
        add_turn(messages, turn, calls)
    if isinstance(body.get("message"), str) and body["message"]:
        add(messages, "user", text_part(body["message"]))
    add_results(messages, objects(body.get("tool_results"), "tool_results"), calls)
    if not messages or messages[-1]["role"] in ("system", "assistant"):
        raise WireError("message must be a string and not be empty")
    chat: Chat = {"model": model, "messages": messages, **renamed(body, SAME), **streaming(body.get("stream") is True)}
    form = entries(body, "response_format")
    if form.get("type") == "json_object":
        chat |= json_schema(form.get("json_schema", form.get("schema")))
    offered = [tool(one) for one in objects(body.get("tools"), "tools")]
    if offered:
        chat["tools"] = offered
        if isinstance(choice := body.get("tool_choice"), str) and choice in CHOICES:
            chat["tool_choice"] = CHOICES[choice]
    return chat


def generate_to_chat(body: Chat, model: str) -> Chat:
    """Return the chat request to `model` for `/v1/generate`; raises `WireError`."""
    if body.get("num_generations") not in (None, 1) or body.get("return_likelihoods") not in (None, "NONE"):
        raise Untranslatable("the internal model gives one generation, and no likelihoods")
    chat = {"model": model, "messages": turns_in(body.get("prompt"), "prompt"), **renamed(body, SAME)}
    if isinstance(stops := body.get("end_sequences"), list) and stops:
        chat["stop"] = stops
    return {**chat, **streaming(body.get("stream") is True)}


def add_turn(messages: list[Chat], turn: Chat, calls: Calls) -> None:
    """Append one message of the history."""
    role = turn.get("role")
    if role == "TOOL":
        add_results(messages, objects(turn.get("tool_results"), "tool_results"), calls)
        return
    if not isinstance(role, str) or role not in ROLES:
        raise WireError("the role of a message must be SYSTEM, USER, CHATBOT or TOOL")
    made: list[Chat] = []
    for one in objects(turn.get("tool_calls"), "tool_calls"):
        name = word(one, "name")
        made.append(call(calls.begin(name), name, entries(one, "parameters")))
    said = turn.get("message")
    add(messages, ROLES[role], text_part(said if isinstance(said, str) else ""), made)


def add_results(messages: list[Chat], results: list[Chat], calls: Calls) -> None:
    """Append what tools answered; where the history leaves out the calls, these are put before it."""
    asked = [(word(entries(one, "call"), "name"), entries(entries(one, "call"), "parameters")) for one in results]
    missing = [(name, parameters) for name, parameters in asked if not calls.open[name]]
    if missing:
        add(messages, "assistant", [], [call(calls.begin(name), name, parameters) for name, parameters in missing])
    for (name, _), one in zip(asked, results, strict=True):
        messages.append(result(calls.end(name), dump(one.get("outputs", [])).decode("utf-8")))


def tool(one: Chat) -> Chat:
    """Return a tool that the model may call; its parameters become a schema."""
    told = entries(one, "parameter_definitions")
    properties: Chat = {}
    required: list[str] = []
    for name, about in told.items():
        if not isinstance(about, dict):
            raise WireError("a parameter of a tool must be an object")
        properties[name] = schema(about)
        if about.get("required") is True:
            required.append(name)
    parameters = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    return function(word(one, "name"), one.get("description"), parameters)


def schema(about: Chat) -> Chat:
    """Return the schema of one parameter; of a type that is not known, none is said."""
    kind: Any = about.get("type")
    known = TYPES.get(kind.partition("[")[0].strip().lower()) if isinstance(kind, str) else None
    described = about.get("description")
    return {
        **({"type": known} if known else {}),
        **({"description": described} if isinstance(described, str) else {}),
    }
