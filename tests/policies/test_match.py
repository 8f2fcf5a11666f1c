"""Each condition alone, then several together, then what cannot be evaluated."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Verdict
from policies.match import Match, is_open, match, unidentified
from policies.model import Hours, Rule
from tests.policies.samples import FACTS, FOUND, HEAD, NOON, facts, parsed, rules

DEFINED = """
time_zone: Asia/Shanghai
hours:
  office: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
  周末: {days: [sat, sun], from: "00:00", to: "24:00"}
groups: {研发: [alice, Wang Fang], finance: []}
services:
  Chinese chat: {country: CN, category: [chat, search]}
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
    "nothing": ("", {}, "yes"),
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
    "all hold": ("{service: chatgpt, group: 研发, hours: office, activity: prompt}", {}, "yes"),
    "one does not hold": ("{service: chatgpt, group: 研发, hours: 周末, activity: prompt}", {}, "no"),
    "one is unsure": ("{service: chatgpt, person: alice}", {"user": ""}, "unsure"),
    "one is unsure and one does not hold": ("{service: kimi, person: alice}", {"user": ""}, "no"),
}


@pytest.mark.parametrize(("when", "given_", "want"), TABLE.values(), ids=TABLE.keys())
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


def window(opens: int, closes: int, zone: str, *days: int) -> Hours:
    """Return a window in minutes after midnight."""
    return Hours("w", frozenset(days or range(7)), opens, closes, zone)


OFFICE = window(540, 1080, "Asia/Shanghai", 0, 1, 2, 3, 4)
NIGHT = window(1320, 360, "Asia/Shanghai", 4)
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")

CLOCK = {
    "opens at its first minute": (OFFICE, datetime(2026, 12, 2, 9, 0, tzinfo=SHANGHAI), True),
    "is closed a second before": (OFFICE, datetime(2026, 12, 2, 8, 59, 59, tzinfo=SHANGHAI), False),
    "is open a second before its end": (OFFICE, datetime(2026, 12, 2, 17, 59, 59, tzinfo=SHANGHAI), True),
    "is closed at its end": (OFFICE, datetime(2026, 12, 2, 18, 0, tzinfo=SHANGHAI), False),
    "is closed on Saturday": (OFFICE, datetime(2026, 12, 5, 12, 0, tzinfo=SHANGHAI), False),
    "asks its own zone, not the clock's": (OFFICE, datetime(2026, 12, 2, 1, 30, tzinfo=UTC), True),
    "whole day, last second": (window(0, 1440, "UTC"), datetime(2026, 12, 2, 23, 59, 59, tzinfo=UTC), True),
    "over midnight, Friday night": (NIGHT, datetime(2026, 12, 4, 23, 0, tzinfo=SHANGHAI), True),
    "over midnight, Saturday morning": (NIGHT, datetime(2026, 12, 5, 5, 59, tzinfo=SHANGHAI), True),
    "over midnight, its end": (NIGHT, datetime(2026, 12, 5, 6, 0, tzinfo=SHANGHAI), False),
    "over midnight, Friday morning": (NIGHT, datetime(2026, 12, 4, 5, 0, tzinfo=SHANGHAI), False),
    "over midnight, Saturday night": (NIGHT, datetime(2026, 12, 5, 23, 0, tzinfo=SHANGHAI), False),
    "summer time, Berlin at 9": (window(540, 1020, "Europe/Berlin"), datetime(2026, 7, 1, 7, 0, tzinfo=UTC), True),
    "winter time, Berlin at 8": (window(540, 1020, "Europe/Berlin"), datetime(2026, 1, 7, 7, 0, tzinfo=UTC), False),
    "the hour that comes twice, first": (
        window(120, 180, "Europe/Berlin"),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        True,
    ),
    "the hour that comes twice, again": (
        window(120, 180, "Europe/Berlin"),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        True,
    ),
    "the hour that never comes": (window(120, 180, "Europe/Berlin"), datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
    "yesterday across the change of clocks": (
        window(1320, 360, "Europe/Berlin", 5),
        datetime(2026, 3, 29, 3, 30, tzinfo=UTC),
        True,
    ),
}


@pytest.mark.parametrize(("hours", "at", "want"), CLOCK.values(), ids=CLOCK.keys())
def test_a_window_follows_the_wall_clock_of_its_zone(hours, at, want):
    assert is_open(hours, at) is want


def test_a_zone_the_system_has_lost_makes_the_rule_unsure():
    lost = rule("{hours: office}")
    hours = tuple(replace(each, zone="Mars/Olympus") for each in lost.when.hours)
    assert match(replace(lost, when=replace(lost.when, hours=hours)), facts(), None) is Match.UNSURE


def test_only_conditions_on_people_make_a_person_unidentified():
    assert unidentified(rule("{group: finance}"), facts(user=""))
    assert not unidentified(rule("{group: finance}"), facts())
    assert not unidentified(rule("{service: any}"), facts(user=""))


@given(rules(), FACTS, FOUND, FOUND)
def test_reading_the_text_never_contradicts_the_headers(one: Rule, about, found, unknown):
    before, after = match(one, about, None), match(one, about, found, unknown)
    assert after is before or before is Match.DEPENDS
    assert after is not Match.DEPENDS


@given(rules(verdict=Verdict.ALLOWED), FACTS, FOUND, st.text(), st.text())
def test_no_fact_makes_matching_raise(one: Rule, about, found, user, address):
    assert match(one, replace(about, user=user, address=address), found) in Match
