"""What the writers have in common: order, endings, ids."""

import pytest

from proxy.adapters.vendors.gather import GatheringWriter
from proxy.internal.answer import Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.proxy.adapters.inside import written

START = Started("c", "m")


class Plain(GatheringWriter):
    """A format of words."""

    def begin(self) -> bytes:
        return b"<"

    def piece(self, text: str) -> bytes:
        return text.encode() or b"."

    def finish(self) -> bytes:
        return b"|" + b",".join(f"{one.id}={one.json}".encode() for one in self.calls.values())

    def close(self) -> bytes:
        return b">"

    def failed(self, message: str) -> bytes:
        return b"!" + message.encode()

    def whole(self) -> bytes:
        return self.text.encode()


def writer(stream: bool) -> Plain:
    return Plain(stream=stream, model="m", answer_id="7f")


@pytest.mark.parametrize(
    ("events", "stream", "whole"),
    [
        ([START, TextDelta("a"), TextDelta(""), TextDelta("b"), Finished("stop")], "<ab|>", "ab"),
        ([START, TextDelta("a"), Failed("no"), TextDelta("b"), Finished("stop")], "<a!no>", "!no"),
        ([Failed("no")], "!no>", "!no"),
        ([START, Finished("stop"), Failed("no")], "<|>", ""),
    ],
    ids=["text", "a failure", "nothing but a failure", "only the first end counts"],
)
def test_each_event_is_said_once_and_in_order(events: list, stream: str, whole: str) -> None:
    for one_by_one in (True, False):
        assert written(writer(True), events, one_by_one=one_by_one) == stream.encode()
        assert written(writer(False), events, one_by_one=one_by_one) == whole.encode()


def test_what_never_ended_is_a_failure() -> None:
    assert written(writer(True), [START, TextDelta("a")]).startswith(b"<a!The company's model broke off")


def test_calls_have_ids_of_their_own() -> None:
    calls = [
        ToolStarted(0, "k", "f"),
        ToolStarted(1, "k", "f"),
        ToolStarted(2, "", "f"),
        ToolDelta(1, "{"),
        ToolDelta(1, "}"),
    ]
    assert written(writer(True), [START, *calls, Finished("tool_calls")]) == b"<|k=,call_7f_1={},call_7f_2=>"


def test_a_model_that_thinks_keeps_the_line_open_and_is_not_heard() -> None:
    one = writer(True)
    assert [one.write([START]), one.write([ReasoningDelta("hm"), ReasoningDelta("hm")])] == [b"<", b"."]
    assert writer(False).write([START, ReasoningDelta("hm")]) == b""


def test_the_type_of_the_answer_says_whether_it_is_streamed() -> None:
    assert dict(writer(True).headers)["content-type"].startswith("text/event-stream")
    assert dict(writer(False).headers) == {"content-type": "application/json"}
