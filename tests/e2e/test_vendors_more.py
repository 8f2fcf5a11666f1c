"""What else vendors' client libraries do, through the proxy: older and smaller interfaces, batches, pictures."""

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import anthropic
import cohere
import httpx2
import huggingface_hub
import openai
import pytest
from dashscope import MultiModalConversation
from google import genai
from google.genai import types

from tests.e2e.any_client import (
    CARD,
    CROW,
    FALCON,
    IDENTITY,
    Ask,
    Said,
    http,
    is_answered_inside,
    is_refused_once,
    whole_and_streamed,
)
from tests.e2e.chat_clients import CLIENTS
from tests.e2e.street import Street
from tests.e2e.vendor_clients import BEDROCK, amazon, ollama_client, through
from tests.e2e.vendor_street import SAYS
from tests.proxy.documents.files import coded, drawing

pytestmark = pytest.mark.filterwarnings("ignore")  # what LiteLLM's import and its models warn of is its own affair


def cohere_v1(street: Street, text: str, stream: bool, tool: bool) -> Said:
    del tool
    with http(street) as client:
        sdk = cohere.Client("k", httpx_client=client)
        if not stream:
            return Said(sdk.chat(model="command-r", message=text).text)
        events = list(sdk.chat_stream(model="command-r", message=text))
    said = "".join(one.text for one in events if one.event_type == "text-generation")
    assert said == events[-1].response.text, "the last event tells it once more"
    return Said(said)


def claude_on_vertex(street: Street, text: str, stream: bool, tool: bool) -> Said:
    del tool
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    with anthropic.DefaultHttpxClient(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120) as client:
        sdk = anthropic.AnthropicVertex(region="us-east5", project_id="p", access_token="t", http_client=client)
        asked: dict[str, Any] = {"model": "claude-x", "max_tokens": 99, "messages": [{"role": "user", "content": text}]}
        if not stream:
            return Said("".join(block.text for block in sdk.messages.create(**asked).content))
        with sdk.messages.stream(**asked) as events:
            return Said("".join(events.text_stream))


def text_generation(street: Street, text: str, stream: bool, tool: bool) -> Said:
    del tool
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    huggingface_hub.set_client_factory(
        lambda: httpx2.Client(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)
    )
    sdk = huggingface_hub.InferenceClient(provider="hf-inference", api_key="hf_x", timeout=120)
    try:
        with patch.object(huggingface_hub.inference._providers.hf_inference, "_check_supported_task"):
            answer = sdk.text_generation(text, model="google/gemma-2b", stream=stream)
            return Said("".join(answer) if stream else answer)
    finally:
        huggingface_hub.close_session()


def nova(street: Street, text: str, stream: bool, tool: bool) -> Said:
    del tool
    body = {"schemaVersion": "messages-v1", "messages": [{"role": "user", "content": [{"text": text}]}]}
    asked = {"modelId": "us.amazon.nova-lite-v1:0", "body": json.dumps(body, ensure_ascii=False).encode()}
    with amazon(street) as client:
        if not stream:
            content = json.loads(client.invoke_model(**asked)["body"].read())["output"]["message"]["content"]
            return Said("".join(block["text"] for block in content))
        answer = client.invoke_model_with_response_stream(**asked)
        events = [json.loads(one["chunk"]["bytes"]) for one in answer["body"]]
    return Said("".join(one["contentBlockDelta"]["delta"]["text"] for one in events if "contentBlockDelta" in one))


MORE: dict[str, Ask] = {
    "cohere, version 1": cohere_v1,
    "anthropic on Vertex AI": claude_on_vertex,
    "huggingface_hub, text generation": text_generation,
    "bedrock invoke, Nova": nova,
}
"""Interfaces that share their way through the proxy with others above: each thing once."""


@whole_and_streamed
@pytest.mark.parametrize("ask", MORE.values(), ids=MORE.keys())
def test_what_is_asked_is_restored_answered_inside_or_refused(vendors: Street, ask: Ask, stream: bool) -> None:
    assert ask(vendors, CARD.text, stream, False) == Said(SAYS + CARD.text)
    (seen,) = vendors.external.requests
    assert f"[{CARD.entity}_".encode() in seen.body
    vendors.external.requests.clear()
    is_answered_inside(vendors, ask, FALCON[1], stream)
    vendors.internal.requests.clear()
    assert "该项目保密" in is_refused_once(vendors, ask, stream)


@contextmanager
def claude(street: Street) -> Iterator[anthropic.Anthropic]:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    http = anthropic.DefaultHttpxClient(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)
    with http, anthropic.Anthropic(api_key="k", http_client=http) as sdk:
        yield sdk


