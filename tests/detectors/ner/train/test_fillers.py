"""What stands beside names has the shape of what it stands for."""

import re
from random import Random

import pytest

from detectors.ner.train.fillers import Fillers

SHAPES = [
    ("PHONE", True, r"(\+86 )?1[35789]\d[ \-]?\d{4}[ \-]?\d{4}"),
    ("ID_CARD", True, r"\d{17}[\dX]"),
    ("EMAIL", False, r"\S+@\S+\.\S+"),
    ("IP", False, r"(\d{1,3}\.){3}\d{1,3}"),
    ("SSN", False, r"\d{3}-\d{2}-\d{4}"),
    ("IBAN", False, r"[A-Z]{2}\d{2}( \d+)+"),
    ("BANK_CARD", True, r"(62\d{17}|(\d{4} ){3}\d{4})"),
    ("MONEY", True, r"(¥|人民币)?[\d,.]+(元|万元|万)?"),
    ("URL", False, r"https://\S+/\S+"),
    ("PERCENT", False, r"[\d.]+ ?%"),
    ("SOMETHING_NEW", False, r"\d+"),
]


@pytest.mark.parametrize(("kind", "chinese", "pattern"), SHAPES)
def test_a_filler_has_its_shape(kind: str, chinese: bool, pattern: str) -> None:
    fillers = Fillers(Random(1))
    made = [fillers.make(kind, chinese) for _ in range(60)]
    assert [one for one in made if not re.fullmatch(pattern, one)] == []
    assert len(set(made)) > 5


def test_dates_and_amounts_are_written_in_the_language_of_the_prompt() -> None:
    fillers = Fillers(Random(2))
    assert any("年" in fillers.make("DATE", True) for _ in range(40))
    assert all(fillers.make("DATE", False).isascii() and fillers.make("JOB", False).isascii() for _ in range(40))
