"""`sluice policy check` tells every mistake with its place, before anyone is refused by it."""

from pathlib import Path

import pytest

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
