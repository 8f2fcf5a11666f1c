"""What the writer sends, read by the vendor's own client library."""

import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response
from pydantic import BaseModel

from proxy.adapters.openai.responses_writer import THINKING, ResponsesWriter
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.thorough import drawn

START = Started("chatcmpl-1", "qwen")
ASK = {"model": "gpt-test", "input": "hi"}


def writer(*, stream: bool) -> ResponsesWriter:
    return ResponsesWriter(stream=stream, model="gpt-test", answer_id="7f3a", now=1_790_000_000)


def written(events: list[Event], *, stream: bool) -> bytes:
    one = writer(stream=stream)
    return b"".join(one.write([event]) for event in events) + one.end()


def client(body: bytes, *, stream: bool) -> openai.OpenAI:
    """Return the SDK, connected to an answer."""
    headers = dict(writer(stream=stream).headers)
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, content=body))
    return openai.OpenAI(api_key="k", max_retries=0, http_client=openai.DefaultHttpxClient(transport=transport))


def as_streamed(events: list[Event]) -> Response:
    """Read every event as the library's accumulator does, which raises where they do not fit each other."""
    with client(written(events, stream=True), stream=True) as sdk, sdk.responses.stream(**ASK) as stream:
        last = list(stream)[-1]
        return last.response


def as_whole(events: list[Event]) -> Response:
    with client(written(events, stream=False), stream=False) as sdk:
        return sdk.responses.create(**ASK)


def told(events: list[Event]) -> list[dict[str, Any]]:
    """Return the events of a stream."""
    lines = written(events, stream=True).decode().split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def summary(response: Response) -> list[object]:
    made: list[object] = []
    for item in response.output:
        if item.type == "message":
            made.append("".join(part.text for part in item.content))
        elif item.type == "function_call":
            made.append((item.call_id, item.name, item.arguments, item.namespace))
        else:
            made.append((item.call_id, item.name, item.input))
    return made


PATCH = "*** Begin Patch\n+张伟\n"

