"""The grid holds one example of everything that the rules can tell apart, and says when it does not."""

from dataclasses import replace
from math import prod

import pytest
from hypothesis import given, settings

from policies.cells import KINDS, axes, lay_out, narrow
from policies.decide import decide
from policies.match import Match, match
from policies.model import When
from policies.weigh import weigh
from tests.policies.office import NOW, SERVICES, office
from tests.policies.samples import FACTS, FINDINGS, POLICIES
from tests.thorough import drawn

POLICY = office()
HEAD = "policy: a\nversion: 1\notherwise: forbid\n"
ZONE = (
    "time_zone: Asia/Shanghai\n"
    "hours: {day: {days: mon, from: '09:00', to: '18:00'}, night: {days: mon, from: '22:00', to: '06:00'}}\n"
)


def values(text: str, kind: str) -> list[str]:
    """Return the values of one kind, in words."""
    return [each.said.en for each in axes([office(HEAD + text)], SERVICES.all, NOW).kinds[kind]]


RULE = "rules: [{id: a, verdict: allowed, when: "
TOLD_APART = {
    "no condition": (RULE + "{}}]\n", "service", ["service cursor"]),
    "a service": (RULE + "{service: doubao}}]\n", "service", ["service cursor", "service doubao"]),
    "the unlisted": (RULE + "{tag: unlisted}}]\n", "service", ["service cursor", "an unlisted service"]),
    "an activity, and its narrower ones": (RULE + "{activity: upload}}]\n", "activity", ["prompt", "upload"]),
    "a group": (
        "groups: {g: [bob]}\n" + RULE + "{group: g}}]\n",
        "person",
        ["a person of no group", "group g", "somebody nobody knows"],
    ),
    "windows": (
        ZONE + RULE + "{hours: [day], outside_hours: [night]}}]\n",
        "time",
        ["outside all hours (2026-11-20 00:00)", "day (2026-11-23 09:00)"],
    ),
    "an account": (RULE + "{account: [free]}}]\n", "account", ["account unknown", "account company", "account free"]),
    "a network": (RULE + "{network: 192.0.2.0/24}}]\n", "network", ["address 10.0.0.1", "address 192.0.2.0"]),
    "data": (
        "data_classes: {p: {entities: [URL, UUID]}}\n" + RULE + "{data: p}}]\n",
        "text",
        ["no finding", "p found"],
    ),
    "an amount": (
        "data_classes: {p: {entities: [URL]}}\n" + RULE + "{amount: {more_than: {p: 3, characters: 500}}}}]\n",
        "text",
        ["no finding", "4 × p found"],
    ),
    "what is taken out": (
        "data_classes: {p: {entities: [URL]}, q: {entities: [UUID]}}\nrules: [{id: a, verdict: allowed, redact: p}]\n",
        "text",
        ["no finding", "p found"],
    ),
}


@pytest.mark.parametrize(("text", "kind", "want"), TOLD_APART.values(), ids=TOLD_APART.keys())
def test_a_kind_has_as_many_values_as_rules_tell_apart(text, kind, want):
    found = values(text, kind)
    assert found == ([""] if len(want) == 1 and kind not in ("service", "activity", "person") else want)


def test_a_staged_rule_meets_somebody_it_is_in_force_for_and_somebody_it_is_not():
    people = values("rules: [{id: a, verdict: allowed, stage: {percent: 50}}]\n", "person")
    assert len(people) == 3
    assert all(each.startswith("person-") for each in people[:2])


def test_every_condition_belongs_to_one_kind():
    known = [name for names in KINDS.values() for name in names]
    assert sorted(known) == sorted(When.__dataclass_fields__)


def test_all_combinations_are_laid_out_once():
    whole = axes([POLICY], SERVICES.all, NOW)
    grid = lay_out(whole, most=10**6)
    assert len(grid.cells) == grid.of == prod(map(len, whole.kinds.values()))
    assert not grid.truncated
    assert (
        len({(cell.facts, tuple(cell.found.counts.items()), cell.found.characters) for cell in grid.cells}) == grid.of
    )


def test_a_sample_says_that_it_is_one_and_reaches_every_value():
    whole = axes([POLICY], SERVICES.all, NOW)
    grid = lay_out(whole, most=400)
    assert (len(grid.cells), grid.truncated) == (400, True)
    assert {cell.facts.activity for cell in grid.cells} == {each.facts["activity"] for each in whole.kinds["activity"]}
    assert len({cell.said.en for cell in grid.cells}) == 400


def test_a_cell_is_said_in_words_of_both_languages():
    whole = axes([POLICY], SERVICES.all, NOW)
    confidential = next(rule for rule in POLICY.rules if rule.id == "confidential")
    cell = lay_out(narrow(whole, confidential)).cells[0]
    assert cell.said.en.startswith("a person of no group, service cursor, prompt, ")
    assert cell.said.en.endswith("机密 found")
    assert "发现机密" in cell.said.zh


@pytest.mark.parametrize("rule", POLICY.rules, ids=lambda rule: rule.id)
def test_narrowed_cells_are_those_at_which_the_rule_matches(rule):
    grid = lay_out(narrow(axes([POLICY], SERVICES.all, NOW), rule), most=200)
    assert grid.cells
    assert {match(rule, cell.facts, cell.found) for cell in grid.cells} == {Match.YES}


def test_grants_are_those_of_the_person_and_alive():
    grids = lay_out(axes([POLICY], SERVICES.all, NOW), most=500)
    opened = [cell for cell in grids.cells if cell.facts.grants]
    assert opened
    for cell in opened:
        (grant,) = cell.facts.grants
        assert (grant.person, grant.rule) == (cell.facts.user, "coding-asks")
        assert grant.until > cell.facts.at


@settings(max_examples=drawn(30))
@given(policy=POLICIES, facts=FACTS, found=FINDINGS)
def test_whatever_happens_some_cell_matches_the_same_rules(policy, facts, found):
    usable = replace(policy, rules=tuple(rule for rule in policy.rules if not _odd(rule)))
    known = {facts.service: (facts.category, facts.country, facts.tags)}
    listed = [replace(SERVICES.all[0], id=id, category=c, country=n, tags=t) for id, (c, n, t) in known.items()]
    grid = lay_out(axes([usable], listed, facts.at), most=4000)
    if grid.truncated:
        return
    want = tuple(match(rule, facts, found) for rule in usable.rules)
    assert any(tuple(match(rule, cell.facts, cell.found) for rule in usable.rules) == want for cell in grid.cells)


def _odd(rule) -> bool:
    """Tell whether a rule asks for a clock that no loaded policy can have, or for a sum over several entities."""
    windows = (*rule.when.hours, *rule.when.outside)
    return any(each.zone.startswith("Mars") for each in windows) or bool(rule.when.amounts)


def test_nothing_differs_between_a_policy_and_itself():
    for cell in lay_out(axes([POLICY, POLICY], SERVICES.all, NOW), most=300).cells:
        decision = decide(POLICY, cell.facts, cell.found)
        assert weigh(decision, decision, cell.found.entities).word == "same"
