"""What is published passes its tests here and is whole; and one waits for the nodes that are there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies.problem import PolicyError
from proxy.errors import SettingsError
from proxy.keys import master_key
from proxy.publish import put
from proxy.publish.follow import COPY, write_copy
from proxy.publish.put import FailingTests, must_still_do, publish, taken_up
from proxy.publish.release import Standing
from proxy.settings.interface import Settings
from proxy.sources import unpack
from proxy.store.sqlite import SqliteStore
from proxy.trial import failures
from proxy.workflow.signing import Signer
from tests.proxy.house import street

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
POLICY = """
policy: test
version: 4
otherwise: allow
data_classes: {客户: {terms_file: customers.txt, placeholder: CUSTOMER}}
rules: [{id: no-customers, verdict: forbidden, when: {data: 客户}}]
"""
TESTS = "tests: [{name: a letter, service: openai-api, file: letter.txt, expect: refused}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "policy_test.yaml").write_text(TESTS, "utf-8")
    (tmp_path / "customers.txt").write_text("华星科技\n", "utf-8")
    (tmp_path / "letter.txt").write_text("致华星科技", "utf-8")
    return tmp_path


def settings(folder: Path) -> Settings:
    return Settings(state=folder / "state", policy_from="store")


def version(folder: Path) -> put.PolicyVersion:
    return put.tested(settings(folder), folder / "policy.yaml", "张敏", NOW)


def test_a_version_has_all_that_belongs_to_it_and_is_tested_elsewhere_without_any_file(folder: Path) -> None:
    made = version(folder)
    assert (made.id[:2], made.by, made.at) == ("4@", "张敏", NOW)
    sources = unpack(made.source)
    for file in folder.glob("*.*"):
        file.unlink()
    policy = sources.parse(None)
    found = street(policy=policy)
    assert policy.label == made.id and sources.texts == {"letter.txt": "致华星科技"}
    # the small detector of the tests knows that name; without it, the same test fails, so it was run
    assert failures(found, replace(sources, texts={"letter.txt": "hi"}), None)
    assert failures(found, replace(sources, texts={}), None)
    must_still_do(settings(folder), made)


WRONG = {
    "a test that fails": (
        "policy_test.yaml",
        TESTS.replace("refused", "allowed"),
        FailingTests,
        r"policy_test\.yaml:1:9",
    ),
    "a text that is not there": ("policy_test.yaml", TESTS.replace("letter", "gone"), FailingTests, "this test fails"),
    "a mistake": ("policy.yaml", POLICY.replace("forbidden", "forbiden"), PolicyError, r"policy\.yaml:6"),
    "too much": ("customers.txt", "华星科技\n" + "某公司\n" * 500, SettingsError, "MiB"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_not_published(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file, text, error, told = WRONG[name]
    (folder / file).write_text(text, "utf-8")
    monkeypatch.setattr(put, "LARGEST", 4000)
    with pytest.raises(error, match=told):
        version(folder)


def test_an_earlier_version_that_can_be_read_no_more_is_not_published(folder: Path) -> None:
    with pytest.raises(SettingsError, match="not readable"):
        must_still_do(settings(folder), replace(version(folder), source="{}"))


def test_numbers_go_up_whatever_the_store_has_lost_and_the_second_of_two_is_told(folder: Path) -> None:
    store, made, given = SqliteStore(None), version(folder), settings(folder)
    first = publish(given, store, made)
    signer = Signer(master_key(given.state))
    assert first.number == 1 and signer.holds_release(first.told(), first.tag) and store.get_release() == first
    write_copy(given.state, replace(first, number=6, tag=signer.release(replace(first, number=6).told())), COPY)
    assert publish(given, store, made, ("3@x",)).number == 7
    held, store.release_number = store.release_number(), lambda: 5  # type: ignore[method-assign]
    assert held == 7
    with pytest.raises(SettingsError, match="at the same time"):
        publish(given, store, made)
    store.close()


def said(node: str, number: int, *, seen: int = 2, rejected: tuple[str, ...] = (), ago: int = 0) -> Standing:
    return Standing(node, NOW - timedelta(seconds=ago), number, f"{number}@a", rejected, seen)


ALL = {
    "both enforce it": ((said("a", 2), said("b", 2)), 2, True),
    "one rejects it": ((said("a", 2), said("b", 1, rejected=("x:1:1",))), 2, False),
    "one has not looked": ((said("a", 2), said("b", 1, seen=1)), 2, False),
    "one rejected the one before and has not looked": ((said("a", 1, seen=1, rejected=("x:1:1",)),), 1, False),
    "one was gone before": ((said("a", 2), said("b", 1, seen=1, ago=3600)), 1, True),
    "none is there": ((), 0, False),
}


@pytest.mark.parametrize("name", ALL)
def test_one_is_told_who_enforces_it(name: str) -> None:
    nodes, there, done = ALL[name]
    store = SqliteStore(None)
    for one in nodes:
        store.stand(one)
    found, all_do = taken_up(store, 2, 0, lambda: NOW)
    assert (len(found), all_do) == (there, done)
    store.close()
