"""Google's interactions: read, restored in the SDK's own decoder, refused."""

import json

import httpx
import pytest
from google import genai
from google.genai import types

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import StreamRestorer
from proxy.errors import WireError
from tests.proxy.adapters.inside import Refusing

PATH = "/v1beta/interactions"


def test_it_belongs_to_googles_hosts_only() -> None:
    assert choose(Asked("POST", PATH, wire="gemini-api")).id == "gemini-interactions"
    assert choose(Asked("POST", PATH)).id == "fallback"


def test_the_sdk_reads_a_restored_stream() -> None:
    deltas = ["[PERSON_7K2", "F9ABC], hello ["]
    events = [
        '{"event_type":"interaction.created","interaction":{"id":"v1_1","status":"in_progress"}}',
        '{"event_type":"step.start","index":0,"step":{"type":"model_output"}}',
        *(f'{{"event_type":"step.delta","index":0,"delta":{{"type":"text","text":"{text}"}}}}' for text in deltas),
        '{"event_type":"step.stop","index":0}',
        '{"event_type":"interaction.completed","interaction":{"id":"v1_1","status":"completed"}}',
    ]
    data = "".join(f"data: {event}\n\n" for event in events).encode()

    def answer(request: httpx.Request) -> httpx.Response:
        adapter = choose(Asked("POST", request.url.raw_path.decode(), (), "gemini-api"))
        assert [part.text for part in adapter.read(request.content, "").parts] == ["hi"]
        stream = StreamRestorer(adapter.shape, "text/event-stream", {"[PERSON_7K2F9ABC]": "张伟"}.get)
        body = stream.feed(data) + stream.end()
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    read = client(answer).interactions.create(model="gemini-3", input="hi", stream=True)
    said = [event.delta.text for event in read if event.event_type == "step.delta"]
    assert "".join(said) == "张伟, hello ["


def test_a_refusal_is_an_error_of_the_sdk() -> None:
    refusing = Refusing(wire="gemini-api")
    with pytest.raises(Exception, match="不可外发"):
        client(refusing).interactions.create(model="gemini-3", input="hi")
    assert refusing.count == 1


def client(handler) -> genai.Client:
    transport = httpx.MockTransport(handler)
    return genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=httpx.Client(transport=transport)))


CANNOT = {
    "previous_interaction_id": {"previous_interaction_id": "v1_9", "input": "hi"},
    "agent": {"agent": "deep-research", "input": "hi"},
    "background": {"background": True, "input": "hi"},
    "in text only": {"input": "hi", "response_modalities": ["audio"]},
    "of this kind": {"input": [{"type": "video", "uri": "https://example.org/v"}]},
    "must not be empty": {"input": []},
    "must be a list": {"input": 7},
    "answers no call": {"input": [{"type": "function_result", "name": "f", "result": "x"}]},
}


@pytest.mark.parametrize("why", CANNOT)
def test_what_only_google_has_is_told_to_nobody_else(why: str) -> None:
    adapter = choose(Asked("POST", PATH, wire="gemini-api"))
    with pytest.raises(WireError, match=why):
        adapter.to_chat(json.dumps(CANNOT[why]).encode(), "qwen")


def test_steps_cross_over_with_calls_their_results_and_pictures() -> None:
    picture = {"type": "image", "data": "AA==", "mime_type": "image/png"}
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": "see"}, picture]},
        {"type": "thought", "signature": "s"},
        {"type": "function_call", "id": "c1", "name": "f", "arguments": {"q": 1}},
        {"type": "function_result", "call_id": "c1", "name": "f", "result": {"n": 42}},
        {"type": "model_output", "content": [{"type": "text", "text": "42"}]},
        {"role": "user", "content": "and?"},
    ]  # fmt: skip
    body = {
        "system_instruction": "Be kind.",
        "input": steps,
        "tools": [{"type": "function", "name": "f"}, {"type": "google_search"}],
    }
    body |= {"generation_config": {"temperature": 0.5, "tool_choice": "any"}, "response_mime_type": "application/json"}
    adapter = choose(Asked("POST", PATH, wire="gemini-api"))
    chat = json.loads(adapter.to_chat(json.dumps(body).encode(), "qwen"))
    assert [each["role"] for each in chat["messages"]] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert chat["messages"][3]["content"] == '{"n":42}' and chat["tool_choice"] == "required"
    assert (chat["temperature"], chat["response_format"], len(chat["tools"])) == (0.5, {"type": "json_object"}, 1)
