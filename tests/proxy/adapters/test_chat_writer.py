"""What the writer sends, read by OpenAI's own client library."""

import json

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.chat_reader import ChatReader
from proxy.adapters.chat_writer import ChatWriter
from proxy.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted

START = Started("", "")
ASK = {"model": "gpt-5", "messages": [{"role": "user", "content": "hi"}]}


def writer(*, stream: bool, include_usage: bool = False) -> ChatWriter:
    return ChatWriter(
        stream=stream, model="gpt-5", completion_id="chatcmpl-7f3a", created=1_760_000_000, include_usage=include_usage
    )


def written(events: list[Event], *, stream: bool, include_usage: bool = False) -> bytes:
    one = writer(stream=stream, include_usage=include_usage)
    return b"".join(one.write([event]) for event in events) + one.end()


def client(body: bytes, *, stream: bool) -> openai.OpenAI:
    """Return the SDK, connected to an answer."""
    headers = dict(writer(stream=stream).headers)
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, content=body))
    return openai.OpenAI(api_key="k", max_retries=0, http_client=openai.DefaultHttpxClient(transport=transport))


def as_streamed(events: list[Event]) -> openai.types.chat.ChatCompletion:
    body = written(events, stream=True, include_usage=True)
    with client(body, stream=True) as sdk, sdk.chat.completions.stream(**ASK) as stream:
        return stream.get_final_completion()


def as_whole(events: list[Event]) -> openai.types.chat.ChatCompletion:
    with client(written(events, stream=False), stream=False) as sdk:
        return sdk.chat.completions.create(**ASK)


@pytest.mark.parametrize("read", [as_streamed, as_whole])
@pytest.mark.parametrize("text", ["", "您的请求已被拒绝", "Your request was stopped"])
def test_the_sdk_reads_the_text(read, text):
    answer = read([START, TextDelta(text[:2]), ReasoningDelta(""), TextDelta(text[2:]), Finished("stop", 11, 5)])
    assert (answer.choices[0].message.content or "") == text
    assert (answer.id, answer.model, answer.created) == ("chatcmpl-7f3a", "gpt-5", 1_760_000_000)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (11, 5, 16)


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", "tool_calls"])
def test_the_sdk_reads_why_it_ended(reason):
    events = [START, TextDelta("a"), Finished(reason)]
    assert as_whole(events).choices[0].finish_reason == reason
    with client(written(events, stream=True), stream=True) as sdk:
        chunks = list(sdk.chat.completions.create(**ASK, stream=True))
    assert chunks[-1].choices[0].finish_reason == reason


@pytest.mark.parametrize("read", [as_streamed, as_whole])
def test_the_sdk_reads_the_calls(read):
    answer = read(
        [
            *(
                START,
                ToolStarted(0, "k1", "f"),
                ToolDelta(0, '{"q":'),
                ToolStarted(1, "", "g"),
                ToolDelta(0, '"客户"}'),
            ),
            *(ToolDelta(1, "{}"), Finished("tool_calls")),
        ]
    )
    calls = [(call.id, call.function.name, call.function.arguments) for call in answer.choices[0].message.tool_calls]
    assert calls == [("k1", "f", '{"q":"客户"}'), ("call_7f3a_1", "g", "{}")]


@pytest.mark.parametrize("include", [True, False])
def test_usage_is_streamed_only_where_the_client_asked_for_it(include):
    body = written([START, TextDelta("a"), Finished("stop", 1, 2)], stream=True, include_usage=include)
    assert (b'"usage"' in body) is include
    assert body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("told", [True, False], ids=["failed", "never ended"])
def test_a_failed_stream_raises_in_the_sdk(told):
    body = written([START, TextDelta("a"), *[Failed("模型 down")] * told], stream=True)
    with client(body, stream=True) as sdk, pytest.raises(openai.APIError, match="模型 down" if told else "broke off"):
        list(sdk.chat.completions.create(**ASK, stream=True))
    assert b"[DONE]" not in body


def test_a_failed_whole_answer_is_an_error_object():
    error = json.loads(written([START, TextDelta("a"), Failed("no")], stream=False))["error"]
    assert (error["message"], error["code"]) == ("no", "internal_model_unavailable")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
PIECES = st.lists(
    st.builds(TextDelta, TEXTS) | st.builds(ReasoningDelta, TEXTS) | st.builds(ToolDelta, st.integers(0, 1), TEXTS),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_the_reader_reads_back_what_the_writer_writes(pieces):
    calls: list[Event] = [ToolStarted(0, "k0", "f"), ToolStarted(1, "k1", "g")]
    events = [START, *calls, *pieces, Finished("tool_calls", 3, 4)]
    streamed, whole = ChatReader(), ChatReader()
    assert streamed.feed(written(events, stream=True, include_usage=True)) == [
        Started("chatcmpl-7f3a", "gpt-5"),
        *events[1:],
    ]
    whole.feed(written(events, stream=False))
    assert joined(whole.end()) == joined(events)


def joined(events: list[Event]) -> dict[str, str]:
    """Return the text of each kind and call."""
    texts: dict[str, str] = {}
    for event in events:
        match event:
            case TextDelta(text) | ReasoningDelta(text):
                key, piece = type(event).__name__, text
            case ToolDelta(index, json):
                key, piece = f"call {index}", json
            case _:
                continue
        texts[key] = texts.get(key, "") + piece
    return texts
