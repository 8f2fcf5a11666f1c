"""The lists of the rules are what the training's lists give, less what is a word as well."""

from detectors.ner.known import GIVEN, NAMES, ORDINARY, listed
from detectors.ner.train.known import given, names, no_names, ordinary


def test_the_shipped_lists_are_those_that_are_written_today() -> None:
    assert listed(NAMES) == names()
    assert listed(ORDINARY) == ordinary()
    assert listed(GIVEN) == given()


def test_words_in_small_letters_vouch_for_no_name() -> None:
    words = no_names()
    assert {"best", "page", "hope", "team"} <= words
    assert not words & {"anna", "weber", "marisol"}


def test_people_of_lands_that_faker_has_no_names_of_are_known_and_words_are_not() -> None:
    assert {"hiroshi", "sato", "min-jun", "kowalski", "panagiotis", "oleksandr", "tesfaye"} <= names()
    assert not names() & {"goto", "seo", "uri", "kawasaki"}
