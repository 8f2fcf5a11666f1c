"""Every page's writer makes finished turns that the page can show, piece by piece; `tests/pages.py` has the readers."""

import json
from dataclasses import replace

import pytest

from proxy.adapters.choose import ADAPTERS
from proxy.adapters.interface import Refusal, Speaker, Talk
from proxy.adapters.web.page_adapter import PageAdapter
from proxy.answers.restore import StreamRestorer
from proxy.errors import WireError
from proxy.framing.coded import coded
from proxy.internal.answer import Event, Failed, Finished, ReasoningDelta, Started, TextDelta, ToolDelta, ToolStarted
from proxy.internal.failure import BROKE_OFF
from tests.pages import PAGES, Shown
from tests.rows import each

SPEAKERS = {
    entry.adapter.id: entry.adapter
    for entry in ADAPTERS
    if entry.wires and isinstance(entry.adapter, Speaker) and entry.adapter.id in PAGES
}
every_page = pytest.mark.parametrize("page", sorted(SPEAKERS))

REFUSAL = Refusal(403, "blocked_by_policy", "公司规定不允许。Not permitted by “policy”.", "SL-20261127-0001")

LATER: dict[str, object] = {
    "grok-web": {"message": "x", "parentResponseId": "refused-1"},
    "kimi-web": {"message": {"parent_id": "refused-1", "blocks": [{"text": {"content": "x"}}]}},
    "yiyan-web": {"text": "x", "sessionId": "", "parentChatId": "refused-1"},
}
"""Turns of a conversation without a name, after a message that only the page knows."""

ANSWERS: dict[str, tuple[list[Event], str]] = {
    "text": ([Started("", ""), TextDelta("您"), TextDelta("好"), Finished("stop")], "您好"),
    "text that must be escaped": (
        [TextDelta('a "b"\n'), TextDelta("\\c\u2028😀"), Finished("stop")],
        'a "b"\n\\c\u2028😀',
    ),
    "thoughts are no answer": ([Started("", ""), ReasoningDelta("hm"), TextDelta("x"), Finished("length")], "x"),
    "a failure is told": ([TextDelta("x"), Failed("The model broke.")], "xThe model broke."),
    "broken off": ([TextDelta("x")], "x" + BROKE_OFF),
    "nothing came": ([], BROKE_OFF),
    "after the end": ([TextDelta("x"), Finished("stop"), TextDelta("too late")], "x"),
    "a tool, which no page has": (
        [Started("", ""), TextDelta("x"), ToolStarted(0, "", "f"), ToolDelta(0, "{}"), Finished("tool_calls")],
        "x",
    ),
}


def written(page: str, events: list[Event]) -> tuple[bytes, str]:
    speaker = SPEAKERS[page]
    assert isinstance(speaker, Speaker)
    writer = speaker.writer(stream=True, model="m", answer_id="a1b2c3d4e5f60718", now=1764200000)
    body = b"".join(writer.write([event]) for event in events) + writer.end()
    return body, dict(writer.headers)["content-type"]


def test_every_page_that_can_be_answered_has_a_reader() -> None:
    missing = {
        entry.adapter.id for entry in ADAPTERS if entry.wires and isinstance(entry.adapter, Speaker)
    } - PAGES.keys()
    assert not {name for name in missing if name.endswith("-web")}, "write what the page shows in tests/pages.py"


@every_page
@each(("events", "text"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_is_a_finished_turn(page: str, events: list[Event], text: str) -> None:
    body, _ = written(page, events)
    assert PAGES[page](body) == Shown(text, finished=True)


@every_page
def test_each_piece_goes_out_at_once(page: str) -> None:
    speaker = SPEAKERS[page]
    assert isinstance(speaker, Speaker)
    writer = speaker.writer(stream=True, model="m", answer_id="a1b2", now=0)
    first = writer.write([Started("", ""), TextDelta("one ")])
    assert b"one" in first or coded("one ").encode() in first
    second = writer.write([TextDelta("two")])
    assert b"two" in second or coded("two").encode() in second
    assert PAGES[page](first + second + writer.write([Finished("stop")]) + writer.end()).text == "one two"


@every_page
def test_a_refusal_is_a_turn_of_the_assistant_and_draws_no_lots(page: str) -> None:
    answer = SPEAKERS[page].refuse(REFUSAL)
    assert answer.status == 200
    assert PAGES[page](answer.body) == Shown(REFUSAL.message, finished=True)
    assert SPEAKERS[page].refuse(REFUSAL) == answer


@pytest.mark.parametrize("page", sorted(name for name, one in SPEAKERS.items() if isinstance(one, PageAdapter)))
def test_a_refused_first_turn_begins_no_conversation_that_the_vendor_would_not_know(page: str) -> None:
    adapter = SPEAKERS[page]
    assert isinstance(adapter, PageAdapter)
    made, named = "3f0c2b1a-aaaa-4bbb-8ccc-000000000001", "3f0c2b1a-aaaa-4bbb-8ccc-000000000002"
    assert made.encode() not in adapter.within(Talk(made, new=True)).refuse(REFUSAL).body
    answered = adapter.within(Talk(named))
    tells = named.encode() in answered.writer(stream=True, model="", answer_id="a", now=0).write([Started("", "")])
    assert (named.encode() in answered.refuse(REFUSAL).body) == tells


@pytest.mark.parametrize(("page", "body"), LATER.items(), ids=LATER)
def test_only_in_a_conversation_that_is_named_can_there_be_turns_that_the_vendor_keeps(page: str, body: object) -> None:
    adapter, asked = SPEAKERS[page], json.dumps(body).encode()
    if page == "kimi-web":
        asked = b"\0" + len(asked).to_bytes(4) + asked
    assert isinstance(adapter, PageAdapter)
    assert [turn["content"] for turn in adapter.within(Talk("made-up-1", new=True)).question(asked)] == ["x"]
    for talk in (None, Talk("the-vendors-1")):
        with pytest.raises(WireError, match="kept by the vendor"):
            replace(adapter, talk=talk).question(asked)


@every_page
def test_what_we_write_is_restored_like_what_the_vendor_writes(page: str) -> None:
    body, kind = written(page, [TextDelta("Dear [PERSON_7K"), TextDelta("2F9ABC]"), TextDelta(" [x"), Finished("stop")])
    stream = StreamRestorer(SPEAKERS[page].shape, kind, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert PAGES[page](stream.feed(body) + stream.end()) == Shown("Dear 张伟 [x", finished=True)
