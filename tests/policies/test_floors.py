"""What is found with less certainty than a class asks for does not count for that class, and for others as before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.cells import axes, lay_out
from policies.decide import decide
from policies.decision import Decision, Findings, Route, Verdict, lowest
from policies.weigh import weigh
from tests.policies.samples import HEAD, facts, grant, parsed

TEXT = f"""{HEAD}data_classes:
  sure: {{entities: [PHONE_NUMBER], minimum_score: 0.8}}
  any: {{entities: [PHONE_NUMBER, EMAIL_ADDRESS]}}
rules:
  - {{id: base, verdict: allowed, when: {{service: any}}, redact: sure}}
  - {{id: stop, verdict: forbidden, when: {{data: sure, activity: upload}}}}
  - {{id: many, verdict: forbidden, when: {{amount: {{more_than: {{sure: 1}}}}, activity: complete}}}}
"""
POLICY = parsed(TEXT)


def found(*scores: float, entity: str = "PHONE_NUMBER") -> Findings:
    return Findings({entity: len(scores)}, 100, scores={entity: tuple(sorted(scores, reverse=True))})


@pytest.mark.parametrize(("scores", "stopped"), [((0.9,), True), ((0.8,), True), ((0.79,), False), ((0.5, 0.85), True)])
def test_a_condition_on_data_asks_for_the_score_of_its_class(scores, stopped):
    decision = decide(POLICY, facts(activity="upload"), found(*scores))
    assert (decision.deciding == "stop") is stopped


@pytest.mark.parametrize(("scores", "stopped"), [((0.9, 0.8), True), ((0.9, 0.7), False), ((0.9, 0.7, 0.8), True)])
def test_an_amount_counts_only_what_reaches_the_score(scores, stopped):
    assert (decide(POLICY, facts(activity="complete"), found(*scores)).deciding == "many") is stopped


def test_what_could_not_be_looked_for_counts_as_if_it_were_certain():
    decision = decide(POLICY, facts(activity="upload"), Findings(), frozenset({"PHONE_NUMBER"}))
    assert decision.route is Route.NOWHERE


def test_what_is_known_without_a_score_is_certain():
    assert decide(POLICY, facts(activity="upload"), frozenset({"PHONE_NUMBER"})).deciding == "stop"


def test_a_decision_says_from_which_score_each_entity_is_taken_out():
    assert decide(POLICY, facts(), found(0.9)).least == {"PHONE_NUMBER": 0.8}
    both = parsed(TEXT + "  - {id: more, verdict: allowed, when: {service: any}, redact: any}\n")
    decision = decide(both, facts(), found(0.9))
    assert (decision.redact, decision.least) == ({"PHONE_NUMBER", "EMAIL_ADDRESS"}, {})


def test_a_refusal_takes_nothing_out_from_any_score():
    assert decide(POLICY, facts(activity="upload"), found(0.9)).least == {}


LIMITED = parsed(
    f"""{HEAD}data_classes:
  sure: {{entities: [PHONE_NUMBER], minimum_score: 0.8}}
  mail: {{entities: [EMAIL_ADDRESS]}}
rules:
  - {{id: ask, verdict: authorized, when: {{service: any}}}}
"""
)


def test_a_grant_for_other_data_stays_open_for_what_does_not_count():
    mine = facts(grants=(grant(classes=frozenset({"mail"})),))
    assert decide(LIMITED, mine, found(0.5)).permitted
    assert not decide(LIMITED, mine, found(0.9)).permitted
    assert not decide(LIMITED, mine, Findings(), frozenset({"PHONE_NUMBER"})).permitted


def test_a_grant_is_not_opened_by_taking_out_only_a_part():
    text = TEXT.replace(
        "verdict: allowed, when: {service: any}, redact", "verdict: authorized, when: {service: any}, redact"
    )
    text = text.replace("  any:", "  mail: {entities: [EMAIL_ADDRESS]}\n  any:")
    mine = facts(grants=(grant(rule="base", classes=frozenset({"mail"})),))
    assert not decide(parsed(text), mine, found(0.5)).permitted, (
        "it counts for the class “any” and would not be taken out"
    )


def test_a_higher_threshold_is_looser_and_the_comparison_of_policies_finds_it():
    start = datetime(2026, 12, 2, tzinfo=UTC)
    looser = parsed(TEXT.replace("0.8", "0.95"))
    cells = lay_out(axes([POLICY, looser], [], start)).cells
    words = {
        weigh(decide(POLICY, one.facts, one.found), decide(looser, one.facts, one.found), one.found).word
        for one in cells
    }
    assert "looser" in words
    assert words <= {"same", "looser"}


def test_taken_out_from_a_higher_score_is_looser():
    strict = Decision(verdict=Verdict.ALLOWED, route=Route.EXTERNAL, redact=frozenset({"PHONE_NUMBER"}))
    loose = replace(strict, least={"PHONE_NUMBER": 0.8})
    assert weigh(strict, loose, found(0.5)).word == "looser"
    assert weigh(strict, loose, found(0.9)).word == "same"


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(0, 1)), max_size=5))
def test_the_lowest_score_of_all_counts_whatever_their_order(floors):
    least = lowest(floors)
    assert least == lowest(reversed(floors)) == lowest([*floors, *floors])
    for entity in "abc":
        scores = [each[entity] for each in floors if entity in each]
        assert least.get(entity, 0.0) == min(scores, default=0.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.floats(0, 1))
def test_what_reaches_a_score_is_counted_from_it(scores, least):
    one = found(*scores)
    assert one.reaches("PHONE_NUMBER", least) is (max(scores) >= least)
    assert one.count("PHONE_NUMBER", least) == sum(each >= least for each in scores)
