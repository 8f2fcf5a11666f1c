"""Numbers that are proven win over names that a model saw in them, and nothing that was found is left uncovered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agree import NAMES, agree, has_form, settled
from detectors.entities import ENTITIES
from detectors.interface import Finding

SEEN = ("model:latin",)


def finding(start, end, entity, score=0.9, because=()):
    return Finding(start, end, entity, score, "fixed", because)


CASES = {
    "a person in a mail address": ([(0, 5, "PERSON"), (0, 20, "EMAIL_ADDRESS")], [(0, 20, "EMAIL_ADDRESS")]),
    "a company in a URL": ([(8, 12, "ORGANIZATION"), (0, 30, "URL")], [(0, 30, "URL")]),
    "a person beside a number": (
        [(0, 3, "PERSON"), (3, 14, "PHONE_NUMBER")],
        [(0, 3, "PERSON"), (3, 14, "PHONE_NUMBER")],
    ),
    "a name that runs into a number": (
        [(0, 8, "PERSON"), (3, 14, "PHONE_NUMBER")],
        [(0, 3, "PERSON"), (3, 14, "PHONE_NUMBER")],
    ),
    "a name that begins in a number": (
        [(0, 11, "PHONE_NUMBER"), (9, 14, "PERSON")],
        [(0, 11, "PHONE_NUMBER"), (11, 14, "PERSON")],
    ),
    "an address keeps its postcode": (
        [(0, 40, "ADDRESS"), (30, 37, "UK_POSTCODE")],
        [(0, 40, "ADDRESS"), (30, 37, "UK_POSTCODE")],
    ),
    "an address keeps its city": ([(0, 20, "ADDRESS"), (0, 3, "LOCATION")], [(0, 20, "ADDRESS")]),
    "a person in an address": ([(0, 20, "ADDRESS"), (2, 5, "PERSON")], [(0, 20, "ADDRESS")]),
    "a person in a term of the company's": ([(0, 4, "PERSON"), (0, 9, "CUSTOMER")], [(0, 9, "CUSTOMER")]),
    "numbers among each other": ([(0, 9, "URL"), (2, 5, "UUID")], [(0, 9, "URL"), (2, 5, "UUID")]),
}


TOLD = {
    "an identifier wins": ([(0, 11, "PHONE_NUMBER", ()), (0, 11, "PASSWORD", SEEN)], [(0, 11, "PHONE_NUMBER")]),
    "a weak guess at one does not": (
        [(0, 4, "CN_POSTAL_CODE", ("weak",)), (0, 4, "PASSWORD", SEEN)],
        [(0, 4, "CN_POSTAL_CODE"), (0, 4, "PASSWORD")],
    ),
    "what a rule sees, too, stays": (
        [(0, 11, "PHONE_NUMBER", ()), (0, 11, "PASSWORD", ("check:told_password", *SEEN))],
        [(0, 11, "PASSWORD"), (0, 11, "PHONE_NUMBER")],
    ),
    "a name stays beside it": (
        [(0, 9, "PERSON", ()), (0, 9, "PASSWORD", SEEN)],
        [(0, 9, "PASSWORD"), (0, 9, "PERSON")],
    ),
    "and loses no edge to it": (
        [(0, 9, "PERSON", ()), (5, 12, "PASSWORD", SEEN)],
        [(0, 9, "PERSON"), (5, 12, "PASSWORD")],
    ),
    "one code holds both": (
        [(0, 90, "PHONE_NUMBER", ("rule:x", "view:hex")), (0, 90, "PASSWORD", (*SEEN, "view:hex"))],
        [(0, 90, "PASSWORD"), (0, 90, "PHONE_NUMBER")],
    ),
    "an identifier inside is cut out of it": (
        [(4, 9, "IP_ADDRESS", ()), (0, 9, "PASSWORD", SEEN)],
        [(0, 4, "PASSWORD"), (4, 9, "IP_ADDRESS")],
    ),
}


@pytest.mark.parametrize(("found", "want"), TOLD.values(), ids=TOLD)
def test_a_password_that_only_a_model_sees_stands_between_identifiers_and_names(found, want):
    drawn = [finding(s, e, entity, 0.3 if because == ("weak",) else 0.9, because) for s, e, entity, because in found]
    assert [(one.start, one.end, one.entity) for one in agree(drawn)] == want


@pytest.mark.parametrize(
    "where", [(), ("inside:base64",), ("view:base64",), ("inside:base64", "view:base64", "repeated")]
)
def test_a_password_that_only_a_model_sees_has_no_form_wherever_it_stands(where):
    assert not has_form(finding(0, 4, "PASSWORD", because=(*SEEN, *where)))
    assert has_form(finding(0, 4, "PASSWORD", because=(*SEEN, "rule:x", *where)))


def test_only_a_password_that_a_model_sees_is_without_a_form():
    assert has_form(finding(0, 4, "EMPLOYEE_ID", because=SEEN)) and has_form(finding(0, 4, "API_KEY"))


@pytest.mark.parametrize(("found", "want"), CASES.values(), ids=CASES)
def test_overlaps_are_settled(found, want):
    assert [(one.start, one.end, one.entity) for one in agree([finding(*one) for one in sorted(found)])] == want


def test_a_weak_guess_at_a_number_does_not_cut_a_name_unless_its_digits_prove_it():
    name, weak = finding(0, 9, "PERSON"), finding(0, 9, "IN_PASSPORT", 0.2)
    assert agree([name, weak]) == (weak, name) or agree([name, weak]) == (name, weak)
    proven = finding(0, 9, "IN_PASSPORT", 0.2, ("check:luhn",))
    assert agree([name, proven]) == (proven,)


@pytest.mark.parametrize("code", ["inside:base64", "view:hex"])
def test_a_name_and_a_number_in_one_code_are_both_found_for_both_stand_in_its_place(code):
    hidden = ("rule:x", "check:y", code)
    number, name = finding(0, 90, "PHONE_NUMBER", because=hidden), finding(0, 90, "PERSON", because=hidden)
    assert set(agree(sorted([number, name]))) == {number, name}


def test_what_is_left_of_a_name_keeps_its_reasons():
    (name, _) = agree([finding(0, 8, "PERSON", because=("model:latin",)), finding(3, 14, "PHONE_NUMBER")])
    assert (name.score, name.because) == (0.9, ("model:latin",))


ENTITY = st.sampled_from(["PERSON", "ADDRESS", "LOCATION", "URL", "UUID", "CUSTOMER"])


def covered(findings):
    return {at for one in findings for at in range(one.start, one.end)}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), ENTITY, st.sampled_from([0.1, 0.6])), max_size=12))
def test_whatever_is_settled_everything_that_was_found_stays_covered(drawn):
    found = [finding(start, start + length, entity, score) for start, length, entity, score in drawn]
    left = agree(sorted(found))
    assert covered(found) == covered(left)
    assert list(left) == sorted(left) and all(one.start < one.end for one in left)
    numbers = sorted(one for one in found if one.entity not in NAMES)
    assert [one for one in left if one.entity not in NAMES] == numbers


def test_a_text_that_only_a_model_takes_for_a_password_may_still_be_a_name():
    assert settled(9, [finding(0, 9, "PASSWORD", because=("rule:x", *SEEN))])
    assert not settled(9, [finding(0, 9, "PASSWORD", because=SEEN)])


def test_names_are_entities_of_the_vocabulary():
    assert NAMES - ENTITIES.keys() == set()
