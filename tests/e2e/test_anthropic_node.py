"""The @anthropic-ai/sdk package of Node.js, unmodified, through the proxy: its own accumulators see the originals."""

import base64
from typing import Any

from tests.e2e.node_package import BOTH, ask_by, needs, two_languages, whole_and_streamed
from tests.e2e.street import Planted, Street
from tests.proxy.documents.files import coded, drawing

BASE = "https://api.anthropic.com"
pytestmark = needs("@anthropic-ai/sdk")

FALCON = "Summarise Project Falcon."

NOTE = {
    "name": "write_note",
    "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}


def ask(street: Street, said: str | list[dict[str, Any]], base: str = BASE, **more: Any) -> dict[str, Any]:
    """Return what the package made of the answer."""
    body = {"model": "claude-sonnet-4-5", "max_tokens": 999, "messages": [{"role": "user", "content": said}], **more}
    return ask_by("ask_anthropic.mjs", street, base, {"body": body})


@whole_and_streamed
@two_languages
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    street: Street, case: Planted, stream: bool
) -> None:
    answer = ask(street, case.text, stream=stream, system=f"The person is {case.value}.")
    assert (answer["text"].endswith(case.text), answer["attempts"]) == (True, 1), answer
    assert answer["pieces"] > 3 or not stream
    (seen,) = street.external.requests
    assert f"[{case.entity}_" in seen.json()["system"] and f"[{case.entity}_" in seen.json()["messages"][0]["content"]


@whole_and_streamed
@two_languages
def test_the_input_of_a_tool_comes_back_with_the_originals(street: Street, case: Planted, stream: bool) -> None:
    answer = ask(street, case.text, stream=stream, tools=[NOTE])
    assert (answer["inputs"], answer["done"]) == ([{"text": case.text}], "tool_use")


@whole_and_streamed
def test_customer_data_is_answered_by_the_companys_own_model(street: Street, stream: bool) -> None:
    answer = ask(street, FALCON, stream=stream)
    assert answer["text"].endswith(FALCON) and "nternal" in answer["text"], answer
    assert answer["done"] == "end_turn" and street.external.requests == []


@whole_and_streamed
def test_a_redirected_call_of_a_tool_is_translated_both_ways(street: Street, stream: bool) -> None:
    assert ask(street, FALCON, stream=stream, tools=[NOTE])["inputs"] == [{"text": FALCON}]
    assert street.external.requests == []


def test_a_picture_goes_as_it_is_beside_words_that_do_not(street: Street) -> None:
    picture = base64.b64encode(coded(drawing("a pleasant day"))).decode()
    source = {"type": "base64", "media_type": "image/png", "data": picture}
    answer = ask(street, [{"type": "image", "source": source}, {"type": "text", "text": BOTH[0].text}])
    assert answer["text"].endswith(BOTH[0].text), answer
    (seen,) = street.external.requests
    assert picture.encode() in seen.body and f"[{BOTH[0].entity}_".encode() in seen.body


def test_a_refusal_is_the_packages_own_error_and_is_not_tried_again(street: Street) -> None:
    answer = ask(street, "hello", base="https://api.deepseek.com/anthropic")
    assert (answer["error"]["class"], answer["error"]["status"]) == ("PermissionDeniedError", 403)
    assert answer["attempts"] == 1 and "禁止使用 DeepSeek" in answer["error"]["message"]
    assert street.external.requests == []
