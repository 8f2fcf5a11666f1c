"""Every format whose end is told gets the policy's words there, as its own clients read it, and only there."""

import itertools

import orjson
import pytest

from proxy.adapters.choose import ADAPTERS
from proxy.adapters.interface import Asked, Refusal, Speaker, Talk
from proxy.answers.label import CAN, label_body, labeller_for, reads_prose, wants_prose
from proxy.answers.label_ends import ENDINGS, INTERFACES, PAGES
from proxy.framing.message import MESSAGES, unpack
from proxy.internal.answer import Finished, Started, TextDelta, ToolDelta, ToolStarted
from tests import pages
from tests.feed import feed_every_way

ADAPTER = {entry.adapter.id: entry.adapter for entry in ADAPTERS}
WORDS = "本内容由AI生成 / AI-generated"
LABEL = "\n\n" + WORDS
SAID = [TextDelta("你好，"), TextDelta("here it is.")]
CALL = [ToolStarted(0, "call_1", "f"), ToolDelta(0, '{"a":1}')]
SOCKETS = ("ms-copilot", "m365-copilot", "character-ai")


def answer(name: str, events=SAID, reason="stop", stream=True) -> tuple[bytes, str]:
    """Return what the company's model's answer looks like in a format, which is what its clients read, and its type."""
    adapter = ADAPTER[name]
    if not isinstance(adapter, Speaker):
        told = adapter.refuse(Refusal(403, "c", "你好，here it is.", "SL-1"))
        if name in INTERFACES:
            return told.body, "text/event-stream"
        return told.body, dict(told.headers)["content-type"]
    if name == "dashscope":  # its answers have one form or the other, as the request says
        adapter = adapter.at(Asked("POST", "/"))
        adapter.read(b'{"input":{"messages":[]},"parameters":{"result_format":"message"}}', "application/json")
    if name in PAGES and name not in SOCKETS:
        adapter = adapter.within(Talk("conversation-1"))
    writer = adapter.writer(stream=stream, model="m", answer_id="a1b2c3d4", now=1_700_000_000)
    body = writer.write([Started("i", "m"), *events, Finished(reason)]) + writer.end()
    return body, dict(writer.headers)["content-type"] if name not in SOCKETS else MESSAGES


def labelled(name: str, kind: str, pieces) -> bytes:
    labeller = labeller_for(name, ADAPTER[name].shape, kind, WORDS)
    return b"".join(labeller.feed(piece) for piece in pieces) + labeller.end()


def shown(name: str, body: bytes) -> pages.Shown:
    return pages.PAGES[name](body)


@pytest.mark.parametrize("name", sorted(pages.PAGES.keys() & CAN))
def test_a_page_shows_the_words_below_the_answer_however_it_is_cut(name: str) -> None:
    body, kind = answer(name)
    assert shown(name, body) == pages.Shown("你好，here it is.", finished=True)
    want = pages.Shown("你好，here it is." + LABEL, finished=True)
    feed_every_way(lambda cut: shown(name, labelled(name, kind, cut)), body, want)


def test_every_page_that_can_be_labelled_is_read_here() -> None:
    assert {*pages.PAGES, *SOCKETS} == {*PAGES, "claude-web"}


def copilot(body: bytes) -> str:
    text, done = "", []
    for event in map(orjson.loads, unpack(body)):
        assert not done, "what comes after the end of a part is not shown"
        text += event["text"] if event["event"] == "appendText" else ""
        done += [event] if event["event"] == "done" else []
    return text


def hub(body: bytes) -> str:
    text, whole = "", None
    for record in map(orjson.loads, b"".join(unpack(body)).split(b"\x1e")[:-1]):
        for argument in record.get("arguments", ()):
            text += argument.get("writeAtCursor", "")
        whole = record["item"]["messages"][-1]["text"] if record["type"] == 2 else whole
    assert whole == text, "at the end the page shows the whole answer again"
    return text


def character(body: bytes) -> str:
    text, final = "", False
    for turn in (orjson.loads(each)["turn"] for each in unpack(body)):
        assert not final and not turn["author"].get("is_human"), "nothing comes after the end"
        text, final = turn["candidates"][0]["raw_content"], turn["candidates"][0].get("is_final", False)
    assert final
    return text


@pytest.mark.parametrize(
    ("name", "read"), [("ms-copilot", copilot), ("m365-copilot", hub), ("character-ai", character)]
)
def test_a_page_on_a_websocket_shows_the_words_below_the_answer(name: str, read) -> None:
    body, kind = answer(name)
    assert read(body) == "你好，here it is."
    feed_every_way(lambda cut: read(labelled(name, kind, cut)), body, "你好，here it is." + LABEL)


