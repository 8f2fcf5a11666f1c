"""Threads, their messages and runs, and assistants, where the company's model has them: kept as turns of a talk.

Enters: what one call asks, and the thread or assistant as it is kept. Leaves: the objects of the interface, and a chat
request for a run. Nothing is kept but turns: what a call adds is one, and every object is made of them again, under the
same id. As the `openai` client library's types have it. Files and tools that run at the service have no counterpart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.interface import Talk, Turn
from proxy.adapters.openai.responses_to_chat import to_chat as responses_to_chat
from proxy.adapters.vendors.chat import result
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump, parse

type Json = dict[str, Any]

CALL: Final = re.compile(
    r"(?:.*/)?(?:v1|openai)/(?:assistants(?:/(?P<assistant>[^/]+))?|threads(?:/(?!runs/?$)(?P<thread>[^/]+))?"
    r"(?:/(?P<of>messages|runs)(?:/(?P<one>[^/]+))?(?:/(?P<more>steps|cancel|submit_tool_outputs))?)?)/?"
)
"""What a path asks about."""
NOT_HERE: Final = "the company's model has no such thing for this thread"
NOTHING_KEPT: Final = "the settings keep no conversations (keep_conversations_days: 0), so there is no thread inside"
FILES: Final = "files and pictures of a thread are kept by the service; send their text"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the interface."""

    method: str
    what: str
    """`assistants`, `threads`, `messages` or `runs`."""
    thread: str = ""
    one: str = ""
    """The id of one of them."""
    more: str = ""

    @property
    def asks(self) -> bool:
        """Whether it begins a run, or goes on with one."""
        return self.method == "POST" and self.what == "runs" and (not self.one or self.more == "submit_tool_outputs")

    @property
    def ends(self) -> bool:
        """Whether it takes the thread, or the assistant, away."""
        return self.method == "DELETE" and self.what in ("assistants", "threads")

    @property
    def adds(self) -> bool:
        """Whether it adds a turn."""
        return self.method == "POST" and self.more != "cancel" and (self.asks or not self.one)


def call_of(method: str, bare: str) -> Call:
    """Return what a request asks; `/threads/runs` makes a thread and runs it."""
    found = CALL.fullmatch(bare)
    if found is None:
        return Call(method, "")
    if "/assistants" in bare:
        return Call(method, "assistants", one=found["assistant"] or "")
    if found["of"] is None and bare.rstrip("/").endswith("/threads/runs"):
        return Call(method, "runs")
    if found["of"] is None:
        return Call(method, "threads", found["thread"] or "", found["thread"] or "")
    return Call(method, found["of"], found["thread"] or "", found["one"] or "", found["more"] or "")


# -- what is kept ------------------------------------------------------------------------------------------------------


def turn_of(call: Call, body: Json) -> Sequence[Mapping[str, str]]:
    """Return the turn that a call adds; raises `Untranslatable` for files."""
    match call.what:
        case "assistants":
            return [noted("assistant", body, "model", "name", "description", "instructions", "tools", "metadata",
                          "temperature", "top_p", "response_format")]  # fmt: skip
        case "threads":
            return [noted("thread", body, "metadata"), *map(message_of, listed(body.get("messages")))]
        case "messages":
            return [message_of(body)]
    if call.more == "submit_tool_outputs":
        return [noted("outputs", body | {"run": call.one}, "run", "tool_outputs")]
    begun = body.get("thread") if not call.thread else None
    said = [*listed(mapping(begun).get("messages")), *listed(body.get("additional_messages"))]
    run = noted("run", body, "assistant_id", "model", "instructions", "additional_instructions", "tools", "tool_choice",
                "temperature", "top_p", "response_format", "max_completion_tokens", "metadata")  # fmt: skip
    return [*map(message_of, said), run]


def noted(role: str, body: Json, *fields: str) -> Mapping[str, str]:
    """Return fields of a call as an entry of a turn."""
    return {"role": role, "content": dump({key: body[key] for key in fields if body.get(key) is not None}).decode()}


