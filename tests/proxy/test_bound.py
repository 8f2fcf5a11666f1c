"""A signed request goes as it came or not at all; nothing else is held back for it."""

from typing import Any

import pytest

from policies.decision import Text
from proxy.bound import is_bound
from proxy.errors import Signed
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
