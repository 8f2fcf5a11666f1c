"""Tokens have exact places, in every script, and nothing but white space is left out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.tokenise import ANY_HUMP, TABLED, TOKEN, tokenise

CASES = {
    "words and marks": ("Hi, Bob!", ["Hi", ",", "Bob", "!"]),
    "Chinese, a character each": ("张伟好", ["张", "伟", "好"]),
    "Chinese beside Latin": ("找Bob谈", ["找", "Bob", "谈"]),
    "kana and Hangul": ("さん김", ["さ", "ん", "김"]),
    "digits part from letters": ("A12b", ["A", "12", "b"]),
    "humps": ("sendToJohnSmith", ["send", "To", "John", "Smith"]),
    "an acronym in humps": ("parseXMLFile", ["parse", "XML", "File"]),
    "capitals stay whole": ("SMITH", ["SMITH"]),
    "a title-cased word stays whole": ("Smith", ["Smith"]),
    "underscores": ("john_smith", ["john", "_", "smith"]),
    "accents": ("Zoë Müller", ["Zoë", "Müller"]),
    "a line break is a token": ("a\n\nb", ["a", "\n", "\n", "b"]),
    "other white space is none": ("a \t\r b", ["a", "b"]),
    "Cyrillic": ("Иван", ["Иван"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "want"), CASES.values(), ids=CASES)
def test_a_text_falls_into_its_tokens(text, want):
    assert [text[start:end] for start, end in tokenise(text)] == want


@given(st.text(alphabet=st.sampled_from("abXY zé12_-.,\n\t张李さ김Ив\u200b😀")))
def test_tokens_are_in_order_and_leave_out_white_space_only(text):
    places = tokenise(text)
    edges = [edge for place in places for edge in place]
    assert edges == sorted(edges) and all(start < end for start, end in places)
    inside = {at for start, end in places for at in range(start, end)}
    assert all(text[at].isspace() and text[at] != "\n" for at in range(len(text)) if at not in inside)


@given(st.text(st.characters(exclude_categories=())))
def test_tokens_that_are_looked_up_are_those_of_the_pattern(text):
    sought = [match.span() for match in TOKEN.finditer(text)]
    found = tokenise(text)
    assert ANY_HUMP.search(text) or found == sought
    joins = re.fullmatch(r"[^\W\d_]", text[-1:])  # a rare ideograph is a letter beside letters, and signs such as ²
    assert tokenise(text + chr(TABLED)) == [*found, (len(text), len(text) + 1)] or joins


def test_every_character_is_looked_up_as_the_pattern_sees_it():
    every = "".join(map(chr, range(TABLED)))
    single = " ".join(every)
    assert tokenise(single) == [match.span() for match in TOKEN.finditer(single)]
