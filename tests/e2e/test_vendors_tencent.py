"""Tencent's own library of Hunyuan, unmodified, through the proxy: it signs each request with its body.

What must be taken out of such a request cannot be; what holds nothing goes as it was signed, and the company's model
can answer.
"""

import json
from typing import Any

import pytest

from tests.e2e.any_client import (
    CARD,
    SCHEMA,
    Said,
    is_answered_inside,
    is_refused_once,
    tool_is_called_inside,
    two_languages,
    whole_and_streamed,
)
from tests.e2e.street import Street
from tests.e2e.vendor_street import SAYS

pytest.importorskip(
    "tencentcloud.hunyuan", reason="TENCENT'S LIBRARY IS NOT INSTALLED: tencentcloud-sdk-python-hunyuan"
)

from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.hunyuan.v20230901 import hunyuan_client, models

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tencentcloud")  # its clock is its own affair

HARMLESS = "Say something nice. 说点好听的。"


def hunyuan(street: Street, text: str, stream: bool, tool: bool) -> Said:
    profile = ClientProfile(httpProfile=HttpProfile(proxy=street.proxy.url, certification=str(street.proxy.ca)))
    sdk = hunyuan_client.HunyuanClient(credential.Credential("AKIDexample", "secret"), "ap-guangzhou", profile)
    asked: dict[str, Any] = {
        "Model": "hunyuan-turbos",
        "Stream": stream,
        "Messages": [{"Role": "user", "Content": text}],
    }
    if tool:
        function = {"Name": "note", "Description": "Write it down", "Parameters": json.dumps(SCHEMA)}
        asked["Tools"] = [{"Type": "function", "Function": function}]
    request = models.ChatCompletionsRequest()
    request._deserialize(asked)
    answer = sdk.ChatCompletions(request)
    if not stream:
        message = answer.Choices[0].Message
        calls = [json.loads(call.Function.Arguments) for call in message.ToolCalls or []]
        return Said(message.Content, calls[0] if calls else None)
    deltas = [json.loads(event["data"])["Choices"][0]["Delta"] for event in answer if event["data"] != "[DONE]"]
    calls = [json.loads(call["Function"]["Arguments"]) for one in deltas for call in one.get("ToolCalls", ())]
    return Said("".join(one["Content"] for one in deltas), calls[0] if calls else None)


@whole_and_streamed
def test_a_signed_request_with_nothing_to_take_out_arrives_as_it_was_signed(
    vendor_street: Street, stream: bool
) -> None:
    assert hunyuan(vendor_street, HARMLESS, stream, False) == Said(SAYS + HARMLESS)
    (seen,) = vendor_street.external.requests
    assert (
        seen.header("authorization").startswith("TC3-HMAC-SHA256") and seen.header("x-tc-action") == "ChatCompletions"
    )
    assert vendor_street.last_record()["adapter"] == "hunyuan"


@whole_and_streamed
def test_a_signed_request_with_something_to_take_out_is_refused_and_says_why(
    vendor_street: Street, stream: bool
) -> None:
    with pytest.raises(Exception, match="it is signed") as caught:
        hunyuan(vendor_street, CARD.text, stream, False)
    assert "带有签名" in str(caught.value) and vendor_street.external.requests == []


@whole_and_streamed
@two_languages
def test_a_signed_request_may_go_to_the_companys_own_model(vendor_street: Street, text: str, stream: bool) -> None:
    is_answered_inside(vendor_street, hunyuan, text, stream)
    assert vendor_street.internal.requests[0].json()["messages"] == [{"role": "user", "content": text}]


@whole_and_streamed
def test_a_redirected_tool_call_is_translated_both_ways(vendor_street: Street, stream: bool) -> None:
    tool_is_called_inside(vendor_street, hunyuan, stream)


@whole_and_streamed
def test_a_refusal_is_an_error_of_the_sdk_and_is_not_asked_again(vendor_street: Street, stream: bool) -> None:
    assert "该项目保密" in is_refused_once(vendor_street, hunyuan, stream)
