"""Every phrase is said in both languages, with the same places to fill."""

import string

from policies import phrases
from policies.decision import Text
from tests.policies.shown import is_shown_as_written
from tests.rows import each

ALL = {name: text for name, text in vars(phrases).items() if isinstance(text, Text)}
AS_THEY_ARE = ("WRITE_AMOUNT", "WRITE_QUOTA", "WRITE_STAGE")
"""Hints that show braces of the policy and have no places to fill."""


@each("name", ALL)
def test_a_phrase_says_the_same_in_both_languages(name):
    text = ALL[name]
    assert text.en and text.zh
    assert any("\u4e00" <= each <= "\u9fff" for each in text.zh)
    assert name == "WRITE_SPAN" or not any("\u4e00" <= each <= "\u9fff" for each in text.en)
    if name not in AS_THEY_ARE:
        places = [{each[1] for each in string.Formatter().parse(said) if each[1]} for said in (text.en, text.zh)]
        assert places[0] == places[1]


@each("name", ALL)
def test_a_word_of_the_language_is_shown_as_the_file_writes_it(name):
    is_shown_as_written(ALL[name])
