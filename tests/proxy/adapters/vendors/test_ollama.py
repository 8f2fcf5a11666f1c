"""Ollama's own interface, spoken by its client library: to the company's model, and when it is refused."""

from typing import Any

import httpx
import ollama
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole

TURNS = [{"role": "user", "content": "查客户"}]
TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}


def client(handler: Any) -> ollama.Client:
    return ollama.Client("http://models.example:11434", transport=httpx.MockTransport(handler))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_streamed_answer_reaches_the_sdk(size: int) -> None:
    inside = Inside(
        chat_stream({"reasoning_content": "想"}, {"content": "你好，"}, {"content": "Ann"}, *CALL), size=size
    )
    read = list(client(inside).chat("m", TURNS, tools=[TOOL], stream=True, options={"num_predict": 9, "num_ctx": 4096}))
    assert "".join(one.message.content or "" for one in read) == "你好，Ann"
    (call,) = [call for one in read for call in one.message.tool_calls or []]
    assert (call.function.name, call.function.arguments) == ("find", {"q": "客户"})
    assert [one.done for one in read] == [False] * (len(read) - 1) + [True]
    assert (read[-1].prompt_eval_count, read[-1].eval_count, read[-1].done_reason) == (12, 7, "stop")
    assert (read[0].model, read[0].created_at) == ("m", "2025-10-09T08:53:20Z")
    asked = inside.asked
    assert (asked["messages"], asked["max_tokens"], asked["stream"]) == (TURNS, 9, True) and "num_ctx" not in asked
    assert asked["tools"][0]["function"]["name"] == "find"


def test_a_whole_answer_reaches_the_sdk() -> None:
    inside = Inside(chat_whole({"content": "好"}, "length"))
    answer = client(inside).chat("m", TURNS, format="json")
    assert (answer.message.content, answer.done, answer.done_reason) == ("好", True, "length")
    assert inside.asked["response_format"] == {"type": "json_object"} and "stream" not in inside.asked


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_prompt_is_answered_with_a_response(stream: bool) -> None:
    inside = Inside(chat_stream({"content": "你"}, {"content": "好"}) if stream else chat_whole({"content": "你好"}))
    answer = client(inside).generate("m", "hi", system="简短", stream=stream)
    assert "".join(one.response or "" for one in (answer if stream else [answer])) == "你好"
    assert inside.asked["messages"] == [{"role": "system", "content": "简短"}, {"role": "user", "content": "hi"}]


def test_a_request_that_says_nothing_of_streams_asks_for_one() -> None:
    adapter = choose(Asked("POST", "/api/chat", (("host", "localhost:11434"),)))
    said = {b"": True, b', "stream": true': True, b', "stream": false': False}
    for words, stream in said.items():
        assert adapter.read(b'{"model": "m"' + words + b"}", "").stream is stream


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_the_sdks_own_error_and_is_not_asked_again(stream: bool) -> None:
    refusing = Refusing()
    with pytest.raises(ollama.ResponseError, match="不可外发") as caught:
        list(client(refusing).chat("m", TURNS, stream=stream))
    assert (caught.value.status_code, refusing.count) == (403, 1)


def test_a_failed_stream_raises_in_the_sdk() -> None:
    with pytest.raises(ollama.ResponseError, match="broke off"):
        list(client(Inside(chat_stream({"content": "a"})[:-260])).chat("m", TURNS, stream=True))


@pytest.mark.parametrize(
    ("path", "headers", "wire", "want"),
    [
        ("/api/chat", (), "ollama", "ollama"),
        ("/api/generate", (("host", "10.0.0.5:11434"),), "", "ollama"),
        ("/api/embed", (("host", "10.0.0.5:11434"),), "", "ollama-embed"),
        ("/api/embeddings", (), "ollama", "ollama-embed"),
        ("/api/chat", (("host", "chat.example"),), "", "fallback"),
        ("/api/chat", (("host", "chat.example:8080"),), "openai", "fallback"),
        ("/v1/chat/completions", (), "ollama", "openai-chat"),
        ("/api/pull", (), "ollama", "fallback"),
    ],
)
def test_short_paths_are_ollamas_on_its_port_and_services_only(path: str, headers: Any, wire: str, want: str) -> None:
    adapter = choose(Asked("POST", path, headers, wire))
    assert adapter.id == want and isinstance(adapter, Speaker) == (want == "ollama")
