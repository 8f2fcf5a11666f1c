"""What the writer sends, in each of the three forms, is what Google's responses are."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.google.gemini_writer import GeminiWriter
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.proxy.adapters.inside import written
from tests.thorough import drawn

START = Started("chatcmpl-1", "qwen")
FORMS = ("whole", "events", "array")


def writer(form, *, wrapped=False) -> GeminiWriter:
    return GeminiWriter(form, model="gemini-x", answer_id="7f3a", wrapped=wrapped)


def responses(data: bytes, form: str) -> list[dict]:
    if form == "events":
        assert data == b"" or data.endswith(b"\r\n\r\n")
        return [json.loads(one.removeprefix(b"data: ")) for one in data.split(b"\r\n\r\n") if one]
    read = json.loads(data)
    return read if form == "array" else [read]


def parts(read: list[dict]) -> list[dict]:
    return [part for one in read for part in one["candidates"][0]["content"]["parts"]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("one_by_one", [True, False])
def test_text_and_calls_are_parts_of_one_candidate(form: str, one_by_one: bool) -> None:
    events: list[Event] = [
        START, ReasoningDelta("想"), TextDelta("您"), TextDelta("好"),
        ToolStarted(0, "k1", "f"), ToolDelta(0, '{"a"'), ToolStarted(1, "k1", "g"), ToolDelta(0, ":1}"),
        ToolDelta(1, "["), Finished("tool_calls", 3, 4),
    ]  # fmt: skip
    read = responses(written(writer(form), events, one_by_one=one_by_one), form)
    found = parts(read)
    assert "".join(part.get("text", "") for part in found) == "您好"
    assert [part["functionCall"] for part in found if "functionCall" in part] == [
        {"id": "k1", "name": "f", "args": {"a": 1}},
        {"id": "call_7f3a_1", "name": "g", "args": {"INVALID_JSON": "["}},
    ]
    assert read[-1]["usageMetadata"]["totalTokenCount"] == 7
    assert [one["candidates"][0].get("finishReason") for one in read] == [None] * (len(read) - 1) + ["STOP"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", [[], [START], [START, TextDelta("a")]], ids=["first", "started", "in the middle"])
def test_a_failure_is_googles_error_object(form: str, before: list[Event]) -> None:
    for events in ([*before, Failed("模型 down")], before):
        read = responses(written(writer(form), events), form)
        assert read[-1]["error"]["status"] == "INTERNAL"
        assert read[-1]["error"]["message"].startswith("模型 down" if len(events) > len(before) else "The company's")


def test_nothing_follows_the_end() -> None:
    one = writer("events")
    done = one.write([START, Finished("stop")])
    assert one.write([TextDelta("late"), Finished("stop")]) == b"" and one.end() == b"" and done.count(b"data:") == 1


@pytest.mark.parametrize("form", FORMS)
def test_code_assist_has_every_response_within_another_object(form: str) -> None:
    read = responses(written(writer(form, wrapped=True), [START, TextDelta("a"), Finished("length")]), form)
    assert parts([one["response"] for one in read])[0] == {"text": "a"}
    assert read[-1]["response"]["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_a_model_that_thinks_keeps_the_line_open() -> None:
    one = writer("events")
    one.write([START])
    assert parts(responses(one.write([ReasoningDelta("a"), ReasoningDelta("b")]), "events")) == [{"text": ""}]


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), st.sampled_from(FORMS))
def test_any_text_reads_back_the_same(texts: list[str], form: str) -> None:
    events = [START, *map(TextDelta, texts), Finished("stop")]
    read = responses(written(writer(form), events, one_by_one=True), form)
    assert "".join(part["text"] for part in parts(read)) == "".join(texts)
