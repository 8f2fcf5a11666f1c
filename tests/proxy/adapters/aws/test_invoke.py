"""Bedrock's models in their own words, called by Amazon's own client."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import botocore.exceptions
import httpx
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from proxy.answers.restore import StreamRestorer
from proxy.errors import Untranslatable
from proxy.framing.aws import AwsFramer, message
from tests.proxy.adapters.aws.amazon import client
from tests.proxy.adapters.inside import CALL, Inside, chat_stream, chat_whole

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
BODY = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "查客户"}]}
EVENTS = "application/vnd.amazon.eventstream"
KNOWN = {"[PERSON_7K2F9ABC]": '张伟 "Ann"'}


@pytest.fixture(autouse=True)
def api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x")


def chunks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_streamed_message_reaches_the_client_in_chunks(size: int) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), size=size)
    answer = client(inside).invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(BODY))
    read = chunks(answer)
    assert [one["type"] for one in read][0 :: len(read) - 1] == ["message_start", "message_stop"]
    deltas = [one["delta"] for one in read if one["type"] == "content_block_delta"]
    assert "".join(one.get("text", "") for one in deltas) == "你好，Ann"
    assert json.loads("".join(one.get("partial_json", "") for one in deltas)) == {"q": "客户"}
    assert (inside.asked["stream"], inside.asked["messages"]) == (True, [{"role": "user", "content": "查客户"}])


def test_a_whole_message_reaches_the_client() -> None:
    answer = client(Inside(chat_whole({"content": "好"}))).invoke_model(modelId=MODEL, body=json.dumps(BODY))
    read = json.loads(answer["body"].read())
    assert (read["type"], read["content"], read["model"]) == ("message", [{"type": "text", "text": "好"}], MODEL)


def test_a_failed_stream_raises_in_the_client() -> None:
    inside = Inside(chat_stream({"content": "a"})[:-260])
    answer = client(inside).invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(BODY))
    with pytest.raises(botocore.exceptions.EventStreamError, match="broke off"):
        chunks(answer)


TURNS = [{"role": "user", "content": "查客户"}]
PROMPT = "<|start_header_id|>user<|end_header_id|>\n\n查客户<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}
NOVA_TOOL = {"toolSpec": {"name": "find", "description": "d", "inputSchema": {"json": {"type": "object"}}}}
SAID = [{"role": "user", "content": [{"text": "查客户"}]}]
OPENAI = {"messages": TURNS, "max_tokens": 9}

VENDORS: dict[str, tuple[str, dict[str, Any], Callable[[Any], str], Callable[[Any], str]]] = {
    "Nova": (
        "us.amazon.nova-pro-v1:0",
        {"schemaVersion": "messages-v1", "messages": SAID, "inferenceConfig": {"max_new_tokens": 9}},
        lambda one: one["output"]["message"]["content"][0]["text"] * (one["stopReason"] == "end_turn"),
        lambda one: one.get("contentBlockDelta", {}).get("delta", {}).get("text", ""),
    ),
    "Llama": (
        "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-70b-instruct-v1:0",
        {"prompt": PROMPT, "max_gen_len": 9},
        lambda one: one["generation"] * (one["stop_reason"] == "stop" and one["prompt_token_count"] == 12),
        lambda one: one["generation"],
    ),
    "Mistral": (
        "mistral.mixtral-8x7b-instruct-v0:1",
        {"prompt": "<s>[INST] 查客户 [/INST]", "max_tokens": 9},
        lambda one: one["outputs"][0]["text"] * (one["outputs"][0]["stop_reason"] == "stop"),
        lambda one: one["outputs"][0]["text"],
    ),
    "Mistral, a chat": (
        "mistral.mistral-large-2407-v1:0",
        OPENAI,
        lambda one: one["choices"][0]["message"]["content"] * (one["choices"][0]["stop_reason"] == "stop"),
        lambda one: one["choices"][0]["message"].get("content", ""),
    ),
    "OpenAI": (
        "openai.gpt-oss-120b-1:0",
        OPENAI,
        lambda one: one["choices"][0]["message"]["content"] * (one["choices"][0]["finish_reason"] == "stop"),
        lambda one: one["choices"][0]["delta"].get("content", ""),
    ),
    "Titan": (
        "amazon.titan-text-express-v1",
        {"inputText": "查客户", "textGenerationConfig": {"maxTokenCount": 9}},
        lambda one: one["results"][0]["outputText"] * (one["results"][0]["completionReason"] == "FINISH"),
        lambda one: one["outputText"],
    ),
    "Cohere": (
        "cohere.command-r-plus-v1:0",
        {"message": "查客户", "max_tokens": 9},
        lambda one: one["text"] * (one["finish_reason"] == "COMPLETE"),
        lambda one: one["text"] if one["event_type"] == "text-generation" else "",
    ),
    "Cohere, older": (
        "cohere.command-text-v14",
        {"prompt": "查客户", "max_tokens": 9},
        lambda one: one["generations"][0]["text"],
        lambda one: "" if one["is_finished"] else one["text"],
    ),
}
every_vendor = pytest.mark.parametrize(("model", "body", "whole", "piece"), VENDORS.values(), ids=VENDORS.keys())


@every_vendor
def test_another_vendors_words_are_carried_inside_and_back(model: str, body: Any, whole: Any, piece: Any) -> None:
    del piece
    inside = Inside(chat_whole({"content": "你好"}))
    answer = client(inside).invoke_model(modelId=model, body=json.dumps(body))
    assert whole(json.loads(answer["body"].read())) == "你好"
    assert inside.asked == {"model": "qwen3-32b", "messages": TURNS, "max_tokens": 9}


@every_vendor
@pytest.mark.parametrize("size", [1, 10_000])
def test_another_vendors_words_are_streamed_back(model: str, body: Any, whole: Any, piece: Any, size: int) -> None:
    del whole
    inside = Inside(chat_stream({"content": "你"}, {"content": "好"}), size=size)
    answer = client(inside).invoke_model_with_response_stream(modelId=model, body=json.dumps(body))
    assert "".join(piece(one) for one in chunks(answer)) == "你好"
    assert inside.asked["stream"] is True


@every_vendor
def test_another_vendors_stream_that_fails_raises_in_the_client(model: str, body: Any, whole: Any, piece: Any) -> None:
    del whole, piece
    answer = client(Inside(chat_stream({"content": "a"})[:-260])).invoke_model_with_response_stream(
        modelId=model, body=json.dumps(body)
    )
    with pytest.raises(botocore.exceptions.EventStreamError, match="broke off"):
        chunks(answer)


@pytest.mark.parametrize(
    ("model", "body", "tools"),
    [
        ("amazon.nova-lite-v1:0", {"messages": SAID}, {"toolConfig": {"tools": [NOVA_TOOL]}}),
        ("openai.gpt-oss-20b-1:0", OPENAI, {"tools": [TOOL]}),
        ("mistral.mistral-large-2407-v1:0", OPENAI, {"tools": [TOOL], "tool_choice": "any"}),
    ],
    ids=["Nova", "OpenAI", "Mistral"],
)
def test_a_tool_of_another_vendors_is_called_inside(model: str, body: Any, tools: Any) -> None:
    inside = Inside(chat_stream(*CALL, reason="tool_calls"))
    answer = client(inside).invoke_model_with_response_stream(modelId=model, body=json.dumps({**body, **tools}))
    told = json.dumps(chunks(answer), ensure_ascii=False)
    assert "find" in told and '{\\"q\\": \\"客户\\"}' in told
    assert inside.asked["tools"] == [TOOL]
    assert inside.asked.get("tool_choice") == ("required" if "tool_choice" in tools else None)


def test_a_picture_for_llama_stands_beside_what_is_said() -> None:
    inside = Inside(chat_whole({"content": "好"}))
    body = {"prompt": PROMPT, "images": ["iVBORw0KGgo="]}
    client(inside).invoke_model(modelId="us.meta.llama3-2-11b-instruct-v1:0", body=json.dumps(body))
    (turn,) = inside.asked["messages"]
    assert [part["type"] for part in turn["content"]] == ["text", "image_url"]


@pytest.mark.parametrize(
    ("model", "body", "why"),
    [
        (MODEL, {"prompt": "张伟"}, "cannot be told"),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/x1", {"prompt": "张伟"}, "cannot be told"),
        ("amazon.titan-embed-text-v2:0", {"inputText": "张伟"}, "cannot be told"),
        ("amazon.nova-canvas-v1:0", {"taskType": "张伟"}, "cannot be told"),
        ("mistral.mistral-7b-instruct-v0:2", {"messages": TURNS}, "goes on with a prompt"),
    ],
)
def test_what_answers_in_unknown_words_is_not_carried_inside(model: str, body: dict[str, Any], why: str) -> None:
    adapter = choose(Asked("POST", f"/model/{quote(model, safe='')}/invoke"))
    assert isinstance(adapter, Speaker)
    with pytest.raises(Untranslatable, match=why) as caught:
        adapter.to_chat(json.dumps(body).encode(), "m")
    assert "张伟" not in str(caught.value)


STREAMS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "Anthropic": (
        [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "您 [PERSON_"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "7K2F9ABC] ["}},
            {"type": "content_block_stop", "index": 0},
            *[
                {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": part}}
                for part in ('{"a":"[P', 'ERSON_7K2F9ABC]"}')
            ],
            {"type": "content_block_stop", "index": 1},
        ],
        ['您 张伟 "Ann" [', '{"a":"张伟 \\"Ann\\""}'],
    ),
    "Nova": (
        [
            {"contentBlockDelta": {"delta": {"text": "[PERSON_7K"}, "contentBlockIndex": 0}},
            {"contentBlockDelta": {"delta": {"text": "2F9ABC] ["}, "contentBlockIndex": 0}},
            {"contentBlockStop": {"contentBlockIndex": 0}},
            {"messageStop": {"stopReason": "end_turn"}},
        ],
        ['张伟 "Ann" ['],
    ),
    "Llama": (
        [{"generation": "[PERSON_7K", "stop_reason": None}, {"generation": "2F9ABC]", "stop_reason": "stop"}],
        ['张伟 "Ann"'],
    ),
    "Titan": (
        [{"outputText": "[PERSON", "index": 0}, {"outputText": "_7K2F9ABC]!", "completionReason": "FINISH"}],
        ['张伟 "Ann"!'],
    ),
    "Mistral": (
        [
            {"outputs": [{"text": "[PER", "stop_reason": None}]},
            {"outputs": [{"text": "SON_7K2F9ABC] x", "stop_reason": "stop"}]},
        ],
        ['张伟 "Ann" x'],
    ),
    "Mistral, a chat": (
        [
            {"choices": [{"index": 0, "message": {"content": "[PERSON_7K2F"}, "stop_reason": None}]},
            {"choices": [{"index": 0, "message": {"content": "9ABC]"}, "stop_reason": "stop"}]},
        ],
        ['张伟 "Ann"'],
    ),
    "OpenAI": (
        [
            {"choices": [{"index": 0, "delta": {"content": "[PERSON_7K2F"}}]},
            {"choices": [{"index": 0, "delta": {"content": "9ABC]"}, "finish_reason": "stop"}]},
        ],
        ['张伟 "Ann"'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "want"), STREAMS.values(), ids=STREAMS.keys())
@pytest.mark.parametrize("size", [1, 11, 10_000])
def test_the_text_in_the_chunks_is_restored(events: list[dict[str, Any]], want: list[str], size: int) -> None:
    adapter = choose(Asked("POST", f"/model/{MODEL}/invoke-with-response-stream"))
    framer = AwsFramer("json")
    data = b"".join(framer.make("chunk", json.dumps(event, ensure_ascii=False)) for event in events)
    restorer = StreamRestorer(adapter.shape, EVENTS, KNOWN.get)
    body = b"".join(restorer.feed(data[at : at + size]) for at in range(0, len(data), size)) + restorer.end()
    answer = client(lambda _: httpx.Response(200, headers={"content-type": EVENTS}, content=body))
    read = chunks(answer.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(BODY)))
    texts: dict[str, str] = {}
    for one in read:
        for slot in adapter.shape.slots("chunk", one):
            texts[slot.channel] = texts.get(slot.channel, "") + slot.text
    assert list(texts.values()) == want and len(read) >= len(events)


def test_signed_thinking_passes_as_it_came() -> None:
    adapter = choose(Asked("POST", f"/model/{MODEL}/invoke-with-response-stream"))
    thought = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "thinking_delta", "thinking": "[PERSON_7K2F9ABC]"},
    }
    data = AwsFramer("json").make("chunk", json.dumps(thought)) + message("internalServerException", b"{}", "exception")
    restorer = StreamRestorer(adapter.shape, EVENTS, KNOWN.get)
    assert restorer.feed(data) + restorer.end() == data
