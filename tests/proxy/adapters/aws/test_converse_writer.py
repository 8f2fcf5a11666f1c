"""What the writer sends says the same, streamed and whole."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.aws.converse_writer import ConverseWriter
from proxy.framing.aws import AwsFramer
from proxy.internal.answer import Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from tests.proxy.adapters.inside import written
from tests.thorough import drawn

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@settings(max_examples=drawn(60), deadline=None)
@given(st.lists(TEXT), st.lists(TEXT, max_size=3))
def test_any_answer_reads_back_the_same(texts: list[str], arguments: list[str]) -> None:
    said = [Started("c", "m"), ReasoningDelta("想"), *map(TextDelta, texts)]
    for number, one in enumerate(arguments):
        said += [ToolStarted(number, f"k{number}", "f"), ToolDelta(number, json.dumps({"a": one}))]
    said.append(Finished("stop", stop_sequence="完"))
    whole = json.loads(written(ConverseWriter(stream=False, model="m", answer_id="7f"), said))
    blocks = whole["output"]["message"]["content"]
    assert "".join(block.get("text", "") for block in blocks) == "".join(texts)
    assert [block["toolUse"]["input"]["a"] for block in blocks if "toolUse" in block] == arguments
    data = written(ConverseWriter(stream=True, model="m", answer_id="7f"), said, one_by_one=True)
    frames = [(frame.event, json.loads(frame.data or "")) for frame in AwsFramer().feed(data)]
    pieces: dict[int, str] = {}
    for name, value in frames:
        if name == "contentBlockDelta":
            delta = value["delta"]
            piece = delta["text"] if "text" in delta else delta["toolUse"]["input"]
            pieces[value["contentBlockIndex"]] = pieces.get(value["contentBlockIndex"], "") + piece
    want = [block["text"] if "text" in block else json.dumps(block["toolUse"]["input"]) for block in blocks]
    assert list(pieces) == list(range(len(blocks))) and list(pieces.values()) == want
    assert [value["contentBlockIndex"] for name, value in frames if name == "contentBlockStop"] == list(pieces)
    stops = [value["stopReason"] for name, value in frames if name == "messageStop"]
    assert stops == [whole["stopReason"]] == ["stop_sequence"]
