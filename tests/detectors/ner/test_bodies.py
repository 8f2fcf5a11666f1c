"""Organisations that a key, an ending or what is said beside them gives away, and words that merely stand there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.again import employers
from detectors.ner.bodies import AHEAD, AUTHORITY, DEPARTMENT_ZH, authorities, bodies
from detectors.ner.columns import columns
from detectors.ner.mention import Mention
from detectors.ner.settle import settle
from tests.detectors.ner.small import words


def found(text):
    return list(dict.fromkeys(words(text, sorted(bodies(text)))))


BODIES = {
    "a key": ("Vendor: Osprey Fasteners\nDue: 4 May", ["Osprey Fasteners"]),
    "a key beside others": ("Bank: Raiffeisen Alpina; Reference: 118", ["Raiffeisen Alpina"]),
    "where a person may stand, with a trade": ("Client: Trilby Hotels\n", ["Trilby Hotels"]),
    "an ending": ("we called Ravensworth Estates again", ["Ravensworth Estates"]),
    "somebody works there": ("I work for Tessellate now", ["Tessellate"]),
    "an offer": ("an offer from Hexagon Materials came", ["Hexagon Materials"]),
    "a noun before it": ("our supplier Medivance is late", ["Medivance"]),
    "a department is asked": ("please ask Procurement about it", ["Procurement"]),
    "a department says something": ("HR says no", ["HR"]),
    "a department in a Chinese sentence": ("已经发给 Finance 了", ["Finance"]),
    "a Chinese key": ("供应商：立德五金\n".replace("：", ":"), ["立德五金"]),
    "a Chinese firm by its trade": ("给恒远包装写信", ["恒远包装"]),
    "an authority": ("昨天供电局停电", ["供电局"]),
    "a Chinese department": ("由售后服务部调来", ["售后服务部"]),
}
NO_BODIES = {
    "a person after a key": "Client: Anna Weber\n",
    "a word after a key": "Company: Required\n",
    "common words before a trade": "Compare Travel Insurance and Home Insurance",
    "a person somebody works for": "I work for Anna now",
    "a day after a noun": "the supplier Monday call",
    "a department as a topic": "KPIs for Marketing",
    "ordinary words before a Chinese trade": "做好食品包装和移动支付",
    "a verb before a Chinese trade": "帮我买辆汽车",
    "departments in general": "各部门，设计部分",
    "an identifier": "import Acme.Bank(x)",
}


@pytest.mark.parametrize(("text", "names"), BODIES.values(), ids=BODIES)
def test_an_organisation_is_found_by_what_speaks_for_it(text, names):
    assert found(text) == [f"ORGANIZATION:{name}" for name in names]


@pytest.mark.parametrize("text", NO_BODIES.values(), ids=NO_BODIES)
def test_capitals_and_trades_alone_make_no_organisation(text):
    assert found(text) == []


def test_a_column_of_companies_holds_organisations():
    text = "Company,Contact\nGable & Finch,Rory Quinn\nOstara Solar,Lotte Visser\n"
    cells = [(text[one.start : one.end], one.label) for one in sorted(columns(text))]
    assert ("Gable & Finch", "ORGANIZATION") in cells and ("Ostara Solar", "ORGANIZATION") in cells


def test_where_a_person_is_from_is_an_organisation():
    text = "Selma Haugen of Fjordklinikken rang; Anna from Monday on"
    persons = [Mention(0, 12, "PERSON", 0.95), Mention(37, 41, "PERSON", 0.95)]
    assert [text[one.start : one.end] for one in employers(text, persons)] == ["Fjordklinikken"]


def test_who_ends_as_a_company_does_is_no_person():
    text = "we pay Klara Moden KG"
    person = Mention(7, 21, "PERSON", 0.99, ("model:latin",))
    company = Mention(7, 21, "ORGANIZATION", 0.85, ("cue:company",))
    assert [one.label for one in settle(text, [person, company])] == ["ORGANIZATION"]


def test_a_model_that_stops_before_the_trade_gets_it():
    text = "恒远包装的报价"
    seen = [Mention(0, 3, "ORGANIZATION", 0.65, ("model:hashed",)), Mention(0, 4, "ORGANIZATION", 0.75, ("cue:trade",))]
    assert [text[one.start : one.end] for one in settle(text, seen)] == ["恒远包装"]


@given(st.text("ABab :;,.\n\t|&恒远科技给部公司由财务供应商"))
def test_mentions_lie_in_the_text_and_are_not_blank(text):
    for one in bodies(text):
        assert 0 <= one.start < one.end <= len(text) and text[one.start : one.end].strip()


CHINESE_BODIES = st.lists(
    st.sampled_from(
        [
            "省",
            "市",
            "区",
            "人社局",
            "市场监管局",
            "监管",
            "局长",
            "财务",
            "技术",
            "部",
            "部门",
            "组",
            "中心",
            "向",
            "我",
            "，",
            " ",
        ]
    ),
    max_size=12,
).map("".join)


@given(CHINESE_BODIES)
def test_an_authority_is_found_wherever_the_whole_pattern_finds_it(text):
    told = {(one.start, one.end) for one in authorities(text) if one.because == ("cue:authority",)}
    assert told == {match.span() for match in AUTHORITY.finditer(text)}
    departments = {(one.start, one.end) for one in authorities(text) if one.because == ("cue:department",)}
    assert departments <= {match.span() for match in DEPARTMENT_ZH.finditer(text)}


@given(st.text(st.sampled_from("aB&/-, .的"), max_size=20))
def test_words_before_a_place_are_read_backwards_as_they_would_be_forwards(before):
    forwards = re.search(r"(?:[A-Za-z&/\-]+[ ]){0,2}[A-Za-z&/\-]+,?[ ]\Z", before)
    backwards = AHEAD.match(before[::-1])
    assert (backwards and backwards.group()[::-1]) == (forwards and forwards.group())
