"""The vocabulary is what can be found, no more and no less."""

import re

import pytest

from detectors.entities import ALSO_CALLED, ENTITIES, meant_by
from detectors.find import DEFAULT_ENTITIES, shipped_detectors
from tests.rows import each

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def found():
    return frozenset().union(*(detector.entities for detector in shipped_detectors()))


def test_every_entity_of_the_vocabulary_can_be_found(found):
    assert ENTITIES.keys() - found == set()


def test_every_entity_that_can_be_found_is_in_the_vocabulary(found):
    assert found - ENTITIES.keys() == set()


def test_what_is_looked_for_by_default_can_be_found(found):
    assert DEFAULT_ENTITIES - found == set()


@each("name", ENTITIES)
def test_every_entity_has_an_english_and_a_chinese_name(name):
    entity = ENTITIES[name]
    assert entity.en.isascii() and len(entity.en) > 2
    assert HAN.search(entity.zh) and "Chinese" not in entity.zh


@each("name", ENTITIES)
def test_every_entity_can_stand_in_a_placeholder(name):
    assert re.fullmatch("[A-Z][A-Z0-9_]{0,39}", name)


def test_no_two_entities_share_a_name_for_people():
    for language in ("en", "zh"):
        names = [getattr(entity, language) for entity in ENTITIES.values()]
        assert len(names) == len(set(names))


def test_what_people_call_an_entity_elsewhere_is_no_entity_and_means_one():
    assert ALSO_CALLED.keys().isdisjoint(ENTITIES)
    assert set(ALSO_CALLED.values()) <= ENTITIES.keys()
    assert not set(ALSO_CALLED) & {entity.zh for entity in ENTITIES.values()}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(
            ("PHONE", "PHONE_NUMBER"),
            ("phone", "PHONE_NUMBER"),
            ("EMAIL", "EMAIL_ADDRESS"),
            ("e-mail", "EMAIL_ADDRESS"),
        ),
        *(("ID_CARD", "CN_ID_CARD"), ("NAME", "PERSON"), ("full name", "PERSON"), ("ADDRESS_CN", "ADDRESS")),
        *(
            ("手机", "PHONE_NUMBER"),
            ("身份证", "CN_ID_CARD"),
            ("姓名", "PERSON"),
            ("ＰＨＯＮＥ", "PHONE_NUMBER"),
            ("x", ""),
        ),
    ],
)
def test_common_names_lead_to_the_entity(word, meant):
    assert meant_by(word) == meant
