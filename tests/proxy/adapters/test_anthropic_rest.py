"""What Anthropic's interface has besides messages, spoken by its own client library, refused in its own words."""

import json
from collections.abc import Callable
from typing import Any

import anthropic
import httpx
import httpx2
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Asked, Speaker
from proxy.answers.restore import StreamRestorer, restore_body
from tests.feed import feed_every_way
from tests.proxy.adapters.inside import Refusing, asked_of, newer

KNOWN = {"[PERSON_7K2F9ABC]": '张伟 "Ann"'}
ASK: dict[str, Any] = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "张伟"}]}


def client(handler: Callable[[httpx.Request], httpx.Response]) -> anthropic.Anthropic:
    http = anthropic.DefaultHttpxClient(transport=newer(handler))
    return anthropic.Anthropic(api_key="k", http_client=http)


CALLS: dict[str, tuple[Callable[[anthropic.Anthropic], Any], str]] = {
    "a batch": (
        lambda sdk: sdk.messages.batches.create(requests=[{"custom_id": "1", "params": ASK}]),
        "anthropic-batches",
    ),
    "the batches": (lambda sdk: sdk.messages.batches.list(), "anthropic-any"),
    "what became of one": (lambda sdk: sdk.messages.batches.retrieve("b"), "anthropic-any"),
    "a batch that is called off": (lambda sdk: sdk.messages.batches.cancel("b"), "anthropic-any"),
    "an old completion": (
        lambda sdk: sdk.post("/v1/complete", body={"model": "claude-2", "prompt": "张伟"}, cast_to=object),
        "anthropic-complete",
    ),
    "a file": (lambda sdk: sdk.beta.files.upload(file=("a.txt", b"Ann", "text/plain")), "anthropic-any"),
    "what is in one": (lambda sdk: sdk.beta.files.download("file_1"), "anthropic-content"),
    "a file that is deleted": (lambda sdk: sdk.beta.files.delete("file_1"), "anthropic-any"),
    "the models": (lambda sdk: sdk.models.list(), "anthropic-any"),
    "what nobody knows yet": (lambda sdk: sdk.post("/v1/dreams", body={"a": "张伟"}, cast_to=object), "anthropic-any"),
}


@pytest.mark.parametrize(("call", "want"), CALLS.values(), ids=CALLS.keys())
def test_every_call_of_the_sdk_is_refused_in_its_own_words_and_not_asked_again(call: Any, want: str) -> None:
    refusing, seen = Refusing("anthropic"), []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(choose(asked_of(request, "anthropic")))
        return refusing(request)

    with client(answer) as sdk, pytest.raises(anthropic.PermissionDeniedError, match="不可外发") as caught:
        call(sdk)
    assert ([adapter.id for adapter in seen], caught.value.type) == ([want], "permission_error")
    assert isinstance(caught.value.body, dict) and caught.value.body["type"] == "error"
    assert not any(isinstance(adapter, Speaker) for adapter in seen)


def chosen(method: str, path: str, wire: str = "anthropic") -> Adapter:
    return choose(Asked(method, path, (("content-type", "application/json"),), wire))


@pytest.mark.parametrize(
    ("method", "path", "wire", "want"),
    [
        ("POST", "/v1/messages/batches", "", "anthropic-batches"),
        ("POST", "/v1/messages", "anthropic", "anthropic-messages"),
        ("POST", "/v1/messages/count_tokens", "anthropic", "anthropic-messages"),
        ("POST", "/v1/complete", "", "fallback"),
        ("GET", "/v1/files/f/content", "", "file-content"),
        ("GET", "/v1/models", "", "fallback"),
        ("PUT", "/v1/memory_stores/m", "anthropic", "anthropic-any"),
        ("POST", "/v1/chat/completions", "anthropic", "openai-chat"),
    ],
)
def test_what_anybody_may_call_so_is_anthropics_on_its_own_hosts_only(
    method: str, path: str, wire: str, want: str
) -> None:
    assert chosen(method, path, wire).id == want


def result(text: str, number: int) -> dict[str, Any]:
    message = {
        "id": "m", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
        "content": [{"type": "text", "text": text}],
    }  # fmt: skip
    return {"custom_id": str(number), "result": {"type": "succeeded", "message": message}}


@pytest.mark.parametrize("kind", ["application/x-jsonl", "application/binary", "application/octet-stream"])
def test_results_are_restored_line_by_line_and_read_by_the_sdk(kind: str) -> None:
    shape = chosen("GET", "/v1/messages/batches/b/results").shape
    lines = b"".join(json.dumps(result("Dear [PERSON_7K2F9ABC]", number)).encode() + b"\n" for number in range(3))
    batch = {
        "id": "b", "type": "message_batch", "processing_status": "ended",
        "results_url": "/v1/messages/batches/b/results",
        "request_counts": dict.fromkeys(("canceled", "errored", "expired", "processing", "succeeded"), 0),
        "created_at": "2025-01-01T00:00:00Z", "expires_at": "2025-01-02T00:00:00Z",
    }  # fmt: skip

    def read(pieces: list[bytes]) -> list[str]:
        restorer = StreamRestorer(shape, kind, KNOWN.get)
        body = b"".join(map(restorer.feed, pieces)) + restorer.end()

        def answer(request: httpx2.Request) -> httpx2.Response:
            if not request.url.path.endswith("/results"):
                return httpx2.Response(200, json=batch)
            return httpx2.Response(200, headers={"content-type": kind}, content=body)

        http = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
        with anthropic.Anthropic(api_key="k", http_client=http) as sdk:
            return [one.result.message.content[0].text for one in sdk.messages.batches.results("b")]

    feed_every_way(read, lines, ['Dear 张伟 "Ann"'] * 3, step=len(lines) // 3)


def test_an_old_completion_that_came_whole_is_restored() -> None:
    body = b'{"type":"completion","completion":" [PERSON_7K2F9ABC]","stop_reason":"stop_sequence"}'
    restored, count = restore_body(body, "application/json", chosen("POST", "/v1/complete").shape, KNOWN.get)
    assert (json.loads(restored)["completion"], count) == (' 张伟 "Ann"', 1)
