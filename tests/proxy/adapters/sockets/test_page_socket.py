"""A turn on a page's WebSocket: which message is one, what another model is told, and what an answer belongs to."""

import json
from typing import Any

import pytest

from proxy.adapters.interface import Refusal, Talk, Talker, Turn
from proxy.adapters.sockets.copilot import CHAT, HUB
from proxy.adapters.web.page_adapter import FILES, KEPT
from proxy.errors import WireError
from proxy.framing.message import unpack
from proxy.internal.answer import Failed, Finished, Started, TextDelta

ID = "Qm3xYvTz8Lr1"
BEFORE = Turn([{"role": "user", "content": "first"}], "Yes.", 1)


def sent(*content: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"event": "send", "conversationId": ID, "content": content, **more}).encode()


def text(value: Any) -> dict[str, Any]:
    return {"type": "text", "text": value}


def asked(message: dict[str, Any], *others: dict[str, Any], **argument: Any) -> bytes:
    arguments = [{"conversationId": ID, "isStartOfSession": True, "message": message, **argument}]
    chat = {"type": 4, "target": "chat", "invocationId": "3", "arguments": arguments}
    return b"".join(json.dumps(each).encode() + b"\x1e" for each in (*others, chat))


def test_they_are_pages_whose_conversations_can_be_kept() -> None:
    assert isinstance(CHAT, Talker) and isinstance(HUB, Talker)


def test_the_turn_is_told_with_those_before_it() -> None:
    talk = Talk(ID, [BEFORE], ours=True)
    messages = [*BEFORE.question, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "and now?"}]
    metrics = {"type": 1, "target": "Metrics", "arguments": [{}]}
    for adapter, body in ((CHAT, sent(text("and now?"))), (HUB, asked({"text": "and now?"}, metrics))):
        assert adapter.named("", body) == ID
        told = json.loads(adapter.within(talk).to_chat(body, "qwen"))
        assert told == {"model": "qwen", "messages": messages, "stream": True}


CANNOT: dict[str, tuple[Any, bytes, str]] = {
    "a picture": (CHAT, sent(text("see"), {"type": "image", "url": "/th/1.png"}), FILES),
    "no list": (CHAT, sent()[:-1].replace(b"[]", b'"x"') + b"}", "must be a list"),
    "no text": (CHAT, sent(text(7)), "holds no text"),
    "no turn": (CHAT, b'{"event":"feedback","conversationId":"%s"}' % ID.encode(), "not one turn"),
    "no conversation": (CHAT, sent(text("x"), conversationId=None), "names no conversation"),
    "prose": (CHAT, b"hello", "not one turn"),
    "a list": (CHAT, b"[1]", "not one turn"),
    "a file": (HUB, asked({"text": "x", "messageAnnotations": [{"id": "d"}]}), FILES),
    "an agent": (HUB, asked({"text": "x"}, threadLevelGptId={"id": "a"}), "instructions of the agent"),
    "two turns": (HUB, asked({"text": "x"}) * 2, "not one turn"),
    "the vendor's conversation": (HUB, asked({"text": "x"}, isStartOfSession=False), KEPT),
    "one that does not say": (HUB, asked({"text": "x"}, isStartOfSession=None), KEPT),
    "a text that is none": (HUB, asked({"text": 7}), "must be a text"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_only_the_vendor_has_is_told_to_nobody_else(name: str) -> None:
    adapter, body, why = CANNOT[name]
    with pytest.raises(WireError, match=why):
        adapter.to_chat(body, "m")


def test_a_conversation_of_the_companys_model_goes_on_though_it_is_not_the_first_turn() -> None:
    talk = Talk(ID, [BEFORE], ours=True)
    assert HUB.within(talk).question(asked({"text": "x"}, isStartOfSession=False)) == [{"role": "user", "content": "x"}]


def test_an_answer_belongs_to_the_turn_in_its_message_and_is_told_as_it_comes() -> None:
    ping = {"type": 1, "target": "Metrics", "invocationId": "9", "arguments": [{}]}
    body = asked({"text": "x"}) + json.dumps(ping).encode() + b"\x1e"
    writer = HUB.about(body).writer(stream=True, model="m", answer_id="a1", now=0)
    first = unpack(writer.write([Started("", ""), TextDelta("He")]))
    records = [json.loads(each[:-1]) for each in first]
    assert [each["arguments"][0] for each in records][1] == {"writeAtCursor": "He"}
    item, end = (json.loads(each[:-1]) for each in unpack(writer.write([TextDelta("llo"), Finished("stop")])[0:])[1:])
    assert (item["type"], item["invocationId"], item["item"]["messages"][0]["text"]) == (2, "3", "Hello")
    assert item["item"]["result"]["message"] == "Hello" and end == {"type": 3, "invocationId": "3"}


def test_a_failure_is_told_in_the_conversation() -> None:
    writer = CHAT.about(sent(text("x"))).writer(stream=True, model="m", answer_id="a1", now=0)
    told = [json.loads(each) for each in unpack(writer.write([Failed("broke")]) + writer.end())]
    assert [each["event"] for each in told] == ["received", "startMessage", "appendText", "partCompleted", "done"]
    assert told[0]["conversationId"] == ID and told[2]["text"] == "broke"


def test_an_id_may_be_short_but_no_word_that_stands_for_none() -> None:
    for name in ("aB3x", "7", "abcdefgh", ID):
        assert CHAT.named("", sent(text("x"), conversationId=name)) == name
        assert json.loads(CHAT.to_chat(sent(text("x"), conversationId=name), "m"))["messages"][0]["content"] == "x"
    for name in ("", "new", "null", "undefined", "none", "0", None, 7):
        assert CHAT.named("", sent(text("x"), conversationId=name)) == ""


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b"\x1e", b'{"type":4}\x1e', b'{"conversationId":7}'])
def test_hostile_messages_are_refused_in_words_all_the_same(body: bytes) -> None:
    refusal = Refusal(403, "blocked_by_policy", "未发送。", "SLC-20261127-7K2F9Q")
    for adapter in (CHAT, HUB):
        assert "未发送。" in b"".join(adapter.refuse_message(refusal, body)).decode()
        assert adapter.named("", body) == ""
