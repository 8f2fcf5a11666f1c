"""Google's interactions: read, restored in the SDK's own decoder, refused."""

import httpx
import pytest
from google import genai
from google.genai import types

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import StreamRestorer
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
