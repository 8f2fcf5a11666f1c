"""`sluice policy check` tells every mistake with its place, before anyone is refused by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from proxy.assemble import SHIPPED_POLICY
from proxy.cli.policy import Desk
from proxy.settings.interface import Settings
from tests.proxy.cli.invoke import sluice
from tests.proxy.house import POLICY

BAD = "policy: x\nversion: 1\notherwise: forbd\nrules: []\n"


def test_a_good_policy_can_be_used_and_says_which_it_is() -> None:
    done = sluice("policy", "check", POLICY)
    assert done.exit_code == 0 and "can be used" in done.stdout and "7@" in done.stdout


def test_the_shipped_policy_can_be_used(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sluice("policy", "check").exit_code == 0


@pytest.mark.parametrize(("language", "told"), [("zh_CN.UTF-8", "可以使用"), ("en_GB.UTF-8", "can be used")])
def test_it_speaks_the_readers_language(language: str, told: str) -> None:
    assert told in sluice("policy", "check", POLICY, LC_ALL=language).stdout


def test_a_mistake_has_its_place_and_the_other_policies_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD, "utf-8")
    done = sluice("policy", "check", tmp_path / "bad.yaml", POLICY)
    assert done.exit_code == 3
    assert "bad.yaml:3:12" in done.stdout and "can be used" in done.stdout


def test_a_policy_in_use_is_the_one_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD, "utf-8")
    (tmp_path / "s.yaml").write_text("policy: bad.yaml", "utf-8")
    assert sluice("policy", "check", "--config", tmp_path / "s.yaml").exit_code == 3


def test_a_warning_is_a_failure_only_under_strict(tmp_path: Path) -> None:
    text = POLICY.read_text("utf-8").replace(
        "rules:\n", "rules:\n  - {id: aa, verdict: forbidden, when: {service: any}}\n", 1
    )
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    done = sluice("policy", "check", tmp_path / "p.yaml")
    warned = "warning:" in done.stdout
    assert done.exit_code == 0
    assert sluice("policy", "check", "--strict", tmp_path / "p.yaml").exit_code == (1 if warned else 0)
    assert warned, done.stdout


TERM = "华星科技"
HEAD = "policy: x\nversion: 1\notherwise: forbid\n"
TWO_MISTAKES = f"""\
{HEAD}\
data_classes:
  客户: {{placeholder: CUSTOMER, terms: [{TERM}], colour: red}}
rules:
  - {{id: a, verdict: alowed}}
"""
QUESTIONABLE = f"""\
{HEAD}\
data_classes:
  客户: {{placeholder: CUSTOMER, terms: [{TERM}]}}
rules:
  - {{id: a, verdict: forbidden}}
  - {{id: b, verdict: forbidden}}
