"""What the writer sends, read by the vendor's own client library."""

import json

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.openai.completions_writer import CompletionsWriter
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.thorough import drawn

START = Started("chatcmpl-1", "qwen")
ASK = {"model": "gpt-test", "prompt": "hi"}


def writer(*, stream: bool) -> CompletionsWriter:
    return CompletionsWriter(stream=stream, model="gpt-test", answer_id="7f3a", now=1_790_000_000)


def written(events: list[Event], *, stream: bool) -> bytes:
    one = writer(stream=stream)
    return b"".join(one.write([event]) for event in events) + one.end()


def client(body: bytes, *, stream: bool) -> openai.OpenAI:
    """Return the SDK, connected to an answer."""
    headers = dict(writer(stream=stream).headers)
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, content=body))
    return openai.OpenAI(api_key="k", max_retries=0, http_client=openai.DefaultHttpxClient(transport=transport))


def as_streamed(events: list[Event]) -> list[object]:
    with client(written(events, stream=True), stream=True) as sdk:
        chunks = list(sdk.completions.create(**ASK, stream=True))
    text = "".join(chunk.choices[0].text for chunk in chunks)
    last = chunks[-1]
    assert {chunk.id for chunk in chunks} == {"cmpl-7f3a"}
    return [text, last.choices[0].finish_reason, last.model, last.usage.total_tokens]


def as_whole(events: list[Event]) -> list[object]:
    with client(written(events, stream=False), stream=False) as sdk:
        whole = sdk.completions.create(**ASK)
    assert (whole.id, whole.object, whole.created) == ("cmpl-7f3a", "text_completion", 1_790_000_000)
    return [whole.choices[0].text, whole.choices[0].finish_reason, whole.model, whole.usage.total_tokens]


ANSWERS: dict[str, tuple[list[Event], str]] = {
    "text": ([TextDelta("你好，"), TextDelta("Ann")], "你好，Ann"),
    "nothing": ([], ""),
    "reasoning and calls are left out": (
        [ReasoningDelta("hm"), TextDelta("a"), ToolStarted(0, "k", "f"), ToolDelta(0, "{}")],
        "a",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("read", [as_streamed, as_whole])
def test_the_sdk_reads_the_same_answer_streamed_and_whole(name, read):
    pieces, want = ANSWERS[name]
    assert read([START, *pieces, Finished("stop", 11, 5)]) == [want, "stop", "gpt-test", 16]


@pytest.mark.parametrize("read", [as_streamed, as_whole])
@pytest.mark.parametrize(
    ("reason", "want"),
    [("stop", "stop"), ("length", "length"), ("tool_calls", "stop"), ("content_filter", "content_filter")],
)
def test_each_reason_to_stop_has_its_counterpart(read, reason, want):
    assert read([START, TextDelta("a"), Finished(reason)])[1] == want


def test_each_piece_goes_out_with_the_event_that_brings_it():
    one = writer(stream=True)
    assert one.write([START]) == b""
    assert b'"text":"a"' in one.write([TextDelta("a")])
    assert one.write([ReasoningDelta("hm")]).startswith(b":"), "a comment keeps the line open"
    assert one.write([Finished("stop")]).endswith(b"data: [DONE]\n\n")
    assert one.write([TextDelta("late")]) + one.end() == b""


@pytest.mark.parametrize(
    "events", [[Failed("the model is down")], [START, TextDelta("a"), Failed("the model is down")]]
)
def test_a_failure_is_raised_by_the_sdk(events):
    with (
        client(written(events, stream=True), stream=True) as sdk,
        pytest.raises(openai.APIError, match="the model is down"),
    ):
        list(sdk.completions.create(**ASK, stream=True))
    assert json.loads(written(events, stream=False))["error"]["message"] == "the model is down"


def test_an_answer_that_nobody_ended_is_a_failure():
    assert b"broke off" in written([START, TextDelta("a")], stream=True)
    assert b"broke off" in written([START, TextDelta("a")], stream=False)


@settings(max_examples=drawn(40), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=6))
def test_every_text_arrives_whole(pieces):
    events = [START, *map(TextDelta, pieces), Finished("stop")]
    assert as_streamed(events)[0] == as_whole(events)[0] == "".join(pieces)
