"""Client libraries that speak chat in OpenAI's words, or in many vendors' at once, unmodified, through the proxy.

Mistral's, Zhipu's and Hugging Face's own; and LiteLLM, which tells one interface to each vendor in that vendor's words.
"""

import base64
import json
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import httpx2
import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network for prices

import huggingface_hub
import zai
from mistralai.client import Mistral

from tests.e2e.street import Street, load_planted
from tests.proxy.documents.files import coded, drawing

pytestmark = pytest.mark.filterwarnings("ignore")  # what LiteLLM's import and its models warn of is its own affair

PLANTED = {each.name: each for each in load_planted()}
IDENTITY, CARD = PLANTED["resident identity number"], PLANTED["card with spaces"]
FALCON = ("Summarise Project Falcon.", "整理一下华星科技的合同。")
CROW = "Tell them of Project Crow."
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = [{"type": "function", "function": {"name": "note", "description": "Write it down", "parameters": SCHEMA}}]


@pytest.fixture
def vendors(vendor_street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street of all vendors, in the environment of an employee."""
    monkeypatch.setenv("HTTPS_PROXY", vendor_street.proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(vendor_street.proxy.ca))
    monkeypatch.setenv("NO_PROXY", "")
    return vendor_street


@dataclass(frozen=True)
class Said:
    """What a client library gave of an answer."""

    text: str
    arguments: dict[str, Any] | None = None


type Content = str | list[dict[str, Any]]
type Ask = Callable[[Street, Content, bool, bool], Said]
"""Asks with a text or parts, streamed or not, with a tool or not."""


def http(street: Street) -> httpx.Client:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    return httpx.Client(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)


def asked(content: Content, tool: bool) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]} | ({"tools": TOOLS} if tool else {})


def joined(messages: list[Any]) -> Said:
    """Return messages, or the pieces of one, as one."""
    calls = [call for one in messages for call in one.tool_calls or ()]
    arguments = "".join(written(call.function.arguments) for call in calls)
    return Said("".join(one.content or "" for one in messages), json.loads(arguments) if arguments else None)


def written(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or "")


def mistral(street: Street, content: Content, stream: bool, tool: bool) -> Said:
    with http(street) as client, Mistral("k", client=client, timeout_ms=120_000) as sdk:
        if not stream:
            answer = sdk.chat.complete(model="mistral-large-latest", **asked(content, tool))
            return joined([answer.choices[0].message])
        with sdk.chat.stream(model="mistral-large-latest", **asked(content, tool)) as events:
            return joined([one.data.choices[0].delta for one in events if one.data.choices])


def zhipu(street: Street, content: Content, stream: bool, tool: bool, kind: type[Any] = zai.ZhipuAiClient) -> Said:
    with http(street) as client:
        sdk = kind(api_key="id.secret", http_client=client)
        answer = sdk.chat.completions.create(model="glm-5", stream=stream, **asked(content, tool))
        if not stream:
            return joined([answer.choices[0].message])
        return joined([one.choices[0].delta for one in answer if one.choices])


def z_ai(street: Street, content: Content, stream: bool, tool: bool) -> Said:
    """Ask as the package for the world outside China does: it wants all in English."""
    return zhipu(street, content, stream, tool, zai.ZaiClient)


def hugging_face(street: Street, content: Content, stream: bool, tool: bool) -> Said:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    huggingface_hub.set_client_factory(
        lambda: httpx2.Client(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)
    )
    sdk = huggingface_hub.InferenceClient(base_url="https://router.huggingface.co/v1", api_key="hf_x", timeout=120)
    try:
        answer = sdk.chat_completion(model="Qwen/Qwen3-8B", stream=stream, **asked(content, tool))
        if not stream:
            return joined([answer.choices[0].message])
        return joined([one.choices[0].delta for one in answer if one.choices])
    finally:
        huggingface_hub.close_session()


def lite_llm(model: str) -> Ask:
    def ask(street: Street, content: Content, stream: bool, tool: bool) -> Said:
        import litellm  # takes seconds, of every worker that only collects this file

        del street  # it is in the environment
        litellm.in_memory_llm_clients_cache.flush_cache()
        answer = litellm.completion(model, api_key="k", stream=stream, timeout=120, **asked(content, tool))
        if not stream:
            return joined([answer.choices[0].message])
        return joined([one.choices[0].delta for one in answer if one.choices])

    return ask


CLIENTS: dict[str, Ask] = {
    "mistralai": mistral,
    "zai-sdk, Zhipu": zhipu,
    "zai-sdk, Z.ai": z_ai,
    "huggingface_hub": hugging_face,
    "litellm, OpenAI": lite_llm("openai/gpt-5.5"),
    "litellm, Anthropic": lite_llm("anthropic/claude-sonnet-4-5"),
    "litellm, Gemini": lite_llm("gemini/gemini-2.5-flash"),
    "litellm, Mistral": lite_llm("mistral/mistral-large-latest"),
    "litellm, Cohere": lite_llm("cohere_chat/command-a-03-2025"),
}
every_client = pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS.keys())
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@whole_and_streamed
@every_client
@pytest.mark.parametrize("case", [IDENTITY, CARD], ids=lambda case: case.name)
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    vendors: Street, ask: Ask, case: Any, stream: bool
) -> None:
    said = ask(vendors, case.text, stream, False)
    assert said.text.endswith(case.text) and "heard" in said.text + "heard" * ("听到" in said.text), said
    (seen,) = vendors.external.requests
    assert f"[{case.entity}_".encode() in seen.body


@whole_and_streamed
@every_client
def test_arguments_of_a_tool_come_back_with_the_originals(vendors: Street, ask: Ask, stream: bool) -> None:
    assert ask(vendors, IDENTITY.text, stream, True).arguments == {"text": IDENTITY.text}
    assert b"[CN_ID_CARD_" in vendors.external.requests[0].body


@whole_and_streamed
@every_client
@pytest.mark.parametrize("text", FALCON, ids=["en", "zh"])
def test_customer_data_is_answered_by_the_companys_own_model(
    vendors: Street, ask: Ask, text: str, stream: bool
) -> None:
    answer = ask(vendors, text, stream, False)
    assert answer.text.endswith(text) and ("nternal" in answer.text or "内部替身模型" in answer.text)
    assert vendors.external.requests == []


@whole_and_streamed
@every_client
def test_a_redirected_tool_call_is_translated_both_ways(vendors: Street, ask: Ask, stream: bool) -> None:
    assert ask(vendors, FALCON[0], stream, True).arguments == {"text": FALCON[0]}
    assert vendors.internal.requests[0].json()["tools"][0]["function"]["name"] == "note"


@whole_and_streamed
@every_client
def test_a_refusal_is_an_error_of_the_sdk_and_is_not_asked_again(vendors: Street, ask: Ask, stream: bool) -> None:
    before = len(vendors.request_records())
    with pytest.raises(Exception, match="This project is secret") as caught:
        ask(vendors, CROW, stream, False)
    told = str(caught.value)
    assert any(words in told for words in ("该项目保密", repr("该项目保密".encode())[2:-1])) or ask is z_ai, told
    assert len(vendors.request_records()) == before + 1
    assert vendors.external.requests == [] and vendors.internal.requests == []


def look_at(shown: str, text: str) -> tuple[Content, bytes]:
    """Return a question about a picture, and the picture as it is written in JSON."""
    coded_picture = base64.b64encode(coded(drawing(shown)))
    url = f"data:image/png;base64,{coded_picture.decode()}"
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}], coded_picture


SEEING = {name: ask for name, ask in CLIENTS.items() if name != "litellm, Cohere"}
"""LiteLLM tells Cohere no picture."""


@pytest.mark.parametrize("ask", SEEING.values(), ids=SEEING.keys())
def test_a_picture_goes_as_it_is_beside_words_that_do_not(vendors: Street, ask: Ask) -> None:
    content, picture = look_at("a pleasant day", CARD.text)
    assert CARD.text in ask(vendors, content, False, False).text
    (seen,) = vendors.external.requests
    assert picture in seen.body and b"[CREDIT_CARD_" in seen.body
    assert vendors.last_record()["inspection"] == "full"


@pytest.mark.parametrize("ask", SEEING.values(), ids=SEEING.keys())
def test_a_picture_that_shows_what_is_confidential_is_an_error_of_the_sdk(vendors: Street, ask: Ask) -> None:
    content, _ = look_at(f"card {CARD.value}", "What is this?")
    with pytest.raises(Exception, match="A file in the request holds confidential data"):
        ask(vendors, content, False, False)
    assert vendors.external.requests == []
