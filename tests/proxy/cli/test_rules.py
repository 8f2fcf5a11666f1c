"""Rules prove themselves on the command line: the shipped ones do, and a company's own are told where they do not."""

import json
from pathlib import Path

import pytest

from detectors.patterns import shipped_rules
from detectors.presidio import shipped_recognizers
from proxy.cli.rules import check, shelves
from proxy.errors import SettingsError
from tests.proxy.cli.invoke import sluice

GOOD = """\
- id: room
  entity: ROOM
  pattern: 'R-[0-9]{3}'
  edges: word
  score: 0.5
  context: {words: [meeting, 会议], within: 30, raises: 0.9}
  examples: ['meet in ⟦R-1¦01⟧', '会议在⟦R-102⟧']
  counterexamples: ['R-10']
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rooms.yaml"
    path.write_text(GOOD, "utf-8")
    return path


def test_the_shipped_rules_prove_themselves() -> None:
    done = sluice("rules", "check")
    assert done.exit_code == 0 and done.stdout.strip().endswith("all as marked"), done.output
    presidio = len(shipped_recognizers())
    assert int(done.stdout.split()[0]) == len(shipped_rules()) + presidio > 400


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("'meet in ⟦R-1¦01⟧'", "'meet in ⟦R-1¦0⟧1'", "room: example 1: found “R-101”, not “R-10”"),
        ("'会议在⟦R-102⟧'", "'会议在⟦R-10⟧'", "room: example 2: found nothing, not “R-10”"),
        ("'R-10'", "'R-10', 'x R-104'", "room: counterexample 2: found “R-104”, not nothing"),
    ],
    ids=["other offsets", "nothing", "a counterexample"],
)
def test_a_promise_that_is_not_kept_is_told_with_its_place(rules: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    rules.write_text(GOOD.replace(old, new), "utf-8")
    done = sluice("rules", "check", rules)
    assert done.exit_code == 1 and f"{rules}: {told}" in done.stdout and "1 failed" in done.stdout


def test_what_does_not_come_out_as_marked_is_told_in_chinese_to_readers_of_it(rules: Path) -> None:
    rules.write_text(GOOD.replace("'R-10'", "'R-10', 'x R-104'").replace("⟦R-102⟧", "⟦R-10⟧"), "utf-8")
    done = sluice("rules", "check", rules, LC_ALL="zh_CN.UTF-8")
    assert done.stdout.splitlines() == [
        f"{rules}：room：第 2 个例子：识别到（无），而应为“R-10”",
        "    会议在R-10",
        f"{rules}：room：第 2 个反例：识别到“R-104”，而应为（无）",
        "    x R-104",
        "1 条规则，2 个例子，2 个反例：2 个不符",
    ]
    rules.write_text(GOOD, "utf-8")
    assert sluice("rules", "check", rules, LC_ALL="zh_CN.UTF-8").stdout.endswith("：全部与标记相符\n")
    assert "附近有时 0.90：meeting/会议" in sluice("rules", "list", rules, LC_ALL="zh_CN.UTF-8").stdout


def test_machines_get_counts_and_failures(rules: Path) -> None:
    rules.write_text(GOOD.replace("'R-10'", "'R-104'"), "utf-8")
    told = json.loads(sluice("rules", "check", rules, "--json").stdout)
    assert (told["rules"], told["examples"], told["counterexamples"]) == (1, 2, 1)
    [failure] = told["failures"]
    assert (failure["rule"], failure["kind"], failure["number"]) == ("room", "counterexample", 1)


def test_a_rule_that_cannot_be_read_is_told_in_chinese_to_readers_of_it(rules: Path, tmp_path: Path) -> None:
    rules.write_text(GOOD.replace("edges: word", "edges: wrd"), "utf-8")
    config = tmp_path / "sluice.yaml"
    config.write_text(f"detection: {{rules: [{rules}], names: 'off'}}\n", "utf-8")
    for words in (("rules", "check", rules), ("scan", "--config", config, rules)):
        done = sluice(*words, LC_ALL="zh_CN.UTF-8")
        assert done.exit_code == 3
        assert done.stderr == "rooms.yaml 第 1 行：规则 room：`edges` 必须是 number、word、none 之一\n"


def test_a_rule_that_cannot_be_read_ends_with_its_place(rules: Path) -> None:
    rules.write_text(GOOD.replace("edges: word", "edges: wrd"), "utf-8")
    done = sluice("rules", "check", rules)
    assert done.exit_code == 3 and "rooms.yaml:1: rule room: `edges` must be one of" in done.stderr


def test_all_mistakes_of_all_files_are_told_at_once(rules: Path) -> None:
    rules.write_text(GOOD.replace("edges: word", "edges: wrd").replace("score: 0.5", "score: 5"), "utf-8")
    (rules.parent / "second.yaml").write_text(GOOD.replace("id: room", "id: hall").replace("R-1¦01⟧", "R-1"), "utf-8")
    done = sluice("rules", "check", rules.parent)
    assert done.exit_code == 3 and len(done.stderr.splitlines()) == 3, done.stderr
    for said in (
        "rooms.yaml:1: rule room: `edges`",
        "rooms.yaml:1: rule room: `score`",
        "second.yaml:1: rule hall: ex",
    ):
        assert said in done.stderr


def test_a_folder_means_all_files_of_rules_in_it(rules: Path) -> None:
    assert [shelf.file for shelf in shelves([rules.parent])] == [str(rules)]
    assert check(list(shelves([rules.parent]))).rules == 1
    empty = rules.parent / "empty"
    empty.mkdir()
    with pytest.raises(SettingsError, match="no file of rules"):
        list(shelves([empty]))


def test_the_list_tells_what_each_rule_is(rules: Path) -> None:
    [line] = sluice("rules", "list", rules).stdout.splitlines()
    assert line.split() == ["room", "ROOM", "0.50", "–", "0.90", "with", "meeting/会议"]
    [told] = json.loads(sluice("rules", "list", rules, "--json").stdout)
    assert told["context"] == {"words": ["meeting", "会议"], "within": 30, "required": False, "raises": 0.9}


def test_the_list_of_one_entity_is_all_its_rules_or_a_failure() -> None:
    done = sluice("rules", "list", "--entity", "CN_ID_CARD")
    assert done.exit_code == 0 and all(" CN_ID_CARD " in line for line in done.stdout.splitlines())
    assert sluice("rules", "list", "--entity", "NOBODY").exit_code == 1
