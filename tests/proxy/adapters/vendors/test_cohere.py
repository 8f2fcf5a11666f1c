"""Cohere's interface, spoken by Cohere's own client library: to the company's model, and when it is refused."""

from typing import Any

import cohere
import httpx
import pytest
from cohere.core.api_error import ApiError

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole

TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}
ASK: dict[str, Any] = {"model": "command-x", "messages": [{"role": "user", "content": "查客户"}]}


def client(handler: Any) -> cohere.ClientV2:
    return cohere.ClientV2("k", httpx_client=httpx.Client(transport=httpx.MockTransport(handler)))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_streamed_answer_reaches_the_sdk(size: int) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), "cohere", size)
    events = list(client(inside).chat_stream(**ASK, tools=[TOOL], documents=["张伟住在上海"]))
    assert [event.type for event in events] == [
        *("message-start", "content-start", "content-delta", "content-delta", "content-end"),
        *("tool-call-start", "tool-call-delta", "tool-call-end", "message-end"),
    ]
    said = [event.delta.message.content.text for event in events if event.type == "content-delta"]
    assert "".join(said) == "你好，Ann"
    started, piece = (event.delta.message.tool_calls for event in events[5:7])
    assert (started.id, started.function.name, piece.function.arguments) == ("k1", "find", '{"q": "客户"}')
    end = events[-1].delta
    assert (end.finish_reason, end.usage.tokens.input_tokens, end.usage.tokens.output_tokens) == ("TOOL_CALL", 12, 7)
    assert inside.asked["messages"] == [
        {"role": "system", "content": "张伟住在上海"},
        {"role": "user", "content": "查客户"},
    ]
    assert inside.asked["tools"] == [TOOL] and inside.asked["stream"] is True


@pytest.mark.parametrize(
    ("reason", "want"), [("stop", "COMPLETE"), ("length", "MAX_TOKENS"), ("content_filter", "ERROR")]
)
def test_a_whole_answer_reaches_the_sdk(reason: str, want: str) -> None:
    inside = Inside(chat_whole({"content": "好"}, reason), "cohere")
    answer = client(inside).chat(**ASK, p=0.5, k=3, stop_sequences=["完"], response_format={"type": "json_object"})
    assert (answer.message.content[0].text, answer.finish_reason, answer.message.tool_calls) == ("好", want, None)
    assert (inside.asked["top_p"], inside.asked["stop"]) == (0.5, ["完"]) and "k" not in inside.asked
    assert inside.asked["response_format"] == {"type": "json_object"}


def test_calls_and_their_results_go_back_and_forth() -> None:
    calls = [{"id": "k1", "type": "function", "function": {"name": "find", "arguments": "{}"}}]
    first = client(Inside(chat_whole({"content": None, "tool_calls": calls}, "tool_calls"), "cohere")).chat(**ASK)
    assert [call.id for call in first.message.tool_calls] == ["k1"]
    turns = [
        *ASK["messages"],
        first.message,
        {"role": "tool", "tool_call_id": "k1", "content": [{"type": "document", "document": {"data": {"n": "张伟"}}}]},
    ]
    again = Inside(chat_whole({"content": "ok"}), "cohere")
    client(again).chat(model="command-x", messages=turns)
    assert again.asked["messages"][1:] == [
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "k1", "content": '{"n":"张伟"}'},
    ]


@pytest.mark.parametrize("status", [403, 400, 429, 503])
def test_a_refusal_is_the_sdks_own_error_and_is_not_asked_again(status: int) -> None:
    refusing = Refusing("cohere", status)
    with pytest.raises(ApiError, match="不可外发") as caught:
        client(refusing).chat(**ASK)
    assert (caught.value.status_code, refusing.count) == ({429: 403, 503: 424}.get(status, status), 1)
    assert caught.value.body["id"] == "SL-1"


def test_a_failed_stream_says_so_at_its_end() -> None:
    inside = Inside(chat_stream({"content": "a"})[:-260], "cohere")
    end = list(client(inside).chat_stream(**ASK))[-1]
    assert (end.type, end.delta.finish_reason) == ("message-end", "ERROR") and "broke off" in end.delta.error


def test_embeddings_and_reranking_are_read_and_not_carried_inside() -> None:
    seen: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        adapter = choose(Asked("POST", request.url.raw_path.decode(), (), "cohere"))
        assert adapter.id == "cohere-calls" and not isinstance(adapter, Speaker)
        seen.append([part.text for part in adapter.read(request.content, "").parts])
        embeddings = {
            "id": "1",
            "response_type": "embeddings_by_type",
            "embeddings": {"float": [[0.5]]},
            "texts": ["x"],
        }
        results = {"id": "1", "results": [{"index": 0, "relevance_score": 0.5}]}
        return httpx.Response(200, json=results if "rerank" in str(request.url) else embeddings)

    sdk = client(answer)
    sdk.embed(model="embed-v4.0", input_type="search_query", embedding_types=["float"], texts=["张伟"])
    sdk.rerank(model="rerank-v3.5", query="who", documents=["Ann Lee"])
    assert [sorted(texts) for texts in seen] == [["张伟"], ["Ann Lee", "who"]]


