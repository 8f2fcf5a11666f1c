"""What the writer sends, read by the vendor's own client library."""

import json

import anthropic
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.anthropic_writer import AnthropicWriter
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.thorough import drawn

START = Started("chatcmpl-1", "qwen")


def writer(*, stream: bool) -> AnthropicWriter:
    return AnthropicWriter(stream=stream, model="claude-test", message_id="msg_7f3a")


def written(events: list[Event], *, stream: bool, one_by_one: bool = False) -> bytes:
    one = writer(stream=stream)
    batches = [[event] for event in events] if one_by_one else [events]
    return b"".join(one.write(batch) for batch in batches) + one.end()


def client(body: bytes, *, stream: bool) -> anthropic.Anthropic:
    """Return the SDK, connected to an answer."""
    headers = dict(writer(stream=stream).headers)
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, content=body))
    return anthropic.Anthropic(
        api_key="k", max_retries=0, http_client=anthropic.DefaultHttpxClient(transport=transport)
    )


ASK = {"model": "claude-test", "max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]}


def as_streamed(events: list[Event]) -> anthropic.types.Message:
    with (
        client(written(events, stream=True, one_by_one=True), stream=True) as sdk,
        sdk.messages.stream(**ASK) as stream,
    ):
        return stream.get_final_message()


def as_whole(events: list[Event]) -> anthropic.types.Message:
    with client(written(events, stream=False), stream=False) as sdk:
        return sdk.messages.create(**ASK)


def names(data: bytes) -> list[str]:
    return [line.removeprefix("event: ") for line in data.decode().split("\n") if line.startswith("event: ")]


def summary(message: anthropic.types.Message) -> list[object]:
    return [block.text if block.type == "text" else (block.id, block.name, block.input) for block in message.content]


ANSWERS: dict[str, tuple[list[Event], list[object], str]] = {
    "text": ([TextDelta("你好，"), TextDelta("Ann")], ["你好，Ann"], "end_turn"),
    "nothing": ([], [], "end_turn"),
    "empty pieces": ([TextDelta(""), TextDelta("")], [], "end_turn"),
    "reasoning is left out": ([ReasoningDelta("hm"), TextDelta("a"), ReasoningDelta("b")], ["a"], "end_turn"),
    "white space before a call is no text": (
        [TextDelta("\n\n"), ToolStarted(0, "k1", "f"), ToolDelta(0, '{"q":"客户"}')],
        [("k1", "f", {"q": "客户"})],
        "tool_use",
    ),
    "white space before a call does not turn up after it": (
        [TextDelta("\n\n"), ToolStarted(0, "k1", "f"), ToolDelta(0, "{}"), TextDelta("a")],
        [("k1", "f", {}), "a"],
        "tool_use",
    ),
    "white space before text stays": ([TextDelta("\n"), TextDelta("a")], ["\na"], "end_turn"),
    "text, then two calls": (
        [
            *(TextDelta("look"), ToolStarted(0, "k1", "f"), ToolDelta(0, '{"a"'), ToolDelta(0, ":1}")),
            *(ToolStarted(1, "k2", "g"), ToolDelta(1, "{}")),
        ],
        ["look", ("k1", "f", {"a": 1}), ("k2", "g", {})],
        "tool_use",
    ),
    "mixed calls come out one after the other": (
        [
            *(ToolStarted(0, "k1", "f"), ToolDelta(0, '{"a"'), ToolStarted(1, "k2", "g"), ToolDelta(1, '{"b"')),
            *(ToolDelta(0, ":1}"), TextDelta("x"), ToolDelta(1, ":2}")),
        ],
        [("k1", "f", {"a": 1}), ("k2", "g", {"b": 2}), "x"],
        "tool_use",
    ),
    "a call without arguments or id": ([ToolStarted(0, "", "f")], [("toolu_7f3a_0", "f", {})], "tool_use"),
    "ids that the vendor would refuse": (
        [ToolStarted(0, "functions.f:0", "f"), ToolStarted(1, "functions.f:0", "f")],
        [("functions_f_0", "f", {}), ("toolu_7f3a_1", "f", {})],
        "tool_use",
    ),
}

REASONS = {"end_turn": "stop", "tool_use": "tool_calls"}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("read", [as_streamed, as_whole])
def test_the_sdk_reads_the_same_answer_streamed_and_whole(name, read):
    pieces, want, reason = ANSWERS[name]
    message = read([START, *pieces, Finished(REASONS[reason], 11, 5)])
    assert summary(message) == want
    assert (message.id, message.model, message.role) == ("msg_7f3a", "claude-test", "assistant")
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == (reason, 11, 5)


@pytest.mark.parametrize("read", [as_streamed, as_whole])
@pytest.mark.parametrize(
    ("finished", "reason", "sequence"),
    [
        (Finished("stop"), "end_turn", None),
        (Finished("length"), "max_tokens", None),
        (Finished("tool_calls"), "tool_use", None),
        (Finished("content_filter"), "refusal", None),
        (Finished("stop", stop_sequence="完"), "stop_sequence", "完"),
    ],
    ids=str,
)
def test_each_reason_to_stop_has_its_counterpart(read, finished, reason, sequence):
    message = read([START, TextDelta("a"), finished])
    assert (message.stop_reason, message.stop_sequence) == (reason, sequence)


def test_a_stream_keeps_the_order_that_the_protocol_asks_for():
    events = [START, TextDelta("a"), ToolStarted(0, "k", "f"), ToolDelta(0, "{}"), Finished("tool_calls")]
    assert names(written(events, stream=True)) == [
        "message_start",
        *("content_block_start", "content_block_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    ]


def test_each_piece_goes_out_with_the_event_that_brings_it():
    one = writer(stream=True)
    assert names(one.write([START])) == ["message_start"]
    assert names(one.write([TextDelta("a")])) == ["content_block_start", "content_block_delta"]
    assert names(one.write([TextDelta("b"), TextDelta("")])) == ["content_block_delta"]
    assert names(one.write([ToolStarted(0, "k", "f")])) == ["content_block_stop", "content_block_start"]


def test_a_model_that_thinks_keeps_the_line_open():
    one = writer(stream=True)
    one.write([START])
    assert names(one.write([ReasoningDelta("a"), ReasoningDelta("b")])) == ["ping"]


@pytest.mark.parametrize("before", [[], [START], [START, TextDelta("a")]], ids=["first", "started", "in the middle"])
@pytest.mark.parametrize("told", [True, False], ids=["failed", "never ended"])
def test_a_failed_stream_raises_in_the_sdk(before, told):
    body = written([*before, *[Failed("模型 down")] * told], stream=True)
    with (
        client(body, stream=True) as sdk,
        pytest.raises(anthropic.APIStatusError, match="模型 down" if told else "broke off") as caught,
        sdk.messages.stream(**ASK) as stream,
    ):
        stream.get_final_message()
    assert caught.value.body["error"]["type"] == "api_error"


def test_a_failed_whole_answer_is_an_error_object():
    assert json.loads(written([START, TextDelta("a"), Failed("no")], stream=False)) == {
        "type": "error",
        "error": {"type": "api_error", "message": "no"},
    }


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        ('{"q": "客', {"INVALID_JSON": '{"q": "客'}),
        ('{"q": 1} and more', {"INVALID_JSON": '{"q": 1} and more'}),
        ("[1]", {"INVALID_JSON": "[1]"}),
        ('{"a":1,"a":2}', {"INVALID_JSON": '{"a":1,"a":2}'}),
        ('{"a":' * 500 + "1" + "}" * 500, {"INVALID_JSON": '{"a":' * 500 + "1" + "}" * 500}),
        (" ", {}),
        ("null", {}),
    ],
    ids=["cut off", "prose after", "a list", "a key twice", "too deep", "blank", "null"],
)
def test_arguments_that_are_no_object_are_shown_to_the_tool_as_what_they_are(arguments, want):
    message = as_whole([START, ToolStarted(0, "k", "f"), ToolDelta(0, arguments), Finished("tool_calls")])
    assert summary(message) == [("k", "f", want)]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
OBJECTS = st.dictionaries(TEXTS, TEXTS | st.integers(-9, 9) | st.none(), max_size=2)


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[Event], list[str], list[object]]:
    """Return events with mixed-up calls, the runs of text between calls, and the calls' arguments."""
    inputs = draw(st.lists(OBJECTS, max_size=3))
    events: list[Event] = []
    runs = [""]
    left = {index: json.dumps(value, ensure_ascii=False) for index, value in enumerate(inputs)}
    begun = 0
    while begun < len(inputs) or any(left.values()) or draw(st.booleans()):
        if begun < len(inputs) and draw(st.booleans()):
            events.append(ToolStarted(begun, f"k{begun}", "f"))
            begun += 1
            runs.append("")
        elif rest := [index for index in range(begun) if left[index]]:
            index = draw(st.sampled_from(rest))
            size = draw(st.integers(1, len(left[index])))
            events.append(ToolDelta(index, left[index][:size]))
            left[index] = left[index][size:]
        else:
            events.append(TextDelta(text := draw(TEXTS)))
            runs[-1] += text
    return [START, *events, Finished("stop")], [run for run in runs if run.strip()], inputs


@settings(max_examples=drawn(60), deadline=None)
@given(answers())
def test_any_answer_reads_back_the_same(case):
    events, texts, inputs = case
    for message in (as_streamed(events), as_whole(events)):
        assert [block.text for block in message.content if block.type == "text"] == texts
        assert [block.input for block in message.content if block.type == "tool_use"] == inputs
