"""chat.deepseek.com: the calls are told apart; the first turn can be told to the company's model."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal, Talk, Turn
from proxy.adapters.web.deepseek import DEEPSEEK
from proxy.errors import WireError


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("/api/v0/chat/completion", "deepseek-web"),
        ("/api/v0/chat/edit_message", "deepseek-web"),
        ("/api/v0/chat_session/update_title", "deepseek-web-beside"),
        ("/chat/completions", "openai-chat"),
    ],
)
def test_calls_are_told_apart_by_path(path: str, want: str) -> None:
    assert choose(Asked("POST", path, (("content-type", "application/json"),), "deepseek-web")).id == want


def test_beside_the_turn_a_refusal_is_the_pages_own_error() -> None:
    asked = Asked("POST", "/api/v0/chat_session/create", (("content-type", "application/json"),), "deepseek-web")
    answer = choose(asked).refuse(Refusal(403, "blocked_by_policy", "不行", "SL-1"))
    assert (answer.status, json.loads(answer.body)["msg"]) == (403, "不行")


def test_the_first_turn_can_be_told_to_the_companys_model() -> None:
    body = json.dumps({"prompt": "你好", "parent_message_id": None, "ref_file_ids": []}).encode()
    assert json.loads(DEEPSEEK.to_chat(body, "qwen3"))["messages"] == [{"role": "user", "content": "你好"}]


@pytest.mark.parametrize(
    "tree",
    [{"prompt": "x", "parent_message_id": 2}, {"prompt": "x", "ref_file_ids": ["f"]}, {"prompt": None}, {}],
    ids=["a later turn", "files", "no text", "nothing"],
)
def test_what_the_vendor_keeps_cannot_be_told_to_another_model(tree: dict[str, object]) -> None:
    with pytest.raises(WireError):
        DEEPSEEK.to_chat(json.dumps(tree).encode(), "qwen3")


@pytest.mark.parametrize(
    ("parent", "turns", "want"),
    [(None, 0, [1, 2]), (8, 0, [9, 10]), (4, 2, [5, 6]), (6, 2, [7, 8]), ("x", 1, [3, 4]), (-1, 0, [1, 2])],
    ids=["the first turn", "the vendor's conversation", "ours", "ours, after a refusal", "no number", "hostile"],
)
def test_the_numbers_of_a_refused_turn_follow_those_before(parent: object, turns: int, want: list[int]) -> None:
    body = json.dumps({"prompt": "x", "parent_message_id": parent}).encode()
    before = [Turn([{"role": "user", "content": "x"}], "y", 1)] * turns
    adapter = DEEPSEEK.within(Talk("s1", before, ours=bool(turns), last=DEEPSEEK.last(body)))
    told = adapter.refuse(Refusal(403, "blocked_by_policy", "不行", "SL-1")).body.decode()
    ready = json.loads(told.partition("data: ")[2].partition("\n")[0])
    assert [ready["request_message_id"], ready["response_message_id"]] == want
