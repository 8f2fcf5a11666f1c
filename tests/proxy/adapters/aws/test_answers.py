"""Answers of agents and of Amazon Q, and which requests are Amazon's."""

import base64
import json
from typing import Any

import pytest

from proxy.adapters.aws.answers import AgentShape, AmazonQShape, ConverseShape, InvokeShape
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import StreamRestorer
from proxy.framing.aws import AwsFramer, message

EVENTS = "application/vnd.amazon.eventstream"
KNOWN = {"[PERSON_7K2F9ABC]": '张伟 "Ann"'}


def restored(shape: Any, data: bytes, size: int) -> list[Any]:
    restorer = StreamRestorer(shape, EVENTS, KNOWN.get)
    out = b"".join(restorer.feed(data[at : at + size]) for at in range(0, len(data), size)) + restorer.end()
    return [(frame.event, json.loads(frame.data or "")) for frame in AwsFramer().feed(out)]


@pytest.mark.parametrize("size", [1, 13, 10_000])
def test_an_agents_running_text_is_restored_over_its_chunks(size: int) -> None:
    texts = ["您好 [PERSON_7", "K2F9ABC]", " 123", " ["]
    data = b"".join(
        message("chunk", json.dumps({"bytes": base64.b64encode(text.encode()).decode(), "p": "ab"}).encode())
        for text in texts
    )
    read = restored(AgentShape(), data + message("trace", b'{"trace":"[PERSON_7K2F9ABC]"}'), size)
    said = [base64.b64decode(one["bytes"]).decode() for name, one in read if name == "chunk"]
    assert "".join(said) == '您好 张伟 "Ann" 123 ['
    assert ("trace", {"trace": '张伟 "Ann"'}) in read


@pytest.mark.parametrize("size", [1, 10_000])
def test_an_answer_of_amazon_q_is_restored_before_a_tool_is_used(size: int) -> None:
    def event(kind: str, **fields: Any) -> bytes:
        return message(kind, json.dumps(fields, ensure_ascii=False).encode())

    data = b"".join(
        [
            event("assistantResponseEvent", content="[PERSON_7K"),
            event("assistantResponseEvent", content="2F9ABC] ["),
            event("toolUseEvent", toolUseId="t", name="f", input='{"a": "[PER'),
            event("toolUseEvent", toolUseId="t", name="f", input='SON_7K2F9ABC]"}'),
            event("toolUseEvent", toolUseId="t", name="f", stop=True),
        ]
    )
    read = restored(AmazonQShape(), data, size)
    names = [name for name, _ in read]
    assert names == sorted(names), "all of the text goes out before the tool is used"
    assert "".join(one["content"] for name, one in read if name == "assistantResponseEvent") == '张伟 "Ann" ['
    assert json.loads("".join(one.get("input", "") for _, one in read)) == {"a": '张伟 "Ann"'}


@pytest.mark.parametrize(
    "shape", [AgentShape(), AmazonQShape(), ConverseShape(), InvokeShape()], ids=lambda one: type(one).__name__
)
@pytest.mark.parametrize(
    "data", [None, 3, [], {}, {"delta": 3}, {"delta": {"text": 3}}, {"delta": {"toolUse": 3}}, {"content": 3}], ids=repr
)
def test_events_of_another_form_hold_no_text(shape: Any, data: Any) -> None:
    assert list(shape.slots("assistantResponseEvent", data)) == []
    assert list(shape.closes("contentBlockStop", data, [])) == []


@pytest.mark.parametrize(
    ("path", "wire", "want"),
    [
        ("/model/m/converse", "", "bedrock-converse"),
        ("/model/m/converse-stream", "bedrock", "bedrock-converse"),
        ("/model/m/invoke", "", "bedrock-invoke"),
        ("/model/m/invoke-with-response-stream", "", "bedrock-invoke"),
        ("/model/m/count-tokens", "bedrock", "bedrock-any"),
        ("/openai/v1/chat/completions", "bedrock", "openai-chat"),
        ("/agents/a/agentAliases/b/sessions/s/text", "bedrock", "bedrock-any"),
        ("/generateAssistantResponse", "amazon-q", "amazon-q"),
        ("/model/m/other", "", "fallback"),
    ],
)
def test_the_address_says_which(path: str, wire: str, want: str) -> None:
    assert choose(Asked("POST", path, (("content-type", "application/json"),), wire)).id == want
