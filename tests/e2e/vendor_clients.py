"""Client libraries of vendors with interfaces of their own, unmodified; see `test_clients.py`.

Gemini, Cohere, DashScope, Ollama, Bedrock.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.loaders
import botocore.session
import cohere
import ollama
import requests
from botocore.config import Config
from dashscope import Generation
from google import genai
from google.genai import types

from tests.e2e.any_client import SCHEMA, TOOL, Ask, Said, http
from tests.e2e.street import Street

LOADER = botocore.loaders.create_loader()
"""Remembers what it has read of Amazon's descriptions of its services."""
BEDROCK = "anthropic.claude-3-haiku-20240307-v1:0"


def gemini(street: Street, text: str, stream: bool, tool: bool) -> Said:
    with http(street) as client:
        models = genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=client)).models
        declared = types.FunctionDeclaration(name="note", parameters_json_schema=SCHEMA)
        config = types.GenerateContentConfig(
            tools=[types.Tool(function_declarations=[declared])] if tool else None,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        asked: dict[str, Any] = {"model": "gemini-2.5-flash", "contents": text, "config": config}
        read = list(models.generate_content_stream(**asked)) if stream else [models.generate_content(**asked)]
    parts = [part for one in read for part in one.candidates[0].content.parts or []]
    calls = [dict(part.function_call.args) for part in parts if part.function_call]
    return Said("".join(part.text or "" for part in parts), calls[0] if calls else None)


def interaction(street: Street, text: str, stream: bool, tool: bool) -> Said:
    with http(street) as client:
        sdk = genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=client)).interactions
        asked: dict[str, Any] = {"model": "gemini-3", "input": text}
        if tool:
            asked["tools"] = [{"type": "function", "name": "note", "parameters": SCHEMA}]
        if not stream:
            steps = sdk.create(**asked).steps
            said = "".join(part.text for step in steps if step.type == "model_output" for part in step.content)
            calls = [dict(step.arguments) for step in steps if step.type == "function_call"]
            return Said(said, calls[0] if calls else None)
        deltas = [one.delta for one in sdk.create(**asked, stream=True) if one.event_type == "step.delta"]
    said = "".join(one.text for one in deltas if one.type == "text")
    return Said(said, loaded("".join(one.arguments for one in deltas if one.type == "arguments_delta")))


def cohere_v2(street: Street, text: str, stream: bool, tool: bool) -> Said:
    with http(street) as client:
        sdk = cohere.ClientV2("k", httpx_client=client)
        asked: dict[str, Any] = {"model": "command-a", "messages": [{"role": "user", "content": text}]}
        if tool:
            asked["tools"] = [TOOL]
        if not stream:
            message = sdk.chat(**asked).message
            calls = [call.function.arguments for call in message.tool_calls or []]
            return Said("".join(part.text for part in message.content or []), loaded("".join(calls)))
        events = list(sdk.chat_stream(**asked))
    said = [one.delta.message.content.text for one in events if one.type == "content-delta"]
    pieces = [one.delta.message.tool_calls.function.arguments for one in events if one.type == "tool-call-delta"]
    return Said("".join(said), loaded("".join(pieces)))


