"""you.com: a request without body is known by its method and address, and refused in the page's own words."""

import json
from urllib.parse import urlencode

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Addressed, Asked, Refusal
from proxy.adapters.web.you import YOU
from proxy.answers.restore import StreamRestorer
from proxy.errors import WireError
from proxy.services.activity import activity
from proxy.services.catalogue import load_catalogue
from tests.pages import Shown, you

ASKED = "/api/streamingSearch?q=Who+is+Ann+Lee&chat=%5B%5D&domain=youchat"


@pytest.mark.parametrize(
    ("method", "path", "wire", "adapter"),
    [
        ("GET", ASKED, "you", "you-web"),
        ("POST", ASKED, "you", "you-web-beside"),
        ("GET", ASKED, "", "fallback"),
        ("GET", "/api/user?q=x", "you", "you-web-beside"),
    ],
)
def test_only_the_page_s_own_question_is_one(method: str, path: str, wire: str, adapter: str) -> None:
    assert choose(Asked(method, path, wire=wire)).id == adapter


def test_a_question_in_the_address_is_a_prompt() -> None:
    assert activity("GET", ASKED, (), load_catalogue().lookup("you.com", ASKED)) == "prompt"


def test_a_refusal_is_a_turn_of_the_page() -> None:
    answer = YOU.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。\nNot permitted.", "SL-1"))
    assert (answer.status, you(answer.body)) == (200, Shown("公司规定不允许。\nNot permitted.", finished=True))


TOLD = [{"question": "Hi", "answer": "Hello."}, {"question": "broke off", "answer": ""}]
LATER = "/api/streamingSearch?" + urlencode({"q": "And 张伟?", "chat": json.dumps(TOLD), "queryTraceId": "t-12345678"})


def test_the_companys_model_is_told_what_stands_in_the_address_with_the_turns_before() -> None:
    adapter = choose(Asked("GET", LATER, wire="you"))
    assert isinstance(adapter, Addressed)
    told = json.loads(adapter.to_chat(b"", "m"))
    assert told["messages"] == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "And 张伟?"},
    ]
    assert (told["stream"], adapter.named("", b"")) == (True, "t-12345678")
    assert list(adapter.of(ASKED).question(b"")) == [{"role": "user", "content": "Who is Ann Lee"}]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("q=", b""),
        ("chat=[]", b""),
        ("q=a&q=b", b""),
        ("q=a&chat={}", b""),
        ("q=a&chat=[1]", b""),
        ('q=a&chat=[{"question":"x"}]', b""),
        ("q=a&chat=nothing", b""),
        ("q=a&userFiles=[{}]", b""),
        ("q=a", b"q=b"),
    ],
)
def test_what_only_the_vendor_has_or_can_be_read_in_two_ways_is_told_to_nobody(query: str, body: bytes) -> None:
    with pytest.raises(WireError):
        YOU.of(f"/api/streamingSearch?{query}").to_chat(body, "m")


def test_what_was_held_back_goes_out_before_the_last_event_whose_data_is_no_json() -> None:
    body = b'event: youChatToken\ndata: {"youChatToken": "Hi ["}\n\nevent: done\ndata: I\'m Mr. Meeseeks.\n\n'
    stream = StreamRestorer(YOU.shape, "text/event-stream", {}.get)
    assert you(stream.feed(body) + stream.end()) == Shown("Hi [", finished=True)
