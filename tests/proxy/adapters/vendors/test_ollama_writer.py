"""What the writer sends is lines, or one object."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.vendors.ollama_writer import OllamaWriter
from proxy.internal.answer import Failed, Finished, ReasoningDelta, Started, TextDelta
from tests.proxy.adapters.inside import written
from tests.thorough import drawn


def writer(turns: bool, stream: bool) -> OllamaWriter:
    return OllamaWriter(turns, stream=stream, model="m", answer_id="7f", now=1)


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4)), st.booleans(), st.booleans())
def test_any_text_reads_back_the_same(pieces: list[str], turns: bool, stream: bool) -> None:
    data = written(writer(turns, stream), [Started("c", "m"), *map(TextDelta, pieces), Finished("stop")])
    read = [json.loads(line) for line in data.split(b"\n") if line]
    assert "".join(one["message"]["content"] if turns else one["response"] for one in read) == "".join(pieces)
    assert [one["done"] for one in read] == [False] * (len(read) - 1) + [True]


def test_a_failure_is_the_error_object() -> None:
    assert written(writer(True, True), [Failed("模型 down")]) == '{"error":"模型 down"}\n'.encode()
    assert written(writer(True, False), [Failed("模型 down")]) == '{"error":"模型 down"}'.encode()


def test_a_model_that_thinks_keeps_the_line_open() -> None:
    line = json.loads(writer(True, True).write([Started("c", "m"), ReasoningDelta("想")]))
    assert line["message"] == {"role": "assistant", "content": ""} and line["done"] is False
