"""Bedrock's conversations, spoken by Amazon's own client: to the company's model, restored, and refused."""

import json
from typing import Any

import botocore.exceptions
import httpx
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.bound import is_bound
from proxy.exchange import Headers
from proxy.framing.aws import message
from tests.feed import feed_every_way
from tests.proxy.adapters.aws.amazon import client
from tests.proxy.adapters.inside import CALL, Inside, Refusing, asked_of, chat_stream, chat_whole

MODEL = "us.anthropic.claude-sonnet-4-20250514-v1:0"
ASK: dict[str, Any] = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "查客户"}]}]}
TOOL = {"toolSpec": {"name": "find", "description": "d", "inputSchema": {"json": {"type": "object"}}}}
KNOWN = {"[PERSON_7K2F9ABC]": '张伟 "Ann"'}


@pytest.fixture(autouse=True)
def api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_streamed_answer_reaches_the_client(size: int) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), size=size)
    answer = client(inside).converse_stream(
        **ASK, system=[{"text": "简短"}], toolConfig={"tools": [TOOL]}, inferenceConfig={"maxTokens": 9}
    )
    events = list(answer["stream"])
    assert [next(iter(event)) for event in events] == [
        *("messageStart", "contentBlockDelta", "contentBlockDelta", "contentBlockStop"),
        *("contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"),
    ]
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert "".join(delta.get("text", "") for delta in deltas) == "你好，Ann"
    assert json.loads(deltas[-1]["toolUse"]["input"]) == {"q": "客户"}
    assert events[4]["contentBlockStart"]["start"]["toolUse"] == {"toolUseId": "k1", "name": "find"}
    assert events[-2]["messageStop"]["stopReason"] == "tool_use"
    assert events[-1]["metadata"]["usage"] == {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19}
    assert inside.asked["messages"] == [
        {"role": "system", "content": "简短"},
        {"role": "user", "content": "查客户"},
    ]
    assert (inside.asked["max_tokens"], inside.asked["stream"]) == (9, True)
    assert inside.adapter is not None and inside.adapter.read(b"{}", "").model == MODEL


@pytest.mark.parametrize(
    ("reason", "want"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "content_filtered"),
        ("tool_calls", "tool_use"),
    ],
)
def test_a_whole_answer_reaches_the_client(reason: str, want: str) -> None:
    calls = [{"id": "functions.f:0", "type": "function", "function": {"name": "f", "arguments": '{"n": 1}'}}]
    message = {"content": "好", **({"tool_calls": calls} if reason == "tool_calls" else {})}
    answer = client(Inside(chat_whole(message, reason))).converse(**ASK)
    text, *used = answer["output"]["message"]["content"]
    assert text == {"text": "好"}
    assert used == [{"toolUse": {"toolUseId": "functions_f_0", "name": "f", "input": {"n": 1}}}] * (want == "tool_use")
    assert (answer["stopReason"], answer["usage"]["totalTokens"]) == (want, 19)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("status", "word", "code"),
    [
        (403, "AccessDeniedException", 403),
        (400, "ValidationException", 400),
        (413, "ValidationException", 413),
        (503, "ModelErrorException", 424),
        (429, "AccessDeniedException", 403),
    ],
)
def test_a_refusal_is_amazons_own_error_and_is_not_asked_again(status: int, word: str, code: int, stream: bool) -> None:
    refusing = Refusing(status=status)
    sdk = client(refusing)
    with pytest.raises(botocore.exceptions.ClientError, match="不可外发") as caught:
        (sdk.converse_stream if stream else sdk.converse)(**ASK)
    assert caught.value.response["Error"]["Code"] == word
    assert (caught.value.response["ResponseMetadata"]["HTTPStatusCode"], refusing.count) == (code, 1)
    assert caught.value.response["ResponseMetadata"]["RequestId"] == "SL-1"


def test_a_failed_stream_raises_in_the_client() -> None:
    answer = client(Inside(chat_stream({"content": "a"})[:-260])).converse_stream(**ASK)
    with pytest.raises(botocore.exceptions.EventStreamError, match="broke off"):
        list(answer["stream"])


