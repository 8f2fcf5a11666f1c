"""A policy can be written in Chinese words or in English ones, and says the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.format import translate
from policies.problem import PolicyError
from policies.suite import read_suite
from policies.words import alias
from tests.policies.office import OFFICE, office

SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
POLICIES = {path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml")) if "_test" not in path.stem}
SUITES = {path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*_test.yaml"))}
POLICIES["office"] = OFFICE


@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES.keys())
def test_there_and_back_changes_nothing(text):
    chinese, english = translate(text, "zh"), translate(text, "en")
    assert translate(translate(chinese, "en"), "zh") == chinese
    assert translate(translate(english, "zh"), "en") == english
    assert chinese != english


@pytest.mark.parametrize("text", SUITES.values(), ids=SUITES.keys())
def test_tests_are_written_in_either_language_too(text):
    chinese = translate(text, "zh", suite=True)
    assert translate(translate(chinese, "en", suite=True), "zh", suite=True) == chinese
    assert "期望:" in chinese


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_policy_says_the_same(language):
    before, after = office(), office(translate(OFFICE, language))
    assert (before.rules, before.hours, before.services) == (after.rules, after.hours, after.services)
    assert (before.notices, before.quotas, before.classes) == (after.notices, after.quotas, after.classes)
    assert (before.otherwise, before.review, before.effective) == (after.otherwise, after.review, after.effective)


def test_its_tests_say_the_same():
    text = "tests:\n  - {name: a, service: 豆包, activity: upload, finds: {机密: 2}, expect: {route: external}}\n"
    policy = office()
    assert read_suite(text, "a", policy).cases == read_suite(translate(text, "zh", suite=True), "a", policy).cases


KEPT = {
    "comments stay": ("policy: a  # verdict: forbidden\n", "政策: a  # verdict: forbidden\n"),
    "texts stay": ("policy: forbidden\n", "政策: forbidden\n"),
    "names stay": ("groups: {any: [mon]}\n", "用户组: {any: [mon]}\n"),
    "a name that is a word stays": ("data_classes: {url: {}}\n", "数据类: {url: {}}\n"),
    "quoted words change inside their quotes": ('otherwise: "forbid"\n', '其余情况: "禁止"\n'),
    "quotes of either sort": ("otherwise: 'forbid'\n", "其余情况: '禁止'\n"),
    "words with escapes stay": ('otherwise: "for\\x62id"\n', '其余情况: "for\\x62id"\n'),
    "several on a line": ("rules: [{id: a, verdict: allowed}]\n", "规则: [{编号: a, 裁决: 允许}]\n"),
    "Windows line ends stay": ("version: 1\r\notherwise: forbid\r\n", "版本: 1\r\n其余情况: 禁止\r\n"),
    "a byte order mark stays": ("\ufeffversion: 1\n", "\ufeff版本: 1\n"),
    "a word at a wrong place stays": ("forbidden: version\n", "forbidden: version\n"),
    "an unknown key stays": ("colour: blue\nversion: 1\n", "colour: blue\n版本: 1\n"),
    "letters beyond the basic plane before it": (
        "rules: [{name: 𠮷, verdict: allowed}]\n",
        "规则: [{名称: 𠮷, 裁决: 允许}]\n",
    ),
}


@pytest.mark.parametrize(("text", "want"), KEPT.values(), ids=KEPT.keys())
def test_only_words_of_the_language_change(text, want):
    assert translate(text, "zh") == want


def test_a_class_that_is_called_like_an_entity_is_still_itself():
    text = (
        "policy: a\nversion: 1\notherwise: forbid\ndata_classes: {密码: {entities: [PASSWORD]}}\n"
        "rules: [{id: a, verdict: allowed, redact: [密码]}]\n"
        "tests: [{name: t, finds: [密码], expect: external}]\n"
    )
    assert "finds: [密码]" in translate(translate(text, "zh"), "en")
    assert office(translate(text, "zh")).rules == office(text).rules


def test_what_is_no_yaml_is_said_with_its_place():
    with pytest.raises(PolicyError) as caught:
        translate("policy: [a\n", "zh")
    assert caught.value.problems[0].line == 1


WORDS = st.sampled_from(
    ["verdict", "裁决", "forbidden", "禁止", "any", "任何", "mon", "id", "when", "服务", "a b", "机密"]
)
NODES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(WORDS, inner), max_size=3, unique_by=lambda pair: alias(pair[0])).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=8,
)


@given(node=NODES, key=st.sampled_from(["rules", "hours", "services", "tests", "otherwise", "规则"]))
def test_whatever_is_written_there_and_back_is_a_fixed_point(node, key):
    text = f"{key}: {node}\n"
    try:
        chinese = translate(text, "zh")
    except PolicyError:
        return
    assert translate(translate(chinese, "en"), "zh") == chinese
