"""Each condition alone, then several together, then what cannot be evaluated."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Findings, Mode, Verdict
from policies.match import Match, bucket, failed, match, rollout, unidentified
from policies.model import Rule, Stage
from tests.policies.samples import FACTS, FINDINGS, FOUND, GROUPS, HEAD, NOON, facts, parsed, rules
from tests.rows import each

DEFINED = """
time_zone: Asia/Shanghai
hours:
  office: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
  周末: {days: [sat, sun], from: "00:00", to: "24:00"}
groups: {研发: [alice, Wang Fang], finance: []}
services:
  Chinese chat: {country: CN, category: [chat, search]}
  未收录: {tags: unlisted}
  编程: {ids: [cursor, github-copilot]}
data_classes:
  personal: {entities: [EMAIL_ADDRESS, PHONE_NUMBER]}
  客户: {terms: [华星], placeholder: CUSTOMER}
"""


def rule(when: str) -> Rule:
    """Return a rule with these conditions."""
    return parsed(f"{HEAD}{DEFINED}rules:\n  - {{id: r, verdict: allowed, when: {when}}}\n").rules[0]


WED = NOON
SAT = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)

TABLE = {
    "empty": ("{}", {}, "yes"),
    "any service": ("{service: any}", {"service": ""}, "yes"),
    "any among others": ("{service: [cursor, any]}", {}, "yes"),
    "the service": ("{service: chatgpt}", {}, "yes"),
    "another service": ("{service: kimi}", {}, "no"),
    "one of services": ("{service: [kimi, chatgpt]}", {}, "yes"),
    "a set by id": ("{service: 编程}", {"service": "cursor"}, "yes"),
    "a set by country and category": ("{service: Chinese chat}", {"country": "CN"}, "yes"),
    "a set, the country alone": ("{service: Chinese chat}", {"country": "CN", "category": "coding"}, "no"),
    "a set, the category alone": ("{service: Chinese chat}", {}, "no"),
    "a set in other letters": ("{service: chinese CHAT}", {"country": "CN"}, "yes"),
    "a set or a service": ("{service: [编程, chatgpt]}", {}, "yes"),
    "group of the policy": ("{group: 研发}", {}, "yes"),
    "group of the policy, other letters": ("{group: 研发}", {"user": "ｗang fang"}, "yes"),
    "group of the directory": ("{group: finance}", {"groups": frozenset({"Finance"})}, "yes"),
    "no such group": ("{group: finance}", {}, "no"),
    "one of groups": ("{group: [finance, 研发]}", {}, "yes"),
    "group of nobody": ("{group: finance}", {"user": ""}, "unsure"),
    "group of nobody, told by the network": (
        "{group: finance}",
        {"user": "", "groups": frozenset({"finance"})},
        "yes",
    ),
    "person": ("{person: Alice}", {}, "yes"),
    "another person": ("{person: [bob, 王芳]}", {}, "no"),
    "nobody": ("{person: alice}", {"user": ""}, "unsure"),
    "inside hours": ("{hours: office}", {}, "yes"),
    "inside any of the hours": ("{hours: [office, 周末]}", {"at": SAT}, "yes"),
    "not inside hours": ("{hours: office}", {"at": SAT}, "no"),
    "inside hours by the clock, and not by what it said before it was set": (
        "{hours: office}",
        {"or_at": SAT},
        "unsure",
    ),
    "outside hours by one of the two": ("{outside_hours: office}", {"or_at": SAT}, "unsure"),
    "inside hours by both": ("{hours: office}", {"or_at": WED}, "yes"),
    "outside hours": ("{outside_hours: office}", {"at": SAT}, "yes"),
    "outside all hours": ("{outside_hours: [office, 周末]}", {"at": SAT}, "no"),
    "not outside hours": ("{outside_hours: office}", {}, "no"),
    "a clock without zone": ("{hours: office}", {"at": WED.replace(tzinfo=None)}, "unsure"),
    "activity": ("{activity: [upload, prompt]}", {}, "yes"),
    "another activity": ("{activity: visit}", {}, "no"),
    "network": ("{network: 10.0.0.0/8}", {}, "yes"),
    "one of networks": ("{network: [192.168.0.0/16, 10.1.2.3]}", {}, "yes"),
    "another network": ("{network: 192.168.0.0/16}", {}, "no"),
    "network of the other family": ("{network: 'fd00::/8'}", {}, "no"),
    "an IPv4 address in IPv6 clothes": ("{network: 10.0.0.0/8}", {"address": "::ffff:10.1.2.3"}, "yes"),
    "an address nobody can read": ("{network: 10.0.0.0/8}", {"address": "unix:"}, "unsure"),
    "data, unread": ("{data: personal}", {}, "depends"),
    "data, unread, but another service": ("{data: personal, service: kimi}", {}, "no"),
    "data, unread, nobody": ("{data: personal, person: alice}", {"user": ""}, "depends"),
    "a tag": ("{tag: [unlisted, coding]}", {"tags": frozenset({"unlisted"})}, "yes"),
    "another tag": ("{tag: unlisted}", {}, "no"),
    "the category is a tag": ("{tag: [chat]}", {}, "yes"),
    "the country is a tag": ("{tag: US}", {}, "yes"),
    "a set by tag": ("{service: 未收录}", {"service": "", "tags": frozenset({"unlisted"})}, "yes"),
    "a set by tag, another service": ("{service: 未收录}", {}, "no"),
    "a set by category that is only a tag": (
        "{service: Chinese chat}",
        {"country": "CN", "tags": frozenset({"search"}), "category": "x"},
        "yes",
    ),
    "a kind of prompt": ("{activity: prompt}", {"activity": "complete"}, "yes"),
    "another kind of prompt": ("{activity: prompt}", {"activity": "embed"}, "yes"),
    "a kind of upload": ("{activity: upload}", {"activity": "train"}, "yes"),
    "a download": ("{activity: [visit, other]}", {"activity": "download"}, "yes"),
    "only the kind": ("{activity: complete}", {}, "no"),
    "the kind itself": ("{activity: [complete, train]}", {"activity": "train"}, "yes"),
    "the account": ("{account: [free, personal]}", {"account": "free"}, "yes"),
    "another account": ("{account: company}", {"account": "free"}, "no"),
    "an account nobody knows": ("{account: company}", {}, "unsure"),
    "an account nobody knows, asked for": ("{account: [free, unknown]}", {}, "yes"),
    "an account of any kind": ("{account: [free, personal, company]}", {}, "yes"),
    "an account of a kind nobody has heard of": ("{account: company}", {"account": "trial"}, "unsure"),
    "business": ("{purpose: business}", {"purpose": "business"}, "yes"),
    "unknown counts as business": ("{purpose: business}", {}, "yes"),
    "unknown is not personal": ("{purpose: personal}", {}, "no"),
    "personal": ("{purpose: personal}", {"purpose": "personal"}, "yes"),
    "personal is not business": ("{purpose: [business, unknown]}", {"purpose": "personal"}, "no"),
    "only the unknown": ("{purpose: unknown}", {"purpose": "business"}, "no"),
    "a word nobody has heard of counts as business": ("{purpose: business}", {"purpose": "fun"}, "yes"),
    "amount, unread": ("{amount: {more_than: {EMAIL_ADDRESS: 3}}}", {}, "depends"),
    "in Chinese": ("{服务: 任何, 活动: 提问, 账号: 免费, 用途: 工作}", {"account": "free"}, "yes"),
    "all hold": ("{service: chatgpt, group: 研发, hours: office, activity: prompt}", {}, "yes"),
    "one does not hold": ("{service: chatgpt, group: 研发, hours: 周末, activity: prompt}", {}, "no"),
    "one is unsure": ("{service: chatgpt, person: alice}", {"user": ""}, "unsure"),
    "one is unsure and one does not hold": ("{service: kimi, person: alice}", {"user": ""}, "no"),
}


@each(("when", "given_", "want"), TABLE.values(), ids=TABLE.keys())
def test_conditions_before_the_text_is_read(when, given_, want):
    assert match(rule(when), facts(**given_), None) is Match(want)


READ = {
    "found": ("{data: personal}", {"EMAIL_ADDRESS"}, set(), "yes"),
    "another found": ("{data: personal}", {"CUSTOMER"}, set(), "no"),
    "nothing found": ("{data: personal}", set(), set(), "no"),
    "term found": ("{data: [personal, 客户]}", {"CUSTOMER"}, set(), "yes"),
    "not looked for": ("{data: personal}", set(), {"PHONE_NUMBER"}, "suspected"),
    "another not looked for": ("{data: personal}", set(), {"URL"}, "no"),
    "found, another not looked for": ("{data: personal}", {"EMAIL_ADDRESS"}, {"PHONE_NUMBER"}, "yes"),
    "no condition on data": ("{}", set(), {"PHONE_NUMBER"}, "yes"),
}


@pytest.mark.parametrize(("when", "found", "unknown", "want"), READ.values(), ids=READ.keys())
def test_the_condition_on_data_once_the_text_is_read(when, found, unknown, want):
    assert match(rule(when), facts(), frozenset(found), frozenset(unknown)) is Match(want)


MORE = "{amount: {more_than: {personal: 2, characters: 100}}}"
FAX = "{data: 客户, amount: {more_than: {EMAIL_ADDRESS: 0}}}"
AMOUNTS = {
    "fewer": (MORE, Findings({"EMAIL_ADDRESS": 2}, 100), set(), "no"),
    "more of one kind": (MORE, Findings({"EMAIL_ADDRESS": 3}, 9), set(), "yes"),
    "more of both kinds together": (MORE, Findings({"EMAIL_ADDRESS": 2, "PHONE_NUMBER": 1}, 9), set(), "yes"),
    "more characters": (MORE, Findings({}, 101), set(), "yes"),
    "fewer, and one kind not looked for": (MORE, Findings({"EMAIL_ADDRESS": 2}, 9), {"PHONE_NUMBER"}, "suspected"),
    "more, and one kind not looked for": (MORE, Findings({"EMAIL_ADDRESS": 3}, 9), {"PHONE_NUMBER"}, "yes"),
    "another kind not looked for": (MORE, Findings(), {"URL"}, "no"),
    "nobody counted": (MORE, frozenset(), set(), "unsure"),
    "data and amount": (FAX, Findings({"CUSTOMER": 1, "EMAIL_ADDRESS": 1}), set(), "yes"),
    "data alone": (FAX, Findings({"CUSTOMER": 1}), set(), "no"),
    "amount alone": (FAX, Findings({"EMAIL_ADDRESS": 1}), set(), "no"),
    "data, amount not looked for": (FAX, Findings({"CUSTOMER": 1}), {"EMAIL_ADDRESS"}, "suspected"),
    "data, amount not counted": (FAX.replace("0", "1"), frozenset({"CUSTOMER", "EMAIL_ADDRESS"}), set(), "unsure"),
    "a finding of nothing": (FAX, Findings({"CUSTOMER": 0, "EMAIL_ADDRESS": 0}), {"CUSTOMER"}, "no"),
}


@pytest.mark.parametrize(("when", "found", "unknown", "want"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_amounts_count_distinct_values_and_characters(when, found, unknown, want):
    assert match(rule(when), facts(), found, frozenset(unknown)) is Match(want)


FIRST = {
    "matches": ("{service: chatgpt}", frozenset(), ""),
    "the service": ("{service: kimi, person: bob}", frozenset(), "service"),
    "the person": ("{service: chatgpt, person: bob}", frozenset(), "person"),
    "the hours": ("{hours: 周末, data: personal}", frozenset(), "hours"),
    "the data": ("{data: personal}", frozenset(), "data"),
    "the data, unread": ("{data: personal}", None, ""),
    "the amount": (
        "{data: personal, amount: {more_than: {EMAIL_ADDRESS: 9}}}",
        Findings({"EMAIL_ADDRESS": 1}),
        "amount",
    ),
}


@pytest.mark.parametrize(("when", "found", "want"), FIRST.values(), ids=FIRST.keys())
def test_the_first_condition_that_fails_is_named_by_its_key(when, found, want):
    assert failed(rule(when), facts(), found) == want


STAGES = {
    "everybody": (None, {}, (Mode.ENFORCE, False)),
    "in the group": (Stage(GROUPS[:1]), {}, (Mode.ENFORCE, False)),
    "not in the group": (Stage(GROUPS[:1]), {"user": "bob"}, (Mode.OBSERVE, False)),
    "told to be in the group": (Stage(GROUPS[1:]), {"groups": frozenset({"Finance"})}, (Mode.ENFORCE, False)),
    "nobody knows who": (Stage(GROUPS[:1]), {"user": ""}, (Mode.ENFORCE, True)),
    "all in a hundred": (Stage((), 100), {"user": ""}, (Mode.ENFORCE, False)),
    "none of the hundredth": (Stage((), 1), {"user": "bob"}, (Mode.OBSERVE, False)),
}


@pytest.mark.parametrize(("stage", "given_", "want"), STAGES.values(), ids=STAGES.keys())
def test_a_stage_puts_a_rule_in_force_for_some_and_on_trial_for_others(stage, given_, want):
    assert rollout(replace(rule("{}"), stage=stage), facts(**given_)) == want


def test_a_rule_that_is_observed_is_observed_for_all():
    assert rollout(replace(rule("{}"), mode=Mode.OBSERVE, stage=Stage((), 100)), facts()) == (Mode.OBSERVE, False)


def test_people_are_spread_evenly_and_always_alike():
    people = [f"user{number}" for number in range(2000)]
    assert 300 < sum(bucket("r", each) < 2000 for each in people) < 500
    assert [bucket("r", each) < 2000 for each in people] != [bucket("s", each) < 2000 for each in people]
    assert bucket("r", "Alice") == bucket("r", "ａlice")
    assert [bucket("r", "alice"), bucket("s", "alice")] == [9551, 5114]


def test_a_zone_the_system_has_lost_makes_the_rule_unsure():
    lost = rule("{hours: office}")
    hours = tuple(replace(each, zone="Mars/Olympus") for each in lost.when.hours)
    assert match(replace(lost, when=replace(lost.when, hours=hours)), facts(), None) is Match.UNSURE


def test_only_conditions_on_people_make_a_person_unidentified():
    assert unidentified(rule("{group: finance}"), facts(user=""))
    assert not unidentified(rule("{group: finance}"), facts())
    assert not unidentified(rule("{service: any}"), facts(user=""))


@given(rules(), FACTS, FINDINGS | FOUND, FOUND)
def test_reading_the_text_never_contradicts_the_headers(one: Rule, about, found, unknown):
    before, after = match(one, about, None), match(one, about, found, unknown)
    assert after is before or before is Match.DEPENDS
    assert after is not Match.DEPENDS


@given(rules(verdict=Verdict.ALLOWED), FACTS, FOUND, st.text(), st.text())
def test_no_fact_makes_matching_raise(one: Rule, about, found, user, address):
    assert match(one, replace(about, user=user, address=address), found) in Match
