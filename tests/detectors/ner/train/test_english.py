"""Made-up people with names in Latin letters are many and agree with themselves."""

from random import Random

import pytest

from detectors.ner.train.english import Latins, Somebody, locales, names_of
from detectors.ner.train.lists import DEVELOP, TRAIN

ANNA = Somebody("Anna", "Keller", "M.")


def test_people_come_from_many_countries() -> None:
    assert len(locales(TRAIN)) > 40
    latins = Latins(Random(1), TRAIN)
    assert len({latins.somebody() for _ in range(1000)}) > 950


def test_a_country_gives_its_own_names() -> None:
    latins = Latins(Random(2), TRAIN)
    polish = {name for part in names_of("pl_PL", TRAIN) for name in part}
    assert all(
        {one.first.split("-")[0], one.last.split("-")[0]} <= polish
        for one in (latins.somebody("pl") for _ in range(30))
    )


def test_no_name_is_both_trained_and_developed_with() -> None:
    for locale in ("en_US", "de_DE", "ja", "ar"):
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
        ("initials", {"A.K.", "AK", "A. Keller", "A. K."}),
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
