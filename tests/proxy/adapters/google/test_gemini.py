"""Gemini's interface, spoken by Google's own client library: to the company's model, and when it is refused."""

import json
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Speaker
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole

FIND = types.FunctionDeclaration(
    name="find",
    description="d",
    parameters=types.Schema(type="OBJECT", properties={"q": types.Schema(type="STRING", nullable=True)}),
)
TOOLS = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[FIND])], system_instruction="Be brief.")


def client(handler: Any) -> genai.Client:
    options = types.HttpOptions(httpx_client=httpx.Client(transport=httpx.MockTransport(handler)))
    return genai.Client(api_key="k", http_options=options)


def ask(handler: Any, **config: Any) -> types.GenerateContentResponse:
    return client(handler).models.generate_content(model="gemini-x", contents="查客户", **config)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_streamed_answer_reaches_the_sdk(size: int) -> None:
    inside = Inside(
        chat_stream({"reasoning_content": "想"}, {"content": "你好，"}, {"content": "Ann"}, *CALL), size=size
    )
    chunks = list(client(inside).models.generate_content_stream(model="gemini-x", contents="查客户", config=TOOLS))
    assert "".join(chunk.text or "" for chunk in chunks) == "你好，Ann"
    (call,) = chunks[-1].function_calls or []
    assert (call.id, call.name, call.args) == ("k1", "find", {"q": "客户"})
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert (chunks[-1].usage_metadata.prompt_token_count, chunks[-1].usage_metadata.total_token_count) == (12, 19)
    assert {chunk.model_version for chunk in chunks} == {"gemini-x"}
    assert inside.asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "查客户"},
    ]
    assert inside.asked["stream"] is True and inside.asked["stream_options"] == {"include_usage": True}
    parameters = inside.asked["tools"][0]["function"]["parameters"]
    assert parameters == {"type": "object", "properties": {"q": {"type": ["string", "null"]}}}


@pytest.mark.parametrize(
    ("reason", "want"),
    [("stop", "STOP"), ("length", "MAX_TOKENS"), ("content_filter", "SAFETY"), ("tool_calls", "STOP")],
)
def test_a_whole_answer_reaches_the_sdk(reason: str, want: str) -> None:
    inside = Inside(chat_whole({"content": "好"}, reason))
    answer = ask(inside)
    assert (answer.text, answer.candidates[0].finish_reason.name) == ("好", want)
    assert "stream" not in inside.asked


def test_a_conversation_with_calls_goes_back_and_forth() -> None:
    inside = Inside(chat_whole({"content": None, "tool_calls": [
        {"id": "k1", "type": "function", "function": {"name": "find", "arguments": '{"q": "客户"}'}},
        {"id": "k2", "type": "function", "function": {"name": "find", "arguments": "{}"}},
    ]}, "tool_calls"))  # fmt: skip
    first = ask(inside, config=TOOLS)
    calls = first.function_calls or []
    assert [(call.id, call.args) for call in calls] == [("k1", {"q": "客户"}), ("k2", {})]
    results = [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"found": number}))
        for number, call in enumerate(calls)
    ]
    history = [types.Content(role="user", parts=[types.Part(text="查")]), first.candidates[0].content]
    again = Inside(chat_whole({"content": "two"}))
    contents = [*history, types.Content(role="user", parts=results)]
    assert client(again).models.generate_content(model="gemini-x", contents=contents).text == "two"
    turn = again.asked["messages"][1]
    assert turn["content"] is None and [call["id"] for call in turn["tool_calls"]] == ["k1", "k2"]
    assert again.asked["messages"][2:] == [
        {"role": "tool", "tool_call_id": "k1", "content": '{"found":0}'},
        {"role": "tool", "tool_call_id": "k2", "content": '{"found":1}'},
    ]


