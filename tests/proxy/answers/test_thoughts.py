"""A thought that a service has signed and sent comes back unread; any other is read as strictly as what people say."""

import base64
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import facts
from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.aws.converse import Converse
from proxy.adapters.sealed import mark, mark_of
from proxy.answers.thoughts import LONGEST, MOST_IN_ANSWER, OPEN, Hearing, Seen
from proxy.framing.aws import AwsFramer
from proxy.framing.events import SseFramer
from proxy.store.sqlite import SqliteStore
from tests.proxy.house import SECRET, Tenant, flow_to, open_house

SEAL = base64.b64encode(bytes(range(256))).decode()
HIDDEN = base64.b64encode(bytes(range(255, 0, -1))).decode()
THOUGHT = {"type": "thinking", "thinking": f"perhaps {SECRET}?", "signature": SEAL}
REDACTED = {"type": "redacted_thinking", "data": HIDDEN}


def stream_of(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {"content": []}}]
    for at, block in enumerate(blocks):
        bare = block if block["type"] == "redacted_thinking" else {"type": "thinking", "thinking": "", "signature": ""}
        events.append({"type": "content_block_start", "index": at, "content_block": bare})
        if bare is not block:
            for piece in (block["thinking"][:5], block["thinking"][5:]):
                delta = {"type": "thinking_delta", "thinking": piece}
                events.append({"type": "content_block_delta", "index": at, "delta": delta})
            delta = {"type": "signature_delta", "signature": block["signature"]}
            events.append({"type": "content_block_delta", "index": at, "delta": delta})
        events.append({"type": "content_block_stop", "index": at})
    return [*events, {"type": "message_stop"}]


def sse(events: list[dict[str, Any]]) -> bytes:
    return b"".join(b"event: %s\ndata: %s\n\n" % (one["type"].encode(), orjson.dumps(one)) for one in events)


def heard(*frames: bytes, framer: Any) -> list[str]:
    told: list[str] = []
    hearing = Hearing(told.append)
    for chunk in frames:
        for frame in framer.feed(chunk):
            hearing.frame(frame)
    assert hearing.marks == told
    return told


@pytest.mark.parametrize("size", [7, 100_000])
def test_thoughts_in_a_stream_have_the_marks_with_which_they_come_back(size: int) -> None:
    data = sse(stream_of(THOUGHT, REDACTED))
    told = heard(*(data[at : at + size] for at in range(0, len(data), size)), framer=SseFramer())
    body = orjson.dumps({"messages": [{"role": "assistant", "content": [THOUGHT, REDACTED | {"cache_control": {}}]}]})
    parts = AnthropicMessages().read(body, "application/json").parts
    assert told == [mark_of(THOUGHT), mark_of(REDACTED)]
    assert {part.signed for part in parts if part.text == THOUGHT["thinking"]} == {told[0]}


REASONED = {"reasoningText": {"text": f"perhaps {SECRET}?", "signature": SEAL}}


@pytest.mark.parametrize("wrapping", ["", "json"], ids=["Converse", "Nova's own words"])
def test_reasoning_of_bedrock_has_the_mark_with_which_it_comes_back(wrapping: Any) -> None:
    def event(name: str, fields: dict[str, Any]) -> bytes:
        if wrapping:
            return AwsFramer("json").make("chunk", json.dumps({name: fields}))
        return AwsFramer().make(name, json.dumps(fields))

    held = REASONED["reasoningText"]
    pieces = ({"text": held["text"][:4]}, {"text": held["text"][4:]}, {"signature": SEAL})
    deltas = [
        event("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"reasoningContent": one}}) for one in pieces
    ]
    told = heard(*deltas, event("contentBlockStop", {"contentBlockIndex": 2}), framer=AwsFramer(wrapping))
    body = orjson.dumps({"messages": [{"role": "assistant", "content": [{"reasoningContent": REASONED}]}]})
    parts = Converse().read(body, "application/json").parts
    assert told == [mark_of(REASONED)] == list({part.signed for part in parts if part.signed})


WRITTEN = {"type": "thinking", "thinking": "what somebody has let the model write", "signature": "AAAA"}


def test_an_answer_that_came_whole_is_listened_to_where_thoughts_stand_and_nowhere_else() -> None:
    told: list[str] = []
    hearing = Hearing(told.append)
    hearing.body(orjson.dumps({"content": [THOUGHT, {"type": "text", "text": "x"}, REDACTED]}))
    hearing.body(orjson.dumps({"output": {"message": {"content": [{"reasoningContent": REASONED}]}}}))
    hearing.body(b'{"signature": ')
    for content in ([{"type": "tool_use", "input": {"any": [WRITTEN]}}], [{"type": "text", "citations": [WRITTEN]}]):
        hearing.body(orjson.dumps({"content": content, "input": WRITTEN}))
    assert sorted(told) == sorted(map(mark_of, (THOUGHT, REDACTED, REASONED)))


UNSIGNED: list[list[dict[str, Any]]] = [
    stream_of(THOUGHT | {"signature": ""}),
    stream_of(THOUGHT)[:-2],
    [{"type": "content_block_start", "index": "0", "content_block": THOUGHT}, {"type": "content_block_stop"}],
    [{"type": "content_block_start", "index": 0, "content_block": THOUGHT | {"type": "text"}}, stream_of(THOUGHT)[-2]],
    [{"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": SEAL}}] * 2,
]


