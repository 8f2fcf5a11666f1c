"""Every text of a JSON value is found, and any of them can be changed without touching the rest."""

import base64
import copy
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.headings import says_whose
from proxy.adapters.pointer import Hop, pointer, replace, walk
from proxy.errors import WireError
from proxy.wire import json_text


def leaves(value, **kind) -> list[tuple[str, str, str]]:
    return [(pointer(leaf.path), leaf.kind, leaf.text) for leaf in walk(value, **kind)]


BASE64 = base64.b64encode("姓名：张伟\n".encode() * 20).decode()
BLOB = base64.b64encode(bytes(range(256))).decode()

FOUND = {
    "a string": ("x", [("", "text", "x")]),
    "nothing": (None, []),
    "short numbers and flags": ([1, 12345, 1.5, True, None], []),
    "long numbers": ([123456, -1.23456], [("/0", "number", "123456"), ("/1", "number", "-1.23456")]),
    "keys before values": (
        {"a": {"b": "c"}},
        [("/a#key", "key", "a"), ("/a/b#key", "key", "b"), ("/a/b", "text", "c")],
    ),
    "odd keys": ({"a/b~c": "x"}, [("/a~1b~0c#key", "key", "a/b~c"), ("/a~1b~0c", "text", "x")]),
    "JSON in a string": ('{"a": ["x"]}', [("#/a#key", "key", "a"), ("#/a/0", "text", "x")]),
    "almost JSON": ('{"a": 1, "a": 2}', [("", "text", '{"a": 1, "a": 2}')]),
    "a placeholder is no JSON": ("[PERSON_7K2F9ABC]", [("", "text", "[PERSON_7K2F9ABC]")]),
    "a text in base64": (BASE64, [("#data", "text", "姓名：张伟\n" * 20)]),
    "JSON in base64 in a data URI": (
        "data:application/json;base64,eyJhIjoi5bygIn0=",
        [("#data#/a#key", "key", "a"), ("#data#/a", "text", "张")],
    ),
    "bytes in base64": (BLOB, [("", "blob", BLOB)]),
}


@pytest.mark.parametrize(("value", "want"), FOUND.values(), ids=FOUND.keys())
def test_every_text_is_found(value, want):
    assert want == leaves(value)


def test_json_in_strings_is_entered_four_times_and_then_taken_as_text():
    value: object = "x"
    for _ in range(6):
        value = json.dumps([value])
    ((path, kind, text),) = leaves(value)
    assert (path, kind) == ("#/0" * 4, "text")
    assert json.loads(json.loads(text)[0]) == ["x"]


def test_layers_can_be_left_closed():
    assert leaves('["x"]', layers=0) == [("", "text", '["x"]')]


def test_an_object_can_be_skipped_whole():
    value = {"a": {"type": "signed", "b": "x"}, "c": "y"}
    assert [text for _, kind, text in leaves(value, skip=lambda _, one: "type" in one) if kind == "text"] == ["y"]


def change(value, **new):
    """Change the leaves whose text is a name in `new`, and prove that the value given stays as it was."""
    before = copy.deepcopy(value)
    changed = replace(value, {leaf.path: new[leaf.text] for leaf in walk(value) if leaf.text in new})
    assert value == before
    return changed


CHANGED = {
    "a root": ("a", "新"),
    "a string": (["a", "b"], ["新", "b"]),
    "a key": ({"x": 1, "a": 2, "b": 3}, {"x": 1, "新": 2, "b": 3}),
    "a key and what is under it": ({"a": {"a": "a"}}, {"新": {"新": "新"}}),
    "JSON in a string": ('{"b": "a", "n": 1.50}', '{"b":"新","n":1.50}'),
    "JSON in JSON in a string": (
        json.dumps([json.dumps({"a": "a"})]),
        json.dumps(
            [json.dumps({"新": "新"}, ensure_ascii=False, separators=(",", ":"))],
            ensure_ascii=False,
            separators=(",", ":"),
        ),
    ),
    "a data URI": ("data:text/plain;base64,YQ==", "data:text/plain;base64,5paw"),
}


@pytest.mark.parametrize(("value", "want"), CHANGED.values(), ids=CHANGED.keys())
def test_a_change_reaches_every_layer_and_nothing_else(value, want):
    assert want == change(value, a="新")
    if isinstance(want, dict):
        assert list(want) == list(change(value, a="新"))


def test_a_number_that_changes_becomes_a_string():
    assert replace([13800138000], {(0,): "[PHONE_1]"}) == ["[PHONE_1]"]


@pytest.mark.parametrize("value", [{"a": 1, "b": 2}, {"b": {"c": 1, "a": 2, "b": 3}}, '{"a": 1, "b": 2}'])
def test_two_keys_that_become_one_are_refused(value):
    with pytest.raises(WireError, match="become the same"):
        change(value, a="b" if isinstance(value, str) or "a" in value else "c")


def test_what_is_not_on_the_way_is_shared_not_copied():
    value = {"big": ["x"], "a": ["y"]}
    changed = replace(value, {("a", 0): "z"})
    assert changed["big"] is value["big"]
    assert replace(value, {}) is value


def test_the_steps_have_names_in_a_pointer():
    assert pointer(("messages", 2, "a/b", Hop.JSON, "to", Hop.KEY)) == "/messages/2/a~1b#/to#key"


@given(
    st.recursive(
        st.text(st.characters(exclude_categories=["Cs"])) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
            | inner.map(lambda value: json_text.dump(value).decode())
        ),
        max_leaves=12,
    ),
    st.data(),
)
def test_any_leaves_of_any_value_can_be_changed(value, data):
    found = list(walk(value))
    chosen = {leaf.path: f"新 {at}" for at, leaf in enumerate(found) if data.draw(st.booleans())}
    want = [chosen.get(leaf.path, leaf.text) for leaf in found]
    assert want == [leaf.text for leaf in walk(replace(value, chosen))]


def test_each_key_of_an_object_is_judged_a_few_times_however_many_there_are(monkeypatch):
    judged: Counter[str] = Counter()

    def judge(key: str) -> bool:
        judged[key] += 1
        return says_whose(key)

    monkeypatch.setattr("proxy.adapters.pointer.says_whose", judge)
    secrets = {f"host{at} mail": f"Som{at}mer!Zq" for at in range(2000)}
    named = [leaf.name for leaf in walk({"passwords": secrets}) if leaf.kind == "text"]
    assert named == ["password"] * 2000
    assert len(judged) == 2000
    assert max(judged.values()) <= 2
    plain = [leaf.name for leaf in walk({"passwords": {**secrets, "value": "x"}}) if leaf.kind == "text"]
    assert "password" not in plain, "of what says more than one thing about each, nothing is taken"
