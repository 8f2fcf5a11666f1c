"""Each way of writing a term is found where it is meant, and passed over where it only looks so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.variants import SCORES, Variants, plurals, readings
from detectors.dictionary import Dictionary
from policies.classify import VARIANTS

TERMS = ("华星科技", "机密", "Project Falcon", "Osprey", "Company", "王莉", "吕布奉先", "iPhone计划")
FOUND = {
    "pinyin in words": ("pinyin", "called Huaxing Keji today", ["Huaxing Keji"]),
    "pinyin joined": ("pinyin", "HuaXingKeJi的合同", ["HuaXingKeJi"]),
    "pinyin with tone marks": ("pinyin", "Huáxīng Kējì。", ["Huáxīng Kējì"]),
    "pinyin with tone numbers": ("pinyin", "hua2xing1 ke1ji4.", ["hua2xing1 ke1ji4"]),
    "pinyin by syllable": ("pinyin", "hua-xing-ke-ji", ["hua-xing-ke-ji"]),
    "pinyin as an identifier": ("pinyin", "id=hua_xing_ke_ji;", ["hua_xing_ke_ji"]),
    "ü as v, u or itself": (
        "pinyin",
        "lvbu fengxian, Lubu Fengxian, lübu fengxian",
        ["lvbu fengxian", "Lubu Fengxian", "lübu fengxian"],
    ),
    "initials": ("initials", "项目HXKJ启动", ["HXKJ"]),
    "a sign inside": ("separated", "属于机*密的", ["机*密"]),
    "a blank inside": ("separated", "（机 密）", ["机 密"]),
    "blanks in a longer term": ("separated", "给华星 科技发货", ["华星 科技"]),
    "signs all through": ("separated", "华,星,科,技", ["华,星,科,技"]),
    "letters spelt out": ("separated", "the O-S-P-R-E-Y and o s p r e y", ["O-S-P-R-E-Y", "o s p r e y"]),
    "written as one word": (
        "separated",
        "ProjectFalcon project_falcon Project-Falcon",
        ["ProjectFalcon", "project_falcon", "Project-Falcon"],
    ),
    "plural": ("plural", "two Ospreys, Companies", ["Ospreys", "Companies"]),
}


def found(way: str, text: str) -> list[str]:
    detector = Dictionary("x", "X", TERMS, (), frozenset({way}))
    return [text[one.start : one.end] for one in detector.find(text, detector.entities)]


@pytest.mark.parametrize(("way", "text", "want"), FOUND.values(), ids=FOUND)
def test_a_variant_is_found_with_its_exact_place(way, text, want):
    assert found(way, text) == want


@pytest.mark.parametrize(("way", "text", "want"), FOUND.values(), ids=FOUND)
def test_a_variant_that_nobody_asked_for_is_not_found(way, text, want):
    assert not set(found("plural" if way != "plural" else "initials", text)) & set(want)


PASSED_OVER = {
    "a longer word": ("pinyin", "huaxingkejix xhuaxingkeji"),
    "words between": ("pinyin", "huaxing de keji"),
    "parted within a syllable": ("pinyin", "huax ingkeji"),
    "a reading that is too short": ("pinyin", "wang li, wangli@x"[:0] + "jimi hendrix"),
    "initials in a word": ("initials", "hxkjs ahxkj"),
    "initials of few": ("initials", "jm wl"),
    "two words of a sentence": ("separated", "计算机 密码"),
    "a sentence between two characters": ("separated", "关机，密码"),
    "words that happen to join": ("separated", "os prey"),
    "far apart": ("separated", "机 --- 密"),
    "within a word": ("separated", "xO-S-P-R-E-Yx"),
    "not the plural": ("plural", "Ospreyer companied"),
}


@pytest.mark.parametrize(("way", "text"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_what_only_looks_like_a_variant_is_passed_over(way, text):
    assert found(way, text) == []


def test_a_finding_says_which_way_it_was_written_and_is_the_less_certain_the_looser_it_is():
    detector = Dictionary("x", "X", ("华星科技",), ("Huaxing",), frozenset(VARIANTS))
    text = "华星科技 Huaxing hxkj 华*星科技 huaxing keji"
    told = [(one.because, one.score) for one in detector.find(text, detector.entities)]
    assert told == [
        (("term",), 1.0),
        (("alias",), 1.0),
        (("variant:initials",), SCORES["initials"]),
        (("variant:separated",), SCORES["separated"]),
        (("variant:pinyin",), SCORES["pinyin"]),
    ]


def test_the_policy_offers_the_ways_that_there_are():
    assert set(VARIANTS) == SCORES.keys()


def test_characters_of_several_readings_are_read_in_each():
    assert {("zeng", "guo"), ("ceng", "guo")} <= set(readings("曾国"))
    assert readings("Falcon") == readings("机") == readings("机-密") == []


def test_plurals_are_english():
    assert plurals("falcon") == ("falcons",)
    assert plurals("company") == ("companies", "companys")
    assert plurals("box") == plurals("机密") == ()
    assert plurals("index") == ("indexes",)


@given(st.text("机密华 星*,x-\n", max_size=30))
def test_whatever_is_found_apart_has_the_letters_of_a_term(text):
    for start, end, _ in Variants(("机密", "华星机密"), frozenset({"separated"})).find(text):
        assert "".join(filter(str.isalnum, text[start:end])) in ("机密", "华星机密")
