"""Anthropic Messages: what an event carries, what is signed, and what a refusal looks like to the client library."""

import json

import anthropic
import httpx2
import pytest

from proxy.adapters.anthropic_messages import AnthropicMessages, MessagesShape
from proxy.adapters.interface import Refusal

SHAPE = MessagesShape()


def delta(kind: str, index: int = 1, **text) -> dict:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **text}}


PIECES = {
    "text": (delta("text_delta", text="a"), [("1/text_delta", ("delta", "text"), "a", False)]),
    "arguments": (
        delta("input_json_delta", 2, partial_json="{"),
        [("2/input_json_delta", ("delta", "partial_json"), "{", True)],
    ),
    "thinking": (delta("thinking_delta", thinking="a"), []),
    "a signature": (delta("signature_delta", signature="a"), []),
    "a delta without text": (delta("text_delta"), []),
    "a delta of no kind": ({"type": "content_block_delta", "delta": {"text": "a"}}, []),
    "another event": ({"type": "message_start", "message": {"content": []}}, []),
    "no event": ([], []),
}


@pytest.mark.parametrize(("data", "want"), PIECES.values(), ids=PIECES.keys())
def test_an_event_names_its_piece_and_where_it_stands(data, want):
    assert want == [(slot.channel, slot.path, slot.text, slot.json) for slot in SHAPE.slots("", data)]


OPEN = ["1/text_delta", "2/input_json_delta", "12/text_delta"]
CLOSED = {
    "its block stops": ({"type": "content_block_stop", "index": 1}, ["1/text_delta"]),
    "another block stops": ({"type": "content_block_stop", "index": 7}, []),
    "the message stops": ({"type": "message_stop"}, OPEN),
    "the message has a reason to stop": ({"type": "message_delta", "delta": {}}, OPEN),
    "an error": ({"type": "error", "error": {}}, OPEN),
    "a ping": ({"type": "ping"}, []),
    "no event": (None, []),
}


@pytest.mark.parametrize(("data", "want"), CLOSED.values(), ids=CLOSED.keys())
def test_a_channel_closes_with_its_block(data, want: list[str]):
    assert want == list(SHAPE.closes("", data, OPEN))


@pytest.mark.parametrize("like", [delta("text_delta", 1, text="a"), delta("input_json_delta", 2, partial_json="{")])
def test_what_is_carried_stands_on_its_channel_and_has_a_name(like: dict):
    channel = SHAPE.slots("", like)[0].channel
    event, data = SHAPE.carry(channel, "text", like)
    assert event == data["type"] == "content_block_delta"
    assert [(slot.channel, slot.text) for slot in SHAPE.slots(event, data)] == [(channel, "text")]


REFUSED = {
    "forbidden": (403, 403, "permission_error", anthropic.PermissionDeniedError),
    "malformed": (400, 400, "invalid_request_error", anthropic.BadRequestError),
    "too large": (413, 413, "request_too_large", anthropic.RequestTooLargeError),
    "a status that would be tried again": (429, 403, "permission_error", anthropic.PermissionDeniedError),
    "out of order": (503, 503, "api_error", anthropic.InternalServerError),
}


@pytest.mark.parametrize(("status", "want", "kind", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_the_client_library_shows_a_refusal_and_does_not_try_again(status: int, want: int, kind: str, error):
    answer = AnthropicMessages().refuse(Refusal(status, "blocked_by_policy", "已拦截：客户资料", "SL-1"))
    calls = []

    def send(request):
        calls.append(request)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.body)

    transport = httpx2.MockTransport(send)
    client = anthropic.Anthropic(api_key="x", http_client=httpx2.Client(transport=transport), max_retries=3)
    with pytest.raises(error) as caught:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
    body = {"type": "error", "error": {"type": kind, "message": "已拦截：客户资料"}, "request_id": "SL-1"}
    assert caught.value.body == body
    assert (caught.value.status_code, caught.value.request_id, len(calls)) == (want, "SL-1", 1)


def test_a_tool_that_calls_its_input_thinking_is_read():
    block = {"type": "tool_use", "input": {"type": "thinking", "thinking": "s3cret"}}
    body = json.dumps({"messages": [{"role": "assistant", "content": [block]}]}).encode()
    assert "s3cret" in [part.text for part in AnthropicMessages().read(body, "").parts]
