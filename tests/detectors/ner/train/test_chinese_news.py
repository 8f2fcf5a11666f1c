"""People, bodies and places of the news come in every kind, listed and made up; one in ten is kept apart."""

import re
from random import Random

import pytest

from detectors.ner.tags import LABELS
from detectors.ner.train.chinese import People
from detectors.ner.train.chinese_news import DOTS, News
from detectors.ner.train.chinese_places import Places
from detectors.ner.train.fill import SLOT, templates
from detectors.ner.train.lists import DEVELOP, TRAIN, own

HAN = re.compile("[\u3400-\u9fff]")


def news(seed: int = 1, part: str = TRAIN) -> News:
    chance = Random(seed)
    return News(chance, part, People(chance, part), Places(chance, part))


KINDS = [(label, variant) for label, made in news().makers.items() for variant in made]


@pytest.mark.parametrize(("label", "variant"), KINDS)
def test_each_kind_gives_many_names_without_blanks_at_their_ends(label: str, variant: str) -> None:
    make = news().makers[label][variant]
    names = [make() for _ in range(120)]
    assert label in LABELS and len(set(names)) > 15
    assert [name for name in names if not name or name != name.strip() or "\n" in name or "{" in name] == []
    if variant != "esports":
        assert sum(bool(HAN.search(name)) for name in names) > 80


def test_foreigners_have_one_word_or_several_with_initials_and_without_a_dot() -> None:
    ours = news()
    names = [ours.foreigner() for _ in range(600)]
    dotted = [name for name in names if any(dot in name for dot in DOTS)]
    assert 200 < len(dotted) < 400, "half of them are one word"
    initials = own("news", "initials in characters")
    assert sum(name[1:2] in DOTS and name[0] in initials for name in dotted) > 20, "耶·苏哈诺夫"
    assert any(sum(name.count(dot) for dot in set(DOTS)) == 2 for name in dotted), "a middle name"
    assert not any(name.endswith(tuple(DOTS)) or name.startswith(tuple(DOTS)) for name in names)


def test_most_foreigners_of_one_word_are_made_up() -> None:
    ours, known = news(), set(own("news", "foreigners"))
    names = [ours.surname() for _ in range(500)]
    assert 0.2 < sum(name in known for name in names) / len(names) < 0.45


def test_names_that_are_kept_to_develop_with_are_not_trained_on() -> None:
    trained, kept = (
        {make() for make in news(3, part).makers["ORGANIZATION"].values() for _ in range(400)}
        & set(own("news", "clubs"))
        for part in (TRAIN, DEVELOP)
    )
    assert trained and kept and not trained & kept


def test_what_templates_ask_for_is_made() -> None:
    made = news().makers
    asked = {
        (slot.group(1), slot.group(3))
        for form in (*templates("zh", TRAIN), *templates("zh", DEVELOP))
        if form.genre == "news"
        for slot in SLOT.finditer(form.text)
    }
    reported = {(label, variant) for label, variant in KINDS}
    assert reported <= asked, "every kind is in some template"
    assert all(callable(make) for variants in made.values() for make in variants.values())
