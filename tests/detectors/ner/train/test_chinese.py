"""Made-up Chinese people are many, look the part, and every form of one agrees."""

from random import Random

import pytest

from detectors.ner.train.chinese import People, Person, latin, surnames
from detectors.ner.train.lists import TRAIN

WANG = Person("王", "建国")


def test_a_thousand_people_have_nearly_a_thousand_names() -> None:
    people = People(Random(1), TRAIN)
    names = [people.person().full for _ in range(1000)]
    assert len(set(names)) > 930
    assert sum(len(name) == 2 for name in names) > 100 and sum(len(name) == 3 for name in names) > 400
    assert sum("·" in name for name in names) > 10, "some are of China's peoples or from the West"


def test_frequent_surnames_are_frequent_but_rare_ones_occur() -> None:
    people = People(Random(2), TRAIN)
    families = [people.person().family for _ in range(3000)]
    assert families.count("王") > families.count("龚") > 0
    assert len(set(families)) > 220 and len(surnames()[0]) > 350


@pytest.mark.parametrize(
    ("variant", "forms"),
    [
        ("", {"王建国"}),
        ("given", {"建国"}),
        ("family", {"王"}),
        ("lower", {"wangjianguo", "jianguo.wang", "wang jianguo", "wang_jianguo"}),
        ("upper", {"WANG JIANGUO", "WANGJIANGUO", "WANG/JIANGUO", "WANG, JIANGUO"}),
    ],
)
def test_each_form_is_made_of_the_same_person(variant: str, forms: set[str]) -> None:
    people = People(Random(3), TRAIN)
    assert {people.form(WANG, variant) for _ in range(60)} == forms


def test_titles_and_nicknames_keep_a_part_of_the_name() -> None:
    people = People(Random(4), TRAIN)
    assert all(people.title(WANG).startswith("王") for _ in range(50))
    assert all({"王", "国"} & set(people.nick(WANG)) for _ in range(50))


def test_romanised_names_are_latin_even_of_a_foreigner() -> None:
    people = People(Random(5), TRAIN)
    assert all(
        people.romanised(person).isascii() for person in (WANG, Person("", "克林顿", "abroad")) for _ in range(30)
    )
    assert latin(WANG) == ("Wang", "Jianguo")
