"""Functions as OpenAI's chat had them first, and as some vendors have them still: one call a turn, without an id.

Parts of such a request go in, parts of a chat request come out. Calls and results are matched by name and order. The
company's model is asked for one call at a time, because an answer has room for one.
"""

from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.vendors.chat import Calls, call, entries, function, objects, result, word
from proxy.adapters.vendors.gather import Call
from proxy.errors import WireError

SAID: Final = frozenset({"system", "user", "assistant"})


def add_turn(messages: list[Chat], role: Any, content: Any, turn: Chat, calls: Calls, name: Any = None) -> None:
    """Append one message of a `role`, with the call that it makes, or as the answer of the function `name`."""
    if content is not None and not isinstance(content, str):
        raise WireError("what a message says must be a string")
    if role == "function":
        messages.append(result(calls.end(name if isinstance(name, str) else ""), content or ""))
        return
    if role not in SAID:
        raise WireError("the role of a message must be system, user, assistant or function")
    made: list[Chat] = []
    if used := entries(turn, "function_call"):
        called = word(used, "name")
        made.append(call(calls.begin(called), called, arguments(used)))
    add(messages, str(role), text_part(content or ""), made)


def arguments(used: Chat) -> Any:
    """Return the arguments of a call."""
    found = used.get("arguments")
    return found if isinstance(found, str | dict) else "{}"


def offered(body: Chat) -> Chat:
    """Return the fields about tools."""
    functions = [
        function(word(one, "name"), one.get("description"), one.get("parameters"))
        for one in objects(body.get("functions"), "functions")
    ]
    return {"tools": functions, "parallel_tool_calls": False} if functions else {}


def told(calls: list[Call]) -> Chat:
    """Return the first of an answer's calls, as these answers have it."""
    return {"function_call": {"name": calls[0].name, "arguments": calls[0].json}} if calls else {}
