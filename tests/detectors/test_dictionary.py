"""The company's terms are found however they are written, whole, the longest first."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.dictionary import Dictionary, squeeze
from detectors.interface import DetectorError, Finding

TERMS = (
    "华星科技",
    "华星科技有限公司",
    "Project Falcon",
    "Falcon",
    "ＡＣＭＥ",
    "C++ Core",
    "Σίσυφος",
    "İstanbul",
    "café",
)
FOUND = {
    "glued to Chinese": ("与华星科技合作", ["华星科技"]),
    "the longest of two": ("致华星科技有限公司：", ["华星科技有限公司"]),
    "any case": ("PROJECT falcon", ["PROJECT falcon"]),
    "any white space": ("project \n\t falcon now", ["project \n\t falcon"]),
    "full width": ("ＰＲＯＪＥＣＴ　Ｆａｌｃｏｎ", ["ＰＲＯＪＥＣＴ　Ｆａｌｃｏｎ"]),
    "a full-width term in half width": ("acme公司", ["acme"]),
    "not in a longer word": ("Falconer, Falcons, unFalcon", []),
    "not in a longer accented word": ("falconé", []),
    "beside punctuation": ("(Falcon), “Falcon”.", ["Falcon", "Falcon"]),
    "in an identifier": ("FALCON_API and the-falcon", ["FALCON", "falcon"]),
    "an edge that is no letter": ("use C++ Core, not C++ Cores", ["C++ Core"]),
    "invisible characters inside": ("Fal\u200bcon 华\u200b星科技", ["Fal\u200bcon", "华\u200b星科技"]),
    "after many spaces": ("a  \n b   \t c  Falcon  x", ["Falcon"]),
    "Greek final letters": ("ΣΊΣΥΦΟΣ", ["ΣΊΣΥΦΟΣ"]),
    "Turkish capitals": ("istanbul İSTANBUL", ["istanbul", "İSTANBUL"]),
    "accents written apart": ("cafe\u0301", ["cafe\u0301"]),
    "one after another": ("FalconFalcon Falcon Falcon", ["Falcon", "Falcon"]),
    "nothing": ("今天开会", []),
}


@pytest.fixture(scope="module")
def dictionary():
    return Dictionary("customers.txt", "CUSTOMER", TERMS)


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_terms_are_found_as_people_write_them(dictionary, text, want):
    found = dictionary.find(text, dictionary.entities)
    assert [text[one.start : one.end] for one in found] == want


def test_a_finding_names_the_list_and_the_entity_that_policy_gave(dictionary):
    assert dictionary.find("Falcon", frozenset({"CUSTOMER"})) == (Finding(0, 6, "CUSTOMER", 1.0, "customers.txt"),)


def test_nothing_is_looked_for_when_nobody_asks(dictionary):
    assert dictionary.find("Falcon", frozenset({"PHONE_NUMBER"})) == ()


def test_an_empty_list_finds_nothing():
    assert Dictionary("none", "CUSTOMER", ()).find("Falcon", frozenset({"CUSTOMER"})) == ()


@pytest.mark.parametrize("term", ["", " ", "密", "\u200bA"])
def test_a_term_that_would_be_everywhere_stops_the_start_without_being_quoted(term):
    with pytest.raises(DetectorError, match=r"^customers\.txt: term 2 has fewer than 2 characters$"):
        Dictionary("customers.txt", "CUSTOMER", ("Falcon", term))


def test_an_entity_that_cannot_be_a_placeholder_stops_the_start():
    with pytest.raises(DetectorError, match="capital letters"):
        Dictionary("customers.txt", "客户", ("Falcon",))


def test_simplified_and_traditional_characters_are_one():
    dictionary = Dictionary("x", "X", ("华星科技", "藍色計劃"))
    text = "華星科技、华星科技、蓝色计划"
    assert [text[one.start : one.end] for one in dictionary.find(text, frozenset({"X"}))] == text.split("、")


def test_an_alias_is_found_as_the_term_is():
    dictionary = Dictionary("x", "X", ("猎鹰项目",), ("Falcon",))
    found = dictionary.find("Falcon即猎鹰项目", frozenset({"X"}))
    assert [one.because for one in found] == [("alias",), ("term",)]


def test_a_bad_alias_is_named_by_its_number():
    with pytest.raises(DetectorError, match=r"^x: alias 2 has fewer than 2 characters$"):
        Dictionary("x", "X", ("Falcon",), ("HX", "密"))


@given(st.text("ab \n华ⅷİς…", max_size=40), st.lists(st.text("ab华", min_size=2, max_size=4), max_size=5))
def test_what_is_found_reads_as_a_term_and_nothing_overlaps(text, terms):
    found = Dictionary("x", "X", terms).find(text, frozenset({"X"}))
    folded = {squeeze(term).text for term in terms}
    assert all(text[one.start : one.end].lower() in folded for one in found)
    assert all(one.end <= two.start for one, two in pairwise(found))


@given(st.text(" \n\tab华", max_size=30))
def test_squeezing_keeps_the_way_back(text):
    squeezed = squeeze(text)
    for place, character in enumerate(squeezed.text):
        if character != " ":
            assert text[squeezed.unsqueezed(place)] == character


def test_ten_thousand_terms_are_all_found():
    terms = [f"客户{number:05d}号" for number in range(10_000)]
    text = "，".join(terms)
    found = Dictionary("many", "CUSTOMER", terms).find(text, frozenset({"CUSTOMER"}))
    assert [text[one.start : one.end] for one in found] == terms
