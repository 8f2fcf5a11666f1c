"""Nodes become typed values, or problems that say what to write."""

import pytest

from policies.decision import Text
from policies.load import parse_policy
from policies.model import fold
from policies.problem import PolicyError, Report
from policies.read import HABITS, Reader, suggest
from policies.source import Node, read_source
from policies.words import ALIASES, alias

WHAT = Text("thing", "东西")


def opened(text: str) -> tuple[Reader, Node]:
    """Return a reader and the root of a text."""
    report = Report("p", text)
    return Reader(report), read_source(text, report)


def said(reader: Reader) -> list[str]:
    """Return what was reported."""
    return [problem.message.en for problem in reader.report.problems]


def test_fields_are_those_that_are_known():
    reader, node = opened("{a: 1, b: 2, hours: }")
    assert set(reader.fields(node, WHAT, ("a", "b", "hours"))) == {"a", "b", "hours"}
    assert said(reader) == []


WRONG_FIELDS = {
    "unknown": ("{a: 1, bbbb: 2}", ["“bbbb” is not a key of thing."]),
    "missing": ("{b: 2}", ["Thing has no “a”, which is compulsory."]),
    "missing from a blank": ("", ["The policy is empty."]),
    "blank": ("{a: }", ["Nothing is written after “a”."]),
    "misspelt, so not also missing": ("{A: 1}", ["“A” is not a key of thing."]),
    "a list": ("[a, b]", ["Thing must be a set of “key: value”."]),
    "a word": ("a", ["Thing must be a set of “key: value”."]),
    "a word with a Chinese colon": (
        "a：1",
        ["A full-width colon “：” stands in “a：1”; YAML does not read it as a colon."],
    ),
    "a word with a glued colon": ("a:1", ["There is no space after the colon in “a:1”."]),
    "a word with a wide space": ("a:　1", ["A full-width space (U+3000) follows the colon in “a:<U+3000>1”."]),
}


@pytest.mark.parametrize(("text", "want"), WRONG_FIELDS.values(), ids=WRONG_FIELDS.keys())
def test_what_is_wrong_with_a_mapping_is_said_once(text, want):
    reader, node = opened(text)
    reader.fields(node, WHAT, ("a", "b"), ("a",))
    assert said(reader) == want


NAMES = {
    "one": ("研发", ["研发"]),
    "some": ("[研发, 'a，b', Wang Fang]", ["研发", "a，b", "Wang Fang"]),
    "composed": ("e\u0301", ["é"]),
    "not a word": ("[a, [b]]", ["a"]),
    "a Chinese comma": ("[a，b]", []),
    "a Chinese enumeration comma": ("[张敏、王芳]", []),
    "a Chinese colon": ("[a：b]", []),
    "Chinese quotes": ("[“a”]", []),
    "empty": ("['']", []),
    "only a space": ("[' ']", []),
    "invisible": ("['a\u200bb']", []),
    "a wide space around": ("['　a']", []),
    "a wide space inside": ("['王　芳']", []),
    "a line break": ('["a\\nb"]', []),
    "endless": ("[" + "a" * 101 + "]", []),
    "none": ("[]", []),
}


@pytest.mark.parametrize(("text", "want"), NAMES.values(), ids=NAMES.keys())
def test_names_are_what_people_see(text, want):
    reader, node = opened(text)
    assert [name for name, _ in reader.names(node, WHAT)] == want
    assert bool(said(reader)) == (not want or "[b]" in text)


TEXTS = {
    "one for both": ("use it", Text("use it", "use it")),
    "both": ("{zh: 可以, en: yes}", Text("yes", "可以")),
    "one": ("{zh: 可以}", Text("", "可以")),
    "folded": (">\n  a\n  b\n", Text("a b", "a b")),
    "joined emoji": ("👩\u200d💻", Text("👩\u200d💻", "👩\u200d💻")),
}


