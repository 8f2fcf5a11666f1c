"""What an agent has said comes in pieces; put together, they make the same of the page, and placeholders are whole."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.web.notion_agents import AGENTS
from proxy.adapters.web.notion_patches import whole_texts
from proxy.answers.restore import restore_body
from proxy.capture.mask import ORIGINALS, PERSON
from tests.pages import agents, applied

ORIGINAL = ORIGINALS[PERSON]


def put(name: str, text: str, sequence: int = 1) -> dict[str, Any]:
    entity = {"id": name, "kind": "assistant_message", "sequence": sequence}
    return {"op": "put", "entity": {**entity, "content": [{"type": "text", "text": text}]}}


def patch(name: str, *changes: tuple[str, str, Any]) -> dict[str, Any]:
    return {"op": "patch", "id": name, "ops": [{"op": op, "path": path, "value": value} for op, path, value in changes]}


TEXT = "/content/0/text"


@pytest.mark.parametrize("size", range(1, len(PERSON)))
@pytest.mark.parametrize("known", [True, False], ids=["put in this answer", "put in one before"])
def test_a_placeholder_that_is_cut_within_one_answer_is_restored(size: int, known: bool) -> None:
    said = f"Dear {PERSON}, 您好"
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    more = [
        patch("a", *(("append", TEXT, piece) for piece in pieces[1:3])),
        *(patch("a", ("append", TEXT, piece)) for piece in pieces[3:]),
    ]
    first = put("a", pieces[0]) if known else patch("a", ("append", TEXT, pieces[0]))
    body = json.dumps({"patches": [first, *more], "forward_cursor": "c", "has_more_forward": False}).encode()
    out, count = restore_body(body, "application/json", AGENTS.shape, ORIGINALS.get)
    told = json.loads(out)
    assert count == 1 and told["forward_cursor"] == "c"
    assert agents([*([] if known else [put("a", "")]), *told["patches"]]) == [("assistant", f"Dear {ORIGINAL}, 您好")]


def test_an_answer_without_a_placeholder_goes_on_as_it_came() -> None:
    body = json.dumps({"patches": [put("a", "He"), patch("a", ("append", TEXT, "llo"))]}).encode()
    assert restore_body(body, "application/json", AGENTS.shape, ORIGINALS.get) == (body, 0)


NAMES, PATHS = st.sampled_from("ab"), st.sampled_from([TEXT, "/content/0/type", "/status", "/content/1/text"])
CHANGES = st.tuples(st.sampled_from(["append", "replace"]), PATHS, st.sampled_from(["x", "[", "y"]))
PATCHES = st.lists(
    st.builds(put, NAMES, st.sampled_from(["", "t"])) | st.builds(patch, NAMES, CHANGES, CHANGES), max_size=9
)


@given(PATCHES, PATCHES)
def test_put_together_they_make_the_same_of_the_page(before: list[Any], patches: list[Any]) -> None:
    start = [put(name, "s") for name in "ab"]
    for one in start:
        one["entity"]["content"].append({"type": "text", "text": ""})
    given_ = deepcopy(patches)
    assert applied([*start, *before, *whole_texts(patches)]) == applied([*start, *before, *patches])
    assert patches == given_, "what came is not changed"


def test_what_is_appended_to_a_list_stays_an_entry_of_its_own() -> None:
    patches = [
        patch("a", ("append", "/tags", "x"), ("append", "/tags", "y"), ("append", TEXT, "z"), ("append", TEXT, "!"))
    ]
    (told,) = whole_texts(patches)
    assert [one["value"] for one in told["ops"]] == ["x", "y", "z!"]
    rich = {"op": "put", "entity": {"id": "u", "content": [{"text": [["x"]]}]}}
    assert whole_texts([rich, patch("u", ("append", TEXT, "y"), ("append", TEXT, "z"))])[1]["ops"][0]["value"] == "y"


ANY = st.recursive(
    st.none() | st.sampled_from(["a", "append", "put", "patch", TEXT, "", "/", "/content/9/text", "/content/-1/text"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "id", "ops", "path", "value", "entity", "content", "text"]), inner)
    ),
    max_leaves=14,
)


@given(st.lists(ANY | st.builds(patch, NAMES, CHANGES) | st.builds(put, NAMES, st.just("")), max_size=5))
def test_patches_of_any_form_pass(patches: list[Any]) -> None:
    body = json.dumps({"patches": patches}).encode()
    assert restore_body(body, "application/json", AGENTS.shape, {}.get) == (body, 0)
