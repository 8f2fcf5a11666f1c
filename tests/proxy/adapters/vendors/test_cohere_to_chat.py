"""Cohere's requests as chat requests: what crosses over, and what is refused."""

from typing import Any

import pytest

from proxy.adapters.vendors.cohere_to_chat import to_chat
from proxy.errors import Untranslatable, WireError


def turns(*messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return to_chat({"messages": list(messages), **more}, "m")["messages"]


def test_contents_documents_and_plans_become_messages() -> None:
    assert turns(
        {"role": "developer", "content": "s"},
        {"role": "user", "content": [
            {"type": "text", "text": "a"}, {"type": "document", "document": {"id": "1", "data": "d"}}]},
        {"role": "assistant", "tool_plan": "p", "content": [{"type": "thinking", "thinking": "t"}]},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
        documents=[{"id": "2", "data": {"n": "张伟"}}],
    ) == [
        {"role": "system", "content": 'Document 2:\n{"n":"张伟"}\ns'},
        {"role": "user", "content": "a\nDocument 1:\nd"},
        {"role": "assistant", "content": "p"},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ]  # fmt: skip


def test_a_picture_stays_a_picture() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://a.example/x.png", "detail": "low"}}
    (turn,) = turns({"role": "user", "content": [part]})
    assert turn["content"] == [{"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}]


SECRET = "张伟 4111"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "messages"),
        ({"messages": [{"role": SECRET, "content": "a"}]}, "role"),
        ({"messages": [{"role": "user", "content": [{"type": SECRET}]}]}, "of type unknown"),
        ({"messages": [{"role": "tool", "content": SECRET}]}, "tool_call_id"),
        ({"messages": [{"role": "user", "content": "a"}], "documents": SECRET}, "documents"),
        ({"messages": [{"role": "user", "content": "a"}], "documents": [3]}, "document"),
        ({"messages": [{"role": "user", "content": "a"}], "tools": [{"function": {}}]}, "name"),
    ],
    ids=["nothing", "a role", "a part", "a result without a call", "documents", "a document", "a tool without a name"],
)
def test_what_has_no_counterpart_is_refused_and_never_quoted(body: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        to_chat(body, "m")
    assert "张伟" not in str(caught.value)
    assert isinstance(caught.value, Untranslatable) == ("type" in why)
