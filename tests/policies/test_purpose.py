"""What a use is for: signs of business beat all else, then what was declared, then signs of personal use."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.check import check
from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Needs
from policies.meter import quota_names
from policies.purpose import judge, outlook, told_by
from policies.trace import in_words, trace
from proxy.trial import sought
from tests.policies.samples import NOON, facts, parsed

POLICY = parsed("""\
policy: 用途
version: 1
time_zone: Asia/Shanghai
otherwise: forbid
hours:
  上班: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
groups:
  研发部: [alice]
data_classes:
  客户: {terms: [华星科技], placeholder: CUSTOMER}
quotas:
  工作: {requests: 3, per: day, of: person}
purpose:
  business:
    - {data: 客户}
    - {hours: 上班, group: 研发部}
  personal:
    - {outside_hours: 上班, account: [free, personal]}
rules:
  - {id: at-work, verdict: allowed, when: {purpose: [business, unknown]}, route: internal, quota: 工作}
  - {id: at-home, verdict: allowed, when: {purpose: personal}}
  - {id: nameless, verdict: forbidden, when: {purpose: unknown, activity: upload}}
""")
CUSTOMER = "CUSTOMER"
EVENING = NOON.replace(hour=12)
"""20:00 in Shanghai."""


def asked(**given: Any) -> Facts:
    return replace(facts(user="bob", at=EVENING), **given)


@pytest.mark.parametrize(
    ("given", "found", "counts_as"),
    [
        ({}, {}, "unknown"),
        ({"purpose": "personal"}, {}, "personal"),
        ({"purpose": "business"}, {}, "business"),
        ({"account": "free"}, {}, "personal"),
        ({"account": "free", "at": NOON}, {}, "unknown"),
        ({"account": "free", "purpose": "business"}, {}, "business"),
        ({"account": "company", "purpose": "personal"}, {}, "business"),
        ({"user": "alice", "at": NOON, "purpose": "personal"}, {}, "business"),
        ({"user": "alice", "purpose": "personal"}, {}, "personal"),
        ({"purpose": "personal"}, {CUSTOMER: 1}, "business"),
        ({"account": "free"}, {CUSTOMER: 1}, "business"),
        ({"user": "", "at": NOON, "purpose": "personal"}, {}, "unknown"),
        ({"user": "", "account": "free"}, {}, "personal"),
    ],
    ids=[
        "nothing tells",
        "declared personal",
        "declared business",
        "a sign of personal use",
        "only half of a sign",
        "declared business against a sign of personal use",
        "the company's account against what was declared",
        "a sign of business against what was declared",
        "outside the sign's hours what was declared counts",
        "data against what was declared",
        "data against a sign of personal use",
        "who may belong to a group of a sign may not call it personal",
        "a sign that certainly fails is none",
    ],
)
def test_a_use_counts_as(given: dict[str, Any], found: dict[str, int], counts_as: str) -> None:
    assert judge(POLICY, asked(**given), Findings(found)).purpose == counts_as


def test_a_sign_that_could_not_be_looked_for_never_leaves_a_use_personal() -> None:
    answer = decide(POLICY, asked(purpose="personal"), Findings(), frozenset({CUSTOMER}))
    assert (answer.deciding, answer.route) == ("at-work", "internal")


def test_before_the_text_is_read_its_signs_are_asked_for() -> None:
    answer = needs(POLICY, asked(purpose="personal"))
    assert isinstance(answer, Needs) and answer.entities == {CUSTOMER}
    assert (answer.unless_read.deciding, answer.watching) == ("at-home", False)


def test_what_is_business_already_needs_no_text() -> None:
    answer = needs(POLICY, asked(purpose="business"))
    assert isinstance(answer, Decision) and answer.deciding == "at-work"


def test_a_text_that_cannot_be_read_passes_only_if_it_would_pass_as_business_too() -> None:
    text = POLICY.source.replace("when: {purpose: personal}", "when: {purpose: personal}, unreadable: pass")
    answer = needs(parsed(text), asked(purpose="personal"))
    assert isinstance(answer, Needs) and not answer.unless_read.unreadable_passes


def test_quotas_of_every_purpose_that_the_text_may_reveal_are_counted() -> None:
    assert [name.split("/")[0] for name in quota_names(POLICY, asked(purpose="personal"))] == ["工作"]


@given(
    user=st.sampled_from(["", "alice", "bob"]),
    at=st.sampled_from([NOON, EVENING]),
    account=st.sampled_from(["free", "company", "unknown"]),
    purpose=st.sampled_from(["business", "personal", "unknown"]),
    activity=st.sampled_from(["prompt", "upload"]),
    found=st.sampled_from([{}, {CUSTOMER: 1}]),
    unknown=st.sampled_from([frozenset(), frozenset({CUSTOMER})]),
)
def test_what_the_headers_decide_holds_for_every_text(
    found: dict[str, int], unknown: frozenset[str], **given: Any
) -> None:
    exchange = asked(**given)
    answer, later = needs(POLICY, exchange), decide(POLICY, exchange, Findings(found), unknown)
    if isinstance(answer, Decision):
        assert answer == later if answer.permitted else not later.permitted
    seen = outlook(POLICY, exchange)
    assert judge(POLICY, exchange, Findings(found), unknown) in (seen.facts, *seen.others)


def test_what_only_signs_name_is_used_and_looked_for() -> None:
    assert CUSTOMER in sought(POLICY)
    assert not [problem.message.en for problem in check(POLICY) if "客户" in problem.message.en]


def test_it_is_explained_by_what_a_use_counts_as_business() -> None:
    exchange, found = asked(purpose="personal"), Findings({CUSTOMER: 1})
    line = next(n for n, text in enumerate(POLICY.source.splitlines(), 1) if "data: 客户" in text)
    assert [each.mark.line for each in told_by(POLICY, exchange, found)] == [line]
    said = in_words(POLICY, exchange, found, decide(POLICY, exchange, found))
    assert f"Its purpose counts as business (by the signs in line {line})." in said.en
    assert f"用途按“工作”处理（依据第 {line} 行）。" in said.zh
    rows = {row.rule.id: row.failed.en for row in trace(POLICY, exchange, found)}
    assert rows["at-home"] == "purpose: business is not personal"
