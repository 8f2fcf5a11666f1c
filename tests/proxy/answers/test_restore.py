"""Answers come back restored, whole or streamed, and are never lost."""

import json
import re

import anthropic
import httpx
import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.anthropic_messages import MessagesShape
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.openai.shapes import DeltaShape
from proxy.adapters.openai_chat import ChatShape
from proxy.adapters.shape import PathShape, TextAt
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.errors import StoreError
from proxy.framing.events import SseFramer
from tests.answers import call, chat, joined, named, sse
from tests.feed import feed_every_way
from tests.pages import events
from tests.thorough import drawn

NAME, NASTY, PHONE = "[PERSON_7K2F9ABC]", "[PROJECT_7K2F9ABC7K2F9ABC]", "[PHONE_NUMBER_0123ABCD]"
VALUES = {NAME: "张伟😀", NASTY: 'a"b\\c\n\t/é', PHONE: "13800138000"}
lookup = VALUES.get


def stream(data: bytes, shape, pieces=None, content_type="text/event-stream; charset=utf-8") -> bytes:
    restorer = StreamRestorer(shape, content_type, lookup)
    return b"".join(map(restorer.feed, pieces or [data])) + restorer.end()


ARGUMENTS = json.dumps({"to": NASTY, "cc": json.dumps([NAME]), "phone": PHONE})
RESTORED = json.dumps(
    {"to": VALUES[NASTY], "cc": json.dumps([VALUES[NAME]], ensure_ascii=False), "phone": VALUES[PHONE]},
    ensure_ascii=False,
)
CHATS = {
    "text": (
        sse(
            chat(
                {"role": "assistant", "content": ""},
                {"content": "Dear "},
                {"content": "[PERSON_7K"},
                {"content": "2F9ABC]"},
                {"content": "!"},
            )
        ),
        {"0/content": "Dear 张伟😀!"},
    ),
    "text that ends in a placeholder": (
        sse(chat({"content": NAME[:5]}, {"content": NAME[5:]})),
        {"0/content": "张伟😀"},
    ),
    "text that ends before one is complete": (sse(chat({"content": "see [PERSON_7"})), {"0/content": "see [PERSON_7"}),
    "no finish, no end": (sse(chat({"content": "see [PERSON_7"})[:1], b""), {"0/content": "see [PERSON_7"}),
    "no blank line at the end": (sse(chat({"content": "see [PER"})[:1], b"").rstrip(), {"0/content": "see [PER"}),
    "reasoning, then text": (
        sse(chat({"reasoning_content": f"问{NAME} ["}, {"content": "", "reasoning_content": None}, {"content": "好"})),
        {"0/reasoning_content": "问张伟😀 [", "0/content": "好"},
    ),
    "a refusal": (sse(chat({"refusal": "not "}, {"refusal": NAME})), {"0/refusal": "not 张伟😀"}),
    "tool arguments": (
        sse(chat(call("", id="c"), call('{"a": "[PROJ'), call(f'{NASTY[5:]}", "b": "['), call(']"}'))),
        {"0/tool_calls/0/arguments": '{"a": "a\\"b\\\\c\\n\\t/é", "b": "[]"}'},
    ),
    "two calls": (
        sse(chat(call('{"a":"[PERSON', id="c1"), call('{"b":"', 1, id="c2"), call(f'{NAME}"}}', 1))),
        {"0/tool_calls/0/arguments": '{"a":"[PERSON', "0/tool_calls/1/arguments": '{"b":"张伟😀"}'},
    ),
    "finish in the same chunk": (
        sse([{"choices": [{"index": 0, "delta": {"content": "ok ["}, "finish_reason": "stop"}]}]),
        {"0/content": "ok ["},
    ),
    "two choices": (
        sse(
            [{"choices": [{"index": at, "delta": {"content": half}}]} for half in (NAME[:9], NAME[9:]) for at in (0, 1)]
        ),
        {"0/content": "张伟😀", "1/content": "张伟😀"},
    ),
    "choices without index": (sse([{"choices": [{"delta": {"content": NAME}}]}]), {"0/content": "张伟😀"}),
    "the old way to call": (
        sse(
            chat(
                {"function_call": {"name": "f", "arguments": '{"a": "'}}, {"function_call": {"arguments": NASTY + '"}'}}
            )
        ),
        {"0/function_call": '{"a": "a\\"b\\\\c\\n\\t/é"}'},
    ),
    "shapes no server sends": (
        sse(
            [
                7,
                None,
                [],
                {"choices": 3},
                {"choices": [3, {"delta": 4}, {"delta": {"tool_calls": [5, {"function": 6}], "content": 7}}]},
            ]
        ),
        {},
    ),
}