def message_of(message: Json) -> Mapping[str, str]:
    """Return a message as an entry of a turn; raises `WireError`."""
    content, role = message.get("content"), message.get("role")
    if role not in ("user", "assistant"):
        raise WireError("the role of a message must be user or assistant")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else listed(content)
    if message.get("attachments") or any(part.get("type") != "text" for part in parts):
        raise Untranslatable(FILES)
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    if len(texts) != len(parts) or not texts:
        raise WireError("the content of a message must be text")
    return {"role": str(role), "content": "\n".join(texts), "metadata": dump(mapping(message.get("metadata"))).decode()}


def answer_in(turn: Turn) -> Json:
    """Return what the model has answered: its text, its calls, how it ended; empty where it has not."""
    return mapping(parse(turn.answer.encode())) if turn.answer else {}


def entry_in(turn: Turn, role: str) -> Json | None:
    """Return the fields that a turn holds under a role."""
    found = next((each["content"] for each in turn.question if each["role"] == role), None)
    return None if found is None else mapping(parse(found.encode()))


# -- what the company's model is told ----------------------------------------------------------------------------------


def chat_of(talk: Talk, turn: Sequence[Mapping[str, str]], assistant: Json, body: Json, model: str) -> Chat:
    """Return the chat request for a run whose turn comes last; raises `WireError`."""
    turns = [*talk.turns, Turn(turn, "", 0)]
    run = next((found for each in reversed(turns) if (found := entry_in(each, "run")) is not None), {})
    asked = assistant | run
    tools = [
        {"type": "function", **mapping(tool.get("function"))}
        for tool in listed(asked.get("tools"))
        if tool.get("type") == "function"
    ]
    form = asked.get("response_format")
    text = {"format": {"type": form["type"], **mapping(form.get("json_schema"))}} if isinstance(form, dict) else None
    choice = asked.get("tool_choice")
    chosen = {"type": "function", **mapping(choice.get("function"))} if isinstance(choice, dict) else choice
    told: Json = {key: asked[key] for key in ("temperature", "top_p") if key in asked}
    told |= {
        "tools": tools,
        "tool_choice": chosen,
        "text": text,
        "max_output_tokens": asked.get("max_completion_tokens"),
    }
    chat = responses_to_chat({**told, "input": "-", "stream": body.get("stream")}, model)
    messages: list[Chat] = []
    for key in ("instructions", "additional_instructions"):
        add(messages, "system", text_part(asked[key]) if isinstance(asked.get(key), str) else [])
    for each in turns:
        add_turn(messages, each)
    if not any(message["role"] != "system" for message in messages):
        raise WireError("the thread holds no message")
    return chat | {"messages": messages}


def add_turn(messages: list[Chat], turn: Turn) -> None:
    """Append what a turn says."""
    for each in turn.question:
        if each["role"] in ("user", "assistant") and "metadata" in each:
            add(messages, each["role"], text_part(each["content"]))
    outputs = listed((entry_in(turn, "outputs") or {}).get("tool_outputs"))
    messages += [result(str(one.get("tool_call_id")), str(one.get("output", ""))) for one in outputs]
    answer = answer_in(turn)
    if answer:
        calls = [{"id": one["id"], "type": "function", "function": one["function"]} for one in answer["calls"]]
        add(messages, "assistant", text_part(answer["text"]), calls)


# -- the objects of the interface --------------------------------------------------------------------------------------


def assistant_object(name: str, fields: Json, at: int) -> Json:
    """Return an assistant."""
    empty: Json = {"name": None, "description": None, "instructions": None, "tools": [], "metadata": {}, "model": ""}
    return {"id": name, "object": "assistant", "created_at": at, **empty, **fields}


def thread_object(talk: Talk) -> Json:
    """Return a thread."""
    made = (entry_in(talk.turns[0], "thread") if talk.turns else None) or {}
    at = talk.turns[0].at if talk.turns else 0
    metadata = mapping(made.get("metadata"))
    return {"id": talk.id, "object": "thread", "created_at": at, "metadata": metadata, "tool_resources": {}}


