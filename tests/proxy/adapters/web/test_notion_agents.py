"""Notion's newer agents: a turn is told, its call answered, and the page reads the answer out of the transcript."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.chat_reader import ChatReader
from proxy.adapters.interface import Refusal, Talk, Turn
from proxy.adapters.web.notion_agents import AGENTS, NOTHING_KEPT, page_of, transcript
from proxy.adapters.web.page_adapter import FILES, KEPT
from proxy.errors import SluiceError, WireError
from proxy.internal.answer import Failed, Finished, Started, TextDelta
from proxy.internal.translate import Rewriting, own_answer
from tests.pages import agents
from tests.proxy.adapters.inside import chat_stream

ID = "2b0c8f6e-1d2b-4c6f-9d5e-000000000003"
SENDS = "/api/v3/sendEventToAgentThread"


def creating(*content: Any, **more: Any) -> bytes:
    return json.dumps({"type": "personal_agent", "threadId": ID, "content": list(content), **more}).encode()


def sending(*events: Any, **more: Any) -> bytes:
    told = {"event": events[0]} if len(events) == 1 else {"events": list(events)}
    return json.dumps({"threadId": ID, **told, **more}).encode()


def text(*pieces: str) -> dict[str, Any]:
    return {"type": "text", "text": [[piece] for piece in pieces]}


def saying(*content: Any) -> dict[str, Any]:
    return {"type": "user.message", "content": list(content)}


STOP = {"type": "user.interrupt"}
OURS = AGENTS.within(Talk(ID, [Turn([{"role": "user", "content": "one", "id": "c1"}], "1", 0)], ours=True))


def test_the_newest_turn_is_told_with_those_before_and_no_name_that_the_page_gave_it() -> None:
    body = creating(text("Sum ", "up"), clientMessageId="c2")
    assert AGENTS.question(body) == [{"role": "user", "content": "Sum up", "id": "c2"}]
    later = sending(saying({"type": "text", "text": "two"}), clientEventId="c3")
    assert json.loads(OURS.to_chat(later, "m"))["messages"] == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "two"},
    ]
    assert AGENTS.named(SENDS, later) == ID


REWIND = {"type": "user.rewind", "rewind_to_sequence": 3}
ANSWERS = {"type": "user.input_response", "interaction_id": "event_1"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (sending(saying(text("x"))), KEPT),
        (creating(text("x"), {"type": "file", "file_id": "f"}), FILES),
        (creating(), "no text"),
        (creating(text("")), "no text"),
        (creating({"type": "text", "text": 7}), "string or a list"),
        (creating({"type": "text", "text": [[7]]}), "string or a list"),
        (creating({"type": "text", "text": [[]]}), "string or a list"),
        (creating("x"), "list of objects"),
        (b'{"threadId":"x"}', "list of objects"),
    ],
)
def test_what_only_the_vendor_has_is_told_to_nobody_else(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        AGENTS.to_chat(body, "m")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (sending(REWIND, saying(text("x"))), "only messages"),
        (sending(ANSWERS), "only messages"),
        (sending(saying(text("x")), saying(text("y"))), "one message"),
        (sending(STOP, saying(text("x"))), "only messages"),
        (sending(7), "list of objects"),
        (json.dumps({"events": 7}).encode(), "list of objects"),
    ],
)
def test_what_else_a_conversation_of_ours_is_told_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        OURS.to_chat(body, "m")


def test_an_answer_that_nobody_keeps_could_not_be_loaded_and_is_not_asked_for() -> None:
    with pytest.raises(SluiceError, match="keep no conversations") as caught:
        AGENTS.within(Talk(ID, kept=False)).to_chat(creating(text("x")), "m")
    assert NOTHING_KEPT in str(caught.value)


def test_to_stop_what_is_answered_whole_needs_no_model_and_stops_the_vendors_own() -> None:
    answer = own_answer(OURS, SENDS, sending(STOP))
    assert answer is not None and (answer.status, answer.body) == (200, b"{}")
    assert OURS.question(sending(STOP)) == ()
    assert own_answer(AGENTS.within(Talk(ID)), SENDS, sending(STOP)) is None
    assert own_answer(OURS, SENDS, sending(saying(text("x")))) is None


def answered(*pieces: str, words: str = "") -> Rewriting:
    writer = AGENTS.within(Talk(ID)).writer(stream=False, model="m", answer_id="a1b2", now=0)
    rewriting = Rewriting(ChatReader(), writer)
    rewriting.words = words
    assert rewriting.feed(chat_stream(*({"content": piece} for piece in pieces))) == b""
    return rewriting


def test_the_call_is_answered_at_once_and_what_was_said_is_kept_with_what_policy_adds() -> None:
    rewriting = answered("He", "llo", words="AI")
    assert json.loads(rewriting.end()) == {"threadId": ID, "thread": {"id": ID, "data": {}}}
    assert (rewriting.said, rewriting.failure, rewriting.labelled) == ("Hello\n\nAI", "", True)
    assert dict(rewriting.headers())["content-type"] == "application/json"


def test_an_answer_that_failed_is_no_answer() -> None:
    writer = AGENTS.within(Talk(ID)).writer(stream=False, model="m", answer_id="a1b2", now=0)
    assert writer.write([Started("", ""), TextDelta("He"), Failed("broke off")]) + writer.end() == b""
    rewriting = Rewriting(ChatReader(), AGENTS.within(Talk(ID)).writer(stream=False, model="m", answer_id="a", now=0))
    rewriting.feed(b'data: {"choices":[{"index":0,"delta":{"content":"He"}}]}\n\n')
    rewriting.end()
    assert rewriting.failure and rewriting.said == ""


def test_a_thread_that_the_page_did_not_name_gets_a_name() -> None:
    writer = AGENTS.writer(stream=False, model="m", answer_id="a1b2", now=0)
    told = json.loads(writer.write([Finished("stop")]) + writer.end())
    assert len(told["threadId"]) == 36 == len(told["thread"]["id"])


def test_a_refusal_is_the_pages_error() -> None:
    answer = AGENTS.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。", "SL-1"))
    told = json.loads(answer.body)
    assert (answer.status, told["isNotionError"], told["message"]) == (403, True, "公司规定不允许。")


def talk_of(said: Sequence[tuple[str, str]]) -> Talk:
    turns = [
        Turn([{"role": "user", "content": question, "id": f"c{number}"}], answer, 0)
        for number, (question, answer) in enumerate(said)
    ]
    return Talk(ID, turns, ours=True)


SAID = st.lists(st.tuples(st.text(min_size=1, max_size=6), st.text(max_size=6)), max_size=9)


@given(SAID, st.integers(1, 7), st.booleans())
def test_a_page_that_fetches_bit_by_bit_from_either_end_has_each_entry_once(
    said: list[tuple[str, str]], limit: int, forward: bool
) -> None:
    talk, patches, cursor = talk_of(said), [], None
    while True:
        asks: dict[str, Any] = {"threadId": ID, "limit": limit, "direction": "forward" if forward else "backward"}
        told = page_of(transcript(talk), json.dumps(asks | ({"cursor": cursor} if cursor else {})).encode())
        assert len(told["patches"]) <= limit and told["session"]["status"] == "idle"
        patches = [*patches, *told["patches"]] if forward else [*told["patches"], *patches]
        cursor = told["forward_cursor" if forward else "backward_cursor"]
        if not told["has_more_forward" if forward else "has_more_backward"]:
            break
    assert patches == transcript(talk)["patches"]
    assert [one["entity"]["sequence"] for one in patches] == list(range(1, len(patches) + 1))
    wanted = [
        (author, one) for question, answer in said for author, one in (("user", question), ("assistant", answer)) if one
    ]
    assert agents(patches) == wanted


def test_what_comes_after_a_cursor_is_only_the_new_turn_with_the_name_that_the_page_gave_it() -> None:
    before = page_of(transcript(talk_of([("a", "1")])), b"{}")
    told = page_of(
        transcript(talk_of([("a", "1"), ("b", "2")])), json.dumps({"cursor": before["forward_cursor"]}).encode()
    )
    assert agents(told["patches"]) == [("user", "b"), ("assistant", "2")]
    assert told["patches"][0]["entity"]["client_message_id"] == "c1"
    assert told["patches"][-1]["entity"]["kind"] == "turn_completed"


@pytest.mark.parametrize("asks", [{"cursor": "x"}, {"cursor": -3}, {"limit": 0}, {"limit": True}, {"cursor": "٣"}, {}])
def test_an_odd_question_gets_the_beginning(asks: dict[str, Any]) -> None:
    told = page_of(transcript(talk_of([("a", "1")])), json.dumps(asks).encode())
    assert told["patches"][0]["entity"]["kind"] == "user_message"
    assert page_of(transcript(talk_of([("a", "1")])), b"\xff")["has_more_forward"] is False


def test_nobody_waits_for_a_turn_that_has_failed() -> None:
    kinds = [one["entity"]["kind"] for one in transcript(talk_of([("a", "")]))["patches"]]
    assert kinds == ["user_message", "turn_completed"]


def test_entries_keep_their_names_when_more_is_said() -> None:
    few, more = (transcript(talk_of([("a", "1"), ("b", "2")][:number])) for number in (1, 2))
    assert more["patches"][: len(few["patches"])] == few["patches"]
