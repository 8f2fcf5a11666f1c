"""DashScope's requests as chat requests: what crosses over, and what is refused."""

from typing import Any

import pytest

from proxy.adapters.vendors.dashscope_to_chat import to_chat
from proxy.errors import Untranslatable, WireError


def chat(asked: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return to_chat({"input": asked, "parameters": parameters}, "m", stream=False)


def test_a_prompt_stands_behind_the_turns_before_it() -> None:
    asked = {"prompt": "and now?", "history": [{"user": "我是张伟", "bot": "您好"}]}
    assert chat(asked)["messages"] == [
        {"role": "user", "content": "我是张伟"},
        {"role": "assistant", "content": "您好"},
        {"role": "user", "content": "and now?"},
    ]


def test_calls_and_their_results_cross_over() -> None:
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    asked = {"messages": [
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": [{"text": "found"}]},
        {"role": "tool", "name": "old", "content": "found"},
    ]}  # fmt: skip
    turn, new, old = chat(asked)["messages"]
    assert (turn["tool_calls"], new["tool_call_id"], new["content"], old["tool_call_id"]) == (
        calls,
        "c1",
        "found",
        "old",
    )


@pytest.mark.parametrize(
    ("stop", "want"),
    [("x", "x"), (["x", "y"], ["x", "y"]), ([[108, 2]], None), ([37763], None), (None, None)],
    ids=repr,
)
def test_words_to_stop_at_cross_over_and_tokens_do_not(stop: Any, want: Any) -> None:
    assert chat({"prompt": "a"}, stop=stop, top_k=3, seed=7).get("stop") == want


SECRET = "张伟 4111"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "prompt"),
        ({"messages": [{"role": SECRET, "content": "a"}]}, "role"),
        ({"messages": [{"role": "user", "content": [{"video": SECRET}]}]}, "part"),
        ({"messages": [{"role": "user", "content": [{"image": SECRET}]}]}, "part"),
        ({"messages": [{"role": "user", "content": 3}]}, "content"),
        ({"prompt": "a", "history": [{"user": SECRET}]}, "bot"),
    ],
    ids=["nothing", "a role", "a film", "a picture on the disk", "a number", "half a turn"],
)
def test_what_has_no_counterpart_is_refused_and_never_quoted(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        chat(asked)
    assert "张伟" not in str(caught.value) and isinstance(caught.value, Untranslatable) == (why == "part")