ANSWERS: dict[str, tuple[list[Event], list[object]]] = {
    "text": ([TextDelta("你好，"), TextDelta("Ann")], ["你好，Ann"]),
    "nothing": ([], []),
    "empty pieces": ([TextDelta(""), TextDelta("")], []),
    "reasoning is left out": ([ReasoningDelta("hm"), TextDelta("a"), ReasoningDelta("b")], ["a"]),
    "text, then two calls": (
        [
            *(TextDelta("look"), ToolStarted(0, "k1", "f"), ToolDelta(0, '{"a"'), ToolDelta(0, ":1}")),
            *(ToolStarted(1, "k2", "g"), ToolDelta(1, "{}")),
        ],
        ["look", ("k1", "f", '{"a":1}', None), ("k2", "g", "{}", None)],
    ),
    "mixed calls come out one after the other": (
        [
            *(ToolStarted(0, "k1", "f"), ToolDelta(0, '{"a"'), ToolStarted(1, "k2", "g"), ToolDelta(1, '{"b"')),
            *(ToolDelta(0, ":1}"), TextDelta("x"), ToolDelta(1, ":2}")),
        ],
        [("k1", "f", '{"a":1}', None), ("k2", "g", '{"b":2}', None), "x"],
    ),
    "a call without arguments or id": ([ToolStarted(0, "", "f")], [("call_7f3a_0", "f", "", None)]),
    "calls with one id, and an id that is too long": (
        [ToolStarted(0, "k", "f"), ToolStarted(1, "k", "f"), ToolStarted(2, "k" * 65, "f")],
        [("k", "f", "", None), ("call_7f3a_1", "f", "", None), ("call_7f3a_2", "f", "", None)],
    ),
    "a tool that takes free text": (
        [ToolStarted(0, "k", "custom_tool--apply_patch"), ToolDelta(0, json.dumps({"input": PATCH}))],
        [("k", "apply_patch", PATCH)],
    ),
    "free text that the model did not put into JSON": (
        [ToolStarted(0, "k", "custom_tool--apply_patch"), ToolDelta(0, PATCH)],
        [("k", "apply_patch", PATCH)],
    ),
    "a tool of a namespace": (
        [ToolStarted(0, "k", "send--in--mail"), ToolDelta(0, "{}")],
        [("k", "send", "{}", "mail")],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("read", [as_streamed, as_whole])
def test_the_sdk_reads_the_same_answer_streamed_and_whole(name, read):
    pieces, want = ANSWERS[name]
    response = read([START, *pieces, Finished("stop", 11, 5)])
    assert summary(response) == want
    assert (response.id, response.model, response.status) == ("resp_7f3a", "gpt-test", "completed")
    assert response.created_at == 1_790_000_000
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (11, 5, 16)


@pytest.mark.parametrize("name", ANSWERS)
def test_pieces_and_what_ends_them_say_the_same(name):
    pieces, _ = ANSWERS[name]
    events = told([START, *pieces, Finished("stop")])
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    joined: dict[str, str] = {}
    for event in events:
        kind = event["type"]
        if kind.endswith(".delta"):
            joined[event["item_id"]] = joined.get(event["item_id"], "") + event["delta"]
        elif kind.endswith(("text.done", "arguments.done", "input.done")):
            whole = event.get("text", event.get("arguments", event.get("input")))
            assert whole == joined.get(event["item_id"], "")
    final = events[-1]["response"]["output"]
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == final


@pytest.mark.parametrize("read", [as_streamed, as_whole])
@pytest.mark.parametrize(
    ("reason", "status", "details"),
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
    ],
)
def test_each_reason_to_stop_has_its_counterpart(read, reason, status, details):
    response = read([START, TextDelta("a"), Finished(reason)])
    assert response.status == status
    assert (response.incomplete_details.reason if response.incomplete_details else None) == details
    assert response.output[0].status == status


def test_a_stream_keeps_the_order_that_the_protocol_asks_for():
    events = [START, TextDelta("a"), ToolStarted(0, "k", "f"), ToolDelta(0, "{}"), Finished("tool_calls")]
    assert [event["type"].removeprefix("response.") for event in told(events)] == [
        *("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"),
        *("output_text.done", "content_part.done", "output_item.done"),
        *("output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"),
        "completed",
    ]


def test_each_piece_goes_out_with_the_event_that_brings_it():
    one = writer(stream=True)
    one.write([START])
    assert b'"delta":"a"' in one.write([TextDelta("a")])
    assert b'"delta":"b"' in one.write([TextDelta("b")])
    assert b"output_text.done" in one.write([ToolStarted(0, "k", "f")])
    assert b'"delta":"{"' in one.write([ToolDelta(0, "{")])


def test_a_model_that_thinks_keeps_the_line_open():
    one = writer(stream=True)
    one.write([START])
    assert one.write([ReasoningDelta("hm")]) == THINKING
    assert THINKING.startswith(b":"), "a comment, which no client reads"


class Letter(BaseModel):
    """What the person asks for as JSON."""

    to: str
    pages: int


def test_json_in_the_answer_is_parsed_by_the_sdk():
    events = [START, TextDelta('{"to": "张伟",'), TextDelta(' "pages": 2}'), Finished("stop")]
    body = written(events, stream=True)
    with (
        client(body, stream=True) as sdk,
        sdk.responses.stream(**ASK, text_format=Letter) as stream,
    ):
        assert stream.get_final_response().output_parsed == Letter(to="张伟", pages=2)


BROKEN = {
    "before the first word": [Failed("the model is down")],
    "in the middle": [START, TextDelta("Dear"), Failed("the model is down")],
    "in a call": [START, ToolStarted(0, "k", "f"), ToolDelta(0, '{"a'), Failed("the model is down")],
}


@pytest.mark.parametrize("events", BROKEN.values(), ids=BROKEN.keys())
def test_a_failure_is_raised_by_the_sdk_and_told_to_those_that_wait_for_the_last_event(events):
    with (
        client(written(events, stream=True), stream=True) as sdk,
        pytest.raises(openai.APIError, match="the model is down"),
    ):
        list(sdk.responses.create(**ASK, stream=True))
    last = told(events)[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["error"] == {"code": "server_error", "message": "the model is down"}
    assert [item["status"] for item in last["response"]["output"]] in ([], ["incomplete"])


def test_an_answer_that_nobody_ended_is_a_failure():
    assert "broke off" in told([START, TextDelta("a")])[-1]["response"]["error"]["message"]
    assert "broke off" in json.loads(written([START, TextDelta("a")], stream=False))["error"]["message"]


def test_nothing_follows_the_end():
    one = writer(stream=True)
    one.write([START, Finished("stop")])
    assert one.write([TextDelta("late")]) + one.end() == b""


@settings(max_examples=drawn(60), deadline=None)
@given(
    st.lists(st.sampled_from(["t", "0", "1", "s0", "s1", "r"]), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
def test_any_order_of_pieces_is_one_that_the_sdk_accepts(steps, text):
    events: list[Event] = [START]
    begun: set[int] = set()
    for step in steps:
        if step == "t":
            events.append(TextDelta(text))
        elif step == "r":
            events.append(ReasoningDelta(text))
        elif step[0] == "s" and (number := int(step[1])) not in begun:
            begun.add(number)
            events.append(ToolStarted(number, f"k{number}", "f"))
        elif step.isdigit() and int(step) in begun:
            events.append(ToolDelta(int(step), text))
    events.append(Finished("stop"))
    assert summary(as_streamed(events)) == summary(as_whole(events))
