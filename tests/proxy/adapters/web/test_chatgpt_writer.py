"""The company's model answers as a turn of chatgpt.com, piece by piece."""

import pytest

from proxy.adapters.web.chatgpt_stream import ChatGptShape
from proxy.adapters.web.chatgpt_writer import ChatGptWriter
from proxy.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from proxy.internal_failure import BROKE_OFF
from proxy.restore import StreamRestorer
from tests.pages import chatgpt_turn


def write(*events: Event) -> bytes:
    writer = ChatGptWriter(model="gpt-5", answer_id="a1b2c3d4e5f6", now=1764200000)
    return b"".join(writer.write([event]) for event in events) + writer.end()


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([Started("", ""), TextDelta("您"), TextDelta("好"), Finished("stop")], "您好"),
        ([Started("", ""), ReasoningDelta("hm"), TextDelta("x"), Finished("length")], "x"),
        ([TextDelta("x"), Failed("The model broke.")], "xThe model broke."),
        ([TextDelta("x")], "x" + BROKE_OFF),
        ([], BROKE_OFF),
        ([Started("", ""), ToolStarted(0, "", "f"), ToolDelta(0, "{}"), Finished("tool_calls")], ""),
        ([TextDelta("x"), Finished("stop"), TextDelta("too late")], "x"),
    ],
    ids=["text", "reasoning is not shown", "a failure is told", "broken off", "nothing", "tools", "after the end"],
)
def test_every_answer_is_a_finished_turn(events: list[Event], text: str) -> None:
    assert chatgpt_turn(write(*events)) == (text, "finished_successfully", True)


def test_each_piece_goes_out_at_once() -> None:
    writer = ChatGptWriter(model="gpt-5", answer_id="a1b2", now=0)
    assert b'"v":"one"' in writer.write([Started("", ""), TextDelta("one")])
    assert b'"v":"two"' in writer.write([TextDelta("two")])


def test_what_we_write_is_restored_like_what_the_vendor_writes() -> None:
    body = write(TextDelta("Dear [PERSON_7K"), TextDelta("2F9ABC]"), Finished("stop"))
    stream = StreamRestorer(ChatGptShape(), "text/event-stream", {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert chatgpt_turn(stream.feed(body) + stream.end())[0] == "Dear 张伟"
