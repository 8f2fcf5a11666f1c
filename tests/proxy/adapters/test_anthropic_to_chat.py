"""Requests of Anthropic's clients, and what the internal model is asked."""

import copy
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.anthropic_to_chat import to_chat
from proxy.errors import WireError


def say(role: str, content: object) -> dict[str, object]:
    return {"role": role, "content": content}


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


def use(number: str, name: str, **arguments: object) -> dict[str, object]:
    return {"type": "tool_use", "id": number, "name": name, "input": arguments}


def result(number: str, content: object, **more: object) -> dict[str, object]:
    return {"type": "tool_result", "tool_use_id": number, "content": content, **more}


def call(number: str, name: str, arguments: str) -> dict[str, object]:
    return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(content: str | None, *made: dict[str, object]) -> dict[str, object]:
    return {"role": "assistant", "content": content, "tool_calls": list(made)}


def answer(number: str, content: str) -> dict[str, object]:
    return {"role": "tool", "tool_call_id": number, "content": content}


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
IMAGE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}

CONVERSATIONS: dict[str, tuple[object, list[object], list[object]]] = {
    "one question": (None, [say("user", "你好")], [say("user", "你好")]),
    "a system string": ("请用中文", [say("user", "hi")], [say("system", "请用中文"), say("user", "hi")]),
    "system blocks": (
        [text("A") | {"cache_control": {"type": "ephemeral"}}, text("B")],
        [say("user", "hi")],
        [say("system", "A\nB"), say("user", "hi")],
    ),
    "a system message on the way": (
        None,
        [say("user", "a"), say("assistant", "b"), say("system", "c"), say("user", "d")],
        [say("user", "a"), say("assistant", "b"), say("system", "c"), say("user", "d")],
    ),
    "turns of one role are joined": (
        None,
        [say("user", "a"), say("user", [text("b"), IMAGE]), say("assistant", "c"), say("assistant", "d")],
        [say("user", [text("a"), text("b"), IMAGE_PART]), say("assistant", "c\nd")],
    ),
    "reasoning is left out": (
        None,
        [say("user", "a"), say("assistant", [{"type": "thinking", "thinking": "t", "signature": "s"}, text("b")])],
        [say("user", "a"), say("assistant", "b")],
    ),
    "a turn of reasoning alone is no turn": (
        None,
        [say("user", "a"), say("assistant", [{"type": "redacted_thinking", "data": "x"}]), say("user", "b")],
        [say("user", "a\nb")],
    ),
    "a call and its result before what the person adds": (
        None,
        [
            say("user", "查客户"),
            say("assistant", [text("好"), use("t1", "find", q="张伟"), use("t2", "list")]),
            say("user", [result("t1", "found"), result("t2", [text("x"), text("y")]), text("谢谢")]),
        ],
        [
            say("user", "查客户"),
            calls("好", call("t1", "find", '{"q":"张伟"}'), call("t2", "list", "{}")),
            *(answer("t1", "found"), answer("t2", "x\ny"), say("user", "谢谢")),
        ],
    ),
    "a result stands after its call wherever it stood": (
        None,
        [say("user", "a"), say("assistant", [use("t1", "f")]), say("user", [text("b"), result("t1", "r")])],
        [say("user", "a"), calls(None, call("t1", "f", "{}")), answer("t1", "r"), say("user", "b")],
    ),
    "a result that is an error, and one that is empty": (
        None,
        [
            *(say("user", "a"), say("assistant", [use("t1", "f"), use("t2", "f")])),
            say("user", [result("t1", "no such file", is_error=True), {"type": "tool_result", "tool_use_id": "t2"}]),
        ],
        [
            *(say("user", "a"), calls(None, call("t1", "f", "{}"), call("t2", "f", "{}"))),
            *(answer("t1", "Error:\nno such file"), answer("t2", "")),
        ],
    ),
    "an image in a result follows in the next message": (
        None,
        [
            *(say("user", "a"), say("assistant", [use("t1", "shot")])),
            say("user", [result("t1", [text("ok"), IMAGE]), text("看")]),
        ],
        [
            *(say("user", "a"), calls(None, call("t1", "shot", "{}"))),
            answer("t1", "ok\n(The attachments of this result follow in the next message.)"),
            say("user", [text("Attachments of the tool result t1:"), IMAGE_PART, text("看")]),
        ],
    ),
    "calls in turns of their own are joined": (
        None,
        [
            say("user", "a"),
            say("assistant", "b"),
            say("assistant", [use("t1", "f")]),
            say("assistant", [use("t2", "g")]),
        ],
        [say("user", "a"), calls("b", call("t1", "f", "{}"), call("t2", "g", "{}"))],
    ),
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_is_carried_over(name):
    system, turns, want = CONVERSATIONS[name]
    body = {"messages": turns} | ({"system": system} if system else {})
    before = copy.deepcopy(body)
    assert to_chat(body, "qwen") == {"model": "qwen", "messages": want}
    assert body == before


SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}
TOOL = {"name": "find", "description": "查客户", "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}}
FUNCTION = {"type": "function", "function": {"name": "find", "description": "查客户", "parameters": SCHEMA}}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}