@pytest.mark.parametrize(("text", "want"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_in_one_language_or_two(text, want):
    reader, node = opened(text)
    assert reader.text(node, WHAT) == want
    assert said(reader) == []


@pytest.mark.parametrize("text", ['"\\e[1m"', '"\\u202e"', "x" * 4001, "{fr: oui}", "[a]"], ids=range(5))
def test_a_text_that_cannot_be_shown_is_refused(text):
    reader, node = opened(text)
    reader.text(node, WHAT)
    assert len(said(reader)) == 1


def test_words_are_those_of_the_list():
    reader, node = opened("[mon, monday]")
    assert reader.words(node, WHAT, ("mon", "tue")) == {"mon"}
    assert said(reader) == ["“monday” is not a valid thing."]


SUGGESTIONS = [
    ("forbiden", ("forbidden", "allowed"), "Did you mean “forbidden”? It may be one of: forbidden, allowed."),
    ("deny", ("forbidden", "allowed"), "Did you mean “forbidden”? It may be one of: forbidden, allowed."),
    ("deny", ("forbid", "allow"), "Did you mean “forbid”? It may be one of: forbid, allow."),
    ("替换", ("redact", "verdict"), "Did you mean “隐去”? It may be one of: redact, verdict."),
    ("脱敏", ("redact", "verdict"), "Did you mean “隐去”? It may be one of: redact, verdict."),
    ("mask", ("redact", "verdict"), "Did you mean “redact”? It may be one of: redact, verdict."),
    ("拦截", ("forbid", "allow"), "Did you mean “禁止”? It may be one of: forbid, allow."),
    ("默认", ("otherwise", "rules"), "Did you mean “其余情况”? It may be one of: otherwise, rules."),
    ("禁用", ("forbid", "allow"), "Did you mean “禁止”? It may be one of: forbid, allow."),
    ("forbiden", ("forbid", "allow"), "Did you mean “forbid”? It may be one of: forbid, allow."),
    ("wrd07", [f"word{number:02}" for number in range(20)], "Did you mean “word07”?"),
    ("禁止", [f"word{number:02}" for number in range(20)], ""),
    ("x", (), "None is defined in this policy."),
]


@pytest.mark.parametrize(("word", "choices", "want"), SUGGESTIONS)
def test_the_hint_names_the_nearest_word_and_all_of_them_if_few(word, choices, want):
    assert suggest(word, choices).en == want


def test_names_that_people_chose_are_told_as_they_are_to_who_writes_chinese():
    assert suggest("每天的", ("tokens", "每日"), chosen=True).zh.endswith("tokens、每日。")
    assert "词元" in suggest("每天的", ("tokens", "每日")).zh
    source = (
        "政策: 甲\n版本: 1\n其余情况: 允许\n用户组: {}\n配额: {tokens: {请求: 3, 每: 天}}\n时区: Asia/Shanghai\n规则:\n"
    )
    with pytest.raises(PolicyError) as caught:
        parse_policy(source + "  - {编号: r, 裁决: 允许, 理由: 因, 配额: 总量}\n", "p.yaml", str)
    assert [problem.hint.zh for problem in caught.value.problems] == ["请填写其中之一：tokens。"]


def test_what_others_call_a_word_leads_to_words_of_the_language_and_is_none_that_stands_for_it():
    assert {word for words in HABITS.values() for word in words} <= ALIASES.keys()
    assert not [other for other, words in HABITS.items() if other in {*words, *map(alias, words)}]
    assert all(other == fold(other) for other in HABITS)


@pytest.mark.parametrize("key", ["default", "默认", "其余情"])
def test_a_key_under_another_name_is_not_told_to_be_missing_besides(key):
    reader, node = opened(f"{{{key}: forbid}}")
    reader.fields(node, WHAT, ("otherwise",), ("otherwise",))
    assert [each for each in said(reader) if "compulsory" in each] == [] and len(said(reader)) == 1
