"""Names in English that a letter, a header or a key gives away, and words that merely stand there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.english import BY, DATA, HEADER, TAG, english, is_name, set_in_lines
from tests.detectors.ner.small import words


def found(text):
    return list(dict.fromkeys(words(text, sorted(english(text)))))


PEOPLE = {
    "a greeting": ("Hi Sarah,\nthanks", ["Sarah"]),
    "a greeting with a title": ("Dear Dr. Smith:\n", ["Smith"]),
    "a greeting in a quoted mail": ("> Dear Anna Weber,\n> hello", ["Anna Weber"]),
    "a sign-off": ("see you\n\nBest regards,\nTom Baker\n", ["Tom Baker"]),
    "a sign-off at the end": ("Thanks\n\nZoë", ["Zoë"]),
    "headers": ("From: Jane Roe <jane@x.example>\nTo: Max Müller; Ann Lee\n", ["Jane Roe", "Max Müller", "Ann Lee"]),
    "a form": (
        "Patient: Maria Gonzalez (F)\nPhysician: Ludwig van Beethoven\n",
        ["Maria Gonzalez", "Ludwig van Beethoven"],
    ),
    "a Chinese name after an English key": ("Name: 王小明\n", ["王小明"]),
    "a tag in code": ("/**\n * @author Bob Stone\n */", ["Bob Stone"]),
    "a trailer of a commit": ("Signed-off-by: Ann Lee <a@b.example>", ["Ann Lee"]),
    "a key of data": ('{"full_name": "Ann Lee", "first_name":"Bo"}', ["Ann Lee", "Bo"]),
    "a Chinese key of data": ("row = {'姓名': 'Anna Weber'}", ["Anna Weber"]),
    "a key of data with small letters": ("first_name=kareem\nlast_name=dupont\n", ["kareem", "dupont"]),
    "a parameter with small letters": ("?last_name=dupont&page=2", ["dupont"]),
    "a title": ("we met Mrs. O'Neil-Jones today", ["O'Neil-Jones"]),
    "a title, and the sentence ends behind the name": ("the flat of Mrs Cannizzaro. Is it far?", ["Cannizzaro"]),
    "a title after a key": ("Attending: Dr. Lee Park\n", ["Lee Park"]),
    "a short name after a title": ("consult Dr Ng at 5", ["Ng"]),
    "several after a key": (
        "Attendees: Ann Lee, Bob Stone and Carl Maria Weber\n",
        ["Ann Lee", "Bob Stone", "Carl Maria Weber"],
    ),
}
NO_PEOPLE = {
    "everybody": "Dear All,\n",
    "a team": "Hi Team,\nthanks",
    "a manager to be": "Dear Hiring Manager,",
    "a greeting of nobody": "Hello, World!",
    "no sign-off": "Thanks for the report.\nIt was good.",
    "a company's name after a key": "Name: Acme\n",
    "a header without a name": "To: undisclosed recipients\nSubject: Hello There\n",
    "a type": "name: String\nauthor: None",
    "a variable": "from = Date.now()",
    "a version": "Author: Version 2",
    "a type in small letters": "first_name: string\nlast_name = varchar\nfull_name=fullname",
    "shouting": "Name: YOUR NAME HERE\n",
    "a technology": "Author: Redis\nmaintainer: Spring Boot",
    "a doctor": "see a Dr. today",
    "an office": "thank you, Mr. President",
    "a type in code": "def ask(parent: Misc | None, student = StudentModel(1)):",
    "a title of a thing": "name = 'Multipart Form'",
    "the rest of a name": "Written by: Jr.",
    "code": "class Newton(Base):\n    def to(self): return self",
}


@pytest.mark.parametrize(("text", "want"), PEOPLE.values(), ids=PEOPLE)
def test_people_are_found_exactly(text, want):
    assert found(text) == [f"PERSON:{name}" for name in want]


@pytest.mark.parametrize("text", NO_PEOPLE.values(), ids=NO_PEOPLE)
def test_words_that_stand_where_a_name_could_are_none(text):
    assert found(text) == []


COMPANIES = {
    "a limited company": ("paid to Acme Widgets Ltd. yesterday", ["Acme Widgets Ltd."]),
    "a German one": ("die Müller & Söhne GmbH hat", ["Müller & Söhne GmbH"]),
    "with a comma": ("Globex, Inc.\n", ["Globex, Inc"]),
    "a year and a copyright before it": ("# Copyright 2014 Google Inc. All rights", ["Google Inc."]),
    "the small print": ("ANY EXPRESS WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE", []),
    "the small print over two lines": ("DAMAGES (INCLUDING, BUT NOT LIMITED\nTO, PROCUREMENT", []),
    "an author": ("Author: Microsoft Corporation\n", ["Microsoft Corporation"]),
    "no ending": ("we use the Limited edition", []),
    "an ending alone": ("the corp is limited", []),
}


@pytest.mark.parametrize(("text", "want"), COMPANIES.values(), ids=COMPANIES)
def test_companies_are_found_by_their_endings(text, want):
    assert found(text) == [f"ORGANIZATION:{name}" for name in want]


NAMES = {
    "one word": ("Bob", 1, True),
    "one word where two are needed": ("Bob", 2, False),
    "a title does not count": ("Dr. Bob", 2, False),
    "Chinese": ("王小明", 1, True),
    "Chinese that is no name": ("财务部", 1, False),
    "a stop word among them": ("Customer Service", 1, False),
    "a letter": ("B", 1, False),
    "a body": ("Free Software Foundation", 1, False),
}


@pytest.mark.parametrize(("name", "least", "want"), NAMES.values(), ids=NAMES)
def test_what_can_be_a_name(name, least, want):
    assert is_name(name, least) is want


@given(st.text(alphabet=st.sampled_from("DearHi From:Name\n,.;<@>\"'=王明BobInc& -"), max_size=60))
def test_whatever_is_read_mentions_lie_in_the_text(text):
    for one in english(text):
        assert 0 <= one.start < one.end <= len(text) and 0 < one.score <= 1


LINES = st.lists(
    st.sampled_from(
        [
            "Name",
            "full_name",
            "author",
            "From",
            "to",
            "@author",
            "written by",
            ":",
            "=",
            "=>",
            '"',
            " ",
            "\t",
            "\n",
            "\r",
            "# ",
            ", ",
            "Anna",
            "张伟",
            "x",
        ]
    )
).map("".join)


@given(LINES)
def test_a_key_is_looked_for_only_in_lines_that_set_something_and_nowhere_else_is_one(text):
    for pattern in (HEADER, DATA):
        everywhere = [match.span() for match in pattern.finditer(text)]
        assert [match.span() for match in set_in_lines(pattern, text)] == everywhere
    assert TAG.search(text) is None or any(sign in text.lower() for sign in BY)
