"""Files of a folder are equals: together they say what one file would say, and no file takes back what another says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.load import KEYS, parse_folder
from policies.merge import Merged, merge, read_files
from policies.model import Policy
from policies.problem import PolicyError, Report
from policies.read import Reader
from policies.source import Entries
from policies.suite import inline_suite
from tests.policies.samples import no_file, parsed

BASE = "policy: 公司\nversion: 2\nowner: 合规部\ntime_zone: Asia/Shanghai\notherwise: forbid\n"


def folder(*texts: str) -> Policy:
    """Return the policy of a folder of files `0.yaml`, `1.yaml` …"""
    return parse_folder([(f"公司/{number}.yaml", text) for number, text in enumerate(texts)], "公司", no_file)


def mistakes(*texts: str) -> list[tuple[str, int, int, str]]:
    """Return file, line, column and message of all that is wrong."""
    with pytest.raises(PolicyError) as caught:
        folder(*texts)
    return [(each.file, each.line, each.column, each.message.en) for each in caught.value.problems]


SECTIONS = {
    "hours": (
        "hours: {上班: {days: [mon], from: '09:00', to: '18:00'}}",
        "时段: {夜: {days: [sat], from: '22:00', to: '23:00'}}",
    ),
    "groups": ("groups: {研发: [alice]}", "用户组: {财务: [王芳]}"),
    "services": ("services: {chats: {category: chat}}", "服务: {国内: {country: CN}}"),
    "data_classes": (
        "data_classes: {secrets: {entities: [API_KEY]}}",
        "数据类: {客户: {terms: [华星], placeholder: CUSTOMER}}",
    ),
    "notices": ("notices: {n: 留意}", "提示: {m: 请读}"),
    "quotas": ("quotas: {q: {requests: 2, per: day}}", "配额: {p: {tokens: 9, per: week}}"),
    "rules": (
        "rules: [{id: a, verdict: allowed, when: {group: 研发, hours: 上班}, redact: [secrets, 客户], quota: [q, p]}]",
        "规则: [{id: b, verdict: forbidden, when: {service: [chats, 国内], group: 财务}}]",
        "rules: [{id: c, verdict: allowed, when: {outside_hours: 夜}, remind: [n, m]}]",
    ),
}
"""Section → what several files say in it."""
FILES = 4


def said(policy: Policy) -> tuple[frozenset[object], ...]:
    """Return all that a policy says besides its head, whatever its order and places."""
    defined = (policy.hours, policy.groups, policy.services, policy.classes, policy.notices, policy.quotas)
    return tuple(frozenset(each) for each in (*defined, policy.rules))


def as_one() -> Policy:
    """Return the policy that one file makes of the sections."""
    text = BASE
    for key, pieces in SECTIONS.items():
        inside = ", ".join(piece.partition(": ")[2][1:-1] for piece in pieces)
        text += f"{key}: [{inside}]\n" if key == "rules" else f"{key}: {{{inside}}}\n"
    return parsed(text)


@given(st.tuples(*[st.permutations(range(FILES))] * len(SECTIONS)))
def test_however_a_policy_is_spread_over_files_it_says_the_same(places):
    files = [BASE, *[""] * (FILES - 1)]
    for pieces, order in zip(SECTIONS.values(), places, strict=True):
        for piece, place in zip(pieces, order, strict=False):
            files[place] += piece + "\n"
    kept = [text for text in files if text]
    alone = as_one()
    for each in (folder(*kept), folder(*reversed(kept))):
        assert said(each) == said(alone)
        assert (each.name, each.version, each.owner) == (alone.name, alone.version, alone.owner)


def test_each_thing_keeps_the_place_it_was_written_in():
    policy = folder(
        BASE + "groups:\n  研发: [alice]\n", "# 市场\ngroups:\n  市场: []\nrules:\n  - {id: a, verdict: allowed}\n"
    )
    assert [(each.mark.file, each.mark.line) for each in policy.groups] == [("公司/0.yaml", 7), ("公司/1.yaml", 3)]
    assert (policy.rules[0].mark.file, policy.rules[0].mark.line, policy.rules[0].mark.column) == ("公司/1.yaml", 5, 10)


def test_whoever_owns_a_file_answers_for_its_rules_and_for_no_others():
    policy = folder(
        BASE + "rules: [{id: a, verdict: forbidden}]\n",
        "owner: 研发总监\nrules: [{id: b, verdict: forbidden}]\n",
        "rules: [{id: c, verdict: forbidden}]\n",
    )
    assert policy.owner == "合规部"
    assert {rule.id: rule.owner for rule in policy.rules} == {"a": "", "b": "研发总监", "c": ""}


def test_tests_of_all_files_are_the_tests_of_the_policy():
    case = "{{name: {0}, service: unlisted, expect: forbidden}}"
    policy = folder(
        BASE + f"rules: [{{id: a, verdict: forbidden}}]\ntests: [{case.format('甲')}]\n",
        f"测试: [{case.format('乙')}]\n",
    )
    assert [each.name for each in inline_suite(policy).cases] == ["甲", "乙"]


TWICE = {
    "the head": (
        (BASE + "rules: []\n", "policy: 又一份\n时区: UTC\n"),
        [
            ("公司/1.yaml", 1, 1, "“policy” is also written in 0.yaml, line 1."),
            ("公司/1.yaml", 2, 1, "“时区” is also written in 0.yaml, line 4."),
        ],
    ),
    "a name in another case, width and language": (
        (BASE + "groups: {Sales: []}\nrules: []\n", "用户组: {ＳＡＬＥＳ: []}\n"),
        [("公司/1.yaml", 1, 7, "“ＳＡＬＥＳ” is also written in 0.yaml, line 6.")],
    ),
    "a name in three": (
        (BASE + "rules: []\n", "notices: {n: 甲}\n", "notices: {n: 乙}\n", "notices: {n: 丙}\n"),
        [
            ("公司/2.yaml", 1, 11, "“n” is also written in 1.yaml, line 1."),
            ("公司/3.yaml", 1, 11, "“n” is also written in 1.yaml, line 1."),
        ],
    ),
    "a rule": (
        (BASE + "rules: [{id: a, verdict: allowed}]\n", "rules:\n  - {id: a, verdict: forbidden}\n"),
        [("公司/1.yaml", 2, 10, "The rule “a” is also in 0.yaml, line 6.")],
    ),
}


@pytest.mark.parametrize(("texts", "want"), TWICE.values(), ids=TWICE.keys())
def test_what_stands_in_two_files_is_refused_with_both_places(texts, want):
    assert mistakes(*texts) == want


ONLY_IN_BASE = {
    "version": "3",
    "approved_by": "[市场总监]",
    "effective": "2026-10-01",
    "review": "{every: 1 year}",
    "record": "minimal",
    "time_zone": "UTC",
    "otherwise": "allow",
}


@pytest.mark.parametrize("key", ONLY_IN_BASE)
@pytest.mark.parametrize("alone", [True, False], ids=["not said in the base", "said in the base"])
def test_a_department_cannot_say_what_holds_for_the_whole_company(key, alone):
    base = "".join(f"{line}\n" for line in BASE.splitlines() if not (alone and line.startswith(f"{key}:")))
    told = mistakes(base + "rules: []\n", f"groups: {{}}\n{key}: {ONLY_IN_BASE[key]}\n")
    assert (
        "公司/1.yaml",
        2,
        1,
        f"“{key}” holds for the whole company, so it stands in the file that has “policy”.",
    ) in told
    assert folder(BASE + "rules: []\n", "groups: {}\n").otherwise.value == "forbidden"


def test_what_is_no_yaml_is_told_of_every_file_at_once():
    told = mistakes("policy: &x y\n", "rules: [{id: a}]\n", "# 组\ngroups: {a: &b [c]}\n", "")
    assert [(file, line) for file, line, _, _ in told] == [("公司/0.yaml", 1), ("公司/2.yaml", 2), ("公司/3.yaml", 1)]


def test_a_mistake_shows_the_line_of_its_own_file():
    with pytest.raises(PolicyError) as caught:
        folder(BASE, "# 说明\nrules:\n  - {id: a, verdict: alowed}\n")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.source) == ("公司/1.yaml", 3, "  - {id: a, verdict: alowed}")
    assert problem.render("zh").startswith("公司/1.yaml:3:22: ")


def merged(*texts: str) -> tuple[Merged, list[str]]:
    """Return the files as one, and what was told of them."""
    files = [(f"{number}.yaml", text) for number, text in enumerate(texts)]
    report = Report("folder", "", files)
    return merge(Reader(report), read_files(files), KEYS), [each.message.en for each in report.problems]


def test_one_file_in_a_folder_is_that_file():
    whole, told = merged(BASE + "rules: []\n")
    (alone,) = read_files([("0.yaml", BASE + "rules: []\n")])
    assert isinstance(whole.root, Entries) and isinstance(alone, Entries)
    assert (whole.root.entries, dict(whole.owners), told) == (alone.entries, {}, [])


def test_sections_of_another_kind_are_told_and_not_united():
    whole, told = merged(BASE + "rules: []\ngroups: {a: []}\n", "groups: [b]\nrules: {c: d}\n")
    assert told == ["The list of rules must be a list.", "Group must be a set of “key: value”."]
    assert isinstance(whole.root, Entries)
    sections = {key.text: value for key, value in whole.root.entries}
    assert isinstance(sections["groups"], Entries)
    assert [key.text for key, _ in sections["groups"].entries] == ["a"]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=4))
def test_any_files_make_a_policy_or_problems_that_name_one_of_them(texts):
    names = {f"公司/{number}.yaml" for number in range(len(texts))} | {"公司"}
    try:
        policy = folder(*texts)
    except PolicyError as error:
        assert {problem.file for problem in error.problems} <= names
    else:
        assert replace(policy, digest="") == replace(folder(*texts), digest="")
