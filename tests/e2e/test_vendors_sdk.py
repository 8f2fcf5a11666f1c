"""Client libraries of other vendors, unmodified, through the proxy: Gemini, Cohere, DashScope, Ollama, Bedrock."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import botocore.loaders
import botocore.session
import cohere
import ollama
import pytest
import requests
from botocore.config import Config
from dashscope import Generation, TextEmbedding
from google import genai
from google.genai import types

from tests.e2e.any_client import (
    CARD,
    FALCON,
    SCHEMA,
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
from tests.e2e.vendor_street import SAYS

LOADER = botocore.loaders.create_loader()
"""Remembers what it has read of Amazon's descriptions of its services."""
BEDROCK = "anthropic.claude-3-haiku-20240307-v1:0"


@pytest.fixture
def vendors(vendor_street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street of all vendors, where Amazon's has a key."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x")
    return vendor_street


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
every_sdk = pytest.mark.parametrize("ask", SDKS.values(), ids=SDKS.keys())


@whole_and_streamed
@every_sdk
@two_cases
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    vendors: Street, ask: Ask, case: Any, stream: bool
) -> None:
    assert ask(vendors, case.text, stream, False) == Said(SAYS + case.text)
    (seen,) = vendors.external.requests
    assert f"[{case.entity}_".encode() in seen.body


@whole_and_streamed
@every_sdk
def test_arguments_of_a_tool_come_back_with_the_originals(vendors: Street, ask: Ask, stream: bool) -> None:
    arguments_come_back(vendors, ask, stream)


@whole_and_streamed
@every_sdk
@two_languages
def test_customer_data_is_answered_by_the_companys_own_model(
    vendors: Street, ask: Ask, text: str, stream: bool
) -> None:
    is_answered_inside(vendors, ask, text, stream)
    assert vendors.internal.requests[0].json()["messages"] == [{"role": "user", "content": text}]


@whole_and_streamed
@every_sdk
def test_a_redirected_tool_call_is_translated_both_ways(vendors: Street, ask: Ask, stream: bool) -> None:
    tool_is_called_inside(vendors, ask, stream)


@whole_and_streamed
@every_sdk
def test_a_refusal_is_an_error_of_the_sdk_and_is_not_asked_again(vendors: Street, ask: Ask, stream: bool) -> None:
    assert "该项目保密" in is_refused_once(vendors, ask, stream)


def vectors_of_gemini(street: Street, text: str) -> list[float]:
    with http(street) as client:
        models = genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=client)).models
        assert models.count_tokens(model="gemini-2.5-flash", contents=text).total_tokens == 7
        return models.embed_content(model="text-embedding-004", contents=text).embeddings[0].values or []


def vectors_of_cohere(street: Street, text: str) -> list[float]:
    with http(street) as client:
        asked = {"model": "embed-v4.0", "input_type": "search_query", "embedding_types": ["float"], "texts": [text]}
        return cohere.ClientV2("k", httpx_client=client).embed(**asked).embeddings.float_[0]


def vectors_of_dashscope(street: Street, text: str) -> list[float]:
    with through(street) as session:
        asked = {"model": "text-embedding-v3", "input": text, "api_key": "k", "session": session}
        return TextEmbedding.call(**asked).output["embeddings"][0]["embedding"]


def vectors_of_ollama(street: Street, text: str) -> list[float]:
    with ollama_client(street) as sdk:
        return list(sdk.embed("nomic", text).embeddings[0])


@pytest.mark.parametrize(
    "ask", [vectors_of_gemini, vectors_of_cohere, vectors_of_dashscope, vectors_of_ollama], ids=lambda one: one.__name__
)
@two_cases
def test_what_is_made_into_vectors_leaves_with_placeholders(vendors: Street, ask: Any, case: Any) -> None:
    assert ask(vendors, case.text) == [0.5]
    assert all(f"[{case.entity}_".encode() in seen.body for seen in vendors.external.requests)


def test_how_long_a_prompt_for_the_companys_model_is_is_told_without_asking_anybody(vendors: Street) -> None:
    with http(vendors) as client:
        models = genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=client)).models
        assert 5 < (models.count_tokens(model="gemini-2.5-flash", contents=FALCON[0]).total_tokens or 0) < 50
    assert vendors.external.requests == [] and vendors.internal.requests == []


