"""What is named once is found again, what is listed with names is one, and a name has one sense in a text."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.again import companions, one_sense, repeated
from detectors.ner.mention import Mention


def person(text, words, score=0.95, label="PERSON", firm=False, which=0):
    start = -1
    for _ in range(which + 1):
        start = text.index(words, start + 1)
    return Mention(start, start + len(words), label, score, ("model:latin",), firm)


def shown(text, mentions):
    return [f"{one.label}:{text[one.start : one.end]}" for one in mentions]


AGAIN = {
    "the same words": ("Anna Weber wrote. Then Anna Weber left; Annas did not.", "Anna Weber", ["Anna Weber"]),
    "a part of the name": ("Anna Weber wrote. Then Weber left, and Anna.", "Anna Weber", ["Weber", "Anna"]),
    "a part that is a word": ("Will Smith wrote. Will he come?", "Will Smith", []),
    "a name in an identifier": ("Anna Weber: see src/Anna.py, Anna.name, Anna_1, @Anna", "Anna Weber", []),
    "Chinese": ("联系人:张伟。昨天张伟说", "张伟", ["张伟"]),
    "a Chinese given name": ("婚生子宁小满随女方,付至小满十八岁", "宁小满", ["小满"]),
    "a Chinese given name that is a word": ("王建设说,要建设工厂", "王建设", []),
}


@pytest.mark.parametrize(("text", "name", "want"), AGAIN.values(), ids=AGAIN)
def test_a_person_named_surely_is_found_wherever_else_the_name_stands(text, name, want):
    assert shown(text, repeated(text, [person(text, name)])) == [f"PERSON:{one}" for one in want]


UNSURE = {
    "a low score": ("Anna Weber", 0.7, "PERSON"),
    "another label": ("Anna Weber", 0.99, "ORGANIZATION"),
    "two letters": ("Al", 0.99, "PERSON"),
    "one character": ("张", 0.99, "PERSON"),
    "small letters": ("anna", 0.99, "PERSON"),
    "a tool that nobody is called": ("Jinja", 0.99, "PERSON"),
}


@pytest.mark.parametrize(("name", "score", "label"), UNSURE.values(), ids=UNSURE)
def test_what_is_not_sure_is_not_sought_elsewhere(name, score, label):
    text = f"{name} and {name}"
    assert repeated(text, [person(text, name, score, label)]) == []


def test_a_name_of_a_long_register_is_found_again():
    lines = [f"Anna {chr(65 + at // 26 % 26)}{chr(97 + at % 26)}{chr(97 + at // 676)}x" for at in range(3000)]
    text = "\n".join([*lines, lines[0]])
    places = accumulate((len(line) + 1 for line in lines), initial=0)
    seen = [Mention(at, at + len(line), "PERSON", 0.95) for line, at in zip(lines, places, strict=False)]
    assert shown(text, repeated(text, seen)) == [f"PERSON:{lines[0]}"]


LISTS = {
    "Chinese": ("名单:于世杰、成恭、明磊、白银花", ["于世杰", "成恭"], ["明磊", "白银花"]),
    "English": ("with Mitchell, Lin, Marisol and Harrison today", ["Mitchell", "Lin"], ["Marisol", "Harrison"]),
    "with remarks": ("参会 左莉、仲凯、Rita(线上)", ["左莉", "仲凯"], ["Rita"]),
    "one known": ("名单:于世杰、明磊、白银花", ["于世杰"], []),
    "departments": ("于世杰、成恭、市场部、采购部、财务部", ["于世杰", "成恭"], []),
    "no list": ("Mitchell met Lin. Marisol left", ["Mitchell", "Lin"], []),
}


@pytest.mark.parametrize(("text", "known", "want"), LISTS.values(), ids=LISTS)
def test_the_others_of_a_list_of_persons_are_persons(text, known, want):
    assert shown(text, companions(text, [person(text, one) for one in known])) == [f"PERSON:{one}" for one in want]


def test_the_same_words_have_one_label_the_one_that_speaks_loudest():
    text = "Callahan says wear. Monique Callahan agreed. Callahan left."
    seen = [
        person(text, "Callahan", 0.6, "ORGANIZATION"),
        person(text, "Monique Callahan", 0.98),
        person(text, "Callahan", 0.7, which=2),
    ]
    assert [one.label for one in one_sense(text, seen)] == ["PERSON"] * 3
    firm = [person(text, "Callahan", 0.6, "ORGANIZATION", firm=True), *seen[1:]]
    assert one_sense(text, firm)[0].label == "ORGANIZATION", "certain ones keep theirs"
    address = [person(text, "Callahan", 0.6, "ADDRESS"), *seen[1:]]
    assert one_sense(text, address)[0].label == "ADDRESS"


@given(st.text(alphabet=st.sampled_from("Ana Web张伟和、,&() "), max_size=40), st.data())
def test_what_is_found_lies_in_the_text_beside_what_was_there(text, data):
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    seen = [Mention(a, b, "PERSON", 0.95) for a, b in list(pairwise(places))[::2]]
    for rule in (repeated, companions):
        found = rule(text, seen)
        for one in found:
            assert 0 <= one.start < one.end <= len(text)
            assert all(one.end <= other.start or other.end <= one.start for other in seen)
        assert all(one.end <= other.start for one, other in pairwise(found))