def event(kind: str, **fields: Any) -> bytes:
    return message(kind, json.dumps(fields, ensure_ascii=False).encode())


def delta(block: int, **fields: Any) -> bytes:
    return event("contentBlockDelta", contentBlockIndex=block, delta=fields, p="abcdef")


STREAM = b"".join(
    [
        event("messageStart", role="assistant"),
        delta(0, reasoningContent={"text": "who is [PERSON_7K2F9ABC]"}),
        delta(0, reasoningContent={"signature": "abc"}),
        event("contentBlockStop", contentBlockIndex=0),
        delta(1, text="您好 [PERSON_"),
        delta(1, text="7K2F9ABC] ["),
        event("contentBlockStop", contentBlockIndex=1),
        event("contentBlockStart", contentBlockIndex=2, start={"toolUse": {"toolUseId": "t", "name": "f"}}),
        delta(2, toolUse={"input": '{"to": "[PER'}),
        delta(2, toolUse={"input": 'SON_7K2F9ABC]"}'}),
        event("contentBlockStop", contentBlockIndex=2),
        event("messageStop", stopReason="tool_use"),
    ]
)


def test_a_restored_stream_is_what_the_client_reads_and_reasoning_stays_as_it_was_signed() -> None:
    adapter = choose(Asked("POST", f"/model/{MODEL}/converse-stream"))

    def read(pieces: Any) -> tuple[str, str, str]:
        restorer = StreamRestorer(adapter.shape, "application/vnd.amazon.eventstream", KNOWN.get)
        body = b"".join(map(restorer.feed, pieces)) + restorer.end()
        kind = {"content-type": "application/vnd.amazon.eventstream"}
        answer = client(lambda _: httpx.Response(200, headers=kind, content=body)).converse_stream(**ASK)
        deltas = [one["contentBlockDelta"]["delta"] for one in answer["stream"] if "contentBlockDelta" in one]
        thought = "".join(one["reasoningContent"].get("text", "") for one in deltas if "reasoningContent" in one)
        said = "".join(one.get("text", "") for one in deltas)
        return thought, said, "".join(one["toolUse"]["input"] for one in deltas if "toolUse" in one)

    want = ("who is [PERSON_7K2F9ABC]", '您好 张伟 "Ann" [', '{"to": "张伟 \\"Ann\\""}')
    assert read([STREAM]) == want
    assert read([STREAM[at : at + 5] for at in range(0, len(STREAM), 5)]) == want


def test_a_stream_without_placeholders_passes_to_the_last_byte() -> None:
    shape = choose(Asked("POST", f"/model/{MODEL}/converse-stream")).shape
    data = event("messageStart", role="assistant") + delta(0, text="您好") + event("messageStop", stopReason="end_turn")

    def passed(pieces: Any) -> bytes:
        restorer = StreamRestorer(shape, "application/vnd.amazon.eventstream", KNOWN.get)
        return b"".join(map(restorer.feed, pieces)) + restorer.end()

    feed_every_way(passed, data, data)


def test_a_whole_answer_is_restored_and_its_reasoning_is_not() -> None:
    shape = choose(Asked("POST", f"/model/{MODEL}/converse")).shape
    content = [
        {"reasoningContent": {"reasoningText": {"text": "[PERSON_7K2F9ABC]", "signature": "x"}}},
        {"text": "[PERSON_7K2F9ABC]"},
    ]
    body = json.dumps({"output": {"message": {"content": content}}}).encode()
    restored, count = restore_body(body, "application/json", shape, KNOWN.get)
    reasoning, text = json.loads(restored)["output"]["message"]["content"]
    assert (reasoning, text["text"], count) == (content[0], KNOWN["[PERSON_7K2F9ABC]"], 1)


@pytest.mark.parametrize("key", [True, False], ids=["API key", "signed"])
def test_a_request_that_the_client_signs_is_bound_and_one_with_a_key_is_not(
    key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not key:
        monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    seen: list[Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(asked_of(request, "bedrock").headers)
        return httpx.Response(200, json={})

    client(answer, key=key).converse(**ASK)
    assert is_bound(seen[0], "bedrock", head=False, body=True) is not key
