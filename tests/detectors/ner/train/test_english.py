"""Made-up people with names in Latin letters are many and agree with themselves."""

import re
from random import Random

import pytest

from detectors.ner.train.english import EASTERN, LANDS, Latins, Somebody, locales, names_of, unmarked
from detectors.ner.train.lists import DEVELOP, TRAIN

ANNA = Somebody("Anna", "Keller", "M.")


def test_people_come_from_many_countries() -> None:
    assert len(locales(TRAIN)) > 40
    latins = Latins(Random(1), TRAIN)
    assert len({latins.somebody() for _ in range(1000)}) > 950


def test_a_country_gives_its_own_names() -> None:
    latins = Latins(Random(2), TRAIN)
    polish = {name for part in names_of("pl_PL", TRAIN) for name in part}
    plain = polish | {unmarked(name) for name in polish}
    people = [latins.somebody("pl") for _ in range(60)]
    assert len({one.last for one in people}) > 30
    assert all(one.first in plain or re.split(r"[- ]", one.first)[0] in plain | {"Anna"} for one in people)
    assert sum(one.last.split("-")[0] in plain for one in people) > 55


def test_no_name_is_both_trained_and_developed_with() -> None:
    for locale in ("en_US", "de_DE", "pl_PL", "ja", "ar"):
        for ours, theirs in zip(names_of(locale, TRAIN), names_of(locale, DEVELOP), strict=True):
            assert theirs and not set(ours) & set(theirs)


@pytest.mark.parametrize(
    ("variant", "forms"),
    [
        ("given", {"Anna"}),
        ("family", {"Keller"}),
        ("title", {"Keller"}),
        ("lower", {"anna", "anna keller"}),
        ("upper", {"ANNA KELLER", "KELLER ANNA", "KELLER, ANNA"}),
        ("initials", {"A.K.", "AK", "A. Keller", "A. K.", "A Keller", "A. M. Keller"}),
        ("givenlow", {"anna"}),
        ("familylow", {"keller"}),
        ("dotted", {"Anna K."}),
        ("sorted", {"Keller, Anna"}),
        (
            "cited",
            {"Keller A", "Keller AM", "Keller A.", "Keller, A.", "Keller, A. M.", "A. Keller", "A. M. Keller"},
        ),
    ],
)
def test_each_form_is_made_of_the_same_person(variant: str, forms: set[str]) -> None:
    latins = Latins(Random(3), TRAIN)
    assert {latins.form(ANNA, variant) for _ in range(80)} == forms


def test_most_names_are_first_and_last() -> None:
    latins = Latins(Random(4), TRAIN)
    assert sum(latins.full(ANNA) == "Anna Keller" for _ in range(200)) > 150
    assert latins.honorific().endswith(" ")


@pytest.mark.parametrize("land", LANDS)
def test_lands_without_a_list_of_fakers_have_one_of_ours(land: str) -> None:
    latins = Latins(Random(5), TRAIN)
    assert len({latins.somebody(land) for _ in range(80)}) > 50


def test_a_family_name_may_come_first_where_it_does_at_home() -> None:
    latins = Latins(Random(6), TRAIN)
    mori = Somebody("Kenji", "Mori", "T.", eastern=True)
    assert {latins.full(mori) for _ in range(60)} >= {"Mori Kenji", "Kenji Mori"}
    assert any(latins.somebody(land).eastern for land in EASTERN if land in LANDS)
    assert "Keller Anna" not in {latins.full(ANNA) for _ in range(300)}


@pytest.mark.parametrize(
    ("name", "plain"), [("Núñez", "Nunez"), ("Łukasz", "Lukasz"), ("Søren", "Soren"), ("Şahin", "Sahin")]
)
def test_names_are_also_typed_without_marks(name: str, plain: str) -> None:
    assert unmarked(name) == plain
    latins = Latins(Random(7), TRAIN)
    people = [latins.somebody("vi") for _ in range(200)]
    assert any(one.first.isascii() for one in people) and not all(one.last.isascii() for one in people)