@pytest.mark.parametrize(("data", "want"), CHATS.values(), ids=CHATS.keys())
def test_a_chat_stream_is_restored_however_it_is_cut(data: bytes, want: dict):
    others = {"": joined(data, ChatShape())[""]}
    feed_every_way(lambda pieces: joined(stream(data, ChatShape(), pieces), ChatShape()), data, want | others)


LAST = {
    "the reason to stop": (sse(chat({"content": "see [PER"}, finish="length")), 'data: {"id": "c-1"'),
    "the reason to stop, with text": (
        sse([{"choices": [{"index": 0, "delta": {"content": "see [PER"}, "finish_reason": "stop"}]}]),
        'data: {"choices": [{"index": 0, "delta": {"content": "see [PER"',
    ),
    "the end": (sse(chat({"content": "see [PER"})[:1]), 'data: {"id":"c-1"'),
}


@pytest.mark.parametrize(("data", "last"), LAST.values(), ids=LAST.keys())
def test_what_is_held_back_goes_out_before_the_event_that_closes_its_channel(data: bytes, last: str):
    *events, end, nothing = stream(data, ChatShape()).decode().split("\n\n")
    assert (end, nothing) == ("data: [DONE]", "")
    assert events[-1].startswith(last)
    assert events[-1].endswith(
        ('"finish_reason": "length"}]}', '"finish_reason": "stop"}]}', '"finish_reason":null}]}')
    )
    assert sum("PER" in event for event in events) == 1


BLOCKS = [
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": f"about {NAME}"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": NAME}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    *(
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": char}}
        for char in f"你好{NAME}"[:-4]
    ),
    {"type": "ping"},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": f"{NAME[-4:]} ["}},
    {"type": "content_block_stop", "index": 1},
    {
        "type": "content_block_start",
        "index": 2,
        "content_block": {"type": "tool_use", "id": "toolu_1", "name": "mail", "input": {}},
    },
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": ""}},
    *(
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": piece}}
        for piece in re.findall(".{1,7}", ARGUMENTS)
    ),
    {"type": "content_block_stop", "index": 2},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"output_tokens": 9},
    },
    {"type": "message_stop"},
]


def test_a_message_stream_is_restored_and_its_thinking_is_not():
    data, shape = named(BLOCKS), MessagesShape()
    want = {"": joined(data, shape)[""], "1/text_delta": "你好张伟😀 [", "2/input_json_delta": RESTORED}
    for pieces in (
        [data],
        [data[at : at + 1] for at in range(len(data))],
        [data[at : at + 97] for at in range(0, len(data), 97)],
    ):
        assert joined(stream(data, shape, pieces), shape) == want


def test_the_openai_library_reads_a_restored_stream():
    data = stream(
        sse(
            [
                *chat(
                    {"content": NAME[:7]},
                    {"content": NAME[7:]},
                    call("", id="call_1"),
                    *(call(char) for char in ARGUMENTS),
                )
            ]
        ),
        ChatShape(),
    )
    client = openai.OpenAI(api_key="x", http_client=answering(data))
    with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "hi"}]) as events:
        message = events.get_final_completion().choices[0].message
    assert message.content == "张伟😀"
    assert message.tool_calls[0].function.arguments == RESTORED


def test_the_anthropic_library_reads_a_restored_stream():
    client = anthropic.Anthropic(
        api_key="x", http_client=answering(stream(named(BLOCKS), MessagesShape()), library=httpx2)
    )
    with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}]) as events:
        thinking, text, tool = events.get_final_message().content
    assert (thinking.thinking, thinking.signature) == (f"about {NAME}", NAME)
    assert text.text == "你好张伟😀 ["
    assert tool.input == json.loads(RESTORED)


def answering(data: bytes, library=httpx):
    def answer(_):
        return library.Response(200, headers={"content-type": "text/event-stream"}, content=data)

    return library.Client(transport=library.MockTransport(answer))