FIELDS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "sampling": ({"max_tokens": 9, "temperature": 0, "top_p": 0.5}, {"max_tokens": 9, "temperature": 0, "top_p": 0.5}),
    "stop": ({"stop_sequences": ["完", "END"]}, {"stop": ["完", "END"]}),
    "stream": ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
    "no stream": ({"stream": False}, {}),
    "what stays behind": (
        {
            "top_k": 4,
            "metadata": {"user_id": "user_zhang"},
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "service_tier": "auto",
            "container": "c",
            "mcp_servers": [{"url": "https://a.example", "authorization_token": "secret"}],
            "anything_new": 1,
        },
        {},
    ),
    "a tool": ({"tools": [TOOL]}, {"tools": [FUNCTION]}),
    "a strict tool": (
        {"tools": [{"type": "custom", "name": "f", "input_schema": {}, "strict": True}]},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}]},
    ),
    "tools of the vendor's are left out": ({"tools": [SEARCH, TOOL]}, {"tools": [FUNCTION]}),
    "only tools of the vendor's": ({"tools": [SEARCH], "tool_choice": {"type": "any"}}, {}),
    "no tools": ({"tools": []}, {}),
    "choice auto": ({"tools": [TOOL], "tool_choice": {"type": "auto"}}, {"tools": [FUNCTION], "tool_choice": "auto"}),
    "choice none": ({"tools": [TOOL], "tool_choice": {"type": "none"}}, {"tools": [FUNCTION], "tool_choice": "none"}),
    "choice any, one at a time": (
        {"tools": [TOOL], "tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
        {"tools": [FUNCTION], "tool_choice": "required", "parallel_tool_calls": False},
    ),
    "choice of one": (
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "find"}},
        {"tools": [FUNCTION], "tool_choice": {"type": "function", "function": {"name": "find"}}},
    ),
    "choice of one that is left out": (
        {"tools": [TOOL, SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}},
        {"tools": [FUNCTION]},
    ),
    "an answer in JSON": (
        {"output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}}},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
            }
        },
    ),
}


@pytest.mark.parametrize("name", FIELDS)
def test_only_known_fields_cross_over(name):
    given_fields, want = FIELDS[name]
    asked = [say("user", "hi")]
    assert to_chat({"model": "claude-test", "messages": asked, **given_fields}, "qwen") == {
        "model": "qwen",
        "messages": asked,
        **want,
    }


REFUSED = {
    "no messages": ({}, "messages must be a list"),
    "empty messages": ({"messages": []}, "messages must be a list"),
    "a message that is none": ({"messages": ["hi"]}, "messages must be a list"),
    "a strange role": ({"messages": [say("tool", "x")]}, "the role of a message"),
    "a role that is no word": ({"messages": [say(["user"], "x")]}, "the role of a message"),
    "a strange block": ({"messages": [say("user", [{"type": "hologram"}])]}, "of type hologram"),
    "an image of the assistant's": ({"messages": [say("assistant", [IMAGE])]}, "text and tool calls only"),
    "a call without input": (
        {"messages": [say("assistant", [{"type": "tool_use", "id": "a", "name": "f"}])]},
        "the field input of a tool_use",
    ),
    "a result of nothing": ({"messages": [say("user", [{"type": "tool_result"}])]}, "the field tool_use_id"),
    "tools that are none": ({"messages": [say("user", "a")], "tools": {"a": 1}}, "tools must be a list"),
    "a tool without schema": ({"messages": [say("user", "a")], "tools": [{"name": "f"}]}, "the field input_schema"),
    "a strange choice": (
        {"messages": [say("user", "a")], "tools": [TOOL], "tool_choice": {"type": "best"}},
        "tool_choice cannot be of type best",
    ),
    "a choice that is no object": (
        {"messages": [say("user", "a")], "tools": [TOOL], "tool_choice": "auto"},
        "tool_choice must be an object",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_cannot_be_carried_says_why(name):
    body, why = REFUSED[name]
    with pytest.raises(WireError, match=why):
        to_chat(body, "qwen")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
BLOCKS = st.builds(text, WORDS) | st.builds(lambda words: result("t1", words), WORDS)
TURNS = st.lists(
    st.builds(say, st.just("user"), st.lists(BLOCKS, min_size=1, max_size=3))
    | st.builds(say, st.just("assistant"), st.lists(st.builds(text, WORDS), min_size=1, max_size=2)),
    min_size=1,
    max_size=6,
)


@given(TURNS)
def test_no_word_is_lost_and_two_turns_of_one_speaker_never_meet(turns):
    messages = to_chat({"messages": turns}, "qwen")["messages"]
    for role, kinds in (("user", "text"), ("assistant", "text"), ("tool", "tool_result")):
        speaker = "user" if role == "tool" else role
        blocks = [block for turn in turns if turn["role"] == speaker for block in turn["content"]]
        said = [block.get("text", block.get("content")) for block in blocks if block["type"] == kinds]
        assert "\n".join(message["content"] for message in messages if message["role"] == role) == "\n".join(said)
    roles = [message["role"] for message in messages]
    assert all(one != other or one == "tool" for one, other in pairwise(roles))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "text", "user", "assistant", "tool", "base64"]),
    lambda leaf: (
        st.lists(leaf, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "role", "content", "source", "input", "id", "name", "tool_use_id", "data"]
            ),
            leaf,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.fixed_dictionaries({"messages": JSON}, optional={"system": JSON, "tools": JSON, "tool_choice": JSON}))
def test_any_body_is_carried_or_refused(body):
    try:
        json.dumps(to_chat(body, "qwen"))
    except WireError:
        return
