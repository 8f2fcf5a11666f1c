"""chatgpt.com: refusals and the company's answers are turns of the page; what the vendor keeps is told to nobody."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Speaker
from proxy.adapters.web.chatgpt import CHATGPT
from proxy.errors import WireError
from tests.pages import chatgpt

REFUSAL = Refusal(403, "blocked_by_policy", "公司规定不允许。Not permitted.", "SL-20261127-0001")


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("/backend-api/f/conversation", "chatgpt-web"),
        ("/backend-anon/conversation", "chatgpt-web"),
        ("/backend-api/f/conversation/prepare", "chatgpt-web-beside"),
        ("/backend-api/conversation/experimental/generate_autocompletions", "chatgpt-web-beside"),
        ("/backend-api/user_system_messages", "chatgpt-web-beside"),
        ("/ces/v1/t", "fallback"),
    ],
)
def test_the_page_is_told_apart_by_its_paths(path: str, want: str) -> None:
    asked = Asked("POST", path, (("content-type", "application/json"),), "chatgpt-web")
    assert choose(asked).id == want
    elsewhere = Asked("POST", path, (("content-type", "application/json"),), "openai")
    assert not choose(elsewhere).id.startswith("chatgpt"), "another service's path may read the same"


def test_a_refusal_is_a_finished_turn_of_the_assistant() -> None:
    answer = CHATGPT.refuse(REFUSAL)
    assert answer.status == 200
    assert dict(answer.headers)["content-type"].startswith("text/event-stream")
    assert chatgpt(answer.body).text == REFUSAL.message
    assert CHATGPT.refuse(REFUSAL) == answer, "the same refusal is the same bytes: nothing here draws lots"


def test_a_refusal_beside_the_turn_is_the_error_that_the_page_shows() -> None:
    asked = Asked("POST", "/backend-api/f/conversation/prepare", (("content-type", "application/json"),), "chatgpt-web")
    answer = choose(asked).refuse(REFUSAL)
    assert answer.status == 403
    assert json.loads(answer.body)["detail"]["message"] == REFUSAL.message


def page(*parts: object, role: str = "user", **more: object) -> bytes:
    message = {"id": "m", "author": {"role": role}, "content": {"content_type": "text", "parts": list(parts)}}
    return json.dumps({"messages": [message], "model": "gpt-5", **more}).encode()


def test_the_first_turn_can_be_told_to_the_companys_model() -> None:
    assert isinstance(CHATGPT, Speaker)
    assert json.loads(CHATGPT.to_chat(page("你好", "Ann"), "qwen3")) == {
        "model": "qwen3",
        "messages": [{"role": "user", "content": "你好\nAnn"}],
        "stream": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        page("go on", conversation_id="c1"),
        page({"content_type": "image_asset_pointer", "asset_pointer": "x"}, "what is this"),
        page("x", role="tool"),
        page(),
        b'{"messages": "x"}',
        b'{"messages": [3]}',
        b"{}",
    ],
    ids=["the vendor keeps the turns before", "picture", "tool", "no text", "no list", "no message", "nothing"],
)
def test_what_the_vendor_keeps_cannot_be_told_to_another_model(body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        CHATGPT.to_chat(body, "qwen3")
    assert "Ann" not in str(caught.value)