def messages_of(talk: Talk) -> list[Json]:
    """Return the messages of a thread, the earliest first."""
    made: list[Json] = []
    for number, turn in enumerate(talk.turns):
        for place, each in enumerate(turn.question):
            if "metadata" in each:
                made.append(message_object(talk.id, number, str(place), each["role"], each["content"], turn.at))
                made[-1]["metadata"] = parse(each["metadata"].encode())
        answer = answer_in(turn)
        if answer and answer["text"]:
            told = message_object(talk.id, number, "a", "assistant", answer["text"], turn.at)
            made.append(
                told | {"run_id": run_id(talk, number), "assistant_id": run_of(talk, number).get("assistant_id")}
            )
    return made


def message_object(thread: str, number: int, place: str, role: str, text: str, at: int) -> Json:
    """Return a message."""
    content = [{"type": "text", "text": {"value": text, "annotations": []}}]
    named = {"id": f"msg_{thread.removeprefix('thread_')}_{number}_{place}", "object": "thread.message"}
    about = {"created_at": at, "thread_id": thread, "role": role, "content": content, "status": "completed"}
    return {**named, **about, "metadata": {}, "attachments": [], "assistant_id": None, "run_id": None}


def run_of(talk: Talk, number: int) -> Json:
    """Return what was asked of the run to which a turn belongs; empty where there is none."""
    turn = talk.turns[number]
    outputs = entry_in(turn, "outputs")
    if outputs is not None:
        number = number_in(str(outputs.get("run")))
        turn = talk.turns[number] if number < len(talk.turns) else turn
    return entry_in(turn, "run") or {}


def run_id(talk: Talk, number: int) -> str:
    """Return the id of the run to which a turn belongs: that of the turn that began it."""
    outputs = entry_in(talk.turns[number], "outputs")
    return str(outputs["run"]) if outputs else f"run_{talk.id.removeprefix('thread_')}_{number}"


def number_in(name: str) -> int:
    """Return the number of the turn that began a run."""
    last = name.rpartition("_")[2]
    return int(last) if last.isdecimal() and len(last) < 6 else 10**6


def run_object(talk: Talk, name: str) -> Json | None:
    """Return a run as it stands; None where there is none of this name."""
    at = next((number for number in range(len(talk.turns)) if entry_in(talk.turns[number], "run") is not None
               and run_id(talk, number) == name), None)  # fmt: skip
    if at is None:
        return None
    last = next(number for number in range(len(talk.turns) - 1, -1, -1) if run_id(talk, number) == name)
    return told_run(
        name, talk.id, entry_in(talk.turns[at], "run") or {}, talk.turns[at].at, answer_in(talk.turns[last])
    )


def told_run(name: str, thread: str, run: Json, at: int, answer: Json, status: str = "") -> Json:
    """Return a run, as its answer has ended it."""
    calls = [{"id": one["id"], "type": "function", "function": one["function"]} for one in answer.get("calls", ())]
    ended = "requires_action" if calls else "completed" if answer else "in_progress"
    waits = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}} if calls else None
    usage = mapping(answer.get("usage"))
    counted = {key: usage.get(key, 0) for key in ("prompt_tokens", "completion_tokens", "total_tokens")}
    status = status or ended
    return {
        "id": name, "object": "thread.run", "created_at": at, "thread_id": thread, "status": status,
        "assistant_id": run.get("assistant_id", ""), "model": run.get("model", ""),
        "instructions": run.get("instructions", ""), "tools": run.get("tools", []), "metadata": run.get("metadata", {}),
        "required_action": waits if status == "requires_action" else None, "last_error": None,
        "incomplete_details": None, "started_at": at, "completed_at": at if status == "completed" else None,
        "cancelled_at": None, "failed_at": None,
        "expires_at": None, "usage": counted if answer else None, "response_format": "auto", "tool_choice": "auto",
        "parallel_tool_calls": True, "truncation_strategy": {"type": "auto"}, "max_prompt_tokens": None,
        "max_completion_tokens": run.get("max_completion_tokens"),
    }  # fmt: skip


def page_of(objects: Sequence[Json]) -> Json:
    """Return a list of objects; there is one page."""
    ends = (
        {"first_id": objects[0]["id"], "last_id": objects[-1]["id"]} if objects else {"first_id": None, "last_id": None}
    )
    return {"object": "list", "data": list(objects), **ends, "has_more": False}


def mapping(value: Any) -> Json:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Json]:
    """Return a list of objects; raises `WireError` for what is none."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise WireError("a list of objects was expected")
    return value
