"""Client libraries that speak chat in OpenAI's words, or in many vendors' at once, unmodified, through the proxy.

Mistral's, Zhipu's and Hugging Face's own; and LiteLLM, which tells one interface to each vendor in that vendor's words.
"""

import base64
import json
import os
import ssl
from typing import Any

import httpx2
import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network for prices

import huggingface_hub
import zai
from mistralai.client import Mistral

from tests.e2e.any_client import (
    CARD,
    TOOL,
    Ask,
    Said,
    arguments_come_back,
    http,
    is_answered_inside,
    is_refused_once,
    tool_is_called_inside,
    two_cases,
    two_languages,
    whole_and_streamed,
)
from tests.e2e.street import Street
from tests.proxy.documents.files import coded, drawing

pytestmark = pytest.mark.filterwarnings("ignore")  # what LiteLLM's import and its models warn of is its own affair


@pytest.fixture
def vendors(vendor_street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street of all vendors, in the environment of an employee."""
    monkeypatch.setenv("HTTPS_PROXY", vendor_street.proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(vendor_street.proxy.ca))
    monkeypatch.setenv("NO_PROXY", "")
    return vendor_street


type Content = str | list[dict[str, Any]]


def asked(content: Content, tool: bool) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]} | ({"tools": [TOOL]} if tool else {})


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


def lite_llm(model: str, **more: str) -> Ask:
    def ask(street: Street, content: Content, stream: bool, tool: bool) -> Said:
        import litellm  # takes seconds, of every worker that only collects this file

        del street  # it is in the environment
        litellm.in_memory_llm_clients_cache.flush_cache()
        answer = litellm.completion(
            model, stream=stream, timeout=120, **({"api_key": "k"} | more), **asked(content, tool)
        )
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
    "litellm, watsonx": lite_llm(
        "watsonx/ibm/granite-3-3-8b-instruct",
        api_base="https://us-south.ml.cloud.ibm.com",
        token="t",
        project_id="p",
    ),
    "litellm, Cohere": lite_llm("cohere_chat/command-a-03-2025"),
}
every_client = pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS.keys())


@whole_and_streamed
@every_client
@two_cases
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
    arguments_come_back(vendors, ask, stream)


@whole_and_streamed
@every_client
@two_languages
def test_customer_data_is_answered_by_the_companys_own_model(
    vendors: Street, ask: Ask, text: str, stream: bool
) -> None:
    is_answered_inside(vendors, ask, text, stream)


@whole_and_streamed
@every_client
def test_a_redirected_tool_call_is_translated_both_ways(vendors: Street, ask: Ask, stream: bool) -> None:
    tool_is_called_inside(vendors, ask, stream)


@whole_and_streamed
@every_client
def test_a_refusal_is_an_error_of_the_sdk_and_is_not_asked_again(vendors: Street, ask: Ask, stream: bool) -> None:
    told = is_refused_once(vendors, ask, stream)
    assert any(words in told for words in ("该项目保密", repr("该项目保密".encode())[2:-1])) or ask is z_ai, told


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
