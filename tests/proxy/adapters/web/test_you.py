"""you.com: a request without body is known by its method and address, and refused in the page's own words."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Speaker
from proxy.adapters.web.you import YOU
from proxy.answers.restore import StreamRestorer
from proxy.services.activity import activity
from proxy.services.catalogue import load_catalogue
from tests.pages import Shown, you

ASKED = "/api/streamingSearch?q=Who+is+Ann+Lee&chat=%5B%5D&domain=youchat"


@pytest.mark.parametrize(
    ("method", "path", "wire", "adapter"),
    [
        ("GET", ASKED, "you", "you-web"),
        ("POST", ASKED, "you", "fallback"),
        ("GET", ASKED, "", "fallback"),
        ("GET", "/api/user?q=x", "you", "fallback"),
    ],
)
def test_only_the_page_s_own_question_is_one(method: str, path: str, wire: str, adapter: str) -> None:
    assert choose(Asked(method, path, wire=wire)).id == adapter


def test_a_question_in_the_address_is_a_prompt() -> None:
    assert activity("GET", ASKED, (), load_catalogue().lookup("you.com", ASKED)) == "prompt"


def test_a_refusal_is_a_turn_of_the_page_and_no_model_of_the_company_answers() -> None:
    answer = YOU.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。\nNot permitted.", "SL-1"))
    assert (answer.status, you(answer.body)) == (200, Shown("公司规定不允许。\nNot permitted.", finished=True))
    assert not isinstance(YOU, Speaker)


def test_what_was_held_back_goes_out_before_the_last_event_whose_data_is_no_json() -> None:
    body = b'event: youChatToken\ndata: {"youChatToken": "Hi ["}\n\nevent: done\ndata: I\'m Mr. Meeseeks.\n\n'
    stream = StreamRestorer(YOU.shape, "text/event-stream", {}.get)
    assert you(stream.feed(body) + stream.end()) == Shown("Hi [", finished=True)
