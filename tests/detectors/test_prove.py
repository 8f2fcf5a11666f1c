"""Rules are proved by their own examples, and what fails says where."""

from dataclasses import replace

import pytest

from detectors.patterns import shipped_rules
from detectors.presidio import shipped_recognizers
from detectors.prove import marked, prove, prove_recognizers

BANK_CARD = next(rule for rule in shipped_rules() if rule.id == "bank-card")
NHS = next(gated for gated in shipped_recognizers() if gated.name == "NhsRecognizer")


def test_all_shipped_recognizers_hold():
    assert [str(failure) for failure in prove_recognizers(shipped_recognizers())] == []


LACKING = {
    "examples": ({"examples": ()}, "example 1: there is none"),
    "an example in Chinese": (
        {"examples": ("NHS number ⟦9434765919⟧",)},
        "example 2: none of the examples is in Chinese",
    ),
    "counterexamples": ({"counterexamples": ()}, "counterexample 1: there is none"),
}


@pytest.mark.parametrize(("change", "message"), LACKING.values(), ids=LACKING)
def test_an_entry_of_presidios_table_must_have(change, message):
    (failure,) = prove_recognizers([replace(NHS, **change)])
    assert str(failure) == f"NhsRecognizer: {message}"


FAILING = {
    "an example that is not found": (
        {"examples": ("卡⟦4111111111111112⟧",)},
        "example 1: found nothing, not “4111111111111112”",
    ),
    "an example found otherwise": (
        {"examples": ("⟦卡4111111111111111⟧",)},
        "example 1: found “4111111111111111”, not “卡4111111111111111”",
    ),
    "a counterexample that is found": (
        {"counterexamples": ("nothing", "4111111111111111")},
        "counterexample 2: found “4111111111111111”, not nothing",
    ),
}


@pytest.mark.parametrize(("change", "message"), FAILING.values(), ids=FAILING)
def test_what_does_not_hold_is_told(change, message):
    (failure,) = prove([replace(BANK_CARD, **change)])
    assert str(failure) == f"bank-card: {message}"


def test_a_rule_that_holds_has_no_failures():
    assert prove([BANK_CARD]) == []


def test_an_entry_of_presidios_table_is_proved_too():
    entry = replace(NHS, examples=("英国医保 NHS ⟦9434765919⟧",), counterexamples=("NHS number 9434765919",))
    (failure,) = prove_recognizers([entry])
    assert str(failure) == "NhsRecognizer: counterexample 1: found “9434765919”, not nothing"


def test_marks_are_taken_out_of_an_example():
    assert marked("a ⟦b¦c⟧ d") == ("a bc d", [(2, 4)])
    assert marked("⟦a⟧, ⟦b¦c⟧") == ("a, bc", [(0, 1), (3, 5)])
