"""Responses as an adapter: who wrote what, how a refusal is told, and a request on its way to the company's model."""

import json

import httpx2
import openai
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Speaker
from proxy.adapters.openai.responses import ITEMS, RESPONSES, role_of
from proxy.errors import TooLarge, Untranslatable, WireError
from proxy.internal.answer import Finished, Started, TextDelta
from proxy.internal.translate import ToChat, translation_for

REFUSAL = Refusal(403, "blocked_by_policy", "已拦截：客户资料", "SL-1")


def refused(adapter, refusal: Refusal = REFUSAL) -> tuple[openai.APIStatusError, int]:
    """Return what the SDK raises for a refusal, and how often it asked."""
    answer = adapter.refuse(refusal)
    asked: list[httpx2.Request] = []

    def send(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.body)

    transport = httpx2.MockTransport(send)
    sdk = openai.OpenAI(api_key="k", max_retries=3, http_client=openai.DefaultHttpxClient(transport=transport))
    with sdk, pytest.raises(openai.APIStatusError) as caught:
        sdk.responses.create(model="m", input="hi")
    return caught.value, len(asked)


def test_the_sdk_shows_a_refusal_and_does_not_try_again():
    error, attempts = refused(RESPONSES)
    assert (error.status_code, error.code, error.type, error.request_id) == (
        *(403, "blocked_by_policy", "policy_violation", "SL-1"),
    )
    assert "已拦截：客户资料" in str(error)
    assert attempts == 1


AZURE = {
    "by the catalogue": Asked("POST", "/openai/v1/responses", (), "azure"),
    "by its key": Asked("POST", "/openai/v1/responses", (("api-key", "x"),)),
    "by its path": Asked("POST", "/openai/deployments/gpt/responses?api-version=1"),
}


@pytest.mark.parametrize("asked", AZURE.values(), ids=AZURE.keys())
def test_at_azure_a_refusal_is_its_content_filters(asked: Asked):
    error, attempts = refused(RESPONSES.at(asked))
    assert (error.status_code, error.code, attempts) == (400, "content_filter", 1)
    assert error.body["innererror"] == {"code": "ResponsibleAIPolicyViolation", "reason": "blocked_by_policy"}
    assert "已拦截：客户资料" in error.message


@pytest.mark.parametrize("status", [400, 413, 503])
def test_at_azure_what_is_no_verdict_of_policy_is_told_as_it_is(status: int):
    bound = RESPONSES.at(AZURE["by the catalogue"])
    answer = bound.refuse(Refusal(status, "some_code", "told", "SL-1"))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, "some_code")


def test_groqs_path_is_not_azures():
    asked = Asked("POST", "/openai/v1/responses", (("authorization", "Bearer x"),), "openai")
    assert RESPONSES.at(asked).refuse(REFUSAL).status == 403


def test_only_a_request_for_an_answer_can_be_answered_by_the_companys_model():
    assert isinstance(RESPONSES, Speaker)
    assert not isinstance(ITEMS, Speaker)
    assert translation_for(ITEMS, frozenset({"openai-chat"})) is None
    for path in ("/v1/responses/compact", "/v1/responses/input_tokens", "/v1/conversations/c/items"):
        assert choose(Asked("POST", path)).id == "openai-items"


def test_a_request_goes_to_the_companys_model_and_its_answer_comes_back_as_a_response():
    translation = translation_for(RESPONSES, frozenset({"openai-chat"}))
    assert isinstance(translation, ToChat)
    asked = json.loads(translation.request(b'{"model": "gpt-5.5", "input": "\xe4\xbd\xa0\xe5\xa5\xbd"}', "qwen"))
    assert asked == {"model": "qwen", "messages": [{"role": "user", "content": "你好"}]}
    answer = translation.answer(stream=False, client_model="gpt-5.5", answer_id="7f3a", now=1)
    body = answer.feed(
        b'{"model":"qwen","choices":[{"message":{"content":"\xe6\x82\xa8\xe5\xa5\xbd"},"finish_reason":"stop"}]}'
    )
    told = json.loads(body + answer.end())
    assert (told["model"], told["output"][0]["content"][0]["text"]) == ("gpt-5.5", "您好")
    assert answer.failure == ""


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[1]", WireError),
        (b"{", WireError),
        (b'{"input": "a", "input": "b"}', WireError),
        (b'{"a":' * 300, TooLarge),
        (b'{"input": "a", "previous_response_id": "r"}', Untranslatable),
    ],
    ids=["a list", "half", "twice", "deep", "kept by the service"],
)
def test_what_cannot_be_carried_is_an_error(body: bytes, error: type[Exception]):
    with pytest.raises(error):
        RESPONSES.to_chat(body, "qwen")


def test_the_writer_has_the_clients_name_for_the_model():
    writer = RESPONSES.writer(stream=False, model="gpt-5.5", answer_id="7f3a", now=1)
    writer.write([Started("c", "qwen"), TextDelta("a"), Finished("stop")])
    assert json.loads(writer.end())["model"] == "gpt-5.5"


TREE = {
    "instructions": "a",
    "input": [
        {"role": "developer", "content": "a"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
        {"type": "computer_call", "action": {"text": "a"}},
        {"type": "computer_call_output", "output": {"image_url": "a"}},
        {"type": "mcp_approval_response", "reason": "a"},
        {"role": "stranger", "content": "a"},
        {"type": 7, "content": "a"},
        "a",
    ],
}
ROLES = {
    ("instructions",): "system",
    ("input", 0, "content"): "system",
    ("input", 1, "content", 0, "text"): "assistant",
    ("input", 2, "action", "text"): "assistant",
    ("input", 3, "output", "image_url"): "tool",
    ("input", 4, "reason"): "other",
    ("input", 5, "content"): "other",
    ("input", 6, "content"): "other",
    ("input", 7): "other",
    ("metadata", "input"): "other",
    ("instructions", "deeper"): "other",
}


@pytest.mark.parametrize("path", ROLES, ids=str)
def test_an_item_says_who_wrote_it(path):
    assert role_of(TREE, path) == ROLES[path]