def test_a_batch_of_messages_is_redacted_and_its_results_are_restored(vendors: Street) -> None:
    params = [
        {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": case.text}]}
        for case in (IDENTITY, CARD)
    ]
    asked = [{"custom_id": str(number), "params": one} for number, one in enumerate(params)]
    with claude(vendors) as sdk:
        begun = sdk.messages.batches.create(requests=asked)
        results = list(sdk.messages.batches.results(begun.id))
    assert [one.result.message.content[0].text for one in results] == [SAYS + IDENTITY.text, SAYS + CARD.text]
    sent = vendors.external.requests[0].body
    assert f"[{CARD.entity}_".encode() in sent and f"[{IDENTITY.entity}_".encode() in sent


def test_a_batch_of_what_is_secret_is_refused_in_anthropics_words(vendors: Street) -> None:
    params = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": CROW}]}
    with (
        claude(vendors) as sdk,
        pytest.raises(anthropic.PermissionDeniedError, match="This project is secret") as caught,
    ):
        sdk.messages.batches.create(requests=[{"custom_id": "1", "params": params}])
    assert caught.value.type == "permission_error" and vendors.external.requests == []


type See = Callable[[Street, str, bytes], str]
"""Asks about a picture, and returns what is said."""


def url_of(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def openai_sees(street: Street, text: str, picture: bytes) -> str:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    http = openai.DefaultHttpxClient(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)
    parts = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url_of(picture)}}]
    with http, openai.OpenAI(api_key="k", http_client=http) as sdk:
        answer = sdk.chat.completions.create(model="gpt-5.5", messages=[{"role": "user", "content": parts}])
    return answer.choices[0].message.content or ""


def anthropic_sees(street: Street, text: str, picture: bytes) -> str:
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(picture).decode()}
    parts = [{"type": "image", "source": source}, {"type": "text", "text": text}]
    with claude(street) as sdk:
        answer = sdk.messages.create(model="claude-x", max_tokens=99, messages=[{"role": "user", "content": parts}])
    return "".join(block.text for block in answer.content)


def gemini_sees(street: Street, text: str, picture: bytes) -> str:
    parts = [types.Part.from_text(text=text), types.Part.from_bytes(data=picture, mime_type="image/png")]
    with http(street) as client:
        models = genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=client)).models
        return models.generate_content(model="gemini-2.5-flash", contents=[types.UserContent(parts=parts)]).text or ""


def cohere_sees(street: Street, text: str, picture: bytes) -> str:
    parts = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url_of(picture)}}]
    with http(street) as client:
        sdk = cohere.ClientV2("k", httpx_client=client)
        message = sdk.chat(model="command-a-vision", messages=[{"role": "user", "content": parts}]).message
    return "".join(part.text for part in message.content or [])


def ollama_sees(street: Street, text: str, picture: bytes) -> str:
    with ollama_client(street) as sdk:
        answer = sdk.chat("llava", [{"role": "user", "content": text, "images": [picture]}])
    return answer.message.content or ""


def bedrock_sees(street: Street, text: str, picture: bytes) -> str:
    parts = [{"text": text}, {"image": {"format": "png", "source": {"bytes": picture}}}]
    with amazon(street) as client:
        answer = client.converse(modelId=BEDROCK, messages=[{"role": "user", "content": parts}])
    return "".join(block["text"] for block in answer["output"]["message"]["content"])


def dashscope_sees(street: Street, text: str, picture: bytes) -> str:
    parts = [{"image": url_of(picture)}, {"text": text}]
    asked: dict[str, Any] = {"model": "qwen-vl-max", "messages": [{"role": "user", "content": parts}], "api_key": "k"}
    with through(street) as session:
        answer = MultiModalConversation.call(**asked, session=session)
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.code}: {answer.message}")
    content = answer.output.choices[0].message.content
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def by(ask: Ask) -> See:
    """Return how a client library in whose words pictures are OpenAI's sees."""

    def sees(street: Street, text: str, picture: bytes) -> str:
        parts = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url_of(picture)}}]
        return ask(street, parts, False, False).text

    return sees


SEEING: dict[str, See] = {
    "openai": openai_sees,
    "anthropic": anthropic_sees,
    "google-genai": gemini_sees,
    "cohere": cohere_sees,
    "ollama": ollama_sees,
    "bedrock": bedrock_sees,
    "dashscope": dashscope_sees,
    **{name: by(ask) for name, ask in CLIENTS.items() if name != "litellm, Cohere"},
}
"""LiteLLM tells Cohere no picture."""


@pytest.fixture(scope="module")
def pictures() -> tuple[bytes, bytes]:
    """A picture of nothing in particular, and one that shows a card's number."""
    return coded(drawing("a pleasant day")), coded(drawing(f"card {CARD.value}"))


@pytest.mark.parametrize("sees", SEEING.values(), ids=SEEING.keys())
def test_a_picture_goes_as_it_is_beside_words_that_do_not_and_one_that_shows_such_words_is_refused(
    vendors: Street, sees: See, pictures: tuple[bytes, bytes]
) -> None:
    harmless, telling = pictures
    assert CARD.text in sees(vendors, CARD.text, harmless)
    (seen,) = vendors.external.requests
    written = (base64.b64encode(harmless), base64.urlsafe_b64encode(harmless))
    assert any(one in seen.body for one in written) and f"[{CARD.entity}_".encode() in seen.body
    assert vendors.last_record()["inspection"] == "full", "the picture was read"
    vendors.external.requests.clear()
    with pytest.raises(Exception, match="A file in the request holds confidential data"):
        sees(vendors, "What is this?", telling)
    assert vendors.external.requests == []
