"""Gemini's requests as chat requests: what crosses over, what stays behind, what is refused."""

from typing import Any

import pytest

from proxy.adapters.google.gemini_to_chat import to_chat
from proxy.errors import Untranslatable, WireError

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"


def messages(*parts: dict[str, Any], role: str = "user", **more: Any) -> list[dict[str, Any]]:
    body = {"contents": [{"role": role, "parts": list(parts)}], **more}
    return to_chat(body, "m", stream=False)["messages"]


@pytest.mark.parametrize(
    ("parts", "want"),
    [
        ([{"text": "a"}, {"text": ""}, {"text": "b"}], "a\nb"),
        ([{"text": "想", "thought": True}, {"text": "a", "thoughtSignature": "x"}, {"thought_signature": "y"}], "a"),
        ([{"executableCode": {"code": "1"}}, {"code_execution_result": {"output": "1"}}, {"text": "a"}], "a"),
        ([{"inline_data": {"mime_type": "text/plain", "data": "5byg5Lyf"}}], "张伟"),
        (
            [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": PNG}}],
            [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ],
        ),
        (
            [{"inlineData": {"mimeType": "audio/mpeg", "data": "UklG"}}],
            [{"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}}],
        ),
        (
            [{"inlineData": {"mimeType": "application/pdf", "data": "JVBE", "displayName": "合同.pdf"}}],
            [{"type": "file", "file": {"filename": "合同.pdf", "file_data": "data:application/pdf;base64,JVBE"}}],
        ),
    ],
    ids=["text", "thoughts", "Google's own tools", "a text file", "a picture", "sound", "a document"],
)
def test_parts_cross_over_in_order(parts: list[dict[str, Any]], want: Any) -> None:
    assert messages(*parts) == [{"role": "user", "content": want}]


def test_both_spellings_of_a_request_mean_the_same() -> None:
    declared = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"first_name": {"type": "STRING"}}}}
    camel = {
        "contents": {"parts": {"text": "a"}},
        "systemInstruction": {"parts": [{"text": "s"}]},
        "generationConfig": {"maxOutputTokens": 5, "stopSequences": ["x"], "responseMimeType": "application/json"},
        "tools": [{"functionDeclarations": [declared]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    }
    snake = {
        "contents": {"parts": {"text": "a"}},
        "system_instruction": {"parts": [{"text": "s"}]},
        "generation_config": {
            "max_output_tokens": 5,
            "stop_sequences": ["x"],
            "response_mime_type": "application/json",
        },
        "tools": [{"function_declarations": [declared]}],
        "tool_config": {"function_calling_config": {"mode": "ANY"}},
    }
    chat = to_chat(camel, "m", stream=True)
    assert chat == to_chat(snake, "m", stream=True)
    assert chat["tools"][0]["function"]["parameters"]["properties"] == {"first_name": {"type": "string"}}
    assert (chat["tool_choice"], chat["response_format"], chat["max_tokens"]) == (
        "required",
        {"type": "json_object"},
        5,
    )


def test_results_without_ids_answer_the_calls_of_their_name_in_order() -> None:
    call = {"functionCall": {"name": "f", "args": {"n": 1}}}
    body = {"contents": [
        {"role": "user", "parts": [{"text": "go"}]},
        {"role": "model", "parts": [{"text": "ok"}, call, call]},
        {"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {"a": "一"}}},
                                       {"functionResponse": {"name": "f", "response": {"a": 2}}}, {"text": "well?"}]},
    ]}  # fmt: skip
    _, turn, first, second, said = to_chat(body, "m", stream=False)["messages"]
    assert [one["id"] for one in turn["tool_calls"]] == ["call_1", "call_2"] and turn["content"] == "ok"
    assert (first["tool_call_id"], first["content"]) == ("call_1", '{"a":"一"}')
    assert (second["tool_call_id"], second["content"]) == ("call_2", '{"a":2}')
    assert said == {"role": "user", "content": "well?"}


def test_pictures_that_a_function_answers_with_follow_its_result() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    answer = {"functionResponse": {"name": "f", "id": "c1", "response": {}, "parts": [picture]}}
    result, said = messages(answer)
    assert (result["role"], result["content"]) == ("tool", "{}")
    assert [part["type"] for part in said["content"]] == ["text", "image_url"]


@pytest.mark.parametrize(
    ("config", "names", "choice"),
    [
        ({}, ["f", "g"], None),
        ({"mode": "AUTO"}, ["f", "g"], "auto"),
        ({"mode": "ANY", "allowedFunctionNames": ["g"]}, ["g"], "required"),
        ({"mode": "ANY", "allowedFunctionNames": ["unknown"]}, ["f", "g"], "required"),
        ({"mode": "NONE", "allowedFunctionNames": ["g"]}, ["f", "g"], "none"),
    ],
    ids=["nothing said", "auto", "one of them", "none of them", "never"],
)
def test_what_may_be_called_crosses_over(config: dict[str, Any], names: list[str], choice: str | None) -> None:
    tools = [{"functionDeclarations": [{"name": "f"}, {"name": "g"}]}, {"googleSearch": {}}]
    body = {"contents": [{"parts": [{"text": "a"}]}], "tools": tools, "toolConfig": {"functionCallingConfig": config}}
    chat = to_chat(body, "m", stream=False)
    assert ([one["function"]["name"] for one in chat["tools"]], chat.get("tool_choice")) == (names, choice)


SECRET = "张伟 4111"
REFUSED = {
    "nothing": ({}, "contents"),
    "no messages": ({"contents": []}, "contents"),
    "a message that is none": ({"contents": [SECRET]}, "contents"),
    "an unknown role": ({"contents": [{"role": SECRET, "parts": []}]}, "role"),
    "parts that are none": ({"contents": [{"parts": SECRET}]}, "parts"),
    "a file that Google keeps": ({"contents": [{"parts": [{"fileData": {"fileUri": SECRET}}]}]}, "part"),
    "a cache that Google keeps": ({"cachedContent": SECRET, "contents": [{"parts": [{"text": "a"}]}]}, "keeps"),
    "a picture as the answer": (
        {"contents": [{"parts": [{"text": SECRET}]}], "generationConfig": {"responseModalities": ["IMAGE"]}},
        "text only",
    ),
    "a film": ({"contents": [{"parts": [{"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}]}]}, "media type"),
    "a text that is none": (
        {"contents": [{"parts": [{"inlineData": {"mimeType": "text/csv", "data": "/w=="}}]}]},
        "UTF-8",
    ),
    "a result without a call": ({"contents": [{"parts": [{"functionResponse": {"name": "f"}}]}]}, "answers no call"),
    "a field in two spellings": ({"contents": [{"parts": [{"text": SECRET}]}], "topP": 1, "top_p": 1}, "two spellings"),
    "a call without a name": ({"contents": [{"role": "model", "parts": [{"functionCall": {"args": {}}}]}]}, "name"),
}


@pytest.mark.parametrize(("body", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_has_no_counterpart_is_refused_and_never_quoted(body: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        to_chat(body, "m", stream=False)
    assert "张伟" not in str(caught.value)
    assert isinstance(caught.value, Untranslatable) == (why in ("part", "keeps", "text only", "media type"))
