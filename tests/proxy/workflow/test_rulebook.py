"""The workflow takes its names and its approvers from the policy and the directory, and from nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decision import Notice, Text
from policies.load import parse_policy
from policies.model import NoticeText
from proxy.caller import make_roster
from proxy.workflow.requests import Terms
from proxy.workflow.rulebook import Confirmation, Rulebook, confirmations, rulebook_of
from tests.policies.samples import HEAD, parsed

POLICY = """
policy: 使用规定 / usage
version: 1
time_zone: Asia/Shanghai
otherwise: forbid
groups:
  合规部: [李四, Carol]
data_classes:
  客户资料: {entities: [PHONE_NUMBER]}
notices:
  校对: {zh: 请校对。, en: Proof-read.}
rules:
  - id: strict
    verdict: authorized
    ask: {zh: 请向合规部申请, approvers: [合规部, bob], four_eyes: true, longest: 14d, answer_within: 2d}
  - id: plain
    verdict: authorized
    ask: {en: Ask your manager}
  - id: silent
    verdict: authorized
  - id: closed
    verdict: forbidden
  - id: open
    verdict: allowed
    gate: justify
    remind: 校对
"""


@pytest.fixture(scope="module")
def book() -> Rulebook:
    policy = parse_policy(POLICY, "policy.yaml", lambda _: "")
    return rulebook_of(policy, ["chatgpt", "kimi"], make_roster({"研发": ["alice", "李四"]}))


def test_only_authorized_rules_can_be_opened(book: Rulebook) -> None:
    assert book.terms.keys() == {"strict", "plain", "silent"}
    assert book.opened_by("closed") == book.opened_by("open") == book.opened_by("gone") == ()


def test_the_terms_are_the_rules_own(book: Rulebook) -> None:
    assert book.terms["strict"] == Terms(("合规部", "bob"), 2, timedelta(days=14), timedelta(days=2))
    assert book.terms["plain"] == book.terms["silent"] == Terms()


def test_a_grant_for_all_rules_opens_them_all(book: Rulebook) -> None:
    assert book.opened_by("*") == tuple(book.terms.values())
    assert book.opened_by("strict") == (book.terms["strict"],)


@pytest.mark.parametrize(
    ("person", "groups"),
    [("李四", {"合规部", "研发"}), ("carol", {"合规部"}), ("ALICE", {"研发"}), ("nobody", set()), ("", set())],
)
def test_groups_come_from_the_policy_and_from_the_directory(book: Rulebook, person, groups) -> None:
    assert book.groups_of(person) == groups


def test_names_are_those_of_policy_and_catalogue(book: Rulebook) -> None:
    assert (set(book.services), dict(book.classes)) == ({"chatgpt", "kimi"}, {"客户资料": "客户资料"})
    assert {id: one.reasoned for id, one in book.confirmable.items()} == {"校对": False, "open": True}


def test_a_notice_and_a_rule_of_one_name_are_confirmed_together_with_a_reason() -> None:
    notice = Notice("open", Text("Mind."), acknowledge=True)
    policy = replace(
        parsed(HEAD + "rules: [{id: open, verdict: allowed, gate: justify}]\n"), notices=(NoticeText("open", notice),)
    )
    assert confirmations(policy) == {"open": Confirmation(frozenset({notice.key, "open"}), reasoned=True)}