def test_the_words_are_in_the_part_of_copilots_answer_that_is_the_last() -> None:
    def say(**event) -> bytes:
        return orjson.dumps(event) + b"\xff"

    parts = [say(event="appendText", partId=one, text=one) + say(event="partCompleted", partId=one) for one in "ab"]
    extra = say(event="suggestedFollowups", suggestions=["?"])
    got = labelled("ms-copilot", MESSAGES, [*parts, extra, say(event="done")])
    told = [orjson.loads(each) for each in unpack(got)]
    assert [(each["event"], each.get("partId"), each.get("text")) for each in told] == [
        *(("appendText", "a", "a"), ("partCompleted", "a", None), ("appendText", "b", "b")),
        *(("appendText", "b", LABEL), ("partCompleted", "b", None), ("suggestedFollowups", None, None)),
        ("done", None, None),
    ]


def test_what_is_held_goes_on_where_the_answer_never_ends() -> None:
    piece, end = b'{"event":"appendText","text":"a"}\xff', b'{"event":"partCompleted"}\xff'
    other = b'{"event":"citation"}\xff'
    assert labelled("ms-copilot", MESSAGES, [piece, end, other]) == piece + end + other
    many = [piece, end, *itertools.repeat(other, 20)]
    labeller = labeller_for("ms-copilot", ADAPTER["ms-copilot"].shape, MESSAGES, WORDS)
    fed = b"".join(map(labeller.feed, many))
    assert len(fed) > len(piece + end), "nothing is held for long"
    assert fed + labeller.end() == b"".join(many)


def test_the_persons_own_turn_that_character_ai_repeats_is_left_alone() -> None:
    mine = {"author": {"is_human": True}, "candidates": [{"raw_content": "my question", "is_final": True}]}
    bot = {"author": {"name": "x"}, "candidates": [{"raw_content": "answer", "is_final": True}]}
    sent = [orjson.dumps({"command": "add_turn", "turn": turn}) + b"\xff" for turn in (mine, bot)]
    told = [orjson.loads(each)["turn"]["candidates"] for each in unpack(labelled("character-ai", MESSAGES, sent))]
    assert [each[0]["raw_content"] for each in told] == ["my question", "answer" + LABEL]


def test_the_persons_own_message_that_the_hub_repeats_is_left_alone() -> None:
    mine = {"author": "user", "text": "my question"}
    bot = {"author": "bot", "text": "answer"}
    ad = {"author": "bot", "text": "searching", "messageType": "Progress"}
    record = orjson.dumps({"type": 2, "item": {"messages": [mine, bot, ad]}}) + b"\x1e\xff"
    said = orjson.dumps({"type": 1, "arguments": [{"writeAtCursor": "answer"}]}) + b"\x1e\xff"
    last = orjson.loads(unpack(labelled("m365-copilot", MESSAGES, [said, record]))[-1][:-1])
    assert [each["text"] for each in last["item"]["messages"]] == ["my question", "answer" + LABEL, "searching"]


def texts(name: str, body: bytes, kind: str) -> dict[str, str]:
    """Return what is said on each channel that a person reads."""
    shape = ADAPTER[name].shape.begin()
    framer, said = shape.framer(kind), {}
    for frame in [*framer.feed(body), *framer.end()]:
        try:
            data = orjson.loads(frame.data or "")
        except ValueError:
            continue
        for slot in shape.slots(frame.event, data):
            if slot.text:
                said[slot.channel] = slot.text if slot.whole else said.get(slot.channel, "") + slot.text
    return said


SPOKEN = sorted(name for name in INTERFACES if isinstance(ADAPTER[name], Speaker))


@pytest.mark.parametrize("name", SPOKEN)
def test_an_interface_streams_the_words_at_the_end_of_the_answer(name: str) -> None:
    body, kind = answer(name)
    got = labelled(name, kind, [body])
    feed_every_way(lambda cut: labelled(name, kind, cut), body, got)
    assert [*texts(name, got, kind).values()] == ["你好，here it is." + LABEL]