def test_the_paths_are_coheres_on_its_own_services_only() -> None:
    assert [choose(Asked("POST", path, (), "cohere")).id for path in ("/v2/chat", "/v1/chat", "/v1/tokenize")] == [
        *("cohere-chat", "cohere-v1", "cohere-calls")
    ]
    assert choose(Asked("POST", "/v2/chat", (), "openai")).id == "fallback"
    assert choose(Asked("POST", "/compatibility/v1/chat/completions", (), "cohere")).id == "openai-chat"


ASK_V1: dict[str, Any] = {"model": "command-r", "message": "查客户", "preamble": "简短。"}
TOOL_V1: dict[str, Any] = {
    "name": "find",
    "description": "d",
    "parameter_definitions": {"q": {"type": "str", "description": "who", "required": True}, "n": {"type": "List[int]"}},
}


def older(handler: Any) -> cohere.Client:
    return cohere.Client("k", httpx_client=httpx.Client(transport=httpx.MockTransport(handler)))


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_streamed_answer_of_version_1_reaches_the_sdk(size: int) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), "cohere", size)
    told = [cohere.Tool(**TOOL_V1)]
    history = [{"role": "USER", "message": "hi"}, {"role": "CHATBOT", "message": "hello"}]
    events = list(older(inside).chat_stream(**ASK_V1, tools=told, chat_history=history, documents=[{"text": "上海"}]))
    assert [event.event_type for event in events] == [
        *("stream-start", "text-generation", "text-generation", "tool-calls-generation", "stream-end")
    ]
    assert "".join(event.text for event in events if event.event_type == "text-generation") == "你好，Ann"
    (call,) = events[3].tool_calls
    assert (call.name, call.parameters) == ("find", {"q": "客户"})
    end = events[-1]
    assert (end.finish_reason, end.response.text, end.response.meta.tokens.input_tokens) == (
        "COMPLETE",
        "你好，Ann",
        12,
    )
    system, user, bot, newest = inside.asked["messages"]
    assert (system["role"], "上海" in system["content"], "简短。" in system["content"]) == ("system", True, True)
    assert [user["content"], bot["content"], newest["content"]] == ["hi", "hello", "查客户"]
    (offered,) = inside.asked["tools"]
    assert offered["function"]["parameters"] == {
        "type": "object",
        "properties": {"q": {"type": "string", "description": "who"}, "n": {"type": "array"}},
        "required": ["q"],
    }


@pytest.mark.parametrize(
    ("reason", "want"), [("stop", "COMPLETE"), ("length", "MAX_TOKENS"), ("content_filter", "ERROR_TOXIC")]
)
def test_a_whole_answer_of_version_1_reaches_the_sdk(reason: str, want: str) -> None:
    inside = Inside(chat_whole({"content": "好"}, reason), "cohere")
    answer = older(inside).chat(**ASK_V1, p=0.5, k=3, response_format={"type": "json_object"})
    assert (answer.text, answer.finish_reason, answer.tool_calls) == ("好", want, None)
    assert inside.asked["top_p"] == 0.5 and inside.asked["response_format"] == {"type": "json_object"}


def test_a_failed_stream_of_version_1_says_so_at_its_end() -> None:
    end = list(older(Inside(chat_stream({"content": "a"})[:-260], "cohere")).chat_stream(**ASK_V1))[-1]
    assert (end.event_type, end.finish_reason, end.response.text) == ("stream-end", "ERROR", "a")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_generation_reaches_the_sdk(stream: bool) -> None:
    inside = Inside(
        chat_stream({"content": "你"}, {"content": "好"}) if stream else chat_whole({"content": "你好"}), "cohere"
    )
    asked = {"model": "command", "prompt": "Dear", "max_tokens": 9, "end_sequences": ["完"]}
    if stream:
        events = list(older(inside).generate_stream(**asked))
        assert "".join(event.text for event in events if event.event_type == "text-generation") == "你好"
        assert events[-1].response.generations[0].text == "你好"
    else:
        assert older(inside).generate(**asked).generations[0].text == "你好"
    assert inside.asked["messages"] == [{"role": "user", "content": "Dear"}] and inside.asked["stop"] == ["完"]


def test_a_refusal_of_version_1_is_the_sdks_own_error() -> None:
    with pytest.raises(ApiError, match="不可外发") as caught:
        list(older(Refusing("cohere")).chat_stream(**ASK_V1))
    assert caught.value.status_code == 403
