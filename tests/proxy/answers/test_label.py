"""The label comes last in what a person reads, and nowhere else."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.adapters.openai_chat import OpenAIChat
from proxy.answers.label import StreamLabeller, can_be_labelled, label_whole, speaks_prose, wants_prose
from proxy.framing.events import SseFramer
from proxy.internal.ways import ways_to
from tests.answers import call, chat, joined, named, sse
from tests.feed import feed_every_way
from tests.proxy.house import MODEL

CHAT, MESSAGES = OpenAIChat().shape, AnthropicMessages().shape
WORDS = "本内容由AI生成 / AI-generated"
LABELLED = "\n\n" + WORDS


def text_block(index: int, *pieces: str) -> list[dict]:
    start = {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
    deltas = [
        {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces
    ]
    return [start, *deltas, {"type": "content_block_stop", "index": index}]


def tool_block(index: int) -> list[dict]:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    delta = {"type": "input_json_delta", "partial_json": '{"a":1}'}
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        {"type": "content_block_delta", "index": index, "delta": delta},
        {"type": "content_block_stop", "index": index},
    ]


def message(*events: dict, reason: str = "end_turn") -> list[dict]:
    return [
        {"type": "message_start", "message": {"id": "m", "content": []}},
        *events,
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]


def run(shape, pieces) -> bytes:
    labeller = StreamLabeller(shape, WORDS, SseFramer())
    return b"".join(labeller.feed(piece) for piece in pieces) + labeller.end()


STREAMS = {
    "chat": (CHAT, sse(chat({"role": "assistant", "content": ""}, {"content": "你"}, {"content": "好"})),
             {"0/content": "你好" + LABELLED}),
    "chat that ran out": (CHAT, sse(chat({"content": "a"}, finish="length")), {"0/content": "a" + LABELLED}),
    "text and end in one chunk": (
        CHAT, sse([{"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]}]),
        {"0/content": "a" + LABELLED}),
    "two choices": (CHAT, sse([*chat({"content": "a"}), {"choices": [{"index": 1, "delta": {"content": "b"}}]},
                               {"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]}]),
                    {"0/content": "a" + LABELLED, "1/content": "b" + LABELLED}),
    "tool call": (CHAT, sse(chat(call('{"a":1}', id="c"), finish="tool_calls")),
                  {"0/tool_calls/0/arguments": '{"a":1}'}),
    "words, then a tool call": (CHAT, sse(chat({"content": "a"}, call("{}", id="c"), finish="tool_calls")),
                                {"0/content": "a", "0/tool_calls/0/arguments": "{}"}),
    "a tool call that says stop": (CHAT, sse(chat({"content": "a"}, call("{}", id="c"), finish="stop")),
                                   {"0/content": "a", "0/tool_calls/0/arguments": "{}"}),
    "filtered": (CHAT, sse(chat({"content": "a"}, finish="content_filter")), {"0/content": "a"}),
    "nothing said": (CHAT, sse(chat({"role": "assistant"})), {}),
    "cut short": (CHAT, sse(chat({"content": "a"})[:1], end=b""), {"0/content": "a"}),
    "message": (MESSAGES, named(message(*text_block(0, "你", "好"))), {"0/text_delta": "你好" + LABELLED}),
    "message with a ping": (MESSAGES, named(message(*text_block(0, "a"), {"type": "ping"})),
                            {"0/text_delta": "a" + LABELLED}),
    "two blocks": (MESSAGES, named(message(*text_block(0, "a"), *text_block(1, "b"))),
                   {"0/text_delta": "a", "1/text_delta": "b" + LABELLED}),
    "words, then a tool": (MESSAGES, named(message(*text_block(0, "a"), *tool_block(1), reason="tool_use")),
                           {"0/text_delta": "a", "1/input_json_delta": '{"a":1}'}),
    "a tool, and the end": (MESSAGES, named(message(*text_block(0, "a"), *tool_block(1))),
                            {"0/text_delta": "a", "1/input_json_delta": '{"a":1}'}),
    "strange chunks": (CHAT, sse([{"choices": 1}, {"choices": [{"finish_reason": ["stop"]}, 2]}, {}]), {}),
    "strange events": (MESSAGES, named([*text_block(0, "a"), {"type": "message_delta", "delta": {"stop_reason": []}}]),
                       {"0/text_delta": "a"}),
    "refused message": (MESSAGES, named(message(*text_block(0, "a"), reason="refusal")), {"0/text_delta": "a"}),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_labelled_at_the_end_of_its_words_however_it_is_cut(name: str) -> None:
    shape, data, want = STREAMS[name]

    def said(pieces) -> dict[str, str]:
        texts = joined(run(shape, pieces), shape)
        return {channel: text for channel, text in texts.items() if channel and text}

    feed_every_way(said, data, want)


@pytest.mark.parametrize("name", STREAMS)
def test_without_its_label_a_stream_is_the_same_to_the_last_byte(name: str) -> None:
    shape, data, want = STREAMS[name]
    got = run(shape, [data])
    if not any(text.endswith(LABELLED) for text in want.values()):
        assert got == data
    else:
        assert len(got) > len(data)


def test_the_label_is_in_the_block_before_its_end() -> None:
    got = run(MESSAGES, [STREAMS["message"][1]])
    kinds = [json.loads(line[6:])["type"] for line in got.split(b"\n") if line.startswith(b"data: ")]
    assert kinds == [
        *("message_start", "content_block_start", "content_block_delta", "content_block_delta"),
        *("content_block_delta", "content_block_stop", "message_delta", "message_stop"),
    ]


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_what_is_no_answer_passes_byte_for_byte(pieces) -> None:
    assert run(CHAT, pieces) == b"".join(pieces)


def whole_chat(content, reason="stop", **more) -> bytes:
    message = {"role": "assistant", "content": content, **more}
    return orjson.dumps({"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": reason}]})


def whole_message(*blocks, reason="end_turn") -> bytes:
    return orjson.dumps({"type": "message", "content": list(blocks), "stop_reason": reason})


TEXT, TOOL = {"type": "text", "text": "好"}, {"type": "tool_use", "id": "t", "name": "f", "input": {}}

WHOLE = {
    "chat": (CHAT, whole_chat("好"), "好" + LABELLED),
    "chat with a tool call": (CHAT, whole_chat("好", tool_calls=[{"id": "c"}]), None),
    "chat that goes on with tools": (CHAT, whole_chat("好", reason="tool_calls"), None),
    "chat without words": (CHAT, whole_chat(None), None),
    "message": (MESSAGES, whole_message(TEXT), "好" + LABELLED),
    "message with tools": (MESSAGES, whole_message(TEXT, TOOL, reason="tool_use"), None),
    "message that ends in a tool": (MESSAGES, whole_message(TEXT, TOOL), None),
    "error": (CHAT, b'{"error":{"message":"no"}}', None),
    "an error of the other": (MESSAGES, b'{"type":"error","error":{"message":"no"}}', None),
    "no JSON": (CHAT, b"<html>", None),
    "another JSON": (MESSAGES, b"[1]", None),
    "a strange end": (CHAT, whole_chat("好", reason=["stop"]), None),
    "a strange end of the other": (MESSAGES, whole_message(TEXT, reason={}), None),
    "strange choices": (CHAT, b'{"choices":[1,{"message":2},null]}', None),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_is_labelled_where_it_ends_in_words(name: str) -> None:
    shape, body, want = WHOLE[name]
    got, labelled = label_whole(body, shape, WORDS)
    assert labelled == (want is not None)
    if want is None:
        assert got == body
    else:
        assert orjson.dumps(want)[1:-1] in got


PROSE = {
    "chat": ("openai-chat", {"messages": []}, True),
    "chat, text asked for": ("openai-chat", {"response_format": {"type": "text"}}, True),
    "chat, JSON": ("openai-chat", {"response_format": {"type": "json_object"}}, False),
    "chat, schema": ("openai-chat", {"response_format": {"type": "json_schema", "json_schema": {}}}, False),
    "message": ("anthropic-messages", {"messages": []}, True),
    "message, schema": ("anthropic-messages", {"output_config": {"format": {"type": "json_schema"}}}, False),
    "message, schema, older": ("anthropic-messages", {"output_format": {"type": "json_schema"}}, False),
    "unknown format": ("fallback", {"messages": []}, False),
    "no object": ("openai-chat", [], False),
}


@pytest.mark.parametrize("name", PROSE)
def test_an_answer_that_a_program_reads_is_never_labelled(name: str) -> None:
    adapter, request, want = PROSE[name]
    assert wants_prose(adapter, request) is want


WANTED = {
    "text": ({}, True),
    "JSON": ({"generationConfig": {"responseMimeType": "application/json"}}, False),
}


@pytest.mark.parametrize(("more", "prose"), WANTED.values(), ids=WANTED.keys())
def test_an_answer_of_the_companys_model_can_be_added_to_in_another_format_where_a_person_reads_it(more, prose):
    asked = Asked("POST", "/v1beta/models/gemini-2.5-flash:generateContent", (("content-type", "application/json"),))
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}], **more}).encode()
    assert speaks_prose(ways_to(MODEL, (), "gemini-2.5-flash", choose(asked), body)[0]) is prose


@pytest.mark.parametrize(
    ("wire", "can"),
    [
        *((wire, True) for wire in ("openai", "anthropic", "gemini-web", "ms-copilot", "character-ai", "bedrock")),
        *((wire, False) for wire in ("poe", "cursor", "")),
    ],
)
def test_it_is_known_of_each_wire_format_whether_its_answers_can_carry_words(wire: str, can: bool) -> None:
    assert can_be_labelled(wire) is can
