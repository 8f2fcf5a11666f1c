"""A number limits what its author believes it limits: the right things are counted, and a limit of nothing is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import messages, phrases
from policies.decision import Period, Unit
from policies.measure import MOST
from policies.problem import PolicyError, as_written
from tests.policies.samples import HEAD, parsed

DEFINED = """\
time_zone: Asia/Shanghai
data_classes:
  个人信息: {entities: [CN_ID_CARD, PHONE_NUMBER]}
  Phones: {entities: [PHONE_NUMBER]}
  机密: {placeholder: CONFIDENTIAL, terms: [机密]}
quotas:
  每日: {requests: 100, per: day, of: person}
  tokens: {tokens: 50000, per: month, of: everyone}
"""
LAST = len((HEAD + DEFINED).splitlines()) + 2
"""The line of the rule."""


def rule(rest: str, verdict: str = "allowed"):
    """Return the rule `a` with `rest`, a flow mapping without braces."""
    (only,) = parsed(f"{HEAD}{DEFINED}rules:\n  - {{id: a, verdict: {verdict}, {rest}}}\n").rules
    return only


def mistakes(rest: str, defined: str = DEFINED) -> list[tuple[int, str, str]]:
    """Return line, message and hint of all that is wrong with a rule that holds `rest`."""
    with pytest.raises(PolicyError) as caught:
        parsed(f"{HEAD}{defined}rules:\n  - {{id: a, verdict: allowed, {rest}}}\n")
    return [(each.line, each.message.en, each.hint.en) for each in caught.value.problems]


IDS = frozenset({"CN_ID_CARD", "PHONE_NUMBER"})
AMOUNTS = {
    "characters": ("{characters: 5000}", [("characters", 5000, frozenset())]),
    "characters in Chinese": ("{字符: 5000}", [("characters", 5000, frozenset())]),
    "an entity": ("{CN_ID_CARD: 3}", [("CN_ID_CARD", 3, frozenset({"CN_ID_CARD"}))]),
    "an entity in Chinese": ("{居民身份证号: 3}", [("CN_ID_CARD", 3, frozenset({"CN_ID_CARD"}))]),
    "a class": ("{个人信息: 3}", [("个人信息", 3, IDS)]),
    "a class in another case": ("{phones: 3}", [("phones", 3, frozenset({"PHONE_NUMBER"}))]),
    "terms of the company": ("{机密: 0}", [("机密", 0, frozenset({"CONFIDENTIAL"}))]),
    "none at all": ("{CN_ID_CARD: 0}", [("CN_ID_CARD", 0, frozenset({"CN_ID_CARD"}))]),
    "several": ("{个人信息: 9, 字符: 10}", [("个人信息", 9, IDS), ("characters", 10, frozenset())]),
}


@pytest.mark.parametrize(("written", "want"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_an_amount_counts_what_its_name_stands_for(written, want):
    for word in (f"amount: {{more_than: {written}}}", f"数量: {{超过: {written}}}"):
        amounts = rule(f"when: {{{word}}}").when.amounts
        assert [(each.name, each.most, each.entities) for each in amounts] == want


def test_an_amount_may_count_what_the_companys_own_rules_find():
    text = f"{HEAD}rules:\n  - {{id: a, verdict: allowed, when: {{amount: {{more_than: {{STAFF_NUMBER: 3}}}}}}}}\n"
    (only,) = parsed(text, {"STAFF_NUMBER"}).rules
    assert [(each.name, each.most, each.entities) for each in only.when.amounts] == [
        ("STAFF_NUMBER", 3, {"STAFF_NUMBER"})
    ]
    with pytest.raises(PolicyError, match="There is no entity or data class called “STAFF_NUMBER”"):
        parsed(text)


def test_a_class_that_has_the_name_of_an_entity_is_meant_before_the_entity():
    text = f"{HEAD}data_classes: {{居民身份证号: {{entities: [PHONE_NUMBER]}}}}\n"
    (only,) = parsed(
        text + "rules:\n  - {id: a, verdict: allowed, when: {amount: {more_than: {居民身份证号: 3}}}}\n"
    ).rules
    assert [(each.name, each.entities) for each in only.when.amounts] == [("居民身份证号", {"PHONE_NUMBER"})]


SAME_TWICE = {
    "a word in both languages": "characters: 1, 字符: 2",
    "an entity in both languages": "CN_ID_CARD: 1, 居民身份证号: 2",
    "a class that is one entity, and the entity": "Phones: 1, PHONE_NUMBER: 2",
}


@pytest.mark.parametrize("written", SAME_TWICE.values(), ids=SAME_TWICE.keys())
def test_the_same_thing_is_counted_once_whatever_it_is_called(written):
    second = written.rpartition(", ")[2].partition(":")[0]
    told = mistakes(f"when: {{amount: {{more_than: {{{written}}}}}}}")
    assert told == [(LAST, f"“{second}” is counted twice here.", messages.REMOVE_IT.en)]


def test_an_amount_of_nothing_is_refused_and_never_always_true():
    assert mistakes("when: {amount: {more_than: {}}}") == [
        (LAST, phrases.EMPTY_AMOUNT.en, as_written(phrases.WRITE_AMOUNT).en),
    ]
    assert [message for _, message, _ in mistakes("when: {amount: {}}")] == [
        "An amount has no “more_than”, which is compulsory.",
    ]


def test_what_nobody_can_count_is_told_with_the_nearest_that_can_be():
    ((line, message, hint),) = mistakes("when: {amount: {more_than: {个人情息: 3}}}")
    assert (line, message) == (LAST, "There is no entity or data class called “个人情息”.")
    assert hint == "Did you mean “个人信息”?"
    ((_, _, hint),) = mistakes("when: {amount: {more_than: {zzz: 3}}}")
    assert hint == messages.WHOSE_ENTITY.en


QUOTAS = {
    "by name": ("每日", [("每日", ((Unit.REQUESTS, 100),), Period.DAY, "person")]),
    "by name in another width": ("ＴＯＫＥＮＳ", [("tokens", ((Unit.TOKENS, 50000),), Period.MONTH, "everyone")]),
    "written out": ("{requests: 2, per: hour}", [("rule:a", ((Unit.REQUESTS, 2),), Period.HOUR, "person")]),
    "of a group": (
        "{characters: 9, per: week, of: group}",
        [("rule:a", ((Unit.CHARACTERS, 9),), Period.WEEK, "group")],
    ),
    "in Chinese": ("{请求: 2, 每: 天, 归属: 全体}", [("rule:a", ((Unit.REQUESTS, 2),), Period.DAY, "everyone")]),
    "of several units": (
        "{tokens: 3, requests: 2, per: day}",
        [("rule:a", ((Unit.REQUESTS, 2), (Unit.TOKENS, 3)), Period.DAY, "person")],
    ),
    "several": (
        "[每日, {requests: 2, per: hour}]",
        [
            ("每日", ((Unit.REQUESTS, 100),), Period.DAY, "person"),
            ("rule:a", ((Unit.REQUESTS, 2),), Period.HOUR, "person"),
        ],
    ),
}


@pytest.mark.parametrize(("written", "want"), QUOTAS.values(), ids=QUOTAS.keys())
def test_a_quota_limits_its_units_in_its_period_for_those_who_share_it(written, want):
    quotas = rule(f"quota: {written}").quotas
    assert [(each.name, each.limits, each.per, each.of) for each in quotas] == want
    assert {each.zone for each in quotas} == {"Asia/Shanghai"}


FROM_ONE = f"Write a whole number from 1 to {MOST}."
ONE_OF_THEM = "Did you mean “每日”? It may be one of: 每日, tokens."
BAD_QUOTAS = {
    "of nothing": ("{per: day}", [(phrases.NO_QUOTA.en, as_written(phrases.WRITE_QUOTA).en)]),
    "of no request": ("{requests: 0, per: day}", [("“0” is not a number that a limit can be.", FROM_ONE)]),
    "without a period": ("{requests: 1}", [("A quota has no “per”, which is compulsory.", "")]),
    "that nobody defines": ("每天", [("There is no quota called “每天”.", ONE_OF_THEM)]),
}


@pytest.mark.parametrize(("written", "want"), BAD_QUOTAS.values(), ids=BAD_QUOTAS.keys())
def test_a_quota_that_would_limit_nothing_is_refused(written, want):
    assert [(message, hint) for _, message, hint in mistakes(f"quota: {written}")] == want
    beside = mistakes(f"quota: [{written}, 每日]")
    assert [(message, hint) for _, message, hint in beside] == want


@pytest.mark.parametrize("section", ["quotas: {q: {requests: 1, per: day}}\n", ""])
def test_a_quota_needs_the_calendar_of_a_zone(section):
    told = mistakes("quota: q" if section else "quota: {requests: 1, per: day}", defined=section)
    assert [(message, hint) for _, message, hint in told] == [
        (as_written(phrases.QUOTA_ZONE).en, messages.WRITE_ZONE.en)
    ]


@given(st.integers(0, MOST), st.integers(1, MOST))
def test_every_number_within_its_bounds_is_read_as_it_is(most, limit):
    both = rule(f"when: {{amount: {{more_than: {{characters: {most}}}}}}}, quota: {{requests: {limit}, per: day}}")
    assert (both.when.amounts[0].most, both.quotas[0].limits) == (most, ((Unit.REQUESTS, limit),))


NOT_NUMBERS = st.one_of(
    st.integers(max_value=-1), st.integers(MOST + 1), st.floats(), st.text("0123456789０５一百.,_+-eE x", max_size=8)
).map(str)


@given(NOT_NUMBERS.filter(lambda text: not (text.isascii() and text.isdigit() and int(text) <= MOST)))
def test_what_is_no_whole_number_within_bounds_is_refused_and_never_rounded(text):
    written = json.dumps(text)
    amount = f"when: {{amount: {{more_than: {{characters: {written}}}}}}}"
    for rest in (amount, f"quota: {{requests: {written}, per: day}}"):
        ((line, message, _),) = mistakes(rest)
        assert line == LAST
        assert "is not a number that" in message
