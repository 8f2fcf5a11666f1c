"""What the writer sends, in every form, says the same."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.vendors.dashscope_writer import DashScopeWriter
from proxy.internal.answer import Failed, Finished, Started, TextDelta
from tests.proxy.adapters.inside import written
from tests.thorough import drawn

FORMS = ("text", "message", "parts", "both")


def texts(output: dict) -> set[str]:
    """Return the text of a result, wherever it stands."""
    found = {output["text"]} if "text" in output else set()
    for choice in output.get("choices", []):
        content = choice["message"]["content"]
        found.add(content if isinstance(content, str) else "".join(part["text"] for part in content))
    return found


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4)), st.sampled_from(FORMS), st.booleans())
def test_any_text_reads_back_the_same(pieces: list[str], form: str, repeats: bool) -> None:
    events = [Started("c", "m"), *map(TextDelta, pieces), Finished("stop")]
    one = DashScopeWriter(form, stream=True, repeats=repeats, model="m", answer_id="7f")
    read = [json.loads(part.partition(b"data:")[2]) for part in written(one, events).split(b"\n\n") if part]
    said = [text for each in read for text in texts(each["output"])]
    assert len(said) == len(read), "every place of a result says the same"
    assert (said[-1] if repeats else "".join(said)) == "".join(pieces)
    whole = DashScopeWriter(form, stream=False, repeats=repeats, model="m", answer_id="7f")
    assert texts(json.loads(written(whole, events))["output"]) == {"".join(pieces)}


@pytest.mark.parametrize("stream", [True, False])
def test_a_failure_is_the_error_object(stream: bool) -> None:
    one = DashScopeWriter("text", stream=stream, repeats=False, model="m", answer_id="7f")
    data = written(one, [Failed("模型 down")])
    assert json.loads(data.partition(b"data:")[2] or data) == {
        "code": "InternalError",
        "message": "模型 down",
        "request_id": "7f",
    }
    assert data.startswith(b"id:1\nevent:error\n") == stream
