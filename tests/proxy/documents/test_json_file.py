"""JSON keeps its form, and stays JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.json_file import weave
from tests.proxy.documents.files import PHONE, everything, read, redacted

PRETTY = '{\n  "name": "\\u5f20\\u4e09",\n  "phones": [13800138000, "a\\n13800138000"],\n  "n": -1.5e3, "t": true\n}\n'


def test_a_key_stands_before_its_value_and_escapes_are_read():
    assert everything(read(PRETTY.encode())) == f"name: 张三\nphones: {PHONE}\na\n{PHONE}\nn: -1.5e3\nt: true"


def test_only_what_changes_is_written_anew():
    document = read(PRETTY.encode())
    made = document.rewrite(redacted(document, {PHONE: '[P"]', "张三": "[N]"}))
    assert (
        made
        == PRETTY.replace("13800138000", '"[P\\"]"', 1)
        .replace("a\\n13800138000", 'a\\n[P\\"]')
        .replace("\\u5f20\\u4e09", "[N]")
        .encode()
    )
    assert json.loads(made)["phones"] == ['[P"]', 'a\n[P"]']


def test_a_notebook_is_json():
    book = {"cells": [{"cell_type": "code", "source": [f"tel = {PHONE}\n"], "outputs": []}], "nbformat": 4}
    document = read(json.dumps(book, indent=1).encode(), "a.ipynb")
    assert document.kind == "json"
    assert json.loads(document.rewrite(redacted(document, {PHONE: "[P]"})))["cells"][0]["source"] == ["tel = [P]\n"]


@pytest.mark.parametrize("text", ["[link](x)", "{name}", '{"a": }x', "{'a': 1}", '["\\ud800"]', "plain", ""])
def test_what_is_no_json_is_read_as_the_text_that_it_is(text: str):
    assert everything(read(text.encode())) == text or text == '{"a": }x'


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES) | st.dictionaries(st.text(max_size=5), VALUES), st.sampled_from([None, 1]), st.booleans())
def test_any_json_is_read_whole_and_stays_json(value, indent, ascii_only: bool):
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    document = read(data)
    assert document.rewrite([part.text for part in document.parts]) == data
    if document.kind == "json" and document.parts:
        changed = document.rewrite([part.text + "[X]" for part in document.parts])
        assert "[X]" in everything(read(changed)) and json.loads(changed) is not None


def test_very_long_json_is_read_as_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("proxy.documents.json_file.LONGEST", 3)
    assert weave('{"a": 1}', None) is None  # type: ignore[arg-type]


NAMED = [
    ({"db_password": "a1", "n": 5}, {"a1": "password"}),
    ({"env": [{"name": "DB_PASSWORD", "value": "a1"}]}, {"a1": "password"}),
    ({"password": {"S": "a1"}, "x": {"value": "b2"}}, {"a1": "password", "b2": "x"}),
    ({"password": ["a1", "b2"]}, {"a1": "password", "b2": "password"}),
    ({"passwords": {"root": "a1", "hint": "b2"}}, {"a1": "password", "b2": "hint"}),
    ({"env": [["PWD", "Zw99kk12"], ["A", "b2"]]}, {"Zw99kk12": "password", "PWD": "env", "b2": "env"}),
    ({"columns": ["user", "pwd"], "rows": [["bob", "a1"], ["al", "b2"]]}, {"a1": "password", "b2": "password"}),
    ([["账号", "密码"], ["li", "a1"], ["wu", "b2"]], {"a1": "password", "b2": "password", "li": "账号", "wu": "账号"}),
    ({"content": "a1", "7": "b2"}, {}),
    (
        {"passwords": {"work mail": "Zw99kk12", "x mail": {"y mail": "Zw99kk34"}}},
        {"Zw99kk12": "password", "Zw99kk34": "password"},
    ),
    ({"password": {"description": "Zw99kk12"}}, {"Zw99kk12": "password"}),
]


@pytest.mark.parametrize(("value", "want"), NAMED)
def test_each_value_says_under_which_key_it_stands(value, want: dict[str, str]):
    (part,) = read(json.dumps(value, ensure_ascii=False).encode(), "a.json").parts
    told = {part.text[one.start : one.end]: one.label for one in part.fields}
    assert part.bounded and {text: label for text, label in told.items() if label and text in want} == want
    assert all(label == "" for text, label in told.items() if text in ("a1", "b2") and text not in want)


def test_a_key_is_no_value():
    (part,) = read(b'{"a": {"b": 1, "c": [true, "d"]}}').parts
    assert [part.text[one.start : one.end] for one in part.fields] == ["1", "d"]
