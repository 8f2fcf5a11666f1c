"""What is not said by the cases of the conformance test: single events of Gemini's answers."""

import json
from typing import Any

import pytest

from proxy.adapters.google.answers import GeminiShape
from proxy.answers.restore import StreamRestorer

PLAIN, WRAPPED, ARRAY = GeminiShape(), GeminiShape(("response",)), GeminiShape(array=True)
SIGNED = "CiQB0e2Kb7RmZ/8vXk2pQm1l0sE+9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789AbQ\\u003d\\u003d"


def restored(shape: GeminiShape, kind: str, data: str) -> str:
    stream = StreamRestorer(shape, kind, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    return (stream.feed(data.encode()) + stream.end()).decode()


def event(*parts: dict[str, Any], **more: Any) -> str:
    return f"data: {json.dumps({'candidates': [{'content': {'parts': parts}, **more}]})}\r\n\r\n"


def test_a_signature_comes_back_as_it_was_beside_a_text_that_changes() -> None:
    data = '{"candidates":[{"content":{"parts":[{"text":"[PERSON_7K2F9ABC]","thoughtSignature":"' + SIGNED
    data += '"}]},"finishReason":"STOP"}]}'
    out = restored(PLAIN, "text/event-stream", f"data: {data}\n\n")
    part = json.loads(out.removeprefix("data: "))["candidates"][0]["content"]["parts"][0]
    assert part == {"text": "张伟", "thoughtSignature": json.loads(f'"{SIGNED}"')}


def test_arguments_of_a_call_and_results_of_code_are_restored_where_they_stand() -> None:
    out = restored(PLAIN, "text/event-stream", event(
        {"functionCall": {"name": "f", "args": {"to": ["[PERSON_7K2F9ABC]"], "n": 1}}},
        {"codeExecutionResult": {"output": "for [PERSON_7K2F9ABC]"}},
    ))  # fmt: skip
    assert out.count("张伟") == 2 and "PERSON" not in out


def test_what_a_text_holds_back_goes_out_before_the_text_that_follows_it() -> None:
    out = restored(PLAIN, "text/event-stream", event({"text": "a [PER", "thought": True}) + event({"text": "b"}))
    texts = [json.loads(one.removeprefix("data: ")) for one in out.split("\r\n\r\n") if one]
    parts = [part for one in texts for part in one["candidates"][0]["content"]["parts"]]
    assert parts == [{"text": "a ", "thought": True}, {"text": "[PER", "thought": True}, {"text": "b"}]


def test_an_error_in_a_stream_of_an_array_passes() -> None:
    for data in ('[{"error": {"code": 403}}]\n', '{"error": {"code": 403}}', "[]", "<html>"):
        assert restored(ARRAY, "application/json", data) == data


@pytest.mark.parametrize("shape", [PLAIN, WRAPPED, ARRAY], ids=["plain", "wrapped", "array"])
@pytest.mark.parametrize(
    "data",
    [None, 3, [], {}, {"candidates": 3}, {"candidates": [3, {}, {"content": 3}]}, {"response": []},
     {"candidates": [{"content": {"parts": [3, {"text": 3}]}}]},
     {"candidates": [{"content": {"parts": [{"functionCall": {"partialArgs": [3, {}]}}]}}]}],
    ids=repr,
)  # fmt: skip
def test_events_of_another_form_hold_no_text(shape: GeminiShape, data: Any) -> None:
    assert list(shape.slots("", data)) == []
    assert list(shape.closes("", data, ["0/text"])) == []


@pytest.mark.parametrize("channel", ["1/text", "1/thought", "1/arguments/$.a/b"])
@pytest.mark.parametrize("shape", [PLAIN, WRAPPED], ids=["plain", "wrapped"])
def test_an_event_made_for_a_channel_carries_it_and_nothing_else(shape: GeminiShape, channel: str) -> None:
    name, made = shape.carry(channel, "rest", {"candidates": [{"content": {"parts": [{"text": "x"}]}}]})
    (slot,) = shape.slots(name, made)
    assert (slot.channel, slot.text) == (channel, "rest")