@pytest.mark.parametrize("events", UNSIGNED)
def test_what_is_not_whole_or_not_signed_has_no_mark(events: list[dict[str, Any]]) -> None:
    assert heard(sse(events), framer=SseFramer()) == []


@given(st.lists(st.text(max_size=4), min_size=4, max_size=4))
def test_two_thoughts_have_one_mark_only_if_they_are_alike(texts: list[str]) -> None:
    first, second = texts[:2], texts[2:]
    assert (mark(*first) == mark(*second)) is (first == second)


def test_a_stream_that_begins_thoughts_without_end_is_held_within_bounds() -> None:
    hearing = Hearing(lambda _: None)
    for at in range(OPEN * 2):
        hearing.event("", {"type": "content_block_start", "index": at, "content_block": THOUGHT})
    assert len(hearing._open) == OPEN


@given(st.lists(st.text(max_size=3) | st.sampled_from(["\r\n", "\r", "张"]), max_size=12))
def test_a_thought_has_the_mark_of_all_its_pieces_whatever_they_are(pieces: list[str]) -> None:
    told: list[str] = []
    hearing = Hearing(told.append)
    hearing.event("", {"type": "content_block_start", "index": 0, "content_block": THOUGHT | {"thinking": ""}})
    for one in pieces:
        delta = {"type": "thinking_delta", "thinking": one}
        hearing.event("", {"type": "content_block_delta", "index": 0, "delta": delta})
    hearing.event("", {"type": "content_block_stop", "index": 0})
    assert told == [mark_of(THOUGHT | {"thinking": "".join(pieces)})]
    assert hearing._size == 0


