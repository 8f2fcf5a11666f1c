"""`sluice policy test` runs every test that stands beside a policy, and a green run proves what is forbidden."""

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import Result

from policies.problem import PolicyError
from proxy.cli.policy import Desk
from proxy.cli.policy_prove import looker, prove_policies
from proxy.settings.interface import Settings
from tests.policies.samples import HEAD, parsed
from tests.proxy.cli.office import POLICY, TESTS, furnish, run

WRONG = TESTS.replace("expect: forbidden, because: confidential", "expect: external, because: chats")
UNPROVEN = "\n".join(line for line in TESTS.splitlines() if "机密, as" not in line) + "\n"


def outcome(*words: object, language: str = "en_GB.UTF-8") -> Result:
    """Return what `sluice policy test` says with these words."""
    return run("policy", "test", *words, language=language)


def test_a_policy_that_does_what_its_tests_say_is_proven(tmp_path: Path) -> None:
    path = furnish(tmp_path)
    done = outcome(path)
    assert (done.exit_code, done.stdout) == (0, f"{path}: 3 tests, 0 failed; 3 of 3 rules have a test\n")
    assert outcome(path, language="zh_CN.UTF-8").stdout == f"{path}: 3 个测试，0 个失败；3 条规则中的 3 条有测试\n"


def test_the_tests_that_passed_are_listed_where_they_are_asked_for(tmp_path: Path) -> None:
    path = furnish(tmp_path)
    lines = outcome(path, "--verbose").stdout.splitlines()
    assert lines[:3] == [f"passed  {tmp_path / 'policy_test.yaml'}:{2 + n}: {w}" for n, w in enumerate(NAMES)]
    assert outcome(path, "-v", language="zh_CN.UTF-8").stdout.startswith("通过  ")


NAMES = ("聊天", "机密", "编程")


def test_a_test_that_fails_says_where_and_in_what(tmp_path: Path) -> None:
    path = furnish(tmp_path, tests=WRONG)
    done = outcome(path)
    assert done.exit_code == 5
    assert done.stdout.splitlines() == [
        f"FAILED  {tmp_path / 'policy_test.yaml'}:3: 机密",
        "    Outcome: expected external, got forbidden, nowhere",
        "    Deciding rule: expected chats, got confidential",
        f"{path}: 3 tests, 1 failed; 3 of 3 rules have a test",
    ]
    zh = outcome(path, language="zh_CN.UTF-8")
    assert zh.exit_code == 5
    assert zh.stdout.splitlines()[1] == "    结果：应为 外部，实为 禁止、不发出"


def test_a_forbidden_rule_that_no_test_shows_refusing_is_an_error_and_another_a_warning(tmp_path: Path) -> None:
    path = furnish(tmp_path, tests=UNPROVEN)
    done = outcome(path)
    assert done.exit_code == 6
    assert done.stdout.splitlines() == [
        "error: No test shows what the forbidden rule “confidential” refuses",
        f"{path}: 2 tests, 0 failed; 2 of 3 rules have a test",
    ]
    assert outcome(path, language="zh_CN.UTF-8").stdout.startswith("错误: 没有测试证明禁止规则“confidential”会拒绝")
    loose = POLICY.replace("verdict: forbidden", "verdict: allowed").replace("    instead: {zh: 请用内部模型。}\n", "")
    done = outcome(furnish(tmp_path, policy=loose, tests=UNPROVEN))
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "warning: No test meets the rule “confidential”")


def test_a_failed_test_weighs_more_than_a_missing_one(tmp_path: Path) -> None:
    path = furnish(tmp_path, tests=UNPROVEN.replace("expect: external", "expect: forbidden"))
    assert outcome(path).exit_code == 5


def test_without_tests_nothing_is_proven(tmp_path: Path) -> None:
    path = furnish(tmp_path)
    (tmp_path / "policy_test.yaml").unlink()
    done = outcome(path)
    assert done.exit_code == 6
    assert done.stdout.splitlines()[-1] == f"{path}: 0 tests, 0 failed; 0 of 3 rules have a test"


def as_folder(folder: Path) -> Path:
    """Split the policy of the office over two files, each with tests beside it."""
    furnish(folder)
    whole = folder / "公司"
    whole.mkdir()
    head, _, rules = POLICY.partition("rules:\n")
    (whole / "base.yaml").write_text(head, "utf-8")
    (whole / "rules.yaml").write_text(f"rules:\n{rules}", "utf-8")
    first, *others = TESTS.splitlines()[1:]
    (whole / "a_test.yaml").write_text(f"tests:\n{first}\n", "utf-8")
    (whole / "b_test.yaml").write_text("\n".join(["tests:", *others, ""]), "utf-8")
    return whole


def ran(*words: object) -> Sequence[str]:
    """Return the names of the tests that were run, of all policies."""
    return [each["name"] for one in json.loads(outcome(*words, "--json").stdout) for each in one["tests"]]


