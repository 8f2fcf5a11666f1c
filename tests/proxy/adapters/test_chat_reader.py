"""The answers of real servers, read into events: whole, at every split and byte by byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.chat_reader import ChatReader
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from proxy.internal.failure import BROKE_OFF, BUSY, DOWN, GARBLED


def sse(*chunks: object, done: bool = True, ending: str = "\n") -> bytes:
    """Return chunks as a stream; a string stands for itself."""
    frames = [chunk if isinstance(chunk, str) else "data: " + json.dumps(chunk) for chunk in chunks]
    frames += ["data: [DONE]"] * done
    return "".join(frame + ending * 2 for frame in frames).encode()


def chunk(delta: object, reason: str | None = None, **more: object) -> dict[str, object]:
    return {"id": "c1", "model": "qwen", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}


def call(delta: dict[str, object], reason: str | None = None) -> dict[str, object]:
    return chunk({"tool_calls": [delta]}, reason)


USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
START = Started("c1", "qwen")

STREAMS: dict[str, tuple[bytes, list[Event]]] = {
    "vLLM: usage in a last chunk without choices": (
        sse(
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "你好"}),
            chunk({"content": ", Ann"}),
            chunk({}, "stop"),
            {"id": "c1", "choices": [], "usage": USAGE},
        ),
        [START, TextDelta("你好"), TextDelta(", Ann"), Finished("stop", 9, 4)],
    ),
    "Ollama: reason and usage beside the last text": (
        sse(chunk({"content": "hi"}, "stop", usage=USAGE)),
        [START, TextDelta("hi"), Finished("stop", 9, 4)],
    ),
    "SGLang: usage null on the way, reason length": (
        sse(chunk({"content": "嗯", "reasoning_content": None}, usage=None), chunk({"content": None}, "length")),
        [START, TextDelta("嗯"), Finished("length")],
    ),
    "llama.cpp: no [DONE], CRLF, comments": (
        sse(": keep-alive", chunk({"content": "ok"}), ":", chunk({}, "stop"), done=False, ending="\r\n"),
        [START, TextDelta("ok"), Finished("stop")],
    ),
    "[DONE] without a reason": (sse(chunk({"content": "ok"})), [START, TextDelta("ok"), Finished("stop")]),
    "vLLM: calls of tools that take nothing": (
        sse(
            call({"index": 0, "id": "a", "function": {"name": "now"}}),
            call({"index": 1, "id": "b", "function": {"name": "find", "arguments": '{"q":1}'}}),
            call({"index": 2, "id": "c", "function": {"name": "stop", "arguments": ""}}, "tool_calls"),
        ),
        [
            *(START, ToolStarted(0, "a", "now"), ToolStarted(1, "b", "find"), ToolDelta(1, '{"q":1}')),
            *(ToolStarted(2, "c", "stop"), ToolDelta(0, "{}"), ToolDelta(2, "{}"), Finished("tool_calls")),
        ],
    ),
    "no blank line at the end": (
        sse(chunk({"content": "a"}), chunk({}, "stop"), done=False).rstrip(),
        [START, TextDelta("a"), Finished("stop")],
    ),
    "reasoning under both names": (
        sse(chunk({"reasoning_content": "想", "reasoning": "想"}), chunk({"reasoning": "b"}), chunk({}, "stop")),
        [START, ReasoningDelta("想"), ReasoningDelta("b"), Finished("stop")],
    ),
    "a stop string, as vLLM tells it": (
        sse({"id": "c1", "model": "qwen", "choices": [{"delta": {}, "finish_reason": "stop", "stop_reason": "结束"}]}),
        [START, Finished("stop", stop_sequence="结束")],
    ),
    "a stop token is no stop string": (
        sse({"id": "c1", "model": "qwen", "choices": [{"delta": {}, "finish_reason": "stop", "matched_stop": 151645}]}),
        [START, Finished("stop")],
    ),
    "content in parts": (
        sse(chunk({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "stop")),
        [START, TextDelta("ab"), Finished("stop")],
    ),
    "a whole body where a stream was asked for": (
        b" \n" + json.dumps({"id": "c1", "model": "qwen", "choices": [{"message": {"content": "hi"}}]}).encode(),
        [START, TextDelta("hi"), Finished("stop")],
    ),
    "another choice is not this answer": (
        sse({"id": "c1", "choices": [{"index": 1, "delta": {"content": "no"}}]}, chunk({"content": "yes"}, "stop")),
        [START, TextDelta("yes"), Finished("stop")],
    ),
    "nothing after the end": (
        sse(chunk({"content": "a"}, "stop"), "data: [DONE]", chunk({"content": "late"})),
        [START, TextDelta("a"), Finished("stop")],
    ),
}

CALLS: dict[str, tuple[bytes, list[Event]]] = {
    "in pieces": (
        sse(
            call({"index": 0, "id": "k1", "type": "function", "function": {"name": "find", "arguments": ""}}),
            call({"index": 0, "function": {"arguments": '{"q": "客'}}),
            call({"index": 0, "function": {"arguments": '户"}'}}),
            chunk({}, "tool_calls"),
        ),
        [START, ToolStarted(0, "k1", "find"), ToolDelta(0, '{"q": "客'), ToolDelta(0, '户"}'), Finished("tool_calls")],
    ),
    "whole in one chunk, reason stop": (
        sse(call({"index": 0, "id": "k1", "function": {"name": "find", "arguments": "{}"}}, "stop")),
        [START, ToolStarted(0, "k1", "find"), ToolDelta(0, "{}"), Finished("tool_calls")],
    ),
    "arguments as an object": (
        sse(call({"index": 0, "id": "k1", "function": {"name": "find", "arguments": {"q": 1}}}, "stop")),
        [START, ToolStarted(0, "k1", "find"), ToolDelta(0, '{"q":1}'), Finished("tool_calls")],
    ),
    "two calls under one index": (
        sse(
            call({"index": 0, "id": "k1", "function": {"name": "a", "arguments": "{}"}}),
            call({"index": 0, "id": "k2", "function": {"name": "b", "arguments": "{}"}}, "tool_calls"),
        ),
        [
            START,
            *(ToolStarted(0, "k1", "a"), ToolDelta(0, "{}"), ToolStarted(1, "k2", "b"), ToolDelta(1, "{}")),
            Finished("tool_calls"),
        ],
    ),
    "no index and no id": (
        sse(
            chunk({"tool_calls": [{"function": {"name": n, "arguments": "{"}} for n in "ab"]}),
            call({"function": {"arguments": "}"}}, "tool_calls"),
        ),
        [
            START,
            *(ToolStarted(0, "", "a"), ToolDelta(0, "{"), ToolStarted(1, "", "b"), ToolDelta(1, "{")),
            *(ToolDelta(1, "}"), Finished("tool_calls")),
        ],
    ),
    "an id and a name repeated in each piece": (
        sse(*[call({"index": 0, "id": "k1", "function": {"name": "a", "arguments": x}}) for x in "{}"]),
        [START, ToolStarted(0, "k1", "a"), ToolDelta(0, "{"), ToolDelta(0, "}"), Finished("tool_calls")],
    ),
    "an id that changes without a name": (
        sse(
            call({"index": 0, "id": "k1", "function": {"name": "a", "arguments": "{"}}),
            call({"index": 0, "id": "k2", "function": {"arguments": "}"}}),
        ),
        [START, ToolStarted(0, "k1", "a"), ToolDelta(0, "{"), ToolDelta(0, "}"), Finished("tool_calls")],
    ),
    "arguments before the name": (
        sse(
            call({"index": 0, "id": "k1", "function": {"arguments": "{"}}),
            call({"index": 0, "function": {"name": "a", "arguments": "}"}}),
        ),
        [START, ToolStarted(0, "k1", "a"), ToolDelta(0, "{}"), Finished("tool_calls")],
    ),
    "mixed": (
        sse(
            call({"index": 0, "id": "k1", "function": {"name": "a", "arguments": "{"}}),
            call({"index": 1, "id": "k2", "function": {"name": "b", "arguments": "["}}),
            call({"index": 0, "function": {"arguments": "}"}}),
        ),
        [
            START,
            *(ToolStarted(0, "k1", "a"), ToolDelta(0, "{"), ToolStarted(1, "k2", "b"), ToolDelta(1, "[")),
            *(ToolDelta(0, "}"), Finished("tool_calls")),
        ],
    ),
}

FAILURES: dict[str, tuple[bytes, list[Event]]] = {
    "nothing at all": (b"", [Failed(BROKE_OFF)]),
    "only [DONE]": (sse(), [Failed(BROKE_OFF)]),
    "cut off before a reason": (
        sse(chunk({"content": "hal"}), done=False),
        [START, TextDelta("hal"), Failed(BROKE_OFF)],
    ),
    "cut off inside an event": (sse(chunk({"content": "hal"}))[:-30], [Failed(BROKE_OFF)]),
    "an error in the middle": (
        sse(chunk({"content": "a"}), {"error": {"message": "CUDA out of memory at http://gpu7:8000", "code": 500}}),
        [START, TextDelta("a"), Failed(DOWN)],
    ),
    "an error of vLLM's older kind": (
        sse({"object": "error", "message": "x", "code": 503}),
        [Failed(BUSY)],
    ),
    "an error by its event's name": (b'event: error\ndata: {"message": "boom"}\n\n', [Failed(DOWN)]),
    "an HTML page": (b"<html>502</html>", [Failed(BROKE_OFF)]),
    "not JSON": (b"data: {oops\n\n", [Failed(GARBLED)]),
    "not an object": (b"data: [1]\n\n", [Failed(GARBLED)]),
    "not UTF-8": (b'data: {"choices": "\xff"}\n\n', [Failed(GARBLED)]),
    "a whole body cut off": (b'{"choices": [{"mess', [Failed(GARBLED)]),
    "a whole body without an answer": (b'{"choices": []}', [Failed(GARBLED)]),
    "nested without end": (b"data: " + b"[" * 10_000 + b"\n\n", [Failed(GARBLED)]),
    "a call without a name": (
        sse(call({"index": 0, "id": "k1", "function": {"arguments": "{}"}}, "tool_calls")),
        [START, Failed(GARBLED)],
    ),
    "a call that is none": (
        sse(chunk({"tool_calls": ["x", {"id": "k1", "function": {"name": "a", "arguments": "{}"}}]})),
        [START, Failed(GARBLED)],
    ),
    "aborted by the server": (sse(chunk({"content": "a"}, "abort")), [START, TextDelta("a"), Failed(DOWN)]),
}

KEYS = (
    *("choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments"),
    *("index", "id", "finish_reason", "usage", "error", "code"),
)

ALL = {**STREAMS, **CALLS, **FAILURES}


def read(*pieces: bytes) -> list[Event]:
    reader = ChatReader()
    return [event for piece in pieces for event in reader.feed(piece)] + reader.end()


@pytest.mark.parametrize("name", ALL)
def test_an_answer_reads_the_same_whole_at_every_split_and_byte_by_byte(name):
    data, want = ALL[name]
    assert read(data) == want
    assert read(*(data[at : at + 1] for at in range(len(data)))) == want
    step = max(1, len(data) // 200)
    for at in range(1, len(data), step):
        assert read(data[:at], data[at:]) == want


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", "tool_calls"])
def test_a_whole_body_reads_like_a_stream(reason):
    message = {
        "content": "见 A",
        "reasoning": "r",
        "tool_calls": [{"id": "k", "function": {"name": "f", "arguments": "{}"}}],
    }
    body = {"id": "c1", "model": "qwen", "choices": [{"message": message, "finish_reason": reason}], "usage": USAGE}
    want = reason if reason != "stop" else "tool_calls"
    assert read(json.dumps(body).encode()) == [
        START,
        *(ReasoningDelta("r"), TextDelta("见 A"), ToolStarted(0, "k", "f"), ToolDelta(0, "{}"), Finished(want, 9, 4)),
    ]


def test_text_is_given_out_with_the_chunk_that_brings_it():
    reader = ChatReader()
    data = sse(chunk({"content": "a"}), done=False)
    assert reader.feed(data[:-1]) == []
    assert reader.feed(data[-1:]) == [START, TextDelta("a")]


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from([b"data: ", b"{", b"}", b"\n\n", b'"choices":[', b"1"])).map(b"".join)
)
def test_any_bytes_end_in_one_finish_or_failure(data):
    events = read(data)
    assert [type(event) in (Finished, Failed) for event in events].count(True) == 1
    assert type(events[-1]) in (Finished, Failed)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "stop", "a"]),
        lambda leaf: (
            st.lists(leaf, max_size=3)
            | st.dictionaries(
                st.sampled_from(KEYS),
                leaf,
                max_size=4,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json_ends_in_one_finish_or_failure(value):
    for data in (json.dumps(value).encode(), sse(value)):
        assert type(read(data)[-1]) in (Finished, Failed)
