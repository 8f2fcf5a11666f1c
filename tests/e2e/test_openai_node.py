"""The openai package of Node.js, unmodified, through the proxy: its own accumulators see the originals."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.node_package import BOTH, ask_by, needs, two_languages, whole_and_streamed
from tests.e2e.openai_family import Family
from tests.e2e.street import Planted, Street
from tests.proxy.documents.files import coded, drawing

BASE = "https://api.openai.com/v1"
pytestmark = needs("openai")

FALCON = "Summarise Project Falcon."

NOTE = {
    "type": "function",
    "name": "write_note",
    "strict": False,
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}

interfaces = pytest.mark.parametrize("call", ["chat", "responses", "completions"])


@pytest.fixture
def family(street: Street) -> Iterator[Street]:
    """The street, whose external stand-in speaks all of OpenAI's interface."""
    street.external.route = Family(street.external).route
    yield street
    del street.external.route


def ask(street: Street, call: str, said: str, base: str = BASE, **more: Any) -> dict[str, Any]:
    """Return what the package made of the answer."""
    prompt = {
        "chat": {"messages": [{"role": "user", "content": said}]},
        "responses": {"input": said},
        "completions": {"prompt": said},
    }[call]
    return ask_by("ask.mjs", street, base, {"call": call, "body": {"model": "gpt-5.5", **prompt, **more}})


@whole_and_streamed
@interfaces
@two_languages
def test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself(
    family: Street, case: Planted, call: str, stream: bool
) -> None:
    answer = ask(family, call, case.text, stream=stream)
    assert (answer["text"].endswith(case.text), answer["attempts"]) == (True, 1), answer
    assert f"[{case.entity}_".encode() in family.external.requests[0].body


@whole_and_streamed
@two_languages
def test_arguments_of_a_call_come_back_with_the_originals(family: Street, case: Planted, stream: bool) -> None:
    (arguments,) = ask(family, "responses", case.text, stream=stream, tools=[NOTE])["calls"]
    assert json.loads(arguments) == {"text": case.text}


@whole_and_streamed
@interfaces
def test_customer_data_is_answered_by_the_companys_own_model(family: Street, call: str, stream: bool) -> None:
    answer = ask(family, call, FALCON, stream=stream)
    assert answer["text"].endswith(FALCON) and "nternal" in answer["text"], answer
    assert answer["done"] in ("stop", "completed")
    assert family.external.requests == []


@pytest.mark.parametrize("call", ["chat", "responses"])
def test_a_picture_goes_as_it_is_beside_words_that_do_not(family: Street, call: str) -> None:
    picture = base64.b64encode(coded(drawing("a pleasant day"))).decode()
    url, text = f"data:image/png;base64,{picture}", BOTH[0].text
    chat = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
    items = [{"type": "input_text", "text": text}, {"type": "input_image", "image_url": url, "detail": "auto"}]
    content = chat if call == "chat" else items
    said = {"messages" if call == "chat" else "input": [{"role": "user", "content": content}]}
    answer = ask(family, call, "", **said)
    assert text in answer["text"], answer
    (seen,) = family.external.requests
    assert picture.encode() in seen.body and f"[{BOTH[0].entity}_".encode() in seen.body


@interfaces
def test_a_refusal_is_the_packages_own_error_and_is_not_tried_again(family: Street, call: str) -> None:
    answer = ask(family, call, "hello", base="https://api.deepseek.com/v1")
    assert (answer["error"]["class"], answer["error"]["status"]) == ("PermissionDeniedError", 403)
    assert (answer["error"]["code"], answer["attempts"]) == ("blocked_by_policy", 1)
    assert "禁止使用 DeepSeek" in answer["error"]["message"]
    assert family.external.requests == []