def test_naming_a_folder_or_files_means_their_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = as_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert ran() == [*NAMES], "the policy in use"
    assert ran("policy.yaml") == [*NAMES]
    assert ran("policy_test.yaml") == [*NAMES]
    assert ran(folder) == [*NAMES]
    assert ran(folder / "b_test.yaml") == ["机密", "编程"], "that file alone, of the policy in its folder"
    assert ran("policy.yaml", folder) == [*NAMES, *NAMES]


def test_tests_inside_the_policy_are_run_with_those_beside_it(tmp_path: Path) -> None:
    inside = "tests:\n  - {name: 里面, service: cursor, expect: authorized, because: coding}\n"
    assert ran(furnish(tmp_path, policy=POLICY + inside)) == ["里面", *NAMES]


def test_a_text_beside_the_policy_is_looked_through(tmp_path: Path) -> None:
    (tmp_path / "信.txt").write_text("客户身份证 11010519491231002X", "utf-8")
    case = "tests:\n  - {name: 信, service: chatgpt, file: 信.txt, expect: {redact: [个人信息]}, because: chats}\n"
    path = furnish(tmp_path, tests=case)
    (proven,) = json.loads(outcome(path, "--json").stdout)
    assert (proven["failed"], proven["tests"][0]["wrong"], proven["unproven"]) == (0, [], ["confidential"])
    (tmp_path / "信.txt").write_text("这是机密", "utf-8")
    (proven,) = json.loads(outcome(path, "--json").stdout)
    assert (proven["tests"][0]["verdict"], proven["tests"][0]["because"]) == ("forbidden", "confidential")


