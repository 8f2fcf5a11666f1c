"""Names compare by what people see, and a policy answers for its own parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Route, Text, Verdict
from policies.model import Rule, fold
from tests.policies.samples import CLASSES, GROUPS, SAID, policy_of

ALIKE = [
    ("Engineering", "engineering"),
    ("ＩＴ", "it"),
    ("Straße", "STRASSE"),
    ("é", "e\u0301"),
    ("①部", "1部"),
    ("ﬁnance", "FINANCE"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike_are_one_name(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("研发", "研發"), ("a b", "ab"), ("客户", "客户资料")])
def test_names_that_read_differently_are_two(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(name):
    assert fold(fold(name)) == fold(name)


def test_a_rule_is_called_by_its_name_or_else_by_its_id():
    assert Rule("a", Verdict.ALLOWED, name=SAID).title == SAID
    assert Rule("a", Verdict.ALLOWED, name=Text(zh="甲")).title == Text(zh="甲")
    assert Rule("a", Verdict.ALLOWED).title == Text("a", "a")
    assert Rule("a", Verdict.ALLOWED).route is Route.EXTERNAL


def test_a_policy_knows_the_groups_of_a_person():
    policy = policy_of([])
    assert policy.groups_of("Alice") == {"研发"}
    assert policy.groups_of("") == frozenset()
    assert [each.name for each in policy.groups] == [each.name for each in GROUPS]


def test_a_policy_knows_its_own_terms():
    assert [each.entity for each in policy_of([]).dictionaries] == ["CUSTOMER"]


def test_terms_never_show():
    assert "华星" not in repr(policy_of([]))
    assert "华星" not in str(CLASSES[2])
