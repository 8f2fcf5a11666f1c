"""A rule means what the policy defines under that name; what nothing defines is told with the nearest name there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import messages, phrases
from policies.model import DataClass, Group, Mark, fold
from policies.problem import Report
from policies.read import Reader
from policies.refer import Defined, look_up, refer
from policies.source import read_source

GROUPS = {fold(name): Group(name, frozenset()) for name in ("研发部", "Finance", "Finance 2")}
CLASSES = {fold(name): DataClass(name) for name in ("personal", "客户资料")}


def referred(text: str, what=messages.GROUP, known=GROUPS):
    """Return the names of what `text` refers to, and what was told: place, message, hint."""
    report = Report("p", text)
    found = [each.name for each in refer(Reader(report), read_source(text, report), what, known)]
    return found, [(each.column, each.message.en, each.hint.en) for each in report.problems]


FOUND = {
    "a single name": ("Finance", ["Finance"]),
    "a list, in its order": ("[Finance 2, 研发部]", ["Finance 2", "研发部"]),
    "another case": ("FINANCE", ["Finance"]),
    "full width": ("Ｆｉｎａｎｃｅ", ["Finance"]),
    "quoted": ("'研发部'", ["研发部"]),
    "twice": ("[Finance, finance]", ["Finance", "Finance"]),
}


@pytest.mark.parametrize(("text", "names"), FOUND.values(), ids=FOUND.keys())
def test_a_name_means_what_is_defined_whatever_its_case_and_width(text, names):
    assert referred(text) == (names, [])


def told(name: str, what: str = "group") -> str:
    return f"There is no {what} called “{name}”."


MISSED = {
    "misspelt": ("Finanse", messages.GROUP, GROUPS, "Finanse", "Did you mean “Finance”?"),
    "misspelt in Chinese": ("研发步", messages.GROUP, GROUPS, "研发步", "Did you mean “研发部”?"),
    "a group that nothing is like": ("zzz", messages.GROUP, GROUPS, "zzz", messages.DECLARE_GROUP.en),
    "a class that nothing is like": ("zzz", messages.CLASS, CLASSES, "zzz", "Write one of: personal, 客户资料."),
    "none is defined": ("Finance", phrases.QUOTA, {}, "Finance", messages.NONE_DEFINED.en),
    "an entity in place of a class": ("CN_ID_CARD", messages.CLASS, CLASSES, "CN_ID_CARD", messages.NEEDS_CLASS.en),
    "an entity in Chinese": ("居民身份证号", messages.CLASS, CLASSES, "居民身份证号", messages.NEEDS_CLASS.en),
    "a common name of an entity": (
        "PHONE",
        messages.CLASS,
        CLASSES,
        "PHONE",
        "Did you mean the entity “PHONE_NUMBER”? Put it into a data class and name the class here.",
    ),
    "an entity in place of a group": ("CN_ID_CARD", messages.GROUP, {}, "CN_ID_CARD", messages.DECLARE_GROUP.en),
}


@pytest.mark.parametrize(("text", "what", "known", "name", "hint"), MISSED.values(), ids=MISSED.keys())
def test_a_name_that_nothing_defines_is_told_with_what_to_write(text, what, known, name, hint):
    found, problems = referred(text, what, known)
    assert (found, problems) == ([], [(1, told(name, what.en), hint)])


def test_an_entity_of_the_companys_own_needs_a_class_as_well():
    report = Report("p", "")
    assert look_up(Reader(report, {"STAFF_NUMBER"}), "STAFF_NUMBER", Mark(), messages.CLASS, CLASSES) is None
    assert [problem.hint.en for problem in report.problems] == [messages.NEEDS_CLASS.en]


def test_what_is_known_is_found_beside_what_is_not_and_each_has_its_place():
    found, problems = referred("[Finance, nobody, 研发部, zzz]")
    assert found == ["Finance", "研发部"]
    assert [(column, message) for column, message, _ in problems] == [(11, told("nobody")), (24, told("zzz"))]


def test_nothing_is_defined_until_the_policy_says_so():
    bare = Defined()
    sections = (bare.hours, bare.groups, bare.services, bare.classes, bare.notices, bare.quotas)
    assert (*map(dict, sections), bare.known_services, bare.zone) == ({},) * 6 + (None, "")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_a_name_is_never_guessed_at(name):
    report = Report("p", "")
    found = look_up(Reader(report), name, Mark(3, 7), messages.GROUP, GROUPS)
    if fold(name) in GROUPS:
        assert (found, report.problems) == (GROUPS[fold(name)], [])
    else:
        assert found is None
        assert [(each.line, each.column) for each in report.problems] == [(3, 7)]