def test_whole_texts_in_other_events_are_restored_and_the_rest_is_not_touched():
    data = (
        b": hello\n\nevent: response.output_text.done\r\nid: 7\r\ndata: "
        + json.dumps({"text": f"Dear {NAME}", "args": json.dumps({"a": NASTY}), "n": 1.50}).encode()
        + b'\r\n\r\ndata: { not json [PERSON_7K2F9ABC]\n\ndata: \xff\n\ndata:  {"n": 1.50}\n\n'
    )
    arguments = json.dumps({"a": VALUES[NASTY]}, ensure_ascii=False)
    event = json.dumps({"text": "Dear 张伟😀", "args": arguments, "n": 1.50}, ensure_ascii=False, separators=(",", ":"))
    want = data.replace(data[data.index(b"{") : data.index(b"\r\n\r\n")], event.encode())
    feed_every_way(lambda pieces: stream(data, AnyShape(), pieces), data, want)


def test_texts_that_one_event_repeats_do_not_take_each_other_back_at_the_end():
    shape = PathShape((TextAt("/think", whole=True), TextAt("/say", whole=True)), ends=({"/over": frozenset()},))
    said = ({"think": "Ask [PER", "say": f"{PHONE} ["}, {"think": f"Ask {NAME} [", "say": f"{PHONE} [x] {NAME}["})
    for end in ({"over": True}, {}):
        out = stream(b"".join(b"data: %b\n\n" % json.dumps(each).encode() for each in (*said, end)), shape)
        last = [data for _, data in events(out) if "say" in data][-1]
        assert last == {"think": "Ask 张伟😀 [", "say": "13800138000 [x] 张伟😀["}


def test_lines_of_json_are_restored_line_by_line():
    data = (
        json.dumps({"response": f"Dear {NAME}"}).encode() + b"\n" + json.dumps({"response": "x"}).encode() + b"\r\n{}"
    )
    want = '{"response":"Dear 张伟😀"}\n{"response": "x"}\r\n{}'.encode()
    feed_every_way(lambda pieces: stream(data, AnyShape(), pieces, "application/x-ndjson"), data, want)


def test_a_stream_without_frames_is_one_running_text():
    data, want = f"你好 {NAME} [".encode() + b"\xff", "你好 张伟😀 [".encode() + b"\xff"
    feed_every_way(lambda pieces: stream(data, AnyShape(), pieces, "text/plain"), data, want)


def test_a_frame_over_the_limit_passes_and_so_does_all_after_it():
    restorer = StreamRestorer(ChatShape(), "text/event-stream", lookup)
    restorer.framer = SseFramer(limit=500)
    first, huge = sse(chat({"content": f"{NAME} ["})[:1], b""), b"data: " + b"x" * 600
    out = restorer.feed(first + huge) + restorer.feed(NAME.encode()) + restorer.end()
    assert out.endswith(huge + NAME.encode())
    assert joined(out, ChatShape())["0/content"] == "张伟😀 ["
    assert restorer.restored == 1


def test_a_vault_out_of_reach_leaves_the_placeholder_and_the_answer():
    def broken(_):
        raise StoreError("down")

    assert restore_body(f'{{"a": "{NAME}"}}'.encode(), "application/json", AnyShape(), broken) == (
        f'{{"a": "{NAME}"}}'.encode(),
        0,
    )


def test_restored_placeholders_are_counted():
    restorer = StreamRestorer(ChatShape(), "text/event-stream", lookup)
    restorer.feed(sse(chat({"content": NAME + NAME}, {"content": "[PERSON_00000000]"}, x=f"{PHONE}")))
    assert restorer.restored == 3


