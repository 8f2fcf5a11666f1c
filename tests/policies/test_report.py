"""What was found reads well for people and whole for machines, and no line of the file leaves in a machine's form."""

import json
from xml.etree import ElementTree

import pytest

from policies.decision import Text
from policies.problem import Problem
from policies.prove import prove
from policies.report import Level, Remark, as_github, as_json, as_junit, as_sarif, as_text
from policies.suite import read_suite
from tests.policies.office import SERVICES, office

PROBLEM = Problem(
    "公司, 政策.yaml", 3, 7, Text("It is 100% wrong: a, b.", "它错了。"), Text("Mend\nit.", "请修改。"), "terms: [华星]"
)
REMARK = Remark(Level.WARNING, "shadowed", PROBLEM, Text("group 研发部 → no", "用户组研发部 → no"))


def test_people_see_the_place_the_line_and_an_example():
    assert as_text(REMARK, "zh") == (
        "警告: 公司, 政策.yaml:3:7: 它错了。\n    terms: [华星]\n          ^\n    请修改。\n    例如：用户组研发部 → no"
    )
    assert as_text(REMARK, "en").startswith("warning: 公司, 政策.yaml:3:7: It is 100% wrong")


def test_json_holds_both_languages():
    told = as_json(REMARK)
    assert (told["level"], told["kind"], told["line"], told["column"]) == ("warning", "shadowed", 3, 7)
    assert told["message"] == {"en": "It is 100% wrong: a, b.", "zh": "它错了。"}
    assert told["example"]["zh"] == "用户组研发部 → no"


def test_github_gets_one_line_with_everything_escaped_that_would_end_it():
    assert as_github(REMARK, "en") == (
        "::warning file=公司%2C 政策.yaml,line=3,col=7,title=shadowed::"
        "It is 100%25 wrong: a, b. Mend%0Ait. group 研发部 → no"
    )


@pytest.mark.parametrize(("level", "want"), [(Level.ERROR, "error"), (Level.NOTE, "notice")])
def test_github_has_its_own_word_for_a_note(level, want):
    assert as_github(Remark(level, "k", PROBLEM), "zh").startswith(f"::{want} ")


def test_sarif_names_the_rule_and_the_place_in_code_points():
    (run,) = as_sarif([REMARK], "1.2", "en")["runs"]
    assert run["tool"]["driver"] == {"name": "sluice policy check", "version": "1.2", "rules": [{"id": "shadowed"}]}
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("shadowed", 0, "warning")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 7}
    assert "Mend" in result["message"]["text"]


def test_no_machine_carries_the_line_of_the_file_away():
    carried = [
        json.dumps([as_json(REMARK), as_sarif([REMARK], "1", "zh")], ensure_ascii=False),
        as_github(REMARK, "zh"),
    ]
    assert "它错了" in carried[0]
    assert "华星" not in "".join(carried)


def junit(lines: str, unproven=()):
    policy = office()
    suite = read_suite(f"tests:\n{lines}", "o_test.yaml", policy)
    proof = prove(policy, [suite], SERVICES, lambda *_: (None, frozenset()), str)
    return ElementTree.fromstring(as_junit("o.yaml", proof, "zh", unproven))


def test_junit_counts_tests_and_failures_and_says_what_is_wrong():
    root = junit(
        "  - {name: 好, service: doubao, account: company, expect: external}\n"
        "  - {name: 坏, service: doubao, account: company, expect: internal, because: bulk}\n"
    )
    (suite,) = root
    assert suite.attrib == {"name": "o_test.yaml", "tests": "2", "failures": "1", "errors": "0"}
    assert [case.get("name") for case in suite] == ["好", "坏"]
    (failure,) = suite[1]
    assert failure.get("message") == "结果：应为 内部，实为 允许、外部"
    assert failure.text.split("\n")[1] == "决定的规则：应为 bulk，实为 chats"


def test_junit_has_an_error_for_each_forbidden_rule_without_a_test():
    root = junit("  - {name: a, service: doubao, expect: refused}\n", [Text("no test for x", "缺少 x 的测试")])
    assert [(case.get("name"), case[0].tag) for case in root[1]] == [("缺少 x 的测试", "error")]
    assert root[1].get("errors") == "1"


def test_junit_is_xml_whatever_a_test_is_called():
    root = junit('  - {name: "a <b> & \\u0007 ]]>", service: doubao, expect: internal}\n'.replace("\\u0007", "‑"))
    assert root[0][0].get("name") == "a <b> & ‑ ]]>"
    assert "\x00" not in as_junit("a\x00", prove(office(), [], SERVICES, lambda *_: (None, frozenset()), str), "en")