def through(street: Street) -> requests.Session:
    """Return a session that goes through the proxy and trusts it."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"https": street.proxy.url}
    session.verify = str(street.proxy.ca)
    return session


def dashscope(street: Street, text: str, stream: bool, tool: bool, **more: Any) -> Said:
    with through(street) as session:
        asked: dict[str, Any] = {"model": "qwen-plus", "messages": [{"role": "user", "content": text}], "api_key": "k"}
        asked |= {"stream": stream, "result_format": "message", "session": session} | (
            {"tools": [TOOL]} if tool else {}
        )
        answer = Generation.call(**asked, **more)
        read = list(answer) if stream else [answer]
    if read[-1].status_code != 200:
        raise RuntimeError(f"{read[-1].code}: {read[-1].message}")
    messages = [one.output.choices[0].message for one in read]
    calls = [call["function"]["arguments"] for call in messages[-1].get("tool_calls") or []]
    return Said("".join(one.content for one in messages) if more else messages[-1].content, loaded("".join(calls)))


def dashscope_pieces(street: Street, text: str, stream: bool, tool: bool) -> Said:
    return dashscope(street, text, stream, tool, incremental_output=True)


def ollama_client(street: Street) -> ollama.Client:
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    return ollama.Client("https://ollama.com", proxy=street.proxy.url, verify=trust, trust_env=False)


def ollama_chat(street: Street, text: str, stream: bool, tool: bool) -> Said:
    with ollama_client(street) as sdk:
        answer = sdk.chat("qwen3", [{"role": "user", "content": text}], tools=[TOOL] if tool else None, stream=stream)
        read = list(answer) if stream else [answer]
    calls = [dict(call.function.arguments) for one in read for call in one.message.tool_calls or []]
    return Said("".join(one.message.content or "" for one in read), calls[0] if calls else None)


@contextmanager
def amazon(street: Street, *, key: bool = True) -> Iterator[Any]:
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    session.set_credentials("AKIDEXAMPLE", "secret")
    scheme = {"auth_scheme_preference": "httpBearerAuth"} if key else {"auth_scheme_preference": "sigv4"}
    config = Config(proxies={"https": street.proxy.url}, retries={"max_attempts": 3}, **scheme)
    client = session.create_client("bedrock-runtime", "us-east-1", config=config, verify=str(street.proxy.ca))
    yield client
    client.close()


def bedrock(street: Street, text: str, stream: bool, tool: bool) -> Said:
    asked: dict[str, Any] = {"modelId": BEDROCK, "messages": [{"role": "user", "content": [{"text": text}]}]}
    if tool:
        asked["toolConfig"] = {"tools": [{"toolSpec": {"name": "note", "inputSchema": {"json": SCHEMA}}}]}
    with amazon(street) as client:
        if not stream:
            content = client.converse(**asked)["output"]["message"]["content"]
            calls = [block["toolUse"]["input"] for block in content if "toolUse" in block]
            return Said("".join(block.get("text", "") for block in content), calls[0] if calls else None)
        events = list(client.converse_stream(**asked)["stream"])
    deltas = [one["contentBlockDelta"]["delta"] for one in events if "contentBlockDelta" in one]
    pieces = "".join(one["toolUse"]["input"] for one in deltas if "toolUse" in one)
    return Said("".join(one.get("text", "") for one in deltas), loaded(pieces))


def claude_on_bedrock(street: Street, text: str, stream: bool, tool: bool) -> Said:
    body: dict[str, Any] = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99}
    body["messages"] = [{"role": "user", "content": text}]
    if tool:
        body["tools"] = [{"name": "note", "input_schema": SCHEMA}]
    asked = {"modelId": BEDROCK, "body": json.dumps(body, ensure_ascii=False).encode()}
    with amazon(street) as client:
        if not stream:
            content = json.loads(client.invoke_model(**asked)["body"].read())["content"]
            calls = [block["input"] for block in content if block["type"] == "tool_use"]
            return Said("".join(block.get("text", "") for block in content), calls[0] if calls else None)
        answer = client.invoke_model_with_response_stream(**asked)
        events = [json.loads(one["chunk"]["bytes"]) for one in answer["body"]]
    deltas = [one["delta"] for one in events if one["type"] == "content_block_delta"]
    said = "".join(one.get("text", "") for one in deltas)
    return Said(said, loaded("".join(one.get("partial_json", "") for one in deltas)))


def loaded(arguments: str) -> dict[str, Any] | None:
    return json.loads(arguments) if arguments else None


SDKS: dict[str, Ask] = {
    "google-genai": gemini,
    "google-genai interactions": interaction,
    "cohere": cohere_v2,
    "dashscope": dashscope,
    "dashscope, pieces": dashscope_pieces,
    "ollama": ollama_chat,
    "bedrock converse": bedrock,
    "bedrock invoke": claude_on_bedrock,
}
