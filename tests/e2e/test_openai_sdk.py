"""The openai package, unmodified, in a process that only knows HTTPS_PROXY and SSL_CERT_FILE."""

import re

import orjson
import pytest

from tests.e2e.any_client import every_value_one_way
from tests.e2e.street import Planted, Street, grant, load_planted

OPENAI = "https://api.openai.com/v1"
DEEPSEEK = "https://api.deepseek.com/v1"

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")

NOTE_TOOL = {
    "type": "function",
    "function": {
        "name": "write_note",
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
}


def said(answer: dict) -> str:
    return answer["done"]["choices"][0]["message"]["content"]


@every_value_one_way
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    street: Street, case: Planted, stream: bool
) -> None:
    answer = street.employee.ask({"sdk": "openai", "base_url": OPENAI, "prompt": case.text, "body": {"stream": stream}})
    (seen,) = street.external.requests
    left = seen.json()["messages"][0]["content"]
    before, after = case.prompt.split("{}")
    assert re.fullmatch(re.escape(before) + rf"\[{case.entity}_[0-9A-Z]+\]" + re.escape(after), left)
    assert said(answer).endswith(case.text)
    assert "tand-in" in said(answer) or "替身" in said(answer)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_tool_call_arguments_come_back_with_the_originals(street: Street, case: Planted, stream: bool) -> None:
    body = {"stream": stream, "tools": [NOTE_TOOL]}
    answer = street.employee.ask({"sdk": "openai", "base_url": OPENAI, "prompt": case.text, "body": body})
    (call,) = answer["done"]["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "write_note"
    assert {"text": case.text} == orjson.loads(call["function"]["arguments"])
    assert answer["done"]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_tool_result_is_redacted_like_any_turn(street: Street) -> None:
    called = {"id": "c1", "type": "function", "function": {"name": "write_note", "arguments": '{"text": "x"}'}}
    messages = [
        {"role": "user", "content": "Who is it?"},
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c1", "content": IDENTITY.text},
    ]
    answer = street.employee.ask(
        {"sdk": "openai", "base_url": OPENAI, "body": {"messages": messages, "tools": [NOTE_TOOL]}}
    )
    assert said(answer).endswith(IDENTITY.text)
    assert "CN_ID_CARD" in street.external.requests[0].json()["messages"][2]["content"]


def test_the_same_value_has_the_same_placeholder_in_the_next_turn(street: Street) -> None:
    first = street.employee.ask({"sdk": "openai", "base_url": OPENAI, "prompt": IDENTITY.text})
    messages = [
        {"role": "user", "content": IDENTITY.text},
        {"role": "assistant", "content": said(first)},
        {"role": "user", "content": f"再写一遍 {IDENTITY.value}"},
    ]
    street.employee.ask({"sdk": "openai", "base_url": OPENAI, "body": {"messages": messages}})
    placeholders = {re.search(rb"\[CN_ID_CARD_[0-9A-Z]+\]", seen.body)[0] for seen in street.external.requests}
    assert len(placeholders) == 1
    second = street.external.requests[1].json()["messages"]
    assert second[0] == street.external.requests[0].json()["messages"][0]
    assert all(placeholders.copy().pop().decode() in turn["content"] for turn in second)


def test_a_forbidden_service_is_the_sdks_own_error_and_is_not_retried(street: Street) -> None:
    answer = street.employee.ask({"sdk": "openai", "base_url": DEEPSEEK, "prompt": CARD.text})
    assert answer["error"]["class"] == "PermissionDeniedError"
    assert (answer["error"]["status"], answer["error"]["code"]) == (403, "blocked_by_policy")
    assert answer["attempts"] == 1
    message = answer["error"]["message"]
    assert "禁止使用 DeepSeek" in message and "DeepSeek is not to be used" in message
    assert "It has not passed the data transfer assessment." in message and "请使用内部模型。" in message
    assert "it-help@example.com" in message
    assert street.external.requests == []
    record = street.last_record()
    assert (record["outcome"], record["code"], record["rules"]) == ("refused", "blocked_by_policy", ["no-deepseek"])
    assert record["id"] in message


def test_without_a_grant_it_is_refused_with_how_to_ask_and_with_one_it_goes(street: Street) -> None:
    asked = {"sdk": "openai", "base_url": "https://api.mistral.ai/v1", "prompt": CARD.text}
    refused = street.employee.ask(asked)
    assert refused["error"]["code"] == "authorization_required"
    assert "请向 张敏 申请。" in refused["error"]["message"] and "Ask 张敏 (Zhang Min)." in refused["error"]["message"]
    assert (refused["attempts"], street.external.requests) == (1, [])

    grant(street)
    answer = street.employee.ask(asked)
    assert said(answer).endswith(CARD.text)
    assert len(street.external.requests) == 1
    assert street.last_record()["grant"] != ""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("text", ["Summarise Project Falcon.", "整理一下华星科技的合同。"], ids=["en", "zh"])
def test_customer_data_is_answered_by_the_companys_own_model(street: Street, text: str, stream: bool) -> None:
    body = {"stream": stream, **({"stream_options": {"include_usage": True}} if stream else {})}
    answer = street.employee.ask({"sdk": "openai", "base_url": OPENAI, "prompt": text, "body": body})
    assert said(answer).endswith(text)
    assert "nternal" in said(answer) or "内部替身模型" in said(answer)
    assert answer["done"]["model"] == "gpt-4o"
    assert answer["done"]["usage"]["total_tokens"] > 0
    assert street.external.requests == []
    assert street.internal.requests[0].json()["model"] == "standin-model"
