"""The index leaves out only what cannot match; that it decides alike is in test_join.py."""

from dataclasses import replace

from hypothesis import given

from policies.index import MOST_REMEMBERED, Index, build, index_of
from policies.match import Match, match
from tests.policies.samples import HEAD, QUESTIONS, facts, parsed

POLICY = parsed(
    HEAD
    + """
groups: {研发: [alice], sales: []}
services: {国内: {country: CN}}
rules:
  - {id: all, verdict: allowed}
  - {id: chatgpt, verdict: allowed, when: {service: chatgpt}}
  - {id: china, verdict: forbidden, when: {service: 国内}}
  - {id: research, verdict: allowed, when: {group: 研发}}
  - {id: sales, verdict: allowed, when: {group: sales}}
  - {id: bob, verdict: allowed, when: {person: bob}}
  - {id: both, verdict: allowed, when: {person: [alice, bob], group: sales}}
"""
)


def candidates(**about) -> list[str]:
    """Return the ids of the rules that are asked."""
    return [rule.id for rule, _ in index_of(POLICY).matching(facts(**about))]


def test_rules_of_other_services_and_other_people_are_not_asked():
    assert candidates() == ["all", "chatgpt", "research"]
    assert candidates(user="Bob", groups=frozenset({"SALES"})) == ["all", "chatgpt", "sales", "bob", "both"]
    assert candidates(service="kimi", country="CN", user="eve") == ["all", "china"]


def test_somebody_whom_nobody_knows_is_asked_all_rules_on_people():
    assert candidates(user="") == ["all", "chatgpt", "research", "sales", "bob", "both"]


@given(QUESTIONS)
def test_no_rule_that_may_match_is_left_out(question):
    policy, about = question
    kept = {rule.id for rule, _ in index_of(policy).matching(about)}
    assert {rule.id for rule in policy.rules if match(rule, about, None) is not Match.NO} <= kept


def test_the_index_is_built_once_and_anew_for_another_policy():
    assert index_of(POLICY) is index_of(POLICY)
    assert index_of(replace(POLICY, rules=())).candidates == ()


def test_what_is_remembered_is_bounded():
    index = build(POLICY)
    for number in range(MOST_REMEMBERED + 10):
        index.matching(facts(service=f"s{number}"))
    assert len(index.remembered) <= MOST_REMEMBERED


def test_the_index_does_not_make_equal_policies_differ():
    again = replace(POLICY)
    assert again == POLICY
    assert hash(again) == hash(POLICY)
    assert Index not in again.memo
