"""What is special about chat sites: an error that the page shows, and messages within messages."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.sockets.chat_sites import NEO, POE
from proxy.answers.restore import restore_body

REFUSAL = Refusal(403, "blocked_by_policy", "未发送。", "SLC-20261127-7K2F9Q")


def test_a_refusal_on_character_ai_is_its_own_error_about_the_request() -> None:
    (told,) = NEO.refuse_message(REFUSAL, b'{"command":"create_and_generate_turn","request_id":"r1"}')
    error = json.loads(told)
    assert (error["command"], error["comment"], error["request_id"]) == ("neo_error", "未发送。", "r1")


def test_poe_has_no_words_for_a_refusal() -> None:
    assert list(POE.refuse_message(REFUSAL, b"{}")) == []


BROKEN = (
    {},
    {"messages": "x"},
    {"messages": [1, "no json", "{}", '{"payload":{"data":{"messageAdded":"x"}}}']},
    [],
    None,
)


@pytest.mark.parametrize("data", BROKEN, ids=repr)
def test_poes_messages_that_hold_no_others_have_no_text(data: object) -> None:
    assert list(POE.shape.slots("", data)) == [] == list(POE.shape.closes("", data, ()))


def test_what_character_ai_tells_and_is_told_over_http_is_read_and_restored_string_by_string() -> None:
    original = {"[PERSON_7K2F9ABC]": "张伟"}.get
    history = {"turns": [{"candidates": [{"raw_content": "Dear [PERSON_7K2F9ABC]"}]}], "meta": {"next_token": "t"}}
    for path, answer in (
        ("/turns/3f0c2b5e/", history),
        ("/chats/recent/", {"chats": [{"name": "On [PERSON_7K2F9ABC]"}]}),
    ):
        adapter = choose(Asked("GET", path, wire="character-ai"))
        restored, count = restore_body(json.dumps(answer).encode(), "application/json", adapter.shape, original)
        assert count == 1 and json.loads(restored) == json.loads(
            json.dumps(answer, ensure_ascii=False).replace("[PERSON_7K2F9ABC]", "张伟")
        )
    named = choose(
        Asked("PATCH", "/chat/3f0c2b5e/update_name", (("content-type", "application/json"),), "character-ai")
    )
    assert [part.text for part in named.read(b'{"name":"Ann Lee"}', "application/json").parts] == ["Ann Lee"]
