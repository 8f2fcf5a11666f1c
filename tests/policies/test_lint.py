"""What a policy says and never does is pointed out, with an example; what does something is left alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policies.enact import ACTIVITIES
from policies.lint import Lookout, lint
from policies.report import Level
from tests.policies.office import NOW, SERVICES, office

AGAINST = Lookout(SERVICES.all, frozenset({"CN_ID_CARD", "PHONE_NUMBER", "API_KEY", "URL"}), NOW)
HEAD = "policy: a\nversion: 1\notherwise: forbid\n"
ZONE = (
    "time_zone: Asia/Shanghai\n"
    "hours: {w: {days: mon, from: '09:00', to: '18:00'}, s: {days: sat, from: '09:00', to: '18:00'}}\n"
)
DATA = "data_classes: {p: {entities: [CN_ID_CARD]}, q: {entities: [API_KEY]}}\n"
ALL = "  - {id: all, verdict: allowed}\n"


def remarks(text: str, against: Lookout = AGAINST) -> list[str]:
    return [f"{each.problem.line} {each.kind}" for each in lint(office(HEAD + text), against)]


CASES = {
    "nothing": (f"rules:\n{ALL}", []),
    # rules that cannot match
    "a service and a country that do not go together": (
        "services: {s: {ids: [doubao], country: US}}\nrules:\n  - {id: a, verdict: allowed, when: {service: s}}\n",
        ["4 empty-set", "6 unreachable"],
    ),
    "a service and a tag that do not go together": (
        "rules:\n  - {id: a, verdict: allowed, when: {service: doubao, tag: coding}}\n",
        ["5 unreachable"],
    ),
    "inside and outside the same hours": (
        f"{ZONE}rules:\n  - {{id: a, verdict: allowed, when: {{hours: w, outside_hours: w}}}}\n",
        ["7 contradictory-hours"],
    ),
    "inside one and outside another": (
        f"{ZONE}rules:\n  - {{id: a, verdict: allowed, when: {{hours: w, outside_hours: s}}}}\n",
        [],
    ),
    # rules that change nothing
    "a narrower permission": (
        f"rules:\n{ALL}  - {{id: b, verdict: allowed, when: {{service: doubao}}}}\n",
        ["6 shadowed"],
    ),
    "the same rule twice": (f"rules:\n{ALL}  - {{id: twin, verdict: allowed}}\n", ["5 shadowed"]),
    "a redaction that another makes already": (
        f"{DATA}rules:\n  - {{id: a, verdict: allowed, redact: [p, q]}}\n"
        "  - {id: b, verdict: allowed, when: {activity: upload}, redact: p}\n",
        ["7 shadowed"],
    ),
    "a stricter redaction of the same": (
        f"{DATA}rules:\n  - {{id: a, verdict: allowed, redact: [p, q]}}\n"
        "  - {id: b, verdict: allowed, when: {activity: upload}, redact: {p: drop}}\n",
        [],
    ),
    "a permission under a prohibition": (
        "rules:\n  - {id: no, verdict: forbidden}\n  - {id: b, verdict: allowed, when: {service: doubao}}\n",
        ["6 shadowed"],
    ),
    "a prohibition that says why": (
        f"rules:\n{ALL}  - {{id: no, verdict: forbidden, when: {{service: doubao}}, reason: {{zh: 未评估。}}}}\n",
        [],
    ),
    "a permission that lifts `otherwise`": (
        "rules:\n  - {id: b, verdict: allowed, when: {service: doubao}}\n",
        [],
    ),
    "an inside route where another goes inside already": (
        f"{DATA}rules:\n  - {{id: a, verdict: allowed, route: internal}}\n"
        "  - {id: b, verdict: allowed, when: {data: p}, route: internal}\n",
        ["7 shadowed"],
    ),
    "a rule that is only observed": (
        f"rules:\n{ALL}  - {{id: b, verdict: allowed, mode: observe, when: {{service: doubao}}}}\n",
        [],
    ),
    # grants that never help
    "an approval under a prohibition": (
        "rules:\n  - {id: no, verdict: forbidden}\n  - {id: ask, verdict: authorized, when: {service: doubao}}\n",
        ["6 helpless-grant"],
    ),
    "an approval that opens at some hours": (
        f"{ZONE}rules:\n  - {{id: no, verdict: forbidden, when: {{outside_hours: w}}}}\n"
        "  - {id: ask, verdict: authorized}\n",
        [],
    ),
    "an approval that another approval must join": (
        "rules:\n  - {id: one, verdict: authorized}\n  - {id: two, verdict: authorized, when: {service: doubao}}\n",
        [],
    ),
    "an approval for which a prohibition makes an exception": (
        "rules:\n  - {id: no, verdict: forbidden, except: ask}\n"
        "  - {id: ask, verdict: authorized, when: {service: doubao}}\n",
        [],
    ),
    "a prohibition that forbids no more than its exception does by itself": (
        "rules:\n  - {id: no, verdict: forbidden, except: ask}\n  - {id: ask, verdict: authorized}\n",
        ["5 shadowed"],
    ),
    # what is never found, shown, looked at
    "a class that nobody detects": (
        "data_classes: {p: {entities: [UUID]}}\nrules:\n  - {id: a, verdict: allowed, redact: p}\n",
        ["4 undetected-class"],
    ),
    "a class of which something is detected": (
        "data_classes: {p: {entities: [UUID, URL]}}\nrules:\n  - {id: a, verdict: allowed, redact: p}\n",
        ["4 undetected-class"],
    ),
    "a class of the company's own words": (
        "data_classes: {p: {terms: [华星]}}\nrules:\n  - {id: a, verdict: allowed, redact: p}\n".replace(
            "terms", "placeholder: HX, terms"
        ),
        [],
    ),
    "a notice that only refused exchanges would show": (
        "notices: {n: 你好}\nrules:\n  - {id: no, verdict: forbidden}\n  - {id: a, verdict: allowed, remind: n}\n",
        ["4 notice-never-shown", "7 shadowed"],
    ),
    "a review that is overdue": (f"review: {{every: 30 days, last: 2026-10-01}}\nrules:\n{ALL}", ["4 review-overdue"]),
    "a review that is not yet due": (f"review: {{every: 60 days, last: 2026-10-01}}\nrules:\n{ALL}", []),
    "a review that never was": (f"review: {{every: 60 days}}\nrules:\n{ALL}", ["4 review-overdue"]),
}


@pytest.mark.parametrize(("text", "want"), CASES.values(), ids=CASES.keys())
def test_each_remark_has_its_kind_and_line(text, want):
    assert remarks(text) == want


OFF = "2026-11-01..2027-10-31, 2027-11-01..2028-10-31"


def test_hours_that_never_open_for_a_year_are_named():
    text = f"time_zone: UTC\nhours: {{w: {{days: mon, from: '09:00', to: '18:00', off: [{OFF}]}}}}\nrules:\n{ALL}"
    assert remarks(text) == ["5 contradictory-hours"]


def test_a_remark_has_a_concrete_example():
    text = "rules:\n  - {id: no, verdict: forbidden}\n  - {id: b, verdict: allowed, when: {service: doubao}}\n"
    (remark,) = lint(office(HEAD + text), AGAINST)
    assert remark.example.en == "a person of no group, service doubao, prompt → decided by no"
    assert remark.example.zh == "不属于任何用户组的员工，服务doubao，提问 → 由 no 决定"
    assert remark.level is Level.WARNING
    assert remark.problem.message.zh.startswith("规则“b”不起作用")


def test_a_remark_that_does_not_rest_on_every_situation_says_so():
    groups = ", ".join(f"g{number}: []" for number in range(9))
    text = f"groups: {{{groups}}}\nrules:\n{ALL}  - {{id: b, verdict: allowed, when: {{group: [g1, g2]}}}}\n"
    (remark,) = lint(office(HEAD + text), AGAINST)
    assert remark.kind == "shadowed"
    assert remark.example.en.endswith("(tried in part: person)")
    each = "\n".join(f"  - {{id: r{n}, verdict: allowed, when: {{activity: {a}}}}}" for n, a in enumerate(ACTIVITIES))
    (first, *_) = lint(office(f"{HEAD}rules:\n{ALL}{each}\n  - {{id: s, verdict: allowed}}\n"), AGAINST, most=3)
    assert "(a sample: 3 of 8 situations)" in first.example.en


def test_a_policy_that_means_all_it_says_has_no_remarks():
    assert lint(office(), replace(AGAINST, detectable=None)) == ()


def test_the_day_decides_whether_a_review_is_overdue():
    later = replace(AGAINST, now=datetime(2027, 6, 1, tzinfo=UTC))
    assert remarks(CALENDAR, later) == ["4 review-overdue", "6 calendar-ends"]


CALENDAR = (
    "review: {every: 6 months, last: 2026-10-01}\ntime_zone: Asia/Shanghai\n"
    f"hours: {{w: {{days: mon, from: '09:00', to: '18:00', holidays: cn-2026}}}}\nrules:\n{ALL}"
)


@pytest.mark.parametrize(("day", "kinds"), [(1, []), (2, ["6 calendar-ends"])])
def test_a_month_before_the_end_of_its_year_a_calendar_is_to_be_renewed(day, kinds):
    now = datetime(2026, 12, day, tzinfo=UTC)
    assert remarks(CALENDAR, replace(AGAINST, now=now)) == kinds


GROUPED = "groups: {one: [zhang], two: [zhang, li], directory: []}\n"
EYES = {
    "one person": ("zhang", True),
    "one person, spelt twice": ("[zhang, ZHANG]", True),
    "a group of one": ("one", True),
    "a group and its only member": ("[one, zhang]", True),
    "two people": ("[zhang, li]", False),
    "a group of two": ("two", False),
    "a group that the directory knows": ("directory", False),
}


@pytest.mark.parametrize(("approvers", "warned"), EYES.values(), ids=EYES.keys())
def test_two_who_approve_are_two(approvers, warned):
    ask = f"{{approvers: {approvers}, four_eyes: yes, en: Ask.}}"
    told = remarks(f"{GROUPED}rules:\n  - {{id: a, verdict: authorized, ask: {ask}}}\n")
    assert [each for each in told if "approvers" in each] == (["6 too-few-approvers"] if warned else [])


def test_an_exception_that_nothing_opens_is_told():
    rules = (
        "rules:\n  - {id: ask, verdict: authorized, when: {service: doubao}}\n"
        "  - {id: no, verdict: forbidden, when: {service: cursor}, except: ask}\n"
    )
    assert "6 exception-never-opens" in remarks(rules)


WORDLESS = Lookout([*SERVICES.all[:2], replace(SERVICES.all[2], words=False)], AGAINST.detectable, NOW)
LABEL = "label: {en: AI}"
READ = "notices: {n: {en: Read., show: {once_per: day}}}\n"
CONFIRMED = "notices: {n: {en: Read., show: {once_per: day, acknowledge: yes}}}\n"
ADDED = {
    "a label for a service named": ("", f"when: {{service: cursor}}, {LABEL}", [Level.WARNING]),
    "a notice for a service named": (READ, "when: {service: cursor}, remind: n", [Level.WARNING]),
    "a label for all of a kind": ("", f"when: {{tag: coding}}, {LABEL}", [Level.NOTE]),
    "a label for any": ("", f"when: {{service: any}}, {LABEL}", [Level.NOTE]),
    "a label where all answers can carry it": ("", f"when: {{service: doubao}}, {LABEL}", []),
    "a label for the company's model": ("", f"when: {{service: cursor}}, route: internal, {LABEL}", []),
    "a notice that is confirmed before": (CONFIRMED, "when: {service: cursor}, remind: n", []),
    "no words": ("", "when: {service: cursor}", []),
}


@pytest.mark.parametrize(("head", "rule", "want"), ADDED.values(), ids=ADDED.keys())
def test_words_that_the_answers_of_a_service_cannot_carry_are_told(head: str, rule: str, want: list[Level]):
    said = lint(office(f"{HEAD}{head}rules:\n  - {{id: a, verdict: allowed, {rule}}}\n"), WORDLESS)
    told = [each for each in said if each.kind == "words-left-out"]
    assert [each.level for each in told] == want
    assert all("1 of its services, as cursor" in each.problem.message.en for each in told)
