"""A signed request goes as it came or not at all; nothing else is held back for it."""

import base64
from typing import Any

import orjson
import pytest

from policies.decision import Text
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.bound import is_bound
from proxy.errors import Signed, SignedThought
from proxy.exchange import Forward, Redirect
from proxy.refusals.refusal import compose
from tests.proxy.house import CUSTOMER, SECRET, chat
from tests.proxy.test_pipeline import depart

AWS = "AWS4-HMAC-SHA256 Credential=AKIA/20261127/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=ab"
SIGNED: dict[str, tuple[dict[str, str], str, bool, bool]] = {
    "Amazon": ({"authorization": AWS}, "", True, True),
    "Amazon, in small letters": ({"authorization": AWS.lower()}, "", True, True),
    "Amazon, many regions": ({"authorization": "AWS4-ECDSA-P256-SHA256 Credential=x"}, "", True, True),
    "Amazon, with the hash": ({"authorization": AWS, "x-amz-content-sha256": "e3b0"}, "", True, True),
    "Amazon, without the body": ({"authorization": AWS, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, "", True, False),
    "Amazon, with an API key": ({"authorization": "Bearer bedrock-api-key-x"}, "bedrock", False, False),
    "Tencent Cloud": ({"authorization": "TC3-HMAC-SHA256 Credential=x"}, "hunyuan", True, True),
    "Volcengine": ({"authorization": "HMAC-SHA256 Credential=x"}, "", True, True),
    "Huawei Cloud": ({"authorization": "SDK-HMAC-SHA256 Access=x"}, "", True, True),
    "Alibaba Cloud": ({"authorization": "ACS3-HMAC-SHA256 Credential=x"}, "", True, True),
    "Baidu": ({"authorization": "bce-auth-v1/ak/2026-11-27T00:00:00Z/1800//ab"}, "", True, True),
    "Baidu's key": ({"authorization": "Bearer bce-v3/ALTAK-x/ab"}, "", False, False),
    "Oracle": (
        {"authorization": 'Signature version="1",headers="date x-content-sha256",signature="x"'},
        "",
        True,
        True,
    ),
    "a signature of the head alone": ({"authorization": 'Signature headers="date",signature="x"'}, "", False, False),
    "message signatures": ({"signature-input": 'sig1=("@method" "content-digest");created=1'}, "", True, True),
    "chat.z.ai": ({"x-signature": "ab"}, "zai", False, True),
    "poe.com": ({"poe-tag-id": "ab"}, "poe", False, True),
    "another service with such a field": ({"x-signature": "ab"}, "openai", False, False),
    "chat.z.ai without it": ({}, "zai", False, False),
    "nothing": ({}, "", False, False),
}


@pytest.mark.parametrize(("fields", "wire", "head", "body"), SIGNED.values(), ids=SIGNED.keys())
def test_what_a_signature_covers_is_bound(fields: dict[str, str], wire: str, head: bool, body: bool) -> None:
    headers = tuple(fields.items())
    assert is_bound(headers, wire, head=True, body=False) is head
    assert is_bound(headers, wire, head=False, body=True) is body
    assert is_bound(headers, wire, head=True, body=True) is (head or body)


def signed(text: str, **given: Any) -> Any:
    headers = (("content-type", "application/json"), ("authorization", AWS))
    return depart(chat(text), headers=headers, **given)


def test_a_signed_request_with_nothing_to_take_out_goes_as_it_came() -> None:
    outcome = signed("hello").outcome
    assert isinstance(outcome, Forward) and outcome.body is None


@pytest.mark.parametrize("where", ["body", "address"])
def test_a_signed_request_with_something_to_take_out_is_refused(where: str) -> None:
    with pytest.raises(Signed):
        if where == "body":
            signed(f"call {SECRET}")
        else:
            signed("hello", path=f"/v1/chat/completions?user={SECRET}")


def test_the_companys_own_model_does_not_ask_for_the_signature() -> None:
    outcome = signed(f"write to {CUSTOMER}").outcome
    assert isinstance(outcome, Redirect)
    assert AWS not in str(outcome.headers)


def test_the_refusal_says_why_and_what_to_do_instead() -> None:
    told = compose(Signed("x"), Text(en="Bedrock", zh="Bedrock"), "SL-1", "both")
    assert (told.status, told.code) == (403, "signed_request")
    assert "it is signed" in told.message and "带有签名" in told.message and "API key" in told.message


SEAL = base64.b64encode(bytes(range(256))).decode()


def thought(role: str, **block: str) -> bytes:
    turns = [{"role": role, "content": [{"type": "thinking", **block}]}, {"role": "user", "content": f"call {SECRET}"}]
    return orjson.dumps({"model": "m", "max_tokens": 9, "messages": turns})


def think(body: bytes) -> Any:
    return depart(body, host="api.anthropic.com", path="/v1/messages").outcome


def test_a_signed_thought_with_nothing_to_take_out_goes_back_as_it_came() -> None:
    block = {"thinking": "[PHONE_NUMBER_7K2F9QAA] of whoever asks", "signature": SEAL}
    sent = orjson.loads(think(thought("assistant", **block)).body)
    assert sent["messages"][0]["content"] == [{"type": "thinking", **block}]
    assert SECRET not in str(sent)


def test_a_signed_thought_with_something_to_take_out_is_refused() -> None:
    with pytest.raises(SignedThought):
        think(thought("assistant", thinking=f"call {SECRET}", signature=SEAL))
    with pytest.raises(SignedThought):
        think(thought("assistant", thinking="x", signature=SECRET))


@pytest.mark.parametrize(
    ("role", "signature"), [("user", "x"), ("assistant", "")], ids=["a person's", "without a signature"]
)
def test_a_thought_that_no_service_signed_is_text(role: str, signature: str) -> None:
    sent = think(thought(role, thinking=f"call {SECRET}", signature=signature)).body
    assert SECRET.encode() not in sent and b'"thinking":"call [' in sent


def test_a_thought_that_nobody_can_read_passes_and_a_text_in_its_place_does_not() -> None:
    def hidden(data: str) -> bytes:
        content = [{"type": "redacted_thinking", "data": data}]
        return orjson.dumps({"model": "m", "messages": [{"role": "assistant", "content": content}]})

    assert isinstance(think(hidden(SEAL)), Forward)
    with pytest.raises(SignedThought):
        think(hidden(base64.b64encode(f"call {SECRET}, please, and {SECRET} once more, and say so".encode()).decode()))


@pytest.mark.parametrize(("role", "signed"), [("assistant", True), ("user", False)])
def test_bedrocks_reasoning_is_read_like_anthropics(role: str, signed: bool) -> None:
    content = [{"reasoningContent": {"reasoningText": {"text": f"call {SECRET}", "signature": SEAL}}}]
    body = orjson.dumps({"messages": [{"role": role, "content": content}]})
    prompt = choose(Asked("POST", "/model/amazon.nova-pro-v1:0/converse")).read(body, "application/json")
    assert [(part.text, bool(part.signed)) for part in prompt.parts] == [(f"call {SECRET}", signed)]
    assert bool(prompt.opaque) is not signed, "a signature that is no model's is encoded data"