@pytest.mark.parametrize("given", ["Anthropic's", "Bedrock's"])
def test_a_thought_without_end_is_let_go_and_has_no_mark(given: str) -> None:
    told: list[str] = []
    hearing = Hearing(told.append)
    hearing.event("", {"type": "content_block_start", "index": 0, "content_block": THOUGHT | {"thinking": ""}})
    piece = "x" * (LONGEST // 4)
    for number in range(6):
        delta = {"type": "thinking_delta", "thinking": piece, "reasoningContent": {"text": piece}}
        del delta["reasoningContent" if given == "Anthropic's" else "type"]
        hearing.event("", {"type": "content_block_delta", "index": 0, "delta": delta})
        assert hearing._size <= LONGEST, number
    hearing.event("", {"type": "content_block_stop", "index": 0})
    assert (told, hearing._size) == ([], 0)
    hearing.event("", {"type": "content_block_start", "index": 0, "content_block": THOUGHT})
    hearing.event("", {"type": "content_block_stop", "index": 0})
    assert told == [mark_of(THOUGHT)], "the next one is heard again"


def test_an_answer_of_nothing_but_thoughts_does_not_fill_the_store() -> None:
    told: list[str] = []
    Hearing(told.append).body(orjson.dumps({"content": [THOUGHT | {"thinking": str(at)} for at in range(2000)]}))
    assert len(told) == MOST_IN_ANSWER


def test_the_oldest_marks_are_forgotten_where_they_are_too_many() -> None:
    seen = Seen(most=2)
    for name in ("a", "b", "a", "c"):
        seen.add("alice", name)
    assert [("alice", one) in seen for one in "abc"] == [True, False, True]
    assert ("bob", "a") not in seen


def turn(*content: dict[str, Any], **more: Any) -> bytes:
    turns = [{"role": "assistant", "content": list(content)}, {"role": "user", "content": "go on"}]
    return orjson.dumps({"model": "m", "max_tokens": 9, "messages": turns, **more})


def refused(tenant: Tenant, body: bytes, **headers: str) -> str:
    """Return the code of the refusal of a turn, or nothing."""
    flow = tenant.ask(flow_to("anthropic", body, **headers))
    if flow.response is None:
        assert orjson.loads(flow.request.content or b"") == orjson.loads(body)
        return ""
    return str(tenant.records()[-1]["code"])


def think(tenant: Tenant, *blocks: dict[str, Any], stream: bool = True, coding: str = "") -> None:
    flow = tenant.ask(flow_to("anthropic", turn({"type": "text", "text": "hi"}, stream=stream)))
    if stream:
        got = tenant.answer(flow, 200, "text/event-stream", sse(stream_of(*blocks)), content_encoding=coding)
        assert got == sse(stream_of(*blocks))
    else:
        tenant.answer(flow, 200, "application/json", orjson.dumps({"type": "message", "content": list(blocks)}))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_number_that_the_model_made_up_in_its_thoughts_ends_no_conversation(tenant: Tenant, stream: bool) -> None:
    assert refused(tenant, turn(THOUGHT)) == "signed_thought"
    think(tenant, THOUGHT, REDACTED, stream=stream)
    assert refused(tenant, turn(THOUGHT, REDACTED)) == ""
    assert refused(tenant, turn({**THOUGHT, "cache_control": {"type": "ephemeral"}})) == ""


def test_the_store_is_asked_once_for_all_thoughts_of_a_turn_and_not_where_nothing_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page's or an agent's turn holds every thought of its conversation."""
    secrets = [THOUGHT | {"thinking": f"{SECRET} again", "signature": f"{number:064}"} for number in range(30)]
    plain = [THOUGHT | {"thinking": "nothing at all", "signature": f"{number:064}"} for number in range(90, 95)]
    first = open_house(tmp_path)
    try:
        think(first, *secrets, *plain)
    finally:
        first.close()
    other = open_house(tmp_path)
    try:
        asked: list[int] = []
        usual = SqliteStore.get_originals
        monkeypatch.setattr(
            SqliteStore,
            "get_originals",
            lambda self, user, places, now: (asked.append(len(places)), usual(self, user, places, now))[1],
        )
        assert refused(other, turn(*plain)) == "" and asked == []
        assert refused(other, turn(*secrets, *plain)) == "" and asked == [30]
        assert refused(other, turn(*secrets, *plain)) == "" and asked == [30], "now they are known here"
    finally:
        other.close()


OTHERS: dict[str, dict[str, Any]] = {
    "another text": THOUGHT | {"thinking": f"perhaps {SECRET}!"},
    "another signature": THOUGHT | {"signature": HIDDEN},
    "text beside it": THOUGHT | {"cache_control": {"type": SECRET}},
}


@pytest.mark.parametrize("block", OTHERS.values(), ids=OTHERS.keys())
def test_a_thought_that_is_not_wholly_the_one_that_came_is_read(tenant: Tenant, block: dict[str, Any]) -> None:
    think(tenant, THOUGHT)
    assert refused(tenant, turn(block)) == "signed_thought"


def test_a_thought_is_known_after_a_restart_and_by_other_processes_and_for_its_person_alone(tmp_path: Path) -> None:
    first = open_house(tmp_path)
    try:
        think(first, THOUGHT)
    finally:
        first.close()
    other = open_house(tmp_path)
    try:
        flow = flow_to("anthropic", turn(THOUGHT))
        flow.client_conn.peername = ("10.9.9.9", 1)
        assert other.ask(flow).response is not None
        assert refused(other, turn(THOUGHT)) == ""
    finally:
        other.close()


def test_a_thought_that_came_to_a_companys_account_is_read_when_it_goes_with_another(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "account_of", lambda *_: "company")
    think(tenant, THOUGHT)
    assert refused(tenant, turn(THOUGHT)) == ""
    monkeypatch.setattr(facts, "account_of", lambda *_: "personal")
    assert refused(tenant, turn(THOUGHT)) == "signed_thought"


def test_what_the_store_keeps_of_a_thought_tells_nothing_of_it(tmp_path: Path) -> None:
    tenant = open_house(tmp_path)
    try:
        think(tenant, THOUGHT)
    finally:
        tenant.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"thought " in kept
    assert mark_of(THOUGHT).encode() not in kept and SECRET.encode() not in kept
