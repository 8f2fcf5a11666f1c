"""Notion AI: patches are followed to the piece of text that they write, whatever else they say."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Refusal, Speaker
from proxy.adapters.web.notion import NOTION
from proxy.restore import StreamRestorer
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


def test_a_refusal_is_a_turn_of_the_page_and_no_model_of_the_company_answers() -> None:
    answer = NOTION.refuse(Refusal(403, "blocked_by_policy", "公司规定不允许。\nNot permitted.", "SL-1"))
    assert (answer.status, notion(answer.body)) == (200, Shown("公司规定不允许。\nNot permitted.", finished=True))
    assert not isinstance(NOTION, Speaker)


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
