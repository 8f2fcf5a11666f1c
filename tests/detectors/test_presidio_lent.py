"""A recognizer that was taken out of Presidio says and judges what Presidio's own does."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from presidio_analyzer import Pattern, PatternRecognizer, predefined_recognizers

from detectors import presidio_lent
from detectors.borrow import Borrowed
from detectors.presidio import TABLE
from detectors.presidio_lent import PACKAGE, described, lent, lent_by
from tests.rows import each

ROOT = Path(__file__).parents[2]
ENTRIES = yaml.safe_load(TABLE.read_text("utf-8"))
NAMES = [entry["recognizer"] for entry in ENTRIES]
SIGNS = "0123456789" * 3 + "ABCXYZabc-. /"


def values(name: str) -> list[str]:
    """Return what is like a number of this recognizer, and what is not."""
    chance = random.Random(name)
    examples = [text for entry in ENTRIES if entry["recognizer"] == name for text in entry.get("counterexamples", [])]
    examples += [
        text.partition("⟦")[2].partition("⟧")[0]
        for entry in ENTRIES
        if entry["recognizer"] == name
        for text in entry.get("examples", [])
    ]
    drawn = ["".join(chance.choices(SIGNS, k=chance.randint(5, 16))) for _ in range(60)]
    digits = ["".join(chance.choices("0123456789", k=length)) for length in range(7, 15) for _ in range(60)]
    return [*examples, *drawn, *digits]


def judged(judge, value):
    """Return a judgement, or the kind of error that it ends in."""
    try:
        return judge(value)
    except Exception as error:
        return type(error).__name__


@each("name", NAMES)
def test_it_says_and_judges_what_presidios_own_does(name: str) -> None:
    ours, theirs = lent(name), getattr(predefined_recognizers, name)()
    about = ours.about
    assert (about.kind, about.name, about.entity) == (name, theirs.name, theirs.supported_entities[0])
    assert about.context == tuple(theirs.context or ()) and about.flags == theirs.global_regex_flags
    assert [(one.name, one.regex, one.score) for one in about.patterns] == [
        (one.name, one.regex, one.score) for one in theirs.patterns
    ]
    for value in values(name):
        assert judged(ours.validate_result, value) == judged(theirs.validate_result, value), value
        # what has no such check answers None here, and there something that means the same
        assert judged(ours.invalidate_result, value) == judged(theirs.invalidate_result, value), value


@pytest.mark.parametrize("name", ["IbanRecogniser", "SpacyRecognizer", "PatternRecognizer", "__doc__"])
def test_what_is_no_recognizer_of_patterns_is_not_lent(name: str) -> None:
    with pytest.raises(LookupError):
        lent(name)


def test_to_say_what_all_of_them_are_nothing_else_of_presidio_is_imported() -> None:
    script = (
        "import sys; from detectors.presidio_lent import described\n"
        f"for name in {NAMES}: described.__wrapped__(name)\n"
        "assert not {'presidio_analyzer', 'spacy', 'requests'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_where_a_class_cannot_be_had_alone_all_of_presidio_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presidio_lent, "BORROWED", Borrowed(PACKAGE, {}))
    assert described.__wrapped__("NhsRecognizer") == described("NhsRecognizer")
    assert lent("NhsRecognizer").validate_result("9434765919") is True


def test_one_that_somebody_made_is_asked_itself() -> None:
    class Even(PatternRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return int(pattern_text) % 2 == 0

    one = lent_by(Even("EVEN", patterns=[Pattern("number", "[0-9]+", 0.4)], name="even"))
    assert (one.validate_result("12"), one.validate_result("13"), one.invalidate_result("13")) == (True, False, None)
    assert one.compiled[0].fullmatch("13")