THINKING = {"type": "thinking", "thinking": NAME, "signature": NAME}
BODIES = {
    "JSON": ("application/json", {"a": [f"x{NAME}", {"b": NASTY}]}, {"a": ["x张伟😀", {"b": VALUES[NASTY]}]}, 2),
    "a key": ("application/json", {NAME: 1, "n": 1}, {"张伟😀": 1, "n": 1}, 1),
    "JSON in a string": ("application/json", {"arguments": ARGUMENTS}, {"arguments": RESTORED}, 3),
    "signed thinking": (
        "application/json",
        {"content": [THINKING, {"text": NAME}]},
        {"content": [THINKING, {"text": "张伟😀"}]},
        1,
    ),
    "text": ("text/plain; charset=utf-8", f"Dear {NAME}", "Dear 张伟😀", 1),
    "broken JSON": ("application/json", f'{{"a": "{NASTY}", "a": ', '{"a": "a\\"b\\\\c\\n\\t/é", "a": ', 1),
    "HTML": ("text/html", f"<p>{NAME}</p>", f"<p>{NAME}</p>", 0),
    "nothing to restore": ("application/json", ' {"a":  1.50} ', ' {"a":  1.50} ', 0),
    "two keys that would become one": ("application/json", {NAME: NAME, "张伟😀": 2}, {NAME: "张伟😀", "张伟😀": 2}, 1),
    "a whole stream": ("text/event-stream", 'data: {"a": "' + NAME + '"}\n\n', 'data: {"a":"张伟😀"}\n\n', 1),
}


@pytest.mark.parametrize(("kind", "body", "want", "count"), BODIES.values(), ids=BODIES.keys())
def test_a_whole_answer_is_restored_or_comes_back_as_it_was(kind: str, body, want, count: int):
    sent = body if isinstance(body, str) else json.dumps(body)
    got, restored = restore_body(sent.encode(), kind, MessagesShape(), lookup)
    assert got.decode() == want if isinstance(want, str) else json.loads(got) == want
    assert restored == count


def test_bytes_that_are_no_text_come_back_as_they_were():
    assert restore_body(b"\x89PNG\xff[", "image/png", AnyShape(), lookup) == (b"\x89PNG\xff[", 0)


@settings(max_examples=drawn(60), deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]/(.@&<:"))
        | st.sampled_from(sorted(VALUES)),
        max_size=6,
    ),
    st.integers(1, 9),
    st.integers(1, 40),
    st.booleans(),
)
def test_redacting_then_restoring_a_simulated_stream_is_the_identity(pieces, token: int, chunk: int, tool: bool):
    redacted = "".join(pieces)
    original = "".join(VALUES.get(piece, piece) for piece in pieces)
    if tool:
        redacted, original = (json.dumps({"a": one}, ensure_ascii=False) for one in (redacted, original))
    tokens = [redacted[at : at + token] for at in range(0, len(redacted), token)]
    data = sse(chat(*(call(one) if tool else {"content": one} for one in tokens)))
    got = joined(stream(data, ChatShape(), [data[at : at + chunk] for at in range(0, len(data), chunk)]), ChatShape())
    assert got.get("0/tool_calls/0/arguments" if tool else "0/content", "") == original


@given(
    st.recursive(
        st.none() | st.integers(-1, 3) | st.sampled_from(["", "text_delta", "x[", NAME[:4]]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "choices",
                        "delta",
                        "index",
                        "content",
                        "tool_calls",
                        "function",
                        "arguments",
                        "type",
                        "text",
                        "finish_reason",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    ),
    st.sampled_from([ChatShape(), MessagesShape(), AnyShape()]),
)
def test_events_of_any_shape_are_never_lost(event, shape):
    for data in (
        event,
        {"choices": event},
        {"choices": [{"delta": event}]},
        {"type": "content_block_delta", "delta": event},
    ):
        out = stream(sse([data]), shape)
        assert out.count(b"\n\n") >= 2
        assert b"[DONE]" in out


def test_a_piece_of_arguments_that_is_held_back_whole_is_left_out_for_some_clients_take_an_empty_one_for_an_error():
    kind = "response.function_call_arguments"
    pieces = ['{"to":"', NAME[:6], NAME[6:], '"}']
    came = [{"type": f"{kind}.delta", "output_index": 0, "delta": one} for one in pieces]
    done = {"type": f"{kind}.done", "output_index": 0, "arguments": "".join(pieces)}
    frames = [(one["type"], json.dumps(one)) for one in (*came, done)]
    data = "".join(f"event: {name}\ndata: {text}\n\n" for name, text in frames).encode()
    told = [data for _, data in events(stream(data, DeltaShape()))]
    said = [one["delta"] for one in told if one["type"].endswith(".delta")]
    assert "".join(said) == '{"to":"张伟😀"}' and all(said)
    assert told[-1]["arguments"] == '{"to":"张伟😀"}'
