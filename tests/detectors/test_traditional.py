"""Traditional characters read as simplified ones, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.find import Finder, shipped_patterns
from detectors.patterns import shipped_rules
from detectors.prove import marked
from detectors.reading import read_text
from detectors.traditional import FORMS, in_simplified, simplified

CASES = {
    "a name": ("張偉與劉曉麗", "张伟与刘晓丽"),
    "an address": ("臺北市中山區長安東路", "台北市中山区长安东路"),
    "simplified already": ("张伟", "张伟"),
    "Latin": ("Zoë, 12", "Zoë, 12"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "want"), CASES.values(), ids=CASES)
def test_each_character_has_its_simplified_form(text, want):
    assert simplified(text) == want


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(sorted(FORMS)))))
def test_the_length_stays_and_a_second_time_changes_nothing(text):
    once = simplified(text)
    assert len(once) == len(text) and simplified(once) == once


def test_the_table_has_thousands_of_forms_of_one_character():
    assert len(FORMS) > 2000
    assert all(len(one) == len(form) == 1 and one != form for one, form in FORMS.items())


TRADITIONAL = {plain: character for character, plain in FORMS.items()}


def in_traditional(text):
    return "".join(TRADITIONAL.get(character, character) for character in text)


def test_whatever_rules_find_in_simplified_characters_they_find_in_traditional_ones():
    finder, other = Finder(shipped_patterns(), cache_size=0), []
    count = 0
    for rule in shipped_rules():
        for example in rule.examples:
            text, wanted = marked(example)
            written = in_traditional(text)
            if written == text:
                continue
            count += 1
            found = {(one.start, one.end) for one in finder.find(written, frozenset({rule.entity})).findings}
            if not all(any(start <= first and last <= end for start, end in found) for first, last in wanted):
                other.append((rule.id, written, found))
    assert other == []
    assert count > 300


@given(st.text(alphabet=st.sampled_from("粵號京A12345 é😀\u200b證"), min_size=1, max_size=40))
def test_a_reading_in_simplified_characters_stands_where_the_other_does(text):
    reading = read_text(text)
    plain = in_simplified(reading)
    if plain is None:
        assert simplified(reading.text) == reading.text
        return
    assert plain.text == simplified(reading.text) != reading.text
    assert len(plain.skeleton) == len(plain.text) == len(plain.codes)
    assert plain.view.places == reading.view.places and plain.tokens == reading.tokens


@pytest.mark.parametrize(("text", "others"), [("乾隆皇帝的生日", False), ("護照", True), ("乾隆的證件", True)])
def test_a_character_of_both_kinds_makes_no_text_a_traditional_one(text, others):
    assert (in_simplified(read_text(text)) is not None) is others
