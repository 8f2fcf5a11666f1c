"""LangChain as a program uses it, through the proxy: what it reads of chat, Responses and vectors are the originals."""

import base64
import ssl
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import SecretStr

from tests.e2e.openai_family import Family
from tests.e2e.street import Planted, Street, load_planted
from tests.proxy.documents.files import coded, drawing

BOTH = [each for each in load_planted() if each.name in ("card with spaces", "resident identity number")]
FALCON = "Summarise Project Falcon."
KEY = SecretStr("sk-standin-0000-no-real-key")

two_languages = pytest.mark.parametrize("case", BOTH, ids=lambda case: case.name)
both_interfaces = pytest.mark.parametrize("responses", [False, True], ids=["chat", "responses"])


@pytest.fixture
def family(street: Street) -> Iterator[Street]:
    """The street, whose external stand-in speaks all of OpenAI's interface."""
    street.external.route = Family(street.external).route
    yield street
    del street.external.route


@pytest.fixture
def way_out(family: Street) -> Iterator[httpx2.Client]:
    """An HTTP client that goes through the proxy and trusts it."""
    trust = ssl.create_default_context(cafile=str(family.proxy.ca))
    with openai.DefaultHttpxClient(proxy=family.proxy.url, verify=trust, trust_env=False) as client:
        yield client


def model(way_out: httpx2.Client, *, responses: bool, host: str = "api.openai.com") -> ChatOpenAI:
    return ChatOpenAI(
        model="gpt-5.5",
        api_key=KEY,
        base_url=f"https://{host}/v1",
        http_client=way_out,
        use_responses_api=responses,
        max_retries=2,
    )


def write_note(text: str) -> str:
    """Write a note."""
    return text


@both_interfaces
@two_languages
def test_an_answer_is_restored_whole_and_piece_by_piece(
    family: Street, way_out: httpx2.Client, case: Planted, responses: bool
) -> None:
    asked = model(way_out, responses=responses)
    assert asked.invoke(case.text).text.endswith(case.text)
    assert "".join(piece.text for piece in asked.stream(case.text)).endswith(case.text)
    assert all(f"[{case.entity}_".encode() in seen.body for seen in family.external.requests)
    assert len(family.external.requests) == 2


@both_interfaces
@two_languages
def test_a_tool_is_called_with_the_originals_and_its_result_is_redacted(
    family: Street, way_out: httpx2.Client, case: Planted, responses: bool
) -> None:
    asked = model(way_out, responses=responses).bind_tools([write_note])
    history: list[Any] = [HumanMessage(case.text)]
    whole = sum_of(asked.stream(history))
    (call,) = whole.tool_calls
    assert (call["name"], call["args"]) == ("write_note", {"text": case.text})
    history += [AIMessage(content=whole.content, tool_calls=whole.tool_calls)]
    history += [ToolMessage(case.text, tool_call_id=call["id"])]
    model(way_out, responses=responses).invoke(history)
    assert family.external.requests[1].body.count(f"[{case.entity}_".encode()) == 3


def sum_of(pieces: Iterator[Any]) -> Any:
    """Return the message that the pieces of a stream make."""
    whole = next(pieces)
    for piece in pieces:
        whole += piece
    return whole


@both_interfaces
def test_customer_data_is_answered_by_the_companys_own_model(
    family: Street, way_out: httpx2.Client, responses: bool
) -> None:
    asked = model(way_out, responses=responses)
    for text in (asked.invoke(FALCON).text, "".join(piece.text for piece in asked.stream(FALCON))):
        assert text.endswith(FALCON) and "nternal" in text
    assert family.external.requests == []


@both_interfaces
def test_a_refusal_is_an_error_that_is_not_tried_again(family: Street, way_out: httpx2.Client, responses: bool) -> None:
    before = len(family.request_records())
    with pytest.raises(openai.PermissionDeniedError, match="DeepSeek is not to be used"):
        model(way_out, responses=responses, host="api.deepseek.com").invoke("hello")
    assert len(family.request_records()) == before + 1


@two_languages
def test_what_is_to_become_vectors_is_redacted(family: Street, way_out: httpx2.Client, case: Planted) -> None:
    vectors = OpenAIEmbeddings(
        model="e",
        api_key=KEY,
        base_url="https://api.openai.com/v1",
        http_client=way_out,
        check_embedding_ctx_length=False,
    )
    assert vectors.embed_query(case.text) == [0.25, 0.5]
    assert f"[{case.entity}_".encode() in family.external.requests[0].body


@both_interfaces
def test_a_picture_goes_as_it_is_beside_words_that_do_not(
    family: Street, way_out: httpx2.Client, responses: bool
) -> None:
    picture = base64.b64encode(coded(drawing("a pleasant day"))).decode()
    url = {"url": f"data:image/png;base64,{picture}"}
    parts = [{"type": "text", "text": BOTH[0].text}, {"type": "image_url", "image_url": url}]
    assert BOTH[0].text in model(way_out, responses=responses).invoke([HumanMessage(content=parts)]).text
    (seen,) = family.external.requests
    assert picture.encode() in seen.body and f"[{BOTH[0].entity}_".encode() in seen.body
    assert family.last_record()["inspection"] == "full"
