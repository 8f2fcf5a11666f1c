"""Client libraries that speak chat in OpenAI's words, or in many vendors' at once, unmodified; see `test_clients.py`.

Mistral's, Zhipu's and Hugging Face's own; and LiteLLM, which tells one interface to each vendor in that vendor's words.
"""

import json
import os
import ssl
from typing import Any

import httpx2

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network for prices

import huggingface_hub
import zai
from mistralai.client import Mistral

from tests.e2e.any_client import TOOL, Ask, Said, http
from tests.e2e.street import Street

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
