"""What is allowed in a policy and probably not meant is pointed out, each with its place."""

import pytest

from policies.check import check
from tests.policies.samples import HEAD, parsed

ZONE = "time_zone: Asia/Shanghai\n"
USE = "rules:\n  - {id: use, verdict: allowed}\n"

WARNINGS = {
    "nothing to say": (USE, []),
    "unused hours": (
        f'{ZONE}hours: {{w: {{days: mon, from: "09:00", to: "18:00"}}}}\n{USE}',
        ["6:9 window of hours “w”"],
    ),
    "unused group": (f"groups:\n  研发: [alice]\n{USE}", ["6:3 group “研发”"]),
    "unused set": (f"services: {{聊天: {{category: chat}}}}\n{USE}", ["5:12 set of services “聊天”"]),
    "unused class": (f"data_classes: {{p: {{entities: [URL]}}}}\n{USE}", ["5:16 data class “p” is used by no rule"]),
    "used in a condition": (
        f"{ZONE}hours: {{w: {{days: mon, from: '09:00', to: '18:00'}}}}\n"
        "groups: {g: []}\nservices: {s: {country: CN}}\n"
        "data_classes: {p: {entities: [URL]}, q: {entities: [URL]}}\n"
        "rules:\n  - {id: a, verdict: allowed, redact: q, when: {outside_hours: w, group: g, service: s, data: p}}\n",
        [],
    ),
    "class with nothing in it": (
        "data_classes: {p: {}}\nrules:\n  - {id: a, verdict: allowed, redact: p}\n",
        ["5:16 “p” holds nothing"],
    ),
    "class with an empty list of terms": (
        "data_classes: {p: {terms: []}}\nrules:\n  - {id: a, verdict: allowed, redact: p}\n",
        ["5:16 “p” holds nothing"],
    ),
    "forbidden without a way out": ("rules:\n  - {id: a, verdict: forbidden}\n", ["6:10 “a” refuses without saying"]),
    "forbidden with a way out": ("rules:\n  - {id: a, verdict: forbidden, instead: {zh: 请找合规部}}\n", []),
    "inside, and passing unread": (
        "rules:\n  - {id: a, verdict: allowed, route: internal, unreadable: pass, on_error: pass}\n",
        ["6:10 “unreadable: pass” has no effect", "6:10 “on_error: pass” has no effect"],
    ),
}


@pytest.mark.parametrize(("text", "want"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_is_probably_not_meant_is_pointed_out(text, want):
    told = check(parsed(HEAD + text))
    assert len(told) == len(want)
    for problem, wanted in zip(told, want, strict=True):
        place, said = wanted.split(" ", 1)
        assert f"{problem.line}:{problem.column}" == place
        assert said in problem.message.en
        assert problem.message.zh
        assert problem.source


def test_allowing_all_else_is_pointed_out_at_its_line():
    (problem,) = check(parsed(HEAD.replace("forbid", "allow") + "rules: []\n"))
    assert (problem.line, problem.column) == (4, 12)
    assert "一律放行" in problem.render("zh")


def test_warnings_come_in_the_order_of_their_lines():
    told = check(parsed(f"rules:\n  - {{id: a, verdict: forbidden}}\n{HEAD}groups: {{g: []}}\n"))
    assert [problem.line for problem in told] == [2, 7]


def test_warnings_are_not_limited_in_number():
    groups = "".join(f"  g{number}: []\n" for number in range(300))
    assert len(check(parsed(f"{HEAD}groups:\n{groups}{USE}"))) == 300
