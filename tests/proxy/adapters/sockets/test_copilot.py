"""Refusals on Microsoft's sockets are turns that the pages show."""

import json

from proxy.adapters.interface import Refusal
from proxy.adapters.sockets.copilot import CHAT, HUB

REFUSAL = Refusal(403, "blocked_by_policy", "未发送。", "SLC-20261127-7K2F9Q")


def test_a_refusal_on_copilot_is_a_whole_turn_of_the_conversation_that_asked() -> None:
    told = [
        json.loads(one) for one in CHAT.refuse_message(REFUSAL, b'{"event":"send","conversationId":"c1","content":[]}')
    ]
    assert [one["event"] for one in told] == ["received", "startMessage", "appendText", "partCompleted", "done"]
    assert {one.get("conversationId", "c1") for one in told} == {"c1"}
    assert len({one["messageId"] for one in told}) == 1
    assert told[2]["text"] == "未发送。"


def test_a_refusal_on_the_hub_is_a_turn_in_records_and_ends_the_invocation() -> None:
    body = b'{"type":4,"invocationId":"7"}\x1e{"type":4,"target":"chat","invocationId":"8"}\x1e'
    told = HUB.refuse_message(REFUSAL, body)
    assert all(one.endswith(b"\x1e") for one in told)
    begun, update, item, completion = (json.loads(one[:-1]) for one in told)
    assert begun["arguments"][0]["messages"][0]["text"] == ""
    assert update["arguments"] == [{"writeAtCursor": "未发送。"}]
    assert (item["type"], item["invocationId"], item["item"]["messages"][0]["text"]) == (2, "8", "未发送。")
    assert completion == {"type": 3, "invocationId": "8"}
