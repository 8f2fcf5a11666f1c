"""Ollama's requests as chat requests: what crosses over, and what is refused."""

from typing import Any

import pytest

from proxy.adapters.vendors.ollama_to_chat import chat_to_chat, generate_to_chat
from proxy.errors import Untranslatable, WireError


def test_calls_and_their_results_are_matched_by_name_and_order() -> None:
    call = {"function": {"name": "f", "arguments": {"n": 1}}}
    body = {"messages": [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "", "tool_calls": [call, call]},
        {"role": "tool", "tool_name": "f", "content": "一"},
        {"role": "tool", "name": "f", "content": "2"},
    ]}  # fmt: skip
    _, turn, first, second = chat_to_chat(body, "m")["messages"]
    assert [one["function"]["arguments"] for one in turn["tool_calls"]] == ['{"n":1}', '{"n":1}']
    assert [one["id"] for one in turn["tool_calls"]] == [first["tool_call_id"], second["tool_call_id"]]
    assert (first["content"], second["content"]) == ("一", "2")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("iVBORw0KGgo=", "image/png"),
        ("/9j/4AAQSkY=", "image/jpeg"),
        ("R0lGODlh", "image/gif"),
        ("UklGRiQA", "image/webp"),
    ],
)
def test_a_picture_says_by_its_bytes_what_it_is(data: str, kind: str) -> None:
    (turn,) = chat_to_chat({"messages": [{"role": "user", "content": "?", "images": [data]}]}, "m")["messages"]
    assert turn["content"][1] == {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}


def test_options_and_the_form_cross_over() -> None:
    schema = {"type": "object"}
    options = {"temperature": 0.1, "num_predict": -1, "stop": ["x"], "top_k": 4, "mirostat": 1}
    chat = generate_to_chat({"prompt": "a", "stream": False, "format": schema, "options": options}, "m")
    assert chat == {
        "model": "m",
        "messages": [{"role": "user", "content": "a"}],
        "temperature": 0.1,
        "stop": ["x"],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
    }
    assert generate_to_chat({"prompt": "a"}, "m")["stream"] is True


SECRET = "张伟 4111"


@pytest.mark.parametrize(
    ("translate", "body", "why"),
    [
        (chat_to_chat, {"messages": []}, "messages"),
        (chat_to_chat, {"messages": [{"role": SECRET}]}, "role"),
        (chat_to_chat, {"messages": [{"role": "user", "content": [SECRET]}]}, "content"),
        (chat_to_chat, {"messages": [{"role": "user", "images": SECRET}]}, "images"),
        (chat_to_chat, {"messages": [{"role": "user", "images": ["张伟"]}]}, "base64"),
        (chat_to_chat, {"messages": [{"role": "tool", "content": SECRET}]}, "answers no call"),
        (generate_to_chat, {}, "prompt"),
        (generate_to_chat, {"prompt": "a", "suffix": SECRET}, "fill in"),
        (generate_to_chat, {"prompt": "a", "context": [1]}, "fill in"),
        (generate_to_chat, {"prompt": "a", "raw": True}, "fill in"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_has_no_counterpart_is_refused_and_never_quoted(translate: Any, body: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        translate(body, "m")
    assert "张伟" not in str(caught.value) and isinstance(caught.value, Untranslatable) == (why == "fill in")
