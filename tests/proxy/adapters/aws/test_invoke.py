"""Bedrock's models in their own words, called by Amazon's own client."""

import json
from typing import Any

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


def test_only_anthropics_words_are_carried_inside() -> None:
    adapter = choose(Asked("POST", f"/model/{MODEL}/invoke"))
    assert isinstance(adapter, Speaker)
    with pytest.raises(Untranslatable, match="Anthropic"):
        adapter.to_chat(b'{"prompt": "x"}', "m")


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
