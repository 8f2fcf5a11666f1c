"""Of a broken line the person is told what they typed, not what the parser expected."""

import pytest

from policies.problem import PolicyError, Report
from policies.source import read_source

CASES = {
    "a Chinese colon": ("a: 1\nb：2\nc: 3\n", [(2, 2, "full-width colon")]),
    "Chinese colons everywhere": (
        "policy：x\nversion：1\nrules：[]\nx: y\n",
        [(1, 7, "colon"), (2, 8, "colon"), (3, 6, "colon")],
    ),
    "a Chinese colon in a list": ("- id：x\n  b: 1\n", [(1, 5, "full-width colon")]),
    "a Chinese colon after a Chinese word": ("a: 1\n动作：阻止\nb: 2\n", [(2, 3, "full-width colon")]),
    "a Chinese space after the colon": ("a:　1\nb: 2\n", [(1, 2, "full-width space")]),
    "a Chinese space as indentation": ("a:\n  - b: 1\n　　- c: 1\n", [(3, 1, "full-width space")]),
    "no space after the colon": ("a: 1\nb:2\nc: 3\n", [(2, 2, "no space after the colon")]),
    "a colon in a sentence": ("a: see: here\n", [(1, 7, "colon or an indentation")]),
    "a line without a colon": ("a: 1\nb\nc: 3\n", [(2, 1, "no “key: value”")]),
    "an open quote": ("a: 1\nb: 'x\nc: 3\n", [(2, 4, "never closed")]),
    "an open bracket": ("a: [x\nb: 1\n", [(1, 4, "never closed")]),
    "an open brace at the end": ("a: {b: 1\n", [(1, 4, "never closed")]),
    "a Chinese comma before a key": ("a: {b: c，d: e}\n", [(1, 9, "full-width comma")]),
    "a Chinese comma and a space before a key": ("- {id: x， verdict: y}\n", [(1, 9, "full-width comma")]),
    "a Chinese comma before a list": ("a: {b: any，c: [d]}\n", [(1, 11, "full-width comma")]),
    "a Chinese comma after quotes": ('a: {zh: "你好"，en: "hi"}\n', [(1, 13, "full-width comma")]),
    "a Chinese comma after braces": ("a: [{b: c}，{d: e}]\n", [(1, 11, "full-width comma")]),
    "a Chinese comma on the next line": ("a: {b: c,\n  d: e，f: g}\n", [(2, 7, "full-width comma")]),
    "a Chinese comma that belongs to a text": ("a: {zh: 你好，世界\n", [(1, 4, "never closed")]),
    "a sign that begins nothing": ("a: `x`\n", [(1, 4, "cannot begin")]),
    "a bracket too many": ("a: ]\n", [(1, 4, "not valid YAML")]),
    "a list that turns into a mapping": ("- a\nb: c\n", [(2, 1, "not valid YAML")]),
    "a tab is the reason, and is said once": ("a:\n  b: 1\n\tc: 2\n", [(3, 1, "tab")]),
    "an escape that does not exist": ('a: "\\q"\n', [(1, 5, "not valid YAML")]),
}


@pytest.mark.parametrize(("text", "want"), CASES.values(), ids=CASES.keys())
def test_the_slip_is_named_where_it_was_made(text, want):
    report = Report("p", text)
    with pytest.raises(PolicyError) as caught:
        read_source(text, report)
    told = [(each.line, each.column) for each in caught.value.problems]
    assert told == [(line, column) for line, column, _ in want]
    for problem, (_, _, said) in zip(caught.value.problems, want, strict=True):
        assert said in problem.message.en
        assert problem.message.zh
        assert problem.hint.zh