@pytest.mark.parametrize("name", SPOKEN)
def test_an_interface_answers_with_the_words_at_the_end(name: str) -> None:
    body, _ = answer(name, stream=False)
    got, done = label_body(name, body, ADAPTER[name].shape, WORDS)
    assert done
    plain = orjson.dumps("你好，here it is.")[1:-1]
    assert got == body.replace(plain, orjson.dumps("你好，here it is." + LABEL)[1:-1]) != body


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_calls_a_tool_stays_as_it_is(name: str, stream: bool) -> None:
    body, kind = answer(name, [*SAID, *CALL], "tool_calls", stream=stream)
    if stream:
        assert labelled(name, kind, [body]) == body
    else:
        assert label_body(name, body, ADAPTER[name].shape, WORDS) == (body, False)


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_what_is_no_answer_passes_as_it_came(name: str) -> None:
    kind = answer(name)[1]
    for body in (b"", b"[]", b'{"error":{"message":"no"}}', b"data: {}\n\n", b"data: [[1,[2]],{}]\n\n", b"{}\n[1]\n"):
        end = b"\xff" if kind == MESSAGES else b""
        assert labelled(name, kind, [body + end]) == body + end
        assert label_body(name, body, ADAPTER[name].shape, WORDS) == (body, False)


def events(*told) -> bytes:
    return b"".join(b"data: " + orjson.dumps(one) + b"\n\n" for one in told)


WHOLE_AT_THE_END = {
    "minimax-chat": (
        [{"choices": [{"index": 0, "delta": {"content": "你好，"}}]}],
        [{"choices": [{"index": 0, "delta": {"content": "here."}, "finish_reason": "stop"}]},
         {"object": "chat.completion",
          "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "你好，here."}}]}],
    ),
    "minimax-pro": (
        [{"choices": [{"messages": [{"sender_type": "BOT", "text": "你好，"}]}]}],
        [{"choices": [{"finish_reason": "stop", "messages": [{"sender_type": "BOT", "text": "here."}]}],
          "reply": "你好，here."}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_AT_THE_END)
def test_where_a_stream_ends_with_the_whole_answer_it_has_the_words_too(name: str) -> None:
    first, ends = WHOLE_AT_THE_END[name]
    body = events(*first, *ends)
    got = labelled(name, "text/event-stream", [body])
    told = [orjson.loads(line[6:]) for line in got.decode().splitlines() if line]
    assert "".join(texts(name, got, "text/event-stream").values()) == "你好，here." + LABEL
    again = told[-1].get("reply") or told[-1]["choices"][0]["message"]["content"]
    assert again == "你好，here." + LABEL
    feed_every_way(lambda cut: labelled(name, "text/event-stream", cut), body, got)
    whole = orjson.dumps(ends[-1])
    said, done = label_body(name, whole, ADAPTER[name].shape, WORDS)
    assert done and said.decode().count(WORDS) == (2 if name == "minimax-pro" else 1)


PROGRAMS = {
    "gemini": {"generationConfig": {"responseMimeType": "application/json"}},
    "gemini, a schema": {"generation_config": {"response_schema": {"type": "OBJECT"}}},
    "gemini-code-assist": {"request": {"generationConfig": {"responseSchema": {"type": "OBJECT"}}}},
    "openai-responses": {"text": {"format": {"type": "json_schema", "name": "n"}}},
    "cohere-chat": {"response_format": {"type": "json_object"}},
    "dashscope": {"parameters": {"response_format": {"type": "json_object"}}},
    "ollama": {"format": "json"},
    "cohere-v1": {"response_format": {"type": "json_object"}},
    "cohere-v1, a text to go on with": {"prompt": "def f("},
    "watsonx": {"response_format": {"type": "json_object"}},
    "watsonx, a text to go on with": {"input": "def f("},
    "qianfan": {"response_format": "json_object"},
    "qianfan, a text to go on with": {"prompt": "def f("},
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_answer_that_a_program_reads_is_not_labelled(name: str) -> None:
    adapter = name.partition(",")[0]
    assert not wants_prose(adapter, PROGRAMS[name])
    assert wants_prose(adapter, {"text": {"format": {"type": "text"}}, "format": ""})


def test_on_a_websocket_only_a_turn_has_an_answer_for_a_person() -> None:
    adapter = ADAPTER["ms-copilot"]
    turn = b'{"event":"send","conversationId":"c-12345678","content":[{"type":"text","text":"hi"}]}'
    options = b'{"event":"setOptions","supportedFeatures":["x"],"note":"hi"}'
    for body, want in ((turn, True), (options, False)):
        assert reads_prose(adapter.about(body), adapter.read(body, "")) is want
    assert not reads_prose(adapter, adapter.read(b"", ""))
