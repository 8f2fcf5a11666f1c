"""A company's own recognizer classes run, fail aloud and quote nothing."""

import sys
from types import ModuleType

import pytest
from presidio_analyzer import EntityRecognizer, RecognizerResult

from detectors.interface import CannotTell, DetectorError
from detectors.presidio_classes import load_class
from tests.silence import says_nothing_of


class StaffNumber(EntityRecognizer):
    """Finds words that begin with S and have digits, by the tokens it is given."""

    def __init__(self, answer=None):
        super().__init__(["STAFF_NUMBER"], context=["staff"])
        self.answer = answer

    def load(self):
        pass

    def analyze(self, text, entities, nlp_artifacts):  # noqa: ARG002
        if self.answer == "raise":
            raise ValueError(f"cannot read {text}")
        if self.answer is not None:
            return [RecognizerResult("STAFF_NUMBER", *self.answer)]
        return [
            RecognizerResult("STAFF_NUMBER", token.idx, token.idx + len(token), 0.4)
            for token in nlp_artifacts.tokens
            if token.text.startswith("S") and token.text[1:].isdigit()
        ]


class CannotLoad(StaffNumber):
    """A recognizer whose list of staff is gone."""

    def load(self):
        raise OSError("no list of staff")


@pytest.fixture(autouse=True)
def company(monkeypatch):
    module = ModuleType("company_recognizers")
    module.StaffNumber, module.CannotLoad, module.number = StaffNumber, CannotLoad, 7
    monkeypatch.setitem(sys.modules, "company_recognizers", module)


def test_a_class_finds_with_tokens_and_context():
    detector = load_class("company_recognizers:StaffNumber")
    (alone,) = detector.find("see S1234 there", frozenset({"STAFF_NUMBER"}))
    (near,) = detector.find("our staffs: S1234", frozenset({"STAFF_NUMBER"}))
    assert (alone.start, alone.end, alone.score, alone.because) == (4, 9, 0.4, ("rule:StaffNumber",))
    assert (near.score, near.because) == (pytest.approx(0.75), ("rule:StaffNumber", "context:staff"))


def test_a_class_sees_the_text_unfolded_and_its_offsets_lead_back():
    text = "see Ｓ１２\u200b３４ there"
    (found,) = load_class("company_recognizers:StaffNumber").find(text, frozenset({"STAFF_NUMBER"}))
    assert text[found.start : found.end] == "Ｓ１２\u200b３４"


def test_entities_that_nobody_asked_for_are_not_looked_for():
    assert load_class("company_recognizers:StaffNumber").find("S1234", frozenset({"PERSON"})) == ()


@pytest.mark.parametrize(
    "answer",
    ["raise", (0, 99, 0.5), (-1, 2, 0.5), (3, 3, 0.5), (0, 2, 7.0)],
    ids=["raises", "beyond", "before", "empty", "score"],
)
def test_a_class_that_fails_or_answers_nonsense_cannot_tell_says_which_and_why_and_quotes_nothing(answer):
    cause = (
        r"failed: ValueError at test_presidio_classes\.py:\d+$" if answer == "raise" else "answered with offsets or a"
    )
    detector = load_class("company_recognizers:StaffNumber", {"answer": answer})
    with pytest.raises(CannotTell, match=f"recognizer company_recognizers:StaffNumber {cause}") as raised:
        detector.find("secret S1234", frozenset({"STAFF_NUMBER"}))
    says_nothing_of(raised.value, "secret")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("company_recognizers", "write it as package.module:ClassName"),
        ("nobody.there:X", "cannot be imported: ModuleNotFoundError"),
        ("company_recognizers:Nobody", "cannot be imported: AttributeError"),
        ("company_recognizers:number", "is no subclass"),
        ("company_recognizers:CannotLoad", "cannot be made: OSError: no list of staff"),
    ],
)
def test_a_class_that_is_not_there_stops_the_start(path, message):
    with pytest.raises(DetectorError, match=message):
        load_class(path)


def test_arguments_a_class_does_not_take_stop_the_start():
    with pytest.raises(DetectorError, match="cannot be made: TypeError"):
        load_class("company_recognizers:StaffNumber", {"colour": "red"})
