"""The vocabulary is what can be found, no more and no less."""

import re

import pytest

from detectors.entities import ENTITIES
from detectors.find import DEFAULT_ENTITIES, shipped_detectors

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


@pytest.mark.parametrize("name", ENTITIES)
def test_every_entity_has_an_english_and_a_chinese_name(name):
    entity = ENTITIES[name]
    assert entity.en.isascii() and len(entity.en) > 2
    assert HAN.search(entity.zh) and "Chinese" not in entity.zh


@pytest.mark.parametrize("name", ENTITIES)
def test_every_entity_can_stand_in_a_placeholder(name):
    assert re.fullmatch("[A-Z][A-Z0-9_]{0,39}", name)


def test_no_two_entities_share_a_name_for_people():
    for language in ("en", "zh"):
        names = [getattr(entity, language) for entity in ENTITIES.values()]
        assert len(names) == len(set(names))
