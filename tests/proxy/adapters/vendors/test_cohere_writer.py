"""What the writer sends says the same, streamed and whole."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.vendors.cohere_writer import CohereWriter
from proxy.internal.answer import Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.proxy.adapters.inside import written
from tests.thorough import drawn

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


def events(data: bytes) -> list[dict]:
    return [json.loads(one.partition("data: ")[2]) for one in data.decode().split("\n\n") if one]


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(TEXT), st.lists(TEXT, max_size=3))
def test_any_answer_reads_back_the_same(texts: list[str], arguments: list[str]) -> None:
    said = [Started("c", "m"), ReasoningDelta("想"), *map(TextDelta, texts)]
    for number, one in enumerate(arguments):
        said += [ToolStarted(number, f"k{number}", "f"), ToolDelta(number, json.dumps({"a": one}))]
    said.append(Finished("stop", stop_sequence="完"))
    whole = json.loads(written(CohereWriter(stream=False, model="m", answer_id="7f"), said))
    stream = events(written(CohereWriter(stream=True, model="m", answer_id="7f"), said, one_by_one=True))
    content = "".join(one["text"] for one in whole["message"].get("content", []))
    calls = [call["function"]["arguments"] for call in whole["message"].get("tool_calls", [])]
    assert content == "".join(texts) and [json.loads(call)["a"] for call in calls] == arguments
    pieces = [one["delta"]["message"] for one in stream if one["type"] in ("content-delta", "tool-call-delta")]
    assert "".join(one["content"]["text"] for one in pieces if "content" in one) == content
    assert [one["tool_calls"]["function"]["arguments"] for one in pieces if "tool_calls" in one] == calls
    assert stream[-1]["delta"]["finish_reason"] == whole["finish_reason"] == "STOP_SEQUENCE"
    opened = [one["type"] for one in stream if one["type"] in ("content-start", "content-end")]
    assert opened == (["content-start", "content-end"] if content else [])
