"""A detector that sees some of what others answer for is asked for it only along with what is its own."""

from random import Random

import pytest

from detectors.find import Finder
from detectors.interface import CannotTell
from tests.detectors.test_find import Fixed, finding


class Seeing(Fixed):
    """A detector that sees some of what others answer for, too."""

    def __init__(self, answer, *entities, beside):
        super().__init__(answer, *entities)
        self.beside = frozenset(beside)


@pytest.mark.parametrize(
    ("wanted", "want", "asked"),
    [
        ({"PERSON", "PASSWORD"}, [(0, 3, "PERSON"), (4, 8, "PASSWORD")], 1),
        ({"PERSON"}, [(0, 3, "PERSON")], 1),
        ({"PASSWORD"}, [], 0),
    ],
)
def test_what_a_detector_sees_beside_its_own_is_asked_for_only_along_with_that(wanted, want, asked):
    seeing = Seeing([finding(0, 3, "PERSON"), finding(4, 8, "PASSWORD")], "PERSON", beside=["PASSWORD"])
    finder = Finder([Fixed([], "PASSWORD"), seeing])
    scan = finder.find("Ana 4417 x", frozenset(wanted))
    assert [(one.start, one.end, one.entity) for one in scan.findings] == want
    assert (seeing.asked, scan.unknown, finder.entities) == (asked, frozenset(), {"PERSON", "PASSWORD"})


def test_what_a_failing_detector_would_have_seen_beside_its_own_is_unknown_too():
    seeing = Seeing(CannotTell("slow"), "PERSON", beside=["PASSWORD"])
    wanted = frozenset({"PERSON", "PASSWORD"})
    assert Finder([Fixed([], "PASSWORD"), seeing]).find("text", wanted).unknown == wanted


@pytest.mark.parametrize(("own", "asked"), [(("PERSON",), 0), (("PERSON", "PASSWORD"), 1)])
def test_a_text_that_is_an_identifier_as_a_whole_is_shown_only_to_who_answers_for_more_than_names(own, asked):
    seeing = Seeing([], *own, beside={"PASSWORD"} - set(own))
    number = Fixed([finding(0, 11, "PHONE_NUMBER")], "PHONE_NUMBER", "PASSWORD")
    wanted = frozenset({"PERSON", "PASSWORD", "PHONE_NUMBER"})
    assert len(Finder([number, seeing]).find("13912345678", wanted).findings) == 1
    assert seeing.asked == asked


class Asked(Seeing):
    """One that notes what it is asked for."""

    def find(self, text, entities):
        self.heard.append((text, entities))
        return super().find(text, entities)


def heard_of(text):
    """Return what a detector of names that sees a name at the start of every text hears and finds."""
    asked = Asked([finding(0, 4, "PERSON"), finding(5, 9, "PASSWORD")], "PERSON", beside=["PASSWORD"])
    asked.heard = []
    scan = Finder([Fixed([], "PASSWORD"), asked]).find(text, frozenset({"PERSON", "PASSWORD"}))
    return asked.heard, scan.findings


def test_what_is_seen_beside_names_is_asked_for_in_what_is_written_and_in_no_view_of_it():
    hidden = "the shed opens with 4417 and a push"
    heard, _ = heard_of(f"see {hidden.encode().hex()}")
    assert heard[0][1] == {"PERSON", "PASSWORD"}
    assert [entities for text, entities in heard[1:] if hidden in text] == [{"PERSON"}], "names are, what is beside not"


def test_no_name_is_taken_from_figures_that_can_be_read_as_bytes():
    chance = Random(0)
    text = "求平均值：" + " ".join(str(chance.randint(1000, 9999)) for _ in range(300))
    heard, findings = heard_of(text)
    assert len(heard) > 1, "no view was made of it"
    assert [(one.start, one.end) for one in findings if one.entity == "PERSON"] == [(0, 4)]
