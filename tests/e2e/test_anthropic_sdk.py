"""The anthropic package, unmodified, in a process that only knows HTTPS_PROXY and SSL_CERT_FILE."""

import re

import pytest

from tests.e2e.any_client import every_value_one_way
from tests.e2e.street import Planted, Street, load_planted

ANTHROPIC = "https://api.anthropic.com"

CASES = [each for each in load_planted() if each.name in ("card with spaces", "resident identity number")]
CARD = CASES[1] if CASES[1].language == "en" else CASES[0]

NOTE_TOOL = {
    "name": "write_note",
    "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}
THINKING = {"type": "adaptive"}


def ask(street: Street, text: str, **body: object) -> dict:
    return street.employee.ask({"sdk": "anthropic", "base_url": ANTHROPIC, "prompt": text, "body": body})


def said(answer: dict) -> str:
    return "".join(block.get("text") or "" for block in answer["done"]["content"])


@every_value_one_way
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    street: Street, case: Planted, stream: bool
) -> None:
    answer = ask(street, case.text, stream=stream, system=f"The person is {case.value}.")
    (seen,) = street.external.requests
    assert f"[{case.entity}_" in seen.json()["messages"][0]["content"]
    assert f"[{case.entity}_" in seen.json()["system"]
    assert said(answer).endswith(case.text)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tool_input_comes_back_with_the_originals(street: Street, case: Planted, stream: bool) -> None:
    answer = ask(street, case.text, stream=stream, tools=[NOTE_TOOL])
    (block,) = answer["done"]["content"]
    assert ("tool_use", "write_note", {"text": case.text}) == (block["type"], block["name"], block["input"])
    assert answer["done"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_signed_thought_passes_untouched_and_is_accepted_in_the_next_turn(street: Street, stream: bool) -> None:
    first = ask(street, CARD.text, stream=stream, thinking=THINKING, max_tokens=2048)
    thought = first["done"]["content"][0]
    assert thought["type"] == "thinking"
    assert "[CREDIT_CARD_" in thought["thinking"]
    turns = [
        {"role": "user", "content": CARD.text},
        {"role": "assistant", "content": [thought, {"type": "text", "text": said(first)}]},
        {"role": "user", "content": "Go on."},
    ]
    again = ask(street, "", stream=stream, thinking=THINKING, max_tokens=2048, messages=turns)
    assert said(again).endswith("Go on.")
    placeholders = set(re.findall(rb"\[CREDIT_CARD_[0-9A-Z]+\]", b"".join(s.body for s in street.external.requests)))
    assert len(placeholders) == 1


def test_counting_tokens_does_not_carry_the_value_out_either(street: Street) -> None:
    asked = {"sdk": "anthropic", "base_url": ANTHROPIC, "prompt": CARD.text, "count": True}
    answer = street.employee.ask(asked)
    assert answer["done"]["input_tokens"] > 0
    assert "[CREDIT_CARD_" in street.external.requests[0].json()["messages"][0]["content"]


def test_a_refusal_is_the_sdks_own_error_and_is_not_retried(street: Street) -> None:
    asked = {"sdk": "anthropic", "base_url": "https://api.deepseek.com/anthropic", "prompt": CARD.text}
    answer = street.employee.ask(asked)
    assert (
        answer["error"]["class"],
        answer["error"]["status"],
        answer["attempts"],
    ) == ("PermissionDeniedError", 403, 1)
    assert answer["error"]["body"]["error"]["type"] == "permission_error"
    assert "DeepSeek is not to be used" in answer["error"]["message"]
    assert street.external.requests == []


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("text", ["Summarise Project Falcon.", "整理一下华星科技的合同。"], ids=["en", "zh"])
def test_customer_data_is_answered_by_the_companys_own_model(street: Street, text: str, stream: bool) -> None:
    answer = ask(street, text, stream=stream, system="Be brief.")
    assert said(answer).endswith(text)
    assert "nternal" in said(answer) or "内部替身模型" in said(answer)
    assert (answer["done"]["model"], answer["done"]["stop_reason"]) == ("claude-sonnet-5", "end_turn")
    assert answer["done"]["usage"]["output_tokens"] > 0
    assert street.external.requests == []
    assert street.internal.requests[0].json()["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_redirected_tool_call_is_translated_both_ways(street: Street, stream: bool) -> None:
    first = ask(street, "Note on Project Falcon", stream=stream, tools=[NOTE_TOOL])
    (block,) = first["done"]["content"]
    assert (
        block["type"],
        block["name"],
        block["input"],
    ) == ("tool_use", "write_note", {"text": "Note on Project Falcon"})
    turns = [
        {"role": "user", "content": "Note on Project Falcon"},
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": block["id"], "content": "noted"}]},
    ]
    second = ask(street, "", stream=stream, tools=[NOTE_TOOL], messages=turns)
    assert said(second).endswith("noted")
    assert street.internal.requests[0].json()["tools"][0]["function"]["name"] == "write_note"
    assert street.internal.requests[1].json()["messages"][-1]["role"] == "tool"