OUTSIDE = {
    "not there": ("gone.txt", "The file “gone.txt” cannot be read: No such file or directory"),
    "above": ("../secret.txt", "cannot be read: a test reads only files beside its policy"),
    "hidden in the middle": ("a/../../secret.txt", "cannot be read: a test reads only files beside its policy"),
    "of the whole machine": ("{0}/secret.txt", "cannot be read: a test reads only files beside its policy"),
    "a folder": ("sub", "The file “sub” cannot be read: Is a directory"),
    "not UTF-8": ("gbk.txt", "The file “gbk.txt” cannot be read"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_text_that_cannot_be_looked_through_fails_its_test(tmp_path: Path, name: str) -> None:
    word, told = OUTSIDE[name]
    home = tmp_path / "p"
    (home / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("hi", "utf-8")
    (home / "gbk.txt").write_bytes("机密".encode("gbk"))
    case = f'tests:\n  - {{name: t, service: chatgpt, file: "{word.format(tmp_path)}", expect: external}}\n'
    done = outcome(furnish(home, tests=case))
    assert done.exit_code == 5 and told in done.stdout


def test_a_service_that_nobody_lists_fails_its_test(tmp_path: Path) -> None:
    done = outcome(furnish(tmp_path, tests=TESTS.replace("service: cursor", "service: cursr")))
    assert done.exit_code == 5
    assert "    There is no service “cursr” in the catalogue" in done.stdout.splitlines()


UNUSABLE = {
    "a mistake": ("tests:\n  - {name: t, expect: maybe}\n", "policy_test.yaml:2:23: “maybe” is not a valid outcome."),
    "no list": ("tests: {a: b}\n", "policy_test.yaml:1:8: The list of tests must be a list."),
    "nothing": ("", "policy_test.yaml:1:1: The policy is empty."),
    "not UTF-8": (None, "policy_test.yaml:1:1: The file of tests cannot be read."),
    "a rule that is not there": (
        "tests:\n  - {name: t, expect: external, because: chat}\n",
        "policy_test.yaml:2:42: There is no rule called “chat”.",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_of_tests_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    text, told = UNUSABLE[name]
    path = furnish(tmp_path, tests=text or "")
    if text is None:
        (tmp_path / "policy_test.yaml").write_bytes("测试".encode("gbk"))
    done = outcome(path)
    assert done.exit_code == 3 and f"{tmp_path}/{told}" in done.stderr


@pytest.mark.parametrize("name", ["gone.yaml", "gone_test.yaml"])
def test_a_policy_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    done = outcome(tmp_path / name)
    assert done.exit_code == 3
    assert done.stderr == f"{tmp_path / name}:1:1: The file cannot be read: No such file or directory.\n"


def test_json_says_of_each_test_what_was_decided(tmp_path: Path) -> None:
    path = furnish(tmp_path, tests=WRONG)
    (proven,) = json.loads(outcome(path, "--json").stdout)
    assert (proven["policy"], proven["failed"], proven["rules"]) == (str(path), 1, 3)
    assert proven["label"].startswith("1@") and (proven["untried"], proven["unproven"]) == ([], [])
    told = [(one["name"], one["line"], one["passed"], one["verdict"], one["route"]) for one in proven["tests"]]
    assert told == [
        ("聊天", 2, True, "allowed", "external"),
        ("机密", 3, False, "forbidden", "nowhere"),
        ("编程", 4, True, "authorized", "external"),
    ]
    assert proven["tests"][1]["wrong"][1] == {
        "en": "Deciding rule: expected chats, got confidential",
        "zh": "决定的规则：应为 chats，实为 confidential",
    }


def junit(folder: Path, **given: str) -> tuple[int, ElementTree.Element]:
    """Return exit code and JUnit report of the office's tests."""
    path = furnish(folder, **given)
    done = outcome(path, "--junit", folder / "报告.xml")
    return done.exit_code, ElementTree.fromstring((folder / "报告.xml").read_bytes())


def test_junit_counts_what_it_holds(tmp_path: Path) -> None:
    code, root = junit(tmp_path, tests=WRONG)
    assert (code, root.tag, root.get("name")) == (5, "testsuites", str(tmp_path / "policy.yaml"))
    (suite,) = root
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [*NAMES]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "Outcome: expected external, got forbidden, nowhere"
    assert cases[1].find("failure") is failure and "got confidential" in (failure.text or "")
    assert {case.get("classname") for case in cases} == {str(tmp_path / "policy_test.yaml")}


def test_junit_counts_a_forbidden_rule_without_a_test_as_an_error(tmp_path: Path) -> None:
    code, root = junit(tmp_path, tests=UNPROVEN)
    assert code == 6
    assert sum(int(suite.get("errors", "")) for suite in root) == len(list(root.iter("error"))) == 1
    (error,) = root.iter("error")
    assert error.get("message") == "No test shows what the forbidden rule “confidential” refuses"


def test_junit_holds_a_name_of_any_signs_as_it_is(tmp_path: Path) -> None:
    tests = TESTS.replace("name: 机密", r'name: "a <b> & \"c\" ]]> 机密 🔐"')
    code, root = junit(tmp_path, tests=tests)
    assert code == 0
    assert 'a <b> & "c" ]]> 机密 🔐' in [case.get("name") for case in root.iter("testcase")]


def test_junit_is_of_one_policy_and_says_where_it_cannot_be_written(tmp_path: Path) -> None:
    path = furnish(tmp_path)
    assert outcome(path, path, "--junit", tmp_path / "a.xml").exit_code == 2
    done = outcome(path, "--junit", tmp_path / "gone" / "a.xml")
    assert done.exit_code == 3 and f"{tmp_path / 'gone' / 'a.xml'}: cannot be written" in done.stderr


def test_the_real_detectors_look_for_what_the_policy_names_and_nothing_else() -> None:
    rule = "{id: a, verdict: allowed, redact: ids}"
    policy = parsed(f"{HEAD}data_classes: {{ids: {{entities: [CN_ID_CARD]}}}}\nrules: [{rule}]\n")
    look = looker(Desk(Settings()), policy)
    found, unknown, unread = look("11010519491231002X, 11010519491231002X, 13912345678", frozenset())
    assert (dict(found.counts), unknown, unread) == ({"CN_ID_CARD": 1}, frozenset(), 0)
    assert look(f"-----BEGIN PGP MESSAGE-----\n\n{'hQEMA5v' * 9}\n-----END PGP MESSAGE-----", frozenset()).unread == 1
    found, unknown, _ = look("11010519491231002X, 13912345678", frozenset({"PHONE_NUMBER"}))
    assert (dict(found.counts), unknown) == ({"CN_ID_CARD": 1, "PHONE_NUMBER": 1}, frozenset())


DETECTED = """
policy: o
version: 1
otherwise: forbid
data_classes:
  numbers: {entities: [CN_ID_CARD, PHONE_NUMBER]}
  mail: {entities: [EMAIL_ADDRESS]}
rules: [{id: a, verdict: allowed, redact: numbers}]
tests:
  - {name: one, service: 豆包, says: "身份证 11010519491231002X", expect: {found: CN_ID_CARD}}
  - {名称: 二, 服务: 豆包, 内容: "11010519491231002X，电话 13912345678", 期望: {检出: {numbers: 2}, 隐去: numbers}}
  - {name: three, service: 豆包, says: "mail wang@example.com", expect: {found: mail, redact: [mail]}}
  - {name: four, service: 豆包, says: "身份证 11010519491231002Y", expect: {found: CN_ID_CARD, redact: CN_ID_CARD}}
"""


def test_a_test_tells_a_detector_that_missed_from_a_rule_that_does_not_ask(tmp_path: Path) -> None:
    path = tmp_path / "o.yaml"
    path.write_text(DETECTED, "utf-8")
    told = outcome(path).stdout
    assert ": one" not in told and ": 二" not in told, told
    missed_by_rule, missed_by_detector = told.split("three")[1].split("four")
    assert "Found" not in missed_by_rule and "Taken out: expected EMAIL_ADDRESS, got CN_ID_CARD" in missed_by_rule
    assert "Found: expected CN_ID_CARD, got –" in missed_by_detector


def test_what_cannot_be_used_raises_before_anything_is_proven(tmp_path: Path) -> None:
    good, bad = furnish(tmp_path), tmp_path / "bad.yaml"
    bad.write_text("policy: x\n", "utf-8")
    with pytest.raises(PolicyError):
        prove_policies(Desk(Settings()), [good, bad])
