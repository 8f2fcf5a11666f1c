"""A prompt leaves out only what a written rule names, and only while it looks the part."""

import pytest

from proxy.adapters.pointer import Hop, Leaf
from proxy.adapters.prompt import Rules, read_json, read_tree, shapes
from proxy.wire import json_text

RULES = Rules(ignored=shapes("/model", "/a/*/id", "/n"))

READ = {
    "a leaf no rule names": (Leaf(("b",), "text", "x"), True),
    "an ignored token": (Leaf(("model",), "text", "org/model-1:free"), False),
    "prose in its place": (Leaf(("model",), "text", "my password is x"), True),
    "Chinese in its place": (Leaf(("model",), "text", "张伟"), True),
    "a token too long to be one": (Leaf(("model",), "text", "a" * 65), True),
    "a telephone number as a name": (Leaf(("model",), "text", "13800138000"), True),
    "a name with an identity number in it": (Leaf(("model",), "text", "gpt-11010519491231002X"), True),
    "an address as a name": (Leaf(("model",), "text", "alice@corp.example"), True),
    "a number no limit has": (Leaf(("n",), "number", "13800138000"), True),
    "the same, negative and with a fraction": (Leaf(("n",), "number", "-138001380.00"), True),
    "any index of a list": (Leaf(("a", 7, "id"), "text", "call_1"), False),
    "a key where an index belongs": (Leaf(("a", "*", "id"), "text", "call_1"), True),
    "something under an ignored leaf": (Leaf(("model", "x"), "text", "y"), True),
    "an ignored number": (Leaf(("n",), "number", "123456"), False),
    "another number": (Leaf(("m",), "number", "123456"), True),
    "a type of a schema": (Leaf(("x", "type"), "text", "string"), False),
    "another type": (Leaf(("x", "type"), "text", "secret"), True),
    "a word of a schema elsewhere": (Leaf(("x",), "text", "string"), True),
    "a field's name": (Leaf(("tool_choice", Hop.KEY), "key", "tool_choice"), False),
    "a field's name in camel case": (Leaf(("k", Hop.KEY), "key", "maxTokens2"), False),
    "a name as a key": (Leaf(("k", Hop.KEY), "key", "Ann Lee"), True),
    "Chinese as a key": (Leaf(("k", Hop.KEY), "key", "张伟"), True),
    "a number as a key": (Leaf(("k", Hop.KEY), "key", "13800138000"), True),
    "an address as a key": (Leaf(("k", Hop.KEY), "key", "a@example.com"), True),
    "a key as a key": (Leaf(("k", Hop.KEY), "key", "sk-proj-4f9aK2"), True),
}


@pytest.mark.parametrize(("leaf", "want"), READ.values(), ids=READ.keys())
def test_a_leaf_is_read_unless_a_rule_and_its_looks_say_no(leaf: Leaf, want: bool):
    assert want == RULES.reads(leaf)


def test_ignored_and_opaque_leaves_stay_as_they_are_when_others_change():
    body = b'{"model": "m", "n": 12345.50, "img": "data:image/png;base64,iVBO", "text": "a", "t": [true, null]}'
    prompt = read_json(body, RULES)
    assert prompt.opaque == ("/img",)
    assert json_text.parse(prompt.rewrite(["b"])) == {**json_text.parse(body), "text": "b"}
    assert b"12345.50" in prompt.rewrite(["b"])


@pytest.mark.parametrize(
    ("body", "model", "stream"),
    [
        (b'{"model": "m", "stream": true}', "m", True),
        (b'{"model": 1, "stream": 1}', "", False),
        (b"[]", "", False),
        (b'"x"', "", False),
    ],
)
def test_model_and_stream_are_read_where_they_are_what_they_should_be(body: bytes, model: str, stream: bool):
    prompt = read_json(body, RULES)
    assert (prompt.model, prompt.stream) == (model, stream)


def test_nothing_of_the_text_shows_in_a_repr():
    assert "s3cret" not in repr(read_json(b'{"a": "s3cret"}', RULES))


def test_encoded_data_is_text_where_it_is_but_a_token():
    token = "iVBORw0KGgo" * 30
    assert read_tree(b"", [token], Rules(), json_text.dump).opaque == ("/0",)
    prompt = read_tree(b"", [token], Rules(sealed=False), json_text.dump)
    assert (prompt.opaque, [part.text for part in prompt.parts]) == ((), [token])
