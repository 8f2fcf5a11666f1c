"""poe.com: operations are known by their address, refused with words, and what is loaded again is restored."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Speaker
from proxy.adapters.web.poe import POE
from proxy.answers.restore import restore_body
from proxy.bound import is_bound

JSON = "application/json"


@pytest.mark.parametrize(
    ("path", "wire", "adapter"),
    [
        ("/api/gql_POST", "poe", "poe-web"),
        ("/api/gql_POST", "", "fallback"),
        ("/v1/chat/completions", "poe", "openai-chat"),
    ],
)
def test_only_the_page_s_operations_are_its_own(path: str, wire: str, adapter: str) -> None:
    assert choose(Asked("POST", path, (("content-type", JSON),), wire)).id == adapter


def test_a_refused_operation_has_not_succeeded_and_says_why() -> None:
    answer = POE.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。", "SL-1"))
    sent = json.loads(answer.body)["data"]["messageEdgeCreate"]
    assert (answer.status, sent["status"] == "success", sent["statusMessage"]) == (200, False, "公司规定不允许。")


def test_a_question_with_its_hash_can_neither_be_changed_nor_told_to_another_model() -> None:
    assert is_bound((("poe-tag-id", "0123"),), "poe", head=False, body=True)
    assert not isinstance(POE, Speaker)


def test_titles_and_messages_that_are_loaded_again_are_restored() -> None:
    nodes = [{"node": {"text": "Dear [PERSON_7K2F9ABC]"}}]
    body = json.dumps({"data": {"chat": {"title": "To [PERSON_7K2F9ABC]", "messagesConnection": {"edges": nodes}}}})
    restored, count = restore_body(body.encode(), JSON, POE.shape, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert (json.loads(restored)["data"]["chat"]["title"], count) == ("To 张伟", 2)
