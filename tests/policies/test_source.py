"""YAML is text: nothing is typed, every node knows its place, and what misleads is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Mark
from policies.problem import PolicyError, Report
from policies.source import DEEPEST, LARGEST, Entries, Items, Node, Scalar, canonical, read_source


def read(text: str) -> Node:
    """Return the root of a text in which nothing may be wrong."""
    report = Report("p", text)
    root = read_source(text, report)
    report.stop()
    return root


def plain(node: Node) -> object:
    """Return the values of a node, without places."""
    if isinstance(node, Entries):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Items):
        return [plain(each) for each in node.items]
    return node.text if isinstance(node, Scalar) else None


VALUES = ["18:00", "NO", "on", "1.0", "1_000", "0x1F", "~", "null", "2026-12-02", "true", ".inf", "=", "e", "中文"]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_stays_the_text_it_was(value):
    assert plain(read(f"a: {value}")) == {"a": value}
    assert plain(read(f"{value}: a")) == {value: "a"}


def test_every_node_knows_its_place():
    root = read("a: 1\n客户: [x, {b: 'y'}]\n")
    assert isinstance(root, Entries)
    (_, one), (key, items) = root.entries
    assert (one.mark, key.mark, items.mark) == (Mark(1, 4), Mark(2, 1), Mark(2, 5))
    assert isinstance(items, Items)
    assert [each.mark for each in items.items] == [Mark(2, 6), Mark(2, 9)]


def test_quotes_are_remembered():
    root = read("a: x\nb: 'x'\nc:\nd: ''\n")
    assert isinstance(root, Entries)
    nodes = [value for _, value in root.entries if isinstance(value, Scalar)]
    assert [node.plain for node in nodes] == [True, False, True, False]
    assert [node.blank for node in nodes] == [False, False, True, False]


def test_a_chinese_paragraph_may_begin_with_full_width_spaces():
    assert plain(read("a: |\n  　　请使用内部模型：\n  　　见公告。\n")) == {
        "a": "　　请使用内部模型：\n　　见公告。\n"
    }


@pytest.mark.parametrize(
    ("text", "want"),
    [("\ufeffa: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"), ("a\n", "a\n"), ("", ""), ("a\rb", "a\rb")],
)
def test_the_canonical_text_has_no_mark_and_one_kind_of_line_end(text, want):
    assert canonical(text) == want
    assert canonical(want) == want


def test_lists_may_be_as_deep_as_allowed_and_no_deeper():
    assert read("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(PolicyError, match="more than 20 levels"):
        read("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))


def test_the_limit_of_size_counts_bytes():
    with pytest.raises(PolicyError, match="larger than 1 MiB"):
        read("a: " + "中" * (LARGEST // 3))


REFUSED = {
    "a hidden line break": ("a: 1 # x\u2028b: 2\n", "U+2028", 1, 9),
    "another": ("a: 1 # x\u0085b: 2\n", "U+0085", 1, 9),
    "an old line end": ("a: 1\rb: 2\n", "U+000D", 1, 5),
    "a turned reading direction": ("a: x\n# \u2066y\n", "U+2066", 2, 3),
    "half a character": ("a: \udc00\n", "U+DC00", 1, 4),
}


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED.values(), ids=REFUSED.keys())
def test_a_character_that_misleads_is_named_with_its_place(text, code, line, column):
    with pytest.raises(PolicyError) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column) == (line, column)
    assert code in problem.message.en
    assert code in problem.message.zh


TREES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Cn"]), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc客", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES)
def test_what_is_written_is_what_is_read(tree):
    def written(node):
        if isinstance(node, dict):
            return "{" + ", ".join(f'"{key}": {written(value)}' for key, value in node.items()) + "}"
        if isinstance(node, list):
            return "[" + ", ".join(map(written, node)) + "]"
        return "'" + node.replace("'", "''") + "'"

    assert plain(read(written(tree))) == tree
