"""Chat completions: what a chunk carries, when a channel closes, how the client library takes a refusal."""

import json

import httpx
import openai
import pytest

from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.openai_chat import ChatShape, OpenAIChat

SHAPE = ChatShape()


def chunk(finish=None, index=0, **delta) -> dict:
    return {"id": "c", "usage": {"x": 1}, "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def called(index: int, text: str) -> list[dict]:
    return [{"index": index, "function": {"arguments": text}}]


def test_a_chunk_names_its_pieces_and_where_they_stand():
    data = chunk(content="a", reasoning_content="b", tool_calls=called(3, "{"))
    found = {slot.channel: (slot.path, slot.text, slot.json) for slot in SHAPE.slots("", data)}
    delta = ("choices", 0, "delta")
    assert found == {
        "0/content": ((*delta, "content"), "a", False),
        "0/reasoning_content": ((*delta, "reasoning_content"), "b", False),
        "0/tool_calls/3/arguments": ((*delta, "tool_calls", 0, "function", "arguments"), "{", True),
    }


def test_content_in_parts_and_what_is_spoken_are_pieces_too():
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "a"}]}
    parts = [thinking, {"type": "text", "text": "b"}, {"type": "reference", "reference_ids": [1]}]
    data = chunk(content=parts, audio={"id": "x", "transcript": "c", "data": "UklG"})
    assert {slot.channel: slot.text for slot in SHAPE.slots("", data)} == {
        "0/thinking": "a",
        "0/content": "b",
        "0/audio": "c",
    }


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ({"type": "thinking", "thinking": "a", "signature": "s"}, True),
        ({"type": "redacted_thinking", "data": "x"}, True),
        ({"type": "reasoning.encrypted", "data": "x"}, True),
        ({"type": "reasoning.text", "text": "a", "signature": "s"}, True),
        ({"type": "thinking", "thinking": [{"type": "text", "text": "a"}]}, False),
        ({"type": "text", "text": "a"}, False),
        ({"type": ["thinking"]}, False),
        ({}, False),
    ],
    ids=str,
)
def test_only_reasoning_that_somebody_signed_passes_as_it_is(value, want: bool):
    assert SHAPE.opaque(value) is want


OPEN = ["0/content", "0/reasoning", "0/tool_calls/0/arguments", "1/content"]
CLOSED = {
    "more of the same": (chunk(content="a"), ["0/reasoning", "0/tool_calls/0/arguments"]),
    "an empty piece says nothing": (chunk(content=""), []),
    "a call begins": (chunk(tool_calls=called(1, "")), ["0/content", "0/reasoning", "0/tool_calls/0/arguments"]),
    "the choice finishes": (chunk("stop"), ["0/content", "0/reasoning", "0/tool_calls/0/arguments"]),
    "the other choice finishes": (chunk("length", 1), ["1/content"]),
    "only numbers": ({"choices": [], "usage": {}}, []),
    "no chunk at all": ([], []),
}


@pytest.mark.parametrize(("data", "want"), CLOSED.values(), ids=CLOSED.keys())
def test_a_channel_closes_when_another_goes_on_or_its_choice_finishes(data, want: list[str]):
    assert want == list(SHAPE.closes("", data, OPEN))


CHANNELS = [
    *("0/content", "2/refusal", "0/tool_calls/7/arguments", "0/tool_calls/7/input", "1/function_call"),
    *("0/audio", "0/thinking"),
]


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_carried_stands_on_its_channel(channel: str):
    event, data = SHAPE.carry(channel, "text", chunk(content="a"))
    assert event == ""
    assert [(slot.channel, slot.text) for slot in SHAPE.slots(event, data)] == [(channel, "text")]
    assert data["id"] == "c"
    assert "usage" not in data


@pytest.mark.parametrize(
    ("status", "want", "kind"),
    [
        (403, 403, "policy_violation"),
        (413, 413, "policy_violation"),
        (429, 403, "policy_violation"),
        (408, 403, "policy_violation"),
        (200, 403, "policy_violation"),
        (503, 503, "server_error"),
    ],
)
def test_the_client_library_shows_a_refusal_and_does_not_try_again(status: int, want: int, kind: str):
    answer = OpenAIChat().refuse(Refusal(status, "blocked_by_policy", "已拦截：客户资料", "SL-1"))
    calls = []

    def send(request):
        calls.append(request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    client = openai.OpenAI(api_key="x", http_client=httpx.Client(transport=httpx.MockTransport(send)), max_retries=3)
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    error = caught.value
    assert (error.status_code, error.code, error.type, error.request_id) == (want, "blocked_by_policy", kind, "SL-1")
    assert "已拦截：客户资料" in str(error)
    assert len(calls) == 1
    assert ("cache-control", "no-store") in answer.headers


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (Asked("POST", "/v1/chat/completions"), 403, "blocked_by_policy"),
        (Asked("POST", "/openai/v1/chat/completions", wire="openai"), 403, "blocked_by_policy"),
        (Asked("POST", "/openai/v1/chat/completions", wire="azure"), 400, "content_filter"),
        (Asked("POST", "/models/chat/completions", (("api-key", "x"),)), 400, "content_filter"),
        (Asked("POST", "/OpenAI/Deployments/x/chat/completions"), 400, "content_filter"),
    ],
    ids=["OpenAI", "Groq", "Azure", "Azure's key", "Azure's deployments"],
)
def test_azure_is_told_as_its_content_filter_tells_and_nobody_else(asked: Asked, status: int, code: str):
    answer = OpenAIChat().at(asked).refuse(Refusal(403, "blocked_by_policy", "已拦截：客户资料", "SL-1"))
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"], error["message"]) == (status, code, "已拦截：客户资料")
    assert ("x-should-retry", "false") in answer.headers