def test_an_array_that_is_streamed_is_restored_and_answered_by_the_companys_model(vendors: Street) -> None:
    url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent"
    for text, says in ((CARD.text, SAYS), (FALCON[0], "nternal")):
        with http(vendors) as client:
            answer = client.post(url, json={"contents": [{"parts": [{"text": text}]}]}, headers={"x-goog-api-key": "k"})
        parts = [part for one in answer.json() for part in one["candidates"][0]["content"]["parts"]]
        said = "".join(part["text"] for part in parts)
        assert said.endswith(text) and says in said and len(parts) > 2
        assert answer.headers["content-type"].startswith("application/json")


def test_code_assist_is_restored_within_its_envelope(vendors: Street) -> None:
    url = "https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse"
    body = {"model": "gemini-2.5-pro", "project": "p", "request": {"contents": [{"parts": [{"text": CARD.text}]}]}}
    with http(vendors) as client:
        answer = client.post(url, json=body)
    events = [json.loads(one.removeprefix("data: ")) for one in answer.text.split("\r\n\r\n") if one]
    parts = [part for one in events for part in one["response"]["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts) == SAYS + CARD.text


PROTOBUF = b"\x00\x00\x00\x00\x07\n\x05hello"
CURSOR = "https://api2.cursor.sh/aiserver.v1.ChatService/StreamUnifiedChatWithTools"
CODEIUM = "https://server.codeium.com/exa.api_server_pb.ApiServerService/GetChatMessage"


@pytest.mark.parametrize(
    ("url", "status", "word"),
    [(CURSOR, "3", "invalid_argument"), (CODEIUM, "7", "permission_denied")],
    ids=["unreadable", "not permitted"],
)
def test_what_is_in_protobuf_is_refused_in_its_own_way_over_http2(
    vendors: Street, url: str, status: str, word: str
) -> None:
    with vendors.client(http2=True) as client:
        grpc = client.post(url, content=PROTOBUF, headers={"content-type": "application/grpc"})
        stream = client.post(url, content=PROTOBUF, headers={"content-type": "application/connect+proto"})
        unary = client.post(url, content=PROTOBUF, headers={"content-type": "application/proto"})
    assert (grpc.status_code, grpc.headers["grpc-status"], grpc.content) == (200, status, b"")
    assert "SLC-" in unquote(grpc.headers["grpc-message"])
    assert (stream.status_code, stream.content[0], stream.headers["content-type"]) == (
        200,
        2,
        "application/connect+proto",
    )
    assert json.loads(stream.content[5:])["error"]["code"] == word
    assert (unary.status_code, unary.json()["code"]) == (400 if status == "3" else 403, word)
    assert vendors.external.requests == []


@pytest.fixture
def signing(vendors: Street, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of Bedrock that signs its requests."""
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    with amazon(vendors, key=False) as client:
        yield client


def converse(client: Any, text: str) -> str:
    answer = client.converse(modelId=BEDROCK, messages=[{"role": "user", "content": [{"text": text}]}])
    return "".join(block["text"] for block in answer["output"]["message"]["content"])


def test_a_signed_request_with_nothing_to_take_out_arrives_as_it_was_signed(vendors: Street, signing: Any) -> None:
    assert converse(signing, "hello") == SAYS + "hello"
    (seen,) = vendors.external.requests
    assert seen.header("authorization").startswith("AWS4-HMAC-SHA256")
    assert seen.body == b'{"messages": [{"role": "user", "content": [{"text": "hello"}]}]}'


def test_a_signed_request_with_something_to_take_out_is_refused_and_says_why(vendors: Street, signing: Any) -> None:
    with pytest.raises(Exception, match="it is signed") as caught:
        converse(signing, CARD.text)
    assert "带有签名" in str(caught.value) and "AccessDeniedException" in str(caught.value)
    assert vendors.external.requests == []


def test_a_signed_request_may_go_to_the_companys_own_model(vendors: Street, signing: Any) -> None:
    assert converse(signing, FALCON[0]).endswith(FALCON[0])
    assert vendors.external.requests == [] and len(vendors.internal.requests) == 1