"""


def written(folder: Path, text: str, name: str = "policy.yaml") -> Path:
    """Write a policy; return its path."""
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_json_says_all_of_every_policy(tmp_path: Path) -> None:
    bad, fair = written(tmp_path, TWO_MISTAKES), written(tmp_path, QUESTIONABLE, "政策.yaml")
    done = sluice("policy", "check", bad, fair, "--output", "json")
    first, second = json.loads(done.stdout)
    assert done.exit_code == 3
    assert (first["policy"], first["usable"], first["label"], first["rules"]) == (str(bad), False, "", 0)
    places = [(one["level"], one["kind"], one["file"], one["line"], one["column"]) for one in first["remarks"]]
    assert places == [("error", "invalid", str(bad), 5, 46), ("error", "invalid", str(bad), 7, 22)]
    assert "alowed" in first["remarks"][1]["message"]["en"] and "alowed" in first["remarks"][1]["message"]["zh"]
    assert "allowed" in first["remarks"][1]["hint"]["zh"]
    assert (second["policy"], second["usable"], second["rules"]) == (str(fair), True, 2)
    assert second["label"].startswith("1@") and {one["level"] for one in second["remarks"]} == {"warning"}
    assert json.loads(sluice("policy", "check", bad, fair, "--json").stdout) == [first, second]


SEALED = f"{HEAD}record: sealed\nrules: [{{id: a, verdict: allowed, reason: x}}]\n"
ASKING = f"{HEAD}data_classes: {{p: {{entities: [PERSON]}}}}\nrules: [{{id: a, verdict: allowed, redact: p}}]\n"
INSIDE = f"{HEAD}rules: [{{id: a, verdict: allowed, route: internal, model: coder}}]\n"


@pytest.mark.parametrize(("text", "kind"), [(SEALED, "no-auditor-key"), (ASKING, "no-detector"), (INSIDE, "no-model")])
def test_what_the_settings_lack_for_a_policy_to_be_put_in_force_is_told(tmp_path: Path, text: str, kind: str) -> None:
    policy = written(tmp_path, text)
    settings = written(tmp_path, "detection: {names: off}\ninternal_model: {url: 'http://a'}\n", "s.yaml")
    (told,) = json.loads(sluice("policy", "check", policy, "--config", settings, "--json").stdout)
    (remark,) = [one for one in told["remarks"] if one["kind"] == kind]
    assert remark["level"] == "warning" and remark["hint"]["en"] and remark["hint"]["zh"]


def sarif_of(*arguments: object) -> dict[str, Any]:
    """Return the SARIF that a check prints, after it was held against what SARIF 2.1.0 requires of each object."""
    log: dict[str, Any] = json.loads(sluice("policy", "check", *arguments, "-o", "sarif").stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] and driver["version"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    assert run["columnKind"] == "unicodeCodePoints"  # what `Mark` counts
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert ids[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] and "\\" not in place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1 and place["region"]["startColumn"] >= 1
    return log


def test_sarif_holds_what_its_standard_requires_and_each_mistake_in_its_place(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, TWO_MISTAKES)
    written(tmp_path, QUESTIONABLE, "fair.yaml")
    (run,) = sarif_of("policy.yaml", "fair.yaml")["runs"]
    places = [
        (one["ruleId"], one["level"], where["artifactLocation"]["uri"], where["region"]["startLine"])
        for one in run["results"]
        for where in [one["locations"][0]["physicalLocation"]]
    ]
    assert places[:2] == [("invalid", "error", "policy.yaml", 5), ("invalid", "error", "policy.yaml", 7)]
    assert ("shadowed", "warning", "fair.yaml", 7) in places
    assert {place[2] for place in places[2:]} == {"fair.yaml"}


def test_a_policy_without_a_flaw_is_a_sarif_run_without_results(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "rules: [{id: a, verdict: allowed}]\n")
    assert sarif_of(path, "--strict")["runs"][0]["results"] == []
    assert sluice("policy", "check", path, "--strict", "-o", "sarif").exit_code == 0


def test_sarif_and_github_speak_the_readers_language(tmp_path: Path) -> None:
    path = written(tmp_path, TWO_MISTAKES)
    for form in ("sarif", "github"):
        en, zh = (sluice("policy", "check", path, "-o", form, LC_ALL=one).stdout for one in ("C.UTF-8", "zh_CN.UTF-8"))
        assert "is not a valid verdict" in en and "不是有效的裁决" not in en
        assert "不是有效的裁决" in zh and "is not a valid verdict" not in zh


def test_github_is_told_each_remark_in_a_command_of_one_line(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, TWO_MISTAKES, "a,b:50%.yaml")
    written(tmp_path, QUESTIONABLE, "fair.yaml")
    done = sluice("policy", "check", "a,b:50%.yaml", "fair.yaml", "-o", "github")
    lines = done.stdout.splitlines()
    assert done.exit_code == 3
    assert lines[1].startswith("::error file=a%2Cb%3A50%25.yaml,line=7,col=22,title=invalid::“alowed” is not a valid")
    assert any(line.startswith("::warning file=fair.yaml,line=7,col=10,title=shadowed::") for line in lines)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_no_term_of_the_company_goes_into_a_form_that_machines_carry_away(tmp_path: Path, form: str) -> None:
    for name, text in (("bad.yaml", TWO_MISTAKES), ("fair.yaml", QUESTIONABLE)):
        path = written(tmp_path, text, name)
        assert TERM not in sluice("policy", "check", path, "-o", form).output
    assert TERM in sluice("policy", "check", tmp_path / "bad.yaml").stdout  # who sits at the terminal sees the line


def nothing(path: Path) -> None:
    path.write_bytes(b"")


UNUSABLE = {
    "that is not there": (lambda _path: None, "The file cannot be read: No such file or directory."),
    "that is a folder without files": (Path.mkdir, "The folder holds no policy file."),
    "that is empty": (nothing, "The policy is empty."),
    "that is not UTF-8": (lambda path: path.write_bytes("政策: 甲".encode("gbk")), "The file is not UTF-8 text."),
    "that is a list": (lambda path: path.write_bytes(b"- a\n"), "The policy must be a set of “key: value”."),
    "that is not YAML": (lambda path: path.write_bytes(b"a: 'b\n"), "What is opened here is never closed."),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_policy_that_cannot_be_read_says_why_and_names_its_file(tmp_path: Path, monkeypatch, name: str) -> None:
    make, told = UNUSABLE[name]
    monkeypatch.chdir(tmp_path)
    make(Path("甲 乙.yaml"))
    done = sluice("policy", "check", "甲 乙.yaml")
    first, *_, last = done.stdout.splitlines()
    assert done.exit_code == 3
    assert first.startswith("error: 甲 乙.yaml:1:") and first.endswith(told)
    assert last == "甲 乙.yaml: cannot be used; mistakes: 1"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain, windows = tmp_path / "a.yaml", tmp_path / "b.yaml"
    plain.write_text(TWO_MISTAKES, "utf-8")
    windows.write_bytes(b"\xef\xbb\xbf" + TWO_MISTAKES.replace("\n", "\r\n").encode())
    told = [sluice("policy", "check", path).stdout.replace(path.name, "") for path in (plain, windows)]
    assert told[0] == told[1]


def test_a_policy_of_several_files_is_checked_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "公司"
    folder.mkdir()
    written(folder, HEAD + "rules: [{id: a, verdict: allowed}]\n", "0.yaml")
    written(folder, "rules:\n  - {id: a, verdict: forbidden}\n", "1.yaml")
    done = sluice("policy", "check", folder)
    assert done.exit_code == 3
    assert f"error: {folder / '1.yaml'}:2:10: The rule “a” is also in 0.yaml, line 4." in done.stdout
    (folder / "1.yaml").unlink()
    assert sluice("policy", "check", folder).exit_code == 0


def test_a_mistake_in_the_tests_inside_a_policy_makes_it_unusable(tmp_path: Path) -> None:
    text = f"{HEAD}rules: [{{id: a, verdict: allowed}}]\ntests:\n  - {{name: t, expect: maybe}}\n"
    done = sluice("policy", "check", written(tmp_path, text))
    assert done.exit_code == 3 and "policy.yaml:6:23: “maybe” is not a valid outcome." in done.stdout


SUITES = {
    "good": (
        "tests:\n  - {name: t, expect: external, because: a}\n",
        0,
        "can be read; 1 tests",
        "可以读取，共 1 个测试",
    ),
    "with a mistake": (
        "tests:\n  - {name: t, expect: maybe}\n",
        3,
        "policy_test.yaml:2:23: “maybe” is not a valid outcome.",
        "policy_test.yaml:2:23: “maybe”不是有效的结果。",
    ),
    "of another policy": (
        "tests:\n  - {name: t, expect: external, because: b}\n",
        3,
        "policy_test.yaml:2:42: There is no rule called “b”.",
        "policy_test.yaml:2:42: 没有名为“b”的规则。",
    ),
}


@pytest.mark.parametrize("name", SUITES)
def test_a_file_of_tests_is_checked_against_the_policy_beside_it(tmp_path: Path, name: str) -> None:
    text, code, en, zh = SUITES[name]
    written(tmp_path, HEAD + "rules: [{id: a, verdict: allowed}]\n")
    path = written(tmp_path, text, "policy_test.yaml")
    for language, told in (("C.UTF-8", en), ("zh_CN.UTF-8", zh)):
        done = sluice("policy", "check", path, LC_ALL=language)
        assert (done.exit_code, told in done.stdout) == (code, True), done.output


def test_the_desk_reads_settings_and_catalogue_once(tmp_path: Path) -> None:
    desk = Desk(Settings(policy=tmp_path / "p.yaml"))
    assert desk.in_use == tmp_path / "p.yaml" and Desk(Settings()).in_use == SHIPPED_POLICY
    assert desk.catalogue is desk.catalogue and desk.services is desk.services
    assert desk.now().utcoffset() is not None


def test_a_service_is_known_by_the_catalogue_and_by_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}rules: [{{id: a, verdict: allowed, when: {{service: our-ai}}}}]\n")
    unlisted = sluice("policy", "check", path)
    assert unlisted.exit_code == 3 and "policy.yaml:4:51: There is no service" in unlisted.stdout
    own = "{id: our-ai, name: {en: Ours}, vendor: us, country: CN, category: chat, hosts: {exact: [ai.corp.cn]}}"
    config = written(tmp_path, f"services: [{own}]\n", "sluice.yaml")
    assert sluice("policy", "check", path, "--config", config).exit_code == 0


TESTED = HEAD + "rules: []\ntests:\n  - {name: open, service: ChatGPT, says: hi, expect: %s}\n"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en_GB.UTF-8",
            ("error: ", "The test “open” fails: ", "is not put in force: 1 of 1 tests fail", "1 tests pass"),
        ),
        ("zh_CN.UTF-8", ("错误: ", "测试“open”未通过：", "不会生效：1 个测试中有 1 个未通过", "1 个测试全部通过")),
    ],
)
def test_the_tests_of_a_policy_are_run_for_without_them_it_does_not_come_into_force(
    tmp_path: Path, language: str, told: tuple[str, ...]
) -> None:
    (tmp_path / "p.yaml").write_text(TESTED % "allowed", "utf-8")
    done = sluice("policy", "check", tmp_path / "p.yaml", LC_ALL=language)
    assert done.exit_code == 5 and all(each in done.stdout for each in told[:3]), done.stdout
    assert "p.yaml:6:" in done.stdout and "sluice policy test" in done.stdout
    machine = json.loads(sluice("policy", "check", "--json", tmp_path / "p.yaml").stdout)[0]
    assert (machine["tests"], machine["failed"], machine["usable"]) == (1, 1, True)
    assert machine["remarks"][0]["kind"] == "failing-test"
    (tmp_path / "p.yaml").write_text(TESTED % "forbidden", "utf-8")
    done = sluice("policy", "check", tmp_path / "p.yaml", LC_ALL=language)
    assert done.exit_code == 0 and told[3] in done.stdout


def test_tests_beside_a_policy_are_run_too_and_one_that_cannot_be_read_makes_it_unusable(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(HEAD + "rules: []\n", "utf-8")
    beside = tmp_path / "p_test.yaml"
    beside.write_text("tests:\n  - {name: x, service: ChatGPT, says: hi, expect: allowed}\n", "utf-8")
    done = sluice("policy", "check", tmp_path / "p.yaml", LC_ALL="en_GB.UTF-8")
    assert done.exit_code == 5 and "p_test.yaml:2:" in done.stdout
    beside.write_text("tests: 7\n", "utf-8")
    assert sluice("policy", "check", tmp_path / "p.yaml").exit_code == 3
