"""Notion AI: patches are followed to the piece of text that they write, whatever else they say."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.web.notion import NOTION
from proxy.adapters.web.page_adapter import FILES, KEPT
from proxy.answers.restore import StreamRestorer
from proxy.errors import WireError
from proxy.internal.answer import Finished, ReasoningDelta, Started, TextDelta
from tests.feed import feed_every_way
from tests.pages import Shown, notion

LINES = "application/x-ndjson"


def shown(*lines: dict[str, Any]) -> Shown:
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    def read(pieces: Sequence[bytes]) -> Shown:
        stream = StreamRestorer(NOTION.shape, LINES, {"[PERSON_7K2F9ABC]": "张伟"}.get)
        return notion(b"".join(map(stream.feed, pieces)) + stream.end())

    whole = read([body])
    feed_every_way(read, body, whole)
    return whole


def patch(*steps: tuple[str, str, Any]) -> dict[str, Any]:
    return {"type": "patch", "v": [{"o": o, "p": p, "v": v} for o, p, v in steps]}


START = {
    "type": "patch-start",
    "data": {"s": [{"type": "agent-inference", "value": [{"type": "text", "content": ""}]}]},
}


def test_pieces_are_counted_from_the_first_line_on() -> None:
    first = patch(("x", "/s/0/value/0/content", "Dear [PERS"), ("a", "/s/0/value/-", {"type": "text", "content": " ["}))
    rest = patch(("x", "/s/0/value/0/content", "ON_7K2F9ABC]"), ("x", "/s/0/value/1/content", "PERSON_7K2F9ABC] ["))
    assert shown(START, first, rest, {"type": "done"}) == Shown("Dear 张伟 张伟 [", finished=True)


def test_what_a_step_holds_back_goes_out_with_its_end() -> None:
    body = [START, patch(("x", "/s/0/value/0/content", "Hi [")), patch(("a", "/s/0/finishedAt", 1))]
    stream = StreamRestorer(NOTION.shape, LINES, {}.get)
    out = b"".join(stream.feed(json.dumps(line).encode() + b"\n") for line in body)
    assert notion(out).text == "Hi ["


def test_a_refusal_is_a_turn_of_the_page() -> None:
    answer = NOTION.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。\nNot permitted.", "SL-1"))
    assert (answer.status, notion(answer.body)) == (200, Shown("公司规定不允许。\nNot permitted.", finished=True))


def asked(*entries: Any, **more: Any) -> bytes:
    return json.dumps({"threadId": "2b0c8f6e-1d2b", "transcript": list(entries), **more}).encode()


def user(*texts: str) -> dict[str, Any]:
    return {"type": "user", "value": [[text] for text in texts]}


PAGE = {"type": "context", "value": {"userName": "Ann", "pageContent": "The offer"}}
BEFORE = {"type": "agent-inference", "value": [{"type": "text", "content": "Yes"}]}
CREATE = {"createThread": True}


def test_the_newest_turn_is_told_to_the_companys_model_with_the_page_it_is_about() -> None:
    said = NOTION.question(asked({"type": "config"}, PAGE, user("Sum ", "up"), **CREATE))
    assert said == [{"role": "system", "content": "The offer"}, {"role": "user", "content": "Sum up"}]
    ours = NOTION.within(Talk("t", ours=True))
    assert ours.question(asked(user("one"), BEFORE, user("two"))) == [{"role": "user", "content": "two"}]
    assert NOTION.named("", asked(user("x"))) == "2b0c8f6e-1d2b"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (asked(user("x")), KEPT),
        (asked({"type": "attachment"}, user("x"), **CREATE), FILES),
        (asked(user("x"), user("y"), **CREATE), "one new turn"),
        (asked(BEFORE, **CREATE), "one new turn"),
        (asked(user(""), **CREATE), "no text"),
        (asked(7, **CREATE), "list of objects"),
        (b'{"createThread":true}', "list of objects"),
    ],
)
def test_what_only_the_vendor_has_is_told_to_nobody_else(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        NOTION.to_chat(body, "m")


def test_an_answer_of_the_companys_model_is_a_turn_of_the_page_with_its_thoughts_apart() -> None:
    writer = NOTION.writer(stream=True, model="m", answer_id="a1b2", now=0)
    events = [Started("", ""), ReasoningDelta("Hm"), ReasoningDelta("m"), TextDelta("He"), TextDelta("llo")]
    body = writer.write([*events, Finished("stop")]) + writer.end()
    assert notion(body) == Shown("Hello", finished=True)
    assert b'"content":"Hm"' in body and notion(writer.write([TextDelta("more")]) or body).text == "Hello"


VALUES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["a", "x", "/s/-", "/s/9999999999/value/-", "/s/0/value/-", "//", "t"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["o", "p", "v", "value", "content", "type", "finishedAt"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.sampled_from(["patch", "patch-start", "agent-inference", "done"]), VALUES, VALUES)
def test_a_line_of_any_form_passes(kind: str, v: Any, data: Any) -> None:
    line = json.dumps({"type": kind, "v": v, "value": v, "data": {"s": data}}).encode() + b"\n"
    stream = StreamRestorer(NOTION.shape, LINES, {}.get)
    assert stream.feed(line) + stream.end() == line
