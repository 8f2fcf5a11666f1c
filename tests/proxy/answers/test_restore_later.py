"""An event in which no placeholder may begin goes on unread: that changes no byte of any answer."""

import json
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.adapters.anthropic_messages import MessagesShape
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.openai_chat import ChatShape
from proxy.adapters.shape import PathShape, TextAt
from proxy.answers import restore
from proxy.answers.restore import MAY_BEGIN, StreamRestorer
from tests.answers import call, chat, sse

NAME, PROJECT = "[PERSON_7K2F9ABC]", "[PROJECT_7K2F9ABC7K2F9ABC]"
VALUES = {NAME: "张伟😀", PROJECT: 'a"b\\c\n\t/é'}
PIECES = st.sampled_from(
    [
        *(NAME, PROJECT, NAME[:6], NAME[6:], "[", "]", "\\", "\\[", "［", "【PERSON_7K2F9ABC】", "\n", '"', "```", "$"),
        *("[1]", "[true]", "[a", "[ ", "[]", "[[", '["', "](", "https://", "www.", "x@", ".com", ".", "<a ", " ", "好"),
        *("person\\_7K2F9ABC", "[person\\_7k2f9abc\\]", "{", "}", ",", ":", "text "),
    ]
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)
WHOLE = PathShape((TextAt("/text", whole=True),), ends=({"/done": frozenset()},))
MIXED = PathShape((TextAt("/text", whole=True, channel="t"), TextAt("/more", channel="t")))
SHAPES = {"chat": ChatShape(), "messages": MessagesShape(), "any": AnyShape(), "whole": WHOLE}


def through(shape, chunks: list[bytes]) -> tuple[bytes, int]:
    restorer = StreamRestorer(shape, "text/event-stream", VALUES.get)
    return b"".join(map(restorer.feed, chunks)) + restorer.end(), restorer.restored


def expect_the_same(shape, data: bytes, cut: int) -> None:
    chunks = [data[at : at + cut] for at in range(0, len(data), cut)]
    later = through(shape, chunks)
    with patch.object(restore, "MAY_BEGIN", restore.re.compile("")), patch.object(restore, "DONE", "no end"):
        at_once = through(shape, chunks)
    assert later == at_once


def of_messages(texts: list[str]) -> bytes:
    start = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in texts
    ]
    return sse([start, *deltas, {"type": "content_block_stop", "index": 0}, {"type": "message_stop"}])


@given(st.sampled_from(list(SHAPES)), st.lists(TEXTS, max_size=8), st.booleans(), st.booleans(), st.integers(1, 200))
@example("chat", ["see [", "1] ", NAME], False, False, 50)
@example("chat", ["https://x/", " ", "y", NAME], False, False, 50)
@example("chat", ["https://x/", "y", NAME], False, False, 50)
@example("messages", ["see <a ", "x ", NAME], False, False, 50)
@example("any", ["www", ".", "x/", NAME], False, False, 50)
@example("whole", ["a", NAME, "b"], False, False, 50)
@example("whole", ["https:", "//x/", NAME], False, False, 50)
def test_what_is_read_later_is_restored_as_if_it_had_been_read_at_once(kind, texts, escaped, ended, cut):
    if kind == "messages":
        data = of_messages(texts)
    elif kind == "chat":
        data = sse(chat(*({"content": text} for text in texts), call(json.dumps({"to": texts}))))
    else:
        said = ["".join(texts[: at + 1]) for at in range(len(texts))]
        data = sse([*({"text": text, "tags": [text], "n": [1, True]} for text in said), {"done": ended, "text": ""}])
    if escaped:  # as a server writes it that escapes all it may
        data = data.decode().translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "［【】］好"}).encode()
    expect_the_same(SHAPES[kind], data, cut)


@pytest.mark.parametrize(
    "events",
    [
        [{"text": "a"}, {"more": " https://x/"}, {"text": "ab"}, {"more": NAME}],
        [{"more": " https://x/"}, {"text": "a"}, {"more": "b"}, {"more": NAME}],
        [{"more": "https:"}, {"more": "//x/", "text": "c"}, {"text": f"c{NAME}"}],
        [{"text": "https:"}, {"text": "https://x/"}, {"more": "y"}, {"text": f"https://x/{NAME}"}, {"more": NAME}],
    ],
)
def test_a_text_that_is_told_in_both_ways_is_read_later_in_the_order_in_which_it_was_told(events):
    expect_the_same(MIXED, sse(events), 50)


@pytest.mark.parametrize(
    "said",
    [
        *(
            '{"a":"["}',
            '{"a":["["]}',
            '{"a":"x [","b":1}',
            '{"a":"[P"}',
            '{"a":"［"}',
            '{"a":"\\u005bP"}',
            '{"a":"\\\\"}',
        ),
        *(
            '{"a":"[\\u0050"}',
            '{"a":"[true_"}',
            '{"a":"\\uFF3bP"}',
            '{"a":"【"}',
            '{"a":"[\\n"}',
            '{"a":"[" , "b":2}',
            '" ["',
        ),
    ],
)
def test_a_sign_that_may_begin_a_placeholder_is_seen(said: str):
    assert MAY_BEGIN.search(said)


@pytest.mark.parametrize(
    "said",
    [
        '{"choices":[{"index":0,"delta":{"content":"words, and [1] and [ ] and []"},"finish_reason":null}]}',
        '{"choices": [ {"index": 0, "delta": {"content": "words"}} ], "usage": null}',
        '{"a":["x","y"],"b":[[1,-2],[true,false,null]],"c":[],"d":[ "z" ]}',
    ],
)
def test_arrays_alone_are_not(said: str):
    json.loads(said)
    assert MAY_BEGIN.search(said) is None


def test_what_is_kept_for_later_is_bounded():
    restorer = StreamRestorer(ChatShape(), "text/event-stream", VALUES.get)
    event = sse(chat({"content": "x" * 50_000})[:1], b"")
    for _ in range(40):
        assert restorer.feed(event) == event
        assert restorer.unread_size <= restore.UNREAD
    assert restorer.channels, "what was kept has been read"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ('{"choices":[{"delta":{"content":"PERSON_7K2"},"logprobs":-Infinity}]}', "see [PERSON_7K2 end"),
        ('{"choices":[{"delta":{"content":"\\ud83d"}}]}', "see [\ud83d end"),
        ("ping", "see [ end"),
    ],
)
def test_an_event_that_cannot_be_read_changes_places_with_no_text(event: str, said: str):
    before, after = (sse(chat({"content": text})[:1], b"") for text in ("see [", " end"))
    out, _ = through(ChatShape(), [before, f"data: {event}\n\n".encode(), after])
    texts = [json.loads(line[6:]) for line in out.decode().splitlines() if line.startswith("data: {")]
    assert "".join(one["choices"][0]["delta"]["content"] for one in texts) == said