def test_a_form_for_the_answer_crosses_over() -> None:
    inside = Inside(chat_whole({"content": "{}"}))
    schema = types.Schema(type="OBJECT", properties={"n": types.Schema(type="INTEGER", min_items=3)})
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=schema, stop_sequences=["完"], temperature=0.5,
        max_output_tokens=9, top_k=3,
    )  # fmt: skip
    ask(inside, config=config)
    form = inside.asked["response_format"]["json_schema"]["schema"]
    assert form == {"type": "object", "properties": {"n": {"type": "integer", "minItems": 3}}}
    rest = {key: inside.asked[key] for key in ("stop", "temperature", "max_tokens")}
    assert rest == {"stop": ["完"], "temperature": 0.5, "max_tokens": 9} and "top_k" not in inside.asked


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_the_sdks_own_error_and_is_not_asked_again(stream: bool) -> None:
    refusing = Refusing()
    with pytest.raises(errors.ClientError, match="不可外发") as caught:
        if stream:
            list(client(refusing).models.generate_content_stream(model="gemini-x", contents="hi"))
        else:
            ask(refusing)
    assert (caught.value.code, caught.value.status, refusing.count) == (403, "PERMISSION_DENIED", 1)
    assert caught.value.details["error"]["details"][0]["reason"] == "BLOCKED_BY_POLICY"


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [(400, 400, "INVALID_ARGUMENT"), (413, 413, "INVALID_ARGUMENT"), (429, 403, "PERMISSION_DENIED"),
     (500, 400, "FAILED_PRECONDITION"), (503, 400, "FAILED_PRECONDITION")],
)  # fmt: skip
def test_no_refusal_has_a_status_that_is_asked_again(status: int, code: int, word: str) -> None:
    with pytest.raises(errors.ClientError) as caught:
        ask(Refusing(status=status))
    assert (caught.value.code, caught.value.status) == (code, word)


def test_a_failed_stream_raises_in_the_sdk() -> None:
    inside = Inside(chat_stream({"content": "a"})[:-260])
    with pytest.raises(errors.ServerError, match="broke off"):
        list(client(inside).models.generate_content_stream(model="gemini-x", contents="hi"))


def bound(path: str) -> Any:
    return choose(Asked("POST", path, (("content-type", "application/json"),)))


@pytest.mark.parametrize(
    ("path", "id", "model", "stream"),
    [
        ("/v1beta/models/gemini-x:generateContent?key=1", "gemini", "gemini-x", False),
        ("/v1/models/gemini-x:streamGenerateContent?alt=sse", "gemini", "gemini-x", True),
        ("/v1/projects/p/locations/l/endpoints/7:generateContent", "gemini", "7", False),
        ("/gateway/v1beta/models/a%2Fb:generateContent", "gemini", "b", False),
        ("/v1beta/models/gemini-x:countTokens", "gemini-calls", "gemini-x", False),
        ("/v1/projects/p/locations/l/publishers/google/models/imagen:predict", "gemini-calls", "imagen", False),
        ("/v1beta1/projects/p/locations/l/cachedContents", "gemini-calls", "", False),
        ("/v1internal:streamGenerateContent", "gemini-code-assist", "", True),
        ("/v1internal:onboardUser", "gemini-code-assist-calls", "", False),
    ],
)
def test_the_path_says_model_and_verb(path: str, id: str, model: str, stream: bool) -> None:
    adapter = bound(path)
    prompt = adapter.read(b"{}", "application/json")
    assert (adapter.id, prompt.model, prompt.stream) == (id, model, stream)
    assert isinstance(adapter, Speaker) == (not id.endswith("calls"))


def test_a_refusal_stands_in_an_array_where_the_answer_would() -> None:
    refusal = Refusal(403, "blocked_by_policy", "no", "SL-1")
    shapes = {
        query: type(json.loads(bound(f"/v1beta/models/g:streamGenerateContent{query}").refuse(refusal).body))
        for query in ("", "?alt=sse", "?alt=json", "?%24alt=sse")
    }
    assert shapes == {"": list, "?alt=sse": dict, "?alt=json": list, "?%24alt=sse": dict}


def test_other_calls_of_the_sdk_are_read() -> None:
    seen: list[tuple[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        adapter = bound(request.url.raw_path.decode())
        prompt = adapter.read(request.content, "application/json")
        seen.append((adapter.id, [part.text for part in prompt.parts]))
        return httpx.Response(200, json={"totalTokens": 3, "embeddings": [{"values": [0.5]}]})

    models = client(answer).models
    assert models.count_tokens(model="gemini-x", contents="张伟").total_tokens == 3
    assert models.embed_content(model="text-embedding-004", contents="Ann").embeddings[0].values == [0.5]
    assert seen == [("gemini-calls", ["张伟"]), ("gemini-calls", ["Ann"])]
