"""What else vendors' client libraries do through the proxy: vectors, counts, arrays, protobuf, signed requests."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import cohere
import pytest
from dashscope import TextEmbedding
from google import genai
from google.genai import types

from tests.e2e.any_client import CARD, FALCON, http, two_cases
from tests.e2e.street import Street
from tests.e2e.vendor_clients import BEDROCK, amazon, ollama_client, through
from tests.e2e.vendor_street import SAYS


@pytest.fixture
def vendors(vendor_street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street of all vendors, where Amazon's has a key."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x")
    return vendor_street


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
