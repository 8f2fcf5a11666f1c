"""Claude on Vertex AI, spoken by Anthropic's own client library: to the company's model, and when it is refused."""

from typing import Any

import anthropic
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole, newer

ASK: dict[str, Any] = {"model": "claude-test", "max_tokens": 9, "messages": [{"role": "user", "content": "查客户"}]}
TOOL = {"name": "find", "description": "d", "input_schema": {"type": "object"}}
BASE = "/v1/projects/p/locations/us-east5/publishers"


def client(handler: Any) -> anthropic.AnthropicVertex:
    http = anthropic.DefaultHttpxClient(transport=newer(handler))
    return anthropic.AnthropicVertex(region="us-east5", project_id="p", access_token="t", http_client=http)


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_streamed_answer_reaches_the_sdk(size: int) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), size=size)
    with client(inside) as sdk, sdk.messages.stream(**ASK, tools=[TOOL]) as stream:
        text, message = "".join(stream.text_stream), stream.get_final_message()
    assert text == "你好，Ann"
    assert [(one.name, one.input) for one in message.content if one.type == "tool_use"] == [("find", {"q": "客户"})]
    assert (message.model, message.stop_reason) == ("claude-test", "tool_use")
    assert (inside.asked["stream"], inside.asked["messages"]) == (True, ASK["messages"])
    assert inside.adapter is not None and inside.adapter.id == "vertex-claude"
    assert ("anthropic_version" in inside.sent, "anthropic_version" in inside.asked) == (True, False)


def test_a_whole_answer_reaches_the_sdk() -> None:
    inside = Inside(chat_whole({"content": "好"}, "length"))
    with client(inside) as sdk:
        message = sdk.messages.create(**ASK)
    assert (message.content[0].text, message.stop_reason, message.model) == ("好", "max_tokens", "claude-test")
    assert "stream" not in inside.asked


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_the_sdks_own_error_and_is_not_asked_again(stream: bool) -> None:
    refusing = Refusing()
    with client(refusing) as sdk, pytest.raises(anthropic.PermissionDeniedError, match="不可外发"):
        sdk.messages.create(**ASK, stream=stream)
    assert refusing.count == 1


@pytest.mark.parametrize(
    ("path", "want", "model"),
    [
        (f"{BASE}/anthropic/models/claude-x:rawPredict", "vertex-claude", "claude-x"),
        (f"{BASE}/anthropic/models/claude-x%40001:streamRawPredict", "vertex-claude", "claude-x@001"),
        (f"{BASE}/anthropic/models/count-tokens:rawPredict", "vertex-claude", "in the body"),
        (f"{BASE}/mistralai/models/m:streamRawPredict", "openai-chat", "in the body"),
        (f"{BASE}/somebody/models/m:rawPredict", "google-any", ""),
        (f"{BASE}/google/models/gemini:generateContent", "gemini", "gemini"),
    ],
)
def test_the_publisher_says_whose_words_they_are(path: str, want: str, model: str) -> None:
    adapter = choose(Asked("POST", path, (), "gemini-api"))
    assert (adapter.id, isinstance(adapter, Speaker)) == (want, want in ("vertex-claude", "gemini"))
    if model:
        assert adapter.read(b'{"model":"in the body"}', "").model == model
