"""Two policies are compared by what happens, not by how they are written."""

import pytest
from hypothesis import given, settings

from policies.diff import compare
from policies.model import fold
from tests.policies.office import NOW, OFFICE, SERVICES, office
from tests.policies.samples import POLICIES
from tests.thorough import drawn

BEFORE = office()
HEAD = "policy: a\nversion: 1\notherwise: forbid\n"


def changed(old: str, new: str):
    return compare(office(OFFICE), office(OFFICE.replace(old, new)), SERVICES.all, NOW, most=4000)


def simple(before: str, after: str):
    return compare(office(HEAD + before), office(HEAD + after), SERVICES.all, NOW)


def test_a_policy_is_the_same_as_itself_in_other_words_and_another_order():
    other = office(OFFICE.replace("version: 3", "version: 4").replace("机密不外传。", "请勿外传。"))
    assert compare(BEFORE, other, SERVICES.all, NOW, most=4000).changes == ()


ALL = "rules:\n  - {id: all, verdict: allowed}\n"
SHIFTS = {
    "a prohibition": (ALL, f"{ALL}  - {{id: no, verdict: forbidden, when: {{service: doubao}}}}\n", (1, 0)),
    "a permission": ("rules: []\n", ALL, (0, 1)),
    "a prohibition for one activity": (
        ALL,
        f"{ALL}  - {{id: no, verdict: forbidden, when: {{service: doubao, activity: upload}}}}\n",
        (1, 0),
    ),
    "an approval in place of a prohibition": (
        "rules:\n  - {id: a, verdict: forbidden}\n",
        "rules:\n  - {id: a, verdict: authorized}\n",
        (0, 4),  # with and without a grant; a grant helps nobody whom nobody knows
    ),
    "another otherwise": ("rules: []\n", "rules: []\n".replace("rules", "quotas: {}\nrules"), (0, 0)),
}


@pytest.mark.parametrize(("before", "after", "want"), SHIFTS.values(), ids=SHIFTS.keys())
def test_combinations_are_counted(before, after, want):
    comparison = simple(before, after)
    assert comparison.complete
    if want == (0, 4):
        assert (len(comparison.stricter), len(comparison.looser)) == (0, comparison.of)
    else:
        assert (len(comparison.stricter), len(comparison.looser)) == want


def test_what_is_looser_is_listed_with_an_example_in_words():
    comparison = changed("when: {data: 机密}", "when: {data: 机密, activity: upload}")
    assert comparison.looser
    assert not comparison.stricter
    first = comparison.looser[0]
    assert "机密" in first.cell.said.zh
    assert first.before.deciding == "confidential"
    assert first.shift.looser[0].zh.startswith("被拒绝 → ")


def test_the_sum_is_one_sentence_and_a_sample_says_that_it_is_one():
    whole = simple(ALL, "rules: []\n")
    assert whole.summary.en == "1 combination stricter, 0 looser."
    assert whole.summary.zh == "1 种情形更严，0 种更宽。"
    sample = compare(BEFORE, office(OFFICE.replace("mask", "drop")), SERVICES.all, NOW, most=500)
    assert not sample.complete
    assert f"a sample of 500 out of {sample.of} combinations" in sample.summary.en


@settings(max_examples=drawn(25))
@given(before=POLICIES, after=POLICIES)
def test_there_and_back_the_counts_change_places(before, after):
    if any(hours.zone.startswith("Mars") for each in (before, after) for rule in each.rules for hours in _hours(rule)):
        return
    there = compare(before, after, SERVICES.all, NOW, most=300)
    back = compare(after, before, SERVICES.all, NOW, most=300)
    assert len(there.changes) == len(back.changes)
    assert {each.shift.word for each in there.changes} <= {"stricter", "looser", "both"}
    assert fold(there.summary.en)


def _hours(rule):
    return (*rule.when.hours, *rule.when.outside)
