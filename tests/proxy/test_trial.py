"""A policy's own tests are run with the detectors that will look for it."""

from pathlib import Path

import pytest

from policies.problem import PolicyError
from proxy.sources import take_up
from proxy.trial import failures, services_of, sought
from tests.proxy.house import POLICY, street, world

RIGHT = """tests:
  - name: 办公
    service: openai-api
    says: "电话 13912345678"
    expect: {verdict: allowed, redact: [personal, secrets]}
    because: office-use
  - name: 客户
    service: openai-api
    file: contract.txt
    expect: internal
    because: customers-stay-inside
"""


def tried(folder: Path, tests: str) -> list[str]:
    path = folder / "policy.yaml"
    path.write_text(POLICY.read_text("utf-8"), "utf-8")
    (folder / "policy_test.yaml").write_text(tests, "utf-8")
    (folder / "contract.txt").write_text("与华星科技的合同", "utf-8")
    policy, sources = take_up(path, world()[1].services.keys())
    return failures(street(policy=policy), sources, path)


def test_tests_that_hold_leave_nothing_to_say(tmp_path: Path) -> None:
    assert tried(tmp_path, RIGHT) == []


def test_a_test_that_fails_is_named_by_its_place_and_not_by_its_text(tmp_path: Path) -> None:
    assert tried(tmp_path, RIGHT.replace("expect: internal", "expect: refused")) == [f"{tmp_path}/policy_test.yaml:7:5"]


@pytest.mark.parametrize("file", ["../secret.txt", "gone.txt"])
def test_a_test_reads_only_what_is_beside_its_policy(tmp_path: Path, file: str) -> None:
    (tmp_path.parent / "secret.txt").write_text("华星科技", "utf-8")
    assert tried(tmp_path, RIGHT.replace("contract.txt", file)) != []


def test_tests_that_cannot_be_read_are_told_in_the_loaders_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        tried(tmp_path, "tests: [{nme: x}]")


def test_all_that_rules_name_is_looked_for_in_all_services() -> None:
    policy, catalogue = world()
    assert {"PHONE_NUMBER", "API_KEY", "CUSTOMER"} <= sought(policy)
    named = services_of(catalogue).called("ChatGPT")
    assert named is not None and (named.id, named.tags) == ("openai-chatgpt", {"chat", "US"})
