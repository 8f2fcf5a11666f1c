"""What speaks of people stands near a name or beside it; a thing is spoken of without."""

import pytest

from detectors.ner.people import NEAR, speaks_of_people

SAID = {
    # why: (the text, the name in it, whether people are spoken of)
    "a pronoun": ("Bregg lost her keys", "Bregg", True),
    "a part of a word": ("Bregg ushered in the hers-and-his era", "Bregg", True),
    "a greeting": ("Dear all, the Bregg is out", "Bregg", True),
    "a mail address": ("Bregg, b@example.org", "Bregg", True),
    "a telephone number": ("Bregg 020 7946 0018", "Bregg", True),
    "a version is none": ("Bregg 2.10.4005", "Bregg", False),
    "what somebody is, before it": ("our plumber Bregg is late", "Bregg", True),
    "what somebody is, behind it": ("Bregg, our plumber, is late", "Bregg", True),
    "what somebody is, elsewhere": ("Bregg is what a plumber uses", "Bregg", False),
    "what is done with somebody": ("ping Bregg about the slides", "Bregg", True),
    "what a firm is": ("Bregg is a small startup", "Bregg", True),
    "somebody called at the beginning": ("Bregg, please look", "Bregg", True),
    "a member of a list": ("Zuul, Bregg, please sort", "Bregg", False),
    "what somebody has": ("which one is Bregg's?", "Bregg", True),
    "what a product is called": ("the Bregg Chef is loud", "Bregg", False),
    "somebody called who is all there is": ("Bregg?", "Bregg", True),
    "in Chinese, near": ("布雷格的病历", "布雷格", True),
    "in traditional characters": ("布雷格的離職手續", "布雷格", True),
    "in Chinese, behind it": ("布雷格说不来", "布雷格", True),
    "in Chinese, before it": ("发给布雷格", "布雷格", True),
    "a thing": ("How does Bregg work?", "Bregg", False),
    "a thing in Chinese": ("布雷格有什么用", "布雷格", False),
}


@pytest.mark.parametrize(("text", "name", "want"), SAID.values(), ids=SAID)
def test_what_speaks_of_people(text, name, want):
    start = text.index(name)
    assert speaks_of_people(text, [(start, start + len(name))]) is want


def test_what_stands_far_away_says_nothing():
    text = "Bregg" + " a" * NEAR + " she said"
    assert not speaks_of_people(text, [(0, 5)])
    assert speaks_of_people(text, [(0, 5), (len(text) - 9, len(text) - 8)]), "one of the names is enough"


def test_no_name_is_spoken_of():
    assert not speaks_of_people("she said", [])
