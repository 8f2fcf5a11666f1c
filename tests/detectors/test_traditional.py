"""Traditional characters read as simplified ones, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import combined
from detectors.find import Finder, shipped_patterns
from detectors.patterns import shipped_rules
from detectors.prove import marked
from detectors.reading import read_text
from detectors.traditional import FORMS, SIGHT, in_simplified, near_changes, simplified

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


def test_the_same_is_found_where_only_what_is_near_a_traditional_character_is_read_again(monkeypatch):
    examples = [marked(example)[0] for rule in shipped_rules() for example in rule.examples[:2]]
    filling, texts = "这里没有什么可以找到的。" * 60, []
    for at in range(0, len(examples) - 10, 40):
        row = examples[at : at + 10]
        traditional = [number for number, one in enumerate(row) if in_traditional(one) != one][-1:]
        texts.append(
            filling.join(in_traditional(one) if [number] == traditional else one for number, one in enumerate(row))
        )
    finder = Finder(shipped_patterns(), cache_size=0)
    found = [finder.find(text, finder.entities) for text in texts]
    monkeypatch.setattr(combined, "near_changes", lambda opened, *_: opened)
    assert found == [finder.find(text, finder.entities) for text in texts]
    assert sum(in_simplified(read_text(text)) is not None for text in texts) > len(texts) // 2


PLACE = 2000
NEAR = {
    "far before": (PLACE - SIGHT - 2, False),
    "before": (PLACE - SIGHT - 1, True),
    "over it": (PLACE, True),
    "behind": (PLACE + SIGHT, True),
    "far behind": (PLACE + SIGHT + 1, False),
}


@pytest.mark.parametrize(("start", "near"), NEAR.values(), ids=NEAR)
def test_only_stretches_with_a_changed_character_in_sight_are_read_again(start, near):
    reading = read_text("一" * PLACE + "碼" + "一" * PLACE)
    simple = in_simplified(reading)
    assert simple is not None
    opened = {0: [(start, start + 1)]}
    assert near_changes(opened, reading, simple) == (opened if near else {})
