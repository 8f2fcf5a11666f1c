"""Each kind has the values that names and numbers of a policy could ask for, ordinary ones first."""

from datetime import timedelta

import pytest

from policies.vary import FEW, vary
from tests.policies.office import NOW, SERVICES, office

HEAD = "policy: a\nversion: 1\notherwise: forbid\n"
RULES = "rules: [{id: a, verdict: allowed}]\n"


def offered(text: str, kind: str):
    return vary([office(HEAD + text)], SERVICES.all, NOW).values[kind]


FIRST = {
    "person": "a person of no group",
    "service": "service cursor",
    "activity": "prompt",
    "network": "address 10.0.0.1",
    "account": "account unknown",
    "purpose": "purpose unknown",
    "text": "no finding",
}


@pytest.mark.parametrize(("kind", "want"), FIRST.items())
def test_the_most_ordinary_value_comes_first(kind, want):
    assert offered(RULES, kind)[0].said.en == want


def test_few_groups_are_tried_in_all_their_combinations_for_whoever_a_rule_names():
    people = offered("groups: {甲: [], 乙: []}\nrules: [{id: a, verdict: allowed, when: {person: bob}}]\n", "person")
    assert [each.said.zh for each in people] == [
        "不属于任何用户组的员工",
        *("用户组乙", "用户组甲", "用户组乙和甲"),
        *("bob", "用户组乙的bob", "用户组甲的bob", "用户组乙和甲的bob"),
        "身份不明者",
    ]


@pytest.mark.parametrize(("many", "partly"), [(FEW, frozenset()), (FEW + 1, {"person"})])
def test_too_many_groups_are_said_to_be_tried_in_part(many, partly):
    groups = ", ".join(f"g{number}: []" for number in range(many))
    assert vary([office(f"{HEAD}groups: {{{groups}}}\n{RULES}")], SERVICES.all, NOW).partly == partly


def test_amounts_are_met_just_above_their_limit():
    text = (
        "data_classes: {p: {entities: [URL]}}\n"
        "rules: [{id: a, verdict: allowed, when: {amount: {more_than: {p: 3, characters: 500}}}}]\n"
    )
    found = [each.found for each in offered(text, "text")]
    assert [(dict(each.counts), each.characters) for each in found] == [
        *(({}, 100), ({"URL": 1}, 100), ({"URL": 4}, 100)),
        *(({}, 501), ({"URL": 1}, 501), ({"URL": 4}, 501)),
    ]


def test_holidays_within_a_year_are_met():
    text = (
        "time_zone: Asia/Shanghai\n"
        "hours:\n"
        "  all: {days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '24:00'}\n"
        "  work: {days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '24:00', off: 2027-10-01}\n"
        "rules: [{id: a, verdict: allowed, when: {hours: all, outside_hours: work}}]\n"
    )
    times = offered(text, "time")
    assert [each.said.en for each in times] == ["all and work (2026-11-20 00:00)", "all (2027-10-01 00:00)"]
    assert times[1].facts["at"] - NOW > timedelta(days=300)
