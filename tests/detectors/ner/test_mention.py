"""A rule sees the whole of a long text in blocks, and each thing once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner import mention
from detectors.ner.address import addresses
from detectors.ner.chinese import chinese
from detectors.ner.english import english
from detectors.ner.mention import BLOCK, OVERLAP, Mention, blocks, over_blocks
from tests.thorough import drawn


def digits(text):
    return [Mention(*match.span(), "PERSON", 1.0) for match in re.finditer(r"(?<![0-9])[0-9]{1,30}(?![0-9])", text)]


def test_a_short_text_is_one_block():
    assert list(blocks("abc")) == [(0, "abc")]
    assert list(blocks("")) == [(0, "")]


def test_a_long_text_is_parted_between_lines():
    text = ("x" * 999 + "\n") * 9
    assert [(place, len(block)) for place, block in blocks(text)] == [(0, 4000), (4000, 4000), (8000, 1000)]


def test_without_lines_blocks_overlap():
    text = "x" * (2 * BLOCK)
    assert [place for place, _ in blocks(text)] == [0, BLOCK - OVERLAP, 2 * (BLOCK - OVERLAP)]


@given(st.data())
@settings(max_examples=drawn(60), deadline=None)
def test_what_is_found_in_blocks_is_what_is_found_in_the_whole(data):
    places = data.draw(st.lists(st.integers(0, 12_000), max_size=30))
    text = list("x " * 6000)
    for place in places:
        text[place : place + 7] = data.draw(st.sampled_from(["1234567", "12\n4567", "1 34 67"]))
    text = "".join(text)
    assert over_blocks(text, digits) == digits(text)


def test_what_begins_at_a_torn_edge_is_left_to_the_block_that_shows_it_whole():
    text = "x" * (BLOCK - OVERLAP - 3) + " 12345678 " + "x" * BLOCK
    assert [text[one.start : one.end] for one in over_blocks(text, digits)] == ["12345678"]
    assert mention.TORN < OVERLAP


EVIL = {
    "blanks": " " * 4000,
    "tabs": "\t" * 4000,
    "quoted": "> " * 2000,
    "capitals": "A." * 2000,
    "words": "Aa " * 1300,
    "areas": "市区" * 2000,
    "roads": "路1" * 2000,
    "houses": "路1号" + "园" * 3900,
    "families": "张王" * 2000,
    "keys": "姓名:张," * 700,
    "names": "name: " * 660,
    "streets": "1 Aa " * 800,
}


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL)
@pytest.mark.timeout(20)
def test_no_block_makes_a_rule_try_without_end(text):
    for rule in (chinese, english, addresses):
        assert isinstance(over_blocks(text, rule), list), "seconds at most, where trying every way takes years"
