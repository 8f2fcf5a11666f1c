"""Bedrock's conversations as chat requests: what crosses over, and what is refused."""

from typing import Any

import pytest

from proxy.adapters.aws.converse_to_chat import to_chat
from proxy.errors import Untranslatable, WireError


def turns(*blocks: dict[str, Any], role: str = "user", **more: Any) -> list[dict[str, Any]]:
    return to_chat({"messages": [{"role": role, "content": list(blocks)}], **more}, "m", stream=False)["messages"]


@pytest.mark.parametrize(
    ("blocks", "want"),
    [
        ([{"text": "a"}, {"cachePoint": {"type": "default"}}, {"text": "b"}], "a\nb"),
        ([{"reasoningContent": {"redactedContent": "x"}}, {"guardContent": {"text": {"text": "a"}}}], "a"),
        (
            [{"document": {"format": "txt", "name": "合同", "context": "c", "source": {"bytes": "5byg5Lyf"}}}],
            "Document: 合同\nc\n张伟",
        ),
        ([{"document": {"format": "pdf", "name": "d", "source": {"text": "t"}}}], "Document: d\nt"),
        ([{"document": {"format": "pdf", "name": "d", "source": {"content": [{"text": "t"}]}}}], "Document: d\nt"),
        ([{"searchResult": {"title": "t", "source": "s", "content": [{"text": "x"}]}}], "Search result: t (s)\nx"),
        ([{"citationsContent": {"content": [{"text": "x"}], "citations": []}}], "x"),
        (
            [{"image": {"format": "png", "source": {"bytes": "iVBO"}}}],
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}],
        ),
        (
            [{"audio": {"format": "wav", "source": {"bytes": "UklG"}}}],
            [{"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}],
        ),
        (
            [{"document": {"format": "pdf", "name": "d", "source": {"bytes": "JVBE"}}}],
            [
                {"type": "text", "text": "Document: d"},
                {"type": "file", "file": {"filename": "d.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
            ],
        ),
    ],
    ids=["text", "guarded", "a text file", "text", "parts", "a search", "cited", "a picture", "a sound", "a PDF"],
)
def test_blocks_cross_over_in_order(blocks: list[dict[str, Any]], want: Any) -> None:
    assert turns(*blocks) == [{"role": "user", "content": want}]


def test_calls_and_their_results_cross_over() -> None:
    body = {
        "messages": [
            {
                "role": "assistant",
                "content": [{"text": "ok"}, {"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": "一"}}}],
            },
            {
                "role": "user",
                "content": [
                    {"text": "and?"},
                    {
                        "toolResult": {
                            "toolUseId": "t",
                            "status": "error",
                            "content": [{"json": {"n": 1}}, {"image": {"format": "png", "source": {"bytes": "iVBO"}}}],
                        }
                    },
                ],
            },
        ]
    }
    turn, result, said = to_chat(body, "m", stream=False)["messages"]
    assert turn["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":"一"}'}
    assert result["content"].startswith('Error:\n{"n":1}\n(The attachments')
    assert [part["type"] for part in said["content"]] == ["text", "image_url", "text"]


@pytest.mark.parametrize(
    ("choice", "want"),
    [
        ({}, None),
        ({"auto": {}}, "auto"),
        ({"any": {}}, "required"),
        ({"tool": {"name": "f"}}, {"type": "function", "function": {"name": "f"}}),
    ],
    ids=str,
)
def test_how_the_model_may_choose_crosses_over(choice: dict[str, Any], want: Any) -> None:
    config = {"tools": [{"toolSpec": {"name": "f"}}, {"cachePoint": {"type": "default"}}], "toolChoice": choice}
    chat = to_chat({"messages": [{"role": "user", "content": [{"text": "a"}]}], "toolConfig": config}, "m", stream=True)
    assert (len(chat["tools"]), chat.get("tool_choice"), chat["stream"]) == (1, want, True)


def test_the_form_of_the_answer_crosses_over() -> None:
    form = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": '{"type": "object"}'}}}}
    chat = to_chat(
        {"messages": [{"role": "user", "content": [{"text": "a"}]}], "outputConfig": form}, "m", stream=False
    )
    assert chat["response_format"]["json_schema"]["schema"] == {"type": "object"}


SECRET = "张伟 4111"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "messages"),
        ({"messages": [{"role": SECRET, "content": []}]}, "role"),
        ({"messages": [{"role": "user", "content": SECRET}]}, "content"),
        ({"messages": [{"role": "user", "content": [{"text": 7}]}]}, "text must be a string"),
        ({"messages": [{"role": "user", "content": [{"video": SECRET}]}]}, "block"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"image": {"format": "png", "source": {"s3Location": {"uri": SECRET}}}}],
                    }
                ]
            },
            "keeps",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"document": {"format": "docx", "source": {"bytes": "AA=="}}}]}
                ]
            },
            "media type",
        ),
        ({"messages": [{"role": "user", "content": [{"toolResult": {"content": []}}]}]}, "toolUseId"),
        (
            {"messages": [{"role": "user", "content": [{"text": "a"}]}], "promptVariables": {"x": {"text": SECRET}}},
            "keeps",
        ),
    ],
    ids=[
        "nothing",
        "a role",
        "a content",
        "a number",
        "a film",
        "a picture elsewhere",
        "Word",
        "no id",
        "a kept prompt",
    ],
)
def test_what_has_no_counterpart_is_refused_and_never_quoted(body: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        to_chat(body, "m", stream=False)
    assert "张伟" not in str(caught.value)
    assert isinstance(caught.value, Untranslatable) == (why in ("block", "keeps", "media type"))
