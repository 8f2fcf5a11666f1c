"""In English a person is told by what stands beside the name, and nobody is by capitals alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.beside import BEHIND, CITED, EDGE, LINKED, beside


def told(text):
    return [(text[one.start : one.end], one.because[0]) for one in sorted(beside(text))]


FOUND = {
    # why: (the text, who is found)
    "a role before": ("our plumber Quilmo is late", ["Quilmo"]),
    "a role before, with a word between": ("my old neighbour Quilmo Bregg waved", ["Quilmo Bregg"]),
    "a role behind": ("Quilmo, our old plumber, is late", ["Quilmo"]),
    "what a word of everyday is called": ("our driver Monday is late", []),
    "a title of technique": ("our assistant Python is slow", []),
    "a role of nobody": ("the plumber Quilmo is late", []),
    "a meeting": ("Lunch w/ Tendai & Rufus at noon", ["Tendai", "Rufus"]),
    "a meeting with a department": ("Meeting with Sales tomorrow", []),
    "a call with one who is no word": ("call with Quilmo on Friday", ["Quilmo"]),
    "sons and daughters": ("a transfer to Mohd Faizal bin Ismail failed", ["Mohd Faizal bin Ismail"]),
    "a path": ("/usr/Local bin Ismail", []),
    "authors with initials": (
        "Kiptoo JM, van den Heuvel R. Soil salinity. 2018;4:11-29.",
        ["Kiptoo JM", "van den Heuvel R"],
    ),
    "authors without a year": ("Kiptoo JM, van den Heuvel R. Soil salinity.", []),
    "one author alone": ("Kiptoo JM. Soil salinity. 2018.", []),
    "vitamins": ("Vitamin C, Hepatitis B. In 2018 both", []),
    "turns of a talk": ("Anna: hi\nQuilmo: hello\nPeter: no", ["Anna", "Quilmo", "Peter"]),
    "turns with times": ("[10:31] Anna: hi\n[10:32] Quilmo: hello\n[10:33] Peter: no", ["Anna", "Quilmo", "Peter"]),
    "keys of a form": ("Name: Anna\nAddress: here\nPhone: none\nFrom: Peter", []),
    "two turns, which are no talk": ("Anna: hi\nPeter: no", []),
    "turns of one who is known": ("Anna: hi\nQuilmo: hello\nZuul: no", []),
    "a name without anything beside it": ("Quilmo is late", []),
    "one's own mail address": ("Tanaka Hiroshi (hiroshi.tanaka@mail.example) asks", ["Tanaka Hiroshi"]),
    "a mail address with an initial": ("ask Ngozi Umeh <n.umeh@x.example> today", ["Ngozi Umeh"]),
    "a mail address in one word": ("Jane Brattleby [mailto:jbrattleby@x.example]", ["Jane Brattleby"]),
    "somebody else's mail address": ("Quilmo Bregg (anna.keller@x.example)", []),
    "a mail address of a team": ("Sales Team (sales.team@x.example)", []),
    "a mail address of a tool": ("Apache Kafka (kafka.apache@x.example)", []),
    "a talk in small letters": ("maya: hey\nhannah: ok then\nmaya: bye", ["maya", "hannah", "maya"]),
    "settings in small letters": ("maya: 1\njulia: 2\nsophie: 3\n", []),
    "a talk of parts of a program": ("client: hello\nserver: hi\nclient: bye", []),
}


@pytest.mark.parametrize(("text", "names"), FOUND.values(), ids=FOUND)
def test_who_is_told_by_what_stands_beside(text, names):
    assert [name for name, _ in told(text)] == names


def test_a_finding_says_what_spoke_for_it():
    assert told("my uncle Quilmo") == [("Quilmo", "cue:role")]
    assert told("dinner with Quilmo") == [("Quilmo", "cue:meeting")]
    assert told("Siti binti Quilmo") == [("Siti binti Quilmo", "cue:link")]
    assert {cue for _, cue in told("Kiptoo JM, Okoye C. Soil. 2018.")} == {"cue:cited"}
    assert {cue for _, cue in told("Anna: a\nPeter: b\nAnna: c")} == {"cue:speaker"}
    assert told("Kofi Annan <kofi.annan@x.example>") == [("Kofi Annan", "cue:mail")]


@pytest.mark.parametrize("unit", ["Aa'", "A-", "Aa-a’", "'A"])
def test_a_word_of_many_parts_is_read_once_and_not_from_each_part(unit):
    word = unit * 300
    for pattern in (BEHIND, LINKED, CITED):
        begun = re.compile(pattern.pattern[: pattern.pattern.index("(", len(EDGE) + pattern.pattern.index(EDGE))])
        assert len(begun.findall(word)) < 900
        assert sum(1 for at in range(len(word)) if word[at] == "A" and begun.match(word, at)) <= 1


@given(st.text(alphabet="AB ab,.:\n&w/'-é2018", max_size=200))
def test_every_mention_is_a_stretch_of_the_text_that_begins_and_ends_in_letters(text):
    for one in beside(text):
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start].isalpha()
        assert text[one.end - 1].isalpha()
