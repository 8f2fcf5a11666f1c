"""What is special about chat sites: an error that the page shows, and messages within messages."""

import json

import pytest

from proxy.adapters.interface import Refusal
from proxy.adapters.sockets.chat_sites import NEO, POE

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
