"""How long a prompt is, told in each interface's own words."""

import base64
import json
from typing import Any

import pytest

from proxy.adapters.anthropic_count import IMAGE_TOKENS
from proxy.adapters.token_counts import counted
from proxy.errors import WireError

WORDS = "请总结附件中的季度报告，重点说明客户流失的原因。" * 20
CHAT = [{"role": "user", "content": WORDS}]
GEMINI = {"contents": [{"role": "user", "parts": [{"text": WORDS}]}]}
CODED = base64.b64encode(json.dumps({"messages": CHAT}, ensure_ascii=False).encode()).decode()

CALLS: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "Anthropic": ("/v1/messages/count_tokens?beta=true", {"messages": CHAT}, ("input_tokens",)),
    "Anthropic on Vertex": (
        "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
        {"model": "claude", "messages": CHAT},
        ("input_tokens",),
    ),
    "Gemini": ("/v1beta/models/gemini-2.5-flash:countTokens?key=k", GEMINI, ("totalTokens",)),
    "Gemini, a whole request": (
        "/v1beta/models/gemini-2.5-flash:countTokens",
        {"generateContentRequest": {"model": "models/g", **GEMINI}},
        ("totalTokens",),
    ),
    "Vertex": ("/v1/projects/p/locations/l/publishers/google/models/g:countTokens", GEMINI, ("totalTokens",)),
    "Code Assist": ("/v1internal:countTokens", {"request": {"model": "models/g", **GEMINI}}, ("totalTokens",)),
    "Responses": ("/v1/responses/input_tokens", {"model": "m", "input": WORDS}, ("input_tokens",)),
    "Bedrock, Converse": (
        "/model/anthropic.claude/count-tokens",
        {"input": {"converse": {"messages": [{"role": "user", "content": [{"text": WORDS}]}]}}},
        ("inputTokens",),
    ),
    "Bedrock, a vendor's": ("/model/a/count-tokens", {"input": {"invokeModel": {"body": CODED}}}, ("inputTokens",)),
    "Moonshot": ("/v1/tokenizers/estimate-token-count", {"messages": CHAT}, ("data", "total_tokens")),
    "watsonx": ("/ml/v1/text/tokenization?version=1", {"model_id": "m", "input": WORDS}, ("result", "token_count")),
}


@pytest.mark.parametrize(("path", "body", "place"), CALLS.values(), ids=CALLS.keys())
def test_each_interface_is_told_about_as_many_as_the_words_are(path: str, body: Any, place: tuple[str, ...]) -> None:
    answer = counted(path, json.dumps(body, ensure_ascii=False).encode())
    assert answer is not None
    told: Any = json.loads(answer)
    for step in place:
        told = told[step]
    assert len(WORDS) / 2 < told < len(WORDS)


def test_a_system_text_and_tools_count_in_either_spelling() -> None:
    def count(**more: Any) -> int:
        answer = counted("/v1beta/models/g:countTokens", json.dumps(GEMINI | more).encode())
        return int(json.loads(answer or b"")["totalTokens"])

    told = {"parts": [{"text": WORDS}]}
    assert count(systemInstruction=told) == count(system_instruction=told) > count() + 200
    assert count(tools=[{"functionDeclarations": [{"description": WORDS}]}]) > count() + 200


@pytest.mark.parametrize("size", [40, 400_000])
def test_a_picture_counts_the_same_whatever_its_bytes(size: int) -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": "A" * size}}
    image = [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64," + "A" * size}]}]
    calls = [
        ("/v1beta/models/g:countTokens", {"contents": [{"parts": [part]}]}),
        ("/v1/responses/input_tokens", {"input": image}),
    ]
    for path, body in calls:
        told = max(
            value
            for value in json.loads(counted(path, json.dumps(body).encode()) or b"").values()
            if isinstance(value, int)
        )
        assert IMAGE_TOKENS <= told < IMAGE_TOKENS + 50


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/tokenize", "/v1beta/models/g:generateContent", "/api/v1/tokenizer"]
)
def test_any_other_call_has_no_such_answer(path: str) -> None:
    assert counted(path, b"{}") is None


def test_who_asks_for_the_tokens_themselves_is_not_told_a_number() -> None:
    body = {"model_id": "m", "input": WORDS, "parameters": {"return_tokens": True}}
    assert counted("/ml/v1/text/tokenization", json.dumps(body).encode()) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        counted("/v1beta/models/g:countTokens", body)
