"""The verdict is a join: what each combination of rules comes to, and what holds for all of them."""

from datetime import timedelta

import pytest

from policies.decide import decide, needs
from policies.decision import Decision, Needs, Route, Verdict
from tests.policies.samples import HEAD, NOON, facts, grant, parsed

COMPANY = parsed(
    HEAD
    + """
time_zone: Asia/Shanghai
hours: {working: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}}
groups: {engineering: [alice, bob], 市场部: [王芳]}
services:
  Chinese chat: {country: CN, category: chat}
  coding tools: {ids: [github-copilot, cursor]}
data_classes:
  personal: {entities: [CN_ID_CARD, PHONE_NUMBER]}
  secrets: {entities: [API_KEY]}
  客户资料: {terms: [华星科技], placeholder: CUSTOMER}
  plans: {terms: [Project Falcon]}
rules:
  - id: no-chinese-chat
    verdict: forbidden
    when: {service: Chinese chat}
    reason: {zh: 境内聊天产品未经评估。, en: Not assessed.}
    instead: {zh: 请用内部模型。, en: Use the internal model.}
  - id: plans-never-leave
    verdict: forbidden
    when: {data: plans}
  - id: customers-stay-inside
    verdict: allowed
    when: {data: 客户资料}
    route: internal
  - id: office-use
    verdict: allowed
    when: {service: any}
    redact: [personal, secrets]
  - id: ask
    verdict: authorized
    when: {service: coding tools, group: engineering, hours: working}
    ask: {zh: 请向张敏申请。, en: Ask Zhang Min.}
"""
)
OWED = frozenset({"CN_ID_CARD", "PHONE_NUMBER", "API_KEY"})
CURSOR = {"service": "cursor", "category": "coding"}
NIGHT = NOON + timedelta(hours=10)

TABLE = {
    # facts, found → verdict, route, deciding rule, redact
    "plain prompt": ({}, (), "allowed", "external", "office-use", OWED),
    "with a phone number": ({}, ("PHONE_NUMBER",), "allowed", "external", "office-use", OWED),
    "with a customer": ({}, ("CUSTOMER",), "allowed", "internal", "customers-stay-inside", OWED),
    "with a plan": ({}, ("PLANS",), "forbidden", "nowhere", "plans-never-leave", ()),
    "with both": ({}, ("PLANS", "CUSTOMER"), "forbidden", "nowhere", "plans-never-leave", ()),
    "to Kimi": ({"service": "kimi", "country": "CN"}, (), "forbidden", "nowhere", "no-chinese-chat", ()),
    "to Kimi with a plan": (
        {"service": "kimi", "country": "CN"},
        ("PLANS",),
        "forbidden",
        "nowhere",
        "no-chinese-chat",
        (),
    ),
    "Chinese, not chat": (
        {"service": "x", "country": "CN", "category": "coding"},
        (),
        "allowed",
        "external",
        "office-use",
        OWED,
    ),
    "coding, no grant": (CURSOR, (), "authorized", "nowhere", "ask", ()),
    "coding at night": (CURSOR | {"at": NIGHT}, (), "allowed", "external", "office-use", OWED),
    "coding, another group": (CURSOR | {"user": "王芳"}, (), "allowed", "external", "office-use", OWED),
    "coding, group of the directory": (
        CURSOR | {"user": "王芳", "groups": frozenset({"Engineering"})},
        (),
        "authorized",
        "nowhere",
        "ask",
        (),
    ),
    "coding, nobody known": (CURSOR | {"user": ""}, (), "authorized", "nowhere", "ask", ()),
    "coding, grant": (CURSOR | {"grants": (grant(),)}, (), "authorized", "external", "ask", OWED),
    "coding, grant, customer": (
        CURSOR | {"grants": (grant(),)},
        ("CUSTOMER",),
        "authorized",
        "internal",
        "customers-stay-inside",
        OWED,
    ),
    "coding, grant, plan": (
        CURSOR | {"grants": (grant(rule="*"),)},
        ("PLANS",),
        "forbidden",
        "nowhere",
        "plans-never-leave",
        (),
    ),
    "Kimi, grant for all": (
        {"service": "kimi", "country": "CN", "grants": (grant(rule="*"),)},
        (),
        "forbidden",
        "nowhere",
        "no-chinese-chat",
        (),
    ),
}


@pytest.mark.parametrize(("given_", "found", "verdict", "route", "rule", "redact"), TABLE.values(), ids=TABLE.keys())
def test_facts_and_findings_decide(given_, found, verdict, route, rule, redact):
    decision = decide(COMPANY, facts(**given_), frozenset(found))
    got = (decision.verdict, decision.route, decision.deciding, decision.redact)
    assert got == (verdict, route, rule, frozenset(redact))
    assert decision.policy == COMPANY.label
    assert rule in {note.id for note in decision.rules}


GRANTED = {
    "for the rule": ({}, "G-1"),
    "for all rules": ({"rule": "*"}, "G-1"),
    "for the service": ({"service": "cursor"}, "G-1"),
    "for the group of the policy": ({"person": "", "group": "Engineering"}, "G-1"),
    "person in other letters": ({"person": "ＡLICE"}, "G-1"),
    "for another rule": ({"rule": "office-use"}, ""),
    "for another service": ({"service": "github-copilot"}, ""),
    "for another person": ({"person": "bob"}, ""),
    "for another group": ({"person": "", "group": "市场部"}, ""),
    "for nobody": ({"person": ""}, ""),
    "ended this instant": ({"until": NOON}, ""),
    "ended": ({"until": NOON - timedelta(seconds=1)}, ""),
    "without a time zone": ({"until": NOON.replace(tzinfo=None) + timedelta(days=9)}, ""),
}


@pytest.mark.parametrize(("given_", "opened_by"), GRANTED.values(), ids=GRANTED.keys())
def test_a_grant_opens_only_what_it_names(given_, opened_by):
    decision = decide(COMPANY, facts(**CURSOR, grants=(grant(**given_),)), frozenset())
    assert decision.grant == opened_by
    assert decision.permitted == bool(opened_by)
    assert decision.verdict is Verdict.AUTHORIZED
    if not opened_by:
        assert decision.instead.zh == "请向张敏申请。"


def test_the_longest_lived_grant_is_the_one_recorded():
    short, long = grant(id="G-8"), grant(id="G-2", until=NOON + timedelta(days=1))
    assert decide(COMPANY, facts(**CURSOR, grants=(short, long)), frozenset()).grant == "G-2"


def test_the_reason_and_the_way_out_are_those_of_the_deciding_rule():
    decision = decide(COMPANY, facts(service="kimi", country="CN"), frozenset())
    assert decision.reason.zh == "境内聊天产品未经评估。"
    assert decision.instead.en == "Use the internal model."


def test_all_rules_that_matched_are_noted_in_the_order_of_their_ids():
    decision = decide(COMPANY, facts(service="kimi", country="CN"), frozenset({"PLANS", "CUSTOMER"}))
    assert [note.id for note in decision.rules] == [
        "customers-stay-inside",
        "no-chinese-chat",
        "office-use",
        "plans-never-leave",
    ]


@pytest.mark.parametrize(
    ("otherwise", "verdict", "route"), [("forbid", "forbidden", "nowhere"), ("allow", "allowed", "external")]
)
def test_otherwise_decides_where_no_rule_matches(otherwise, verdict, route):
    policy = parsed(HEAD.replace("forbid", otherwise) + "rules: []\n")
    decision = decide(policy, facts(), frozenset())
    assert (decision.verdict, decision.route, decision.deciding, decision.rules) == (verdict, route, "otherwise", ())
    assert decision.reason.en
    assert decision.reason.zh


def test_what_could_not_be_checked_and_must_be_taken_out_is_refused_with_that_reason():
    decision = decide(COMPANY, facts(), frozenset(), frozenset({"API_KEY", "URL"}))
    assert (decision.verdict, decision.route, decision.deciding) == ("forbidden", "nowhere", "office-use")
    assert "checked for API key or token" in decision.reason.en
    assert "其中的接口密钥必须先隐去" in decision.reason.zh
    assert decision.redact == frozenset()


BULK = {
    "holding back": "verdict: allowed, withhold: yes, when: {amount: {more_than: {personal: 3}}}",
    "a reason to be given": "verdict: allowed, gate: justify, when: {amount: {more_than: {personal: 3}}}",
    "a class": "verdict: allowed, withhold: yes, when: {data: personal}",
    "a ban": "verdict: forbidden, when: {data: personal}",
}


@pytest.mark.parametrize("rest", BULK.values(), ids=BULK.keys())
@pytest.mark.parametrize("also_taken_out", [True, False])
def test_a_rule_that_might_hold_does_not_say_that_it_does_where_nothing_could_go_out_unchecked(rest, also_taken_out):
    use = "{id: use, verdict: allowed, redact: personal}" if also_taken_out else "{id: use, verdict: allowed}"
    policy = parsed(
        f"{HEAD}data_classes: {{personal: {{entities: [PERSON]}}}}\n"
        f"rules: [{use}, {{id: bulk, reason: Too many people., {rest}}}]\n"
    )
    decision = decide(policy, facts(), frozenset(), frozenset({"PERSON"}))
    assert decision.route == Route.NOWHERE
    assert [note.id for note in decision.rules] == ["bulk", "use"]
    if also_taken_out:
        assert (decision.deciding, decision.verdict, decision.gate) == ("use", Verdict.FORBIDDEN, "none")
        assert "be checked for name of a person" in decision.reason.en
    else:
        assert decision.deciding == "bulk" and "Too many people." in decision.reason.en


def test_what_could_not_be_checked_restricts_as_if_it_were_there():
    assert decide(COMPANY, facts(), frozenset(), frozenset({"CUSTOMER"})).route is Route.INTERNAL
    assert decide(COMPANY, facts(), frozenset(), frozenset({"PLANS"})).deciding == "plans-never-leave"


def test_what_could_not_be_checked_permits_nothing():
    policy = parsed(
        HEAD
        + "data_classes: {public: {terms: [Brochure]}}\n"
        + "rules:\n  - {id: brochures, verdict: allowed, when: {data: public}}\n"
    )
    assert decide(policy, facts(), frozenset({"PUBLIC"})).permitted
    assert decide(policy, facts(), frozenset(), frozenset({"PUBLIC"})).deciding == "otherwise"


def test_a_rule_that_cannot_be_evaluated_restricts_and_permits_nothing():
    policy = parsed(HEAD + "rules:\n  - {id: office, verdict: allowed, when: {network: 10.0.0.0/8}}\n")
    assert decide(policy, facts(), frozenset()).permitted
    assert decide(policy, facts(address="?"), frozenset()).deciding == "otherwise"
    banned = parsed(HEAD + "rules:\n  - {id: guests, verdict: forbidden, when: {network: 192.168.0.0/16}}\n")
    assert decide(banned, facts(address="?"), frozenset()).deciding == "guests"


def test_no_grant_opens_a_rule_that_cannot_be_evaluated():
    policy = parsed(HEAD + "rules:\n  - {id: ask, verdict: authorized, when: {network: 10.0.0.0/8}}\n")
    assert decide(policy, facts(grants=(grant(),)), frozenset()).grant == "G-1"
    decision = decide(policy, facts(grants=(grant(),), address="?"), frozenset())
    assert (decision.verdict, decision.permitted, decision.deciding) == (Verdict.AUTHORIZED, False, "ask")


def test_a_person_nobody_could_identify_is_told_so():
    reason = decide(COMPANY, facts(**CURSOR, user=""), frozenset()).reason
    assert "could not tell who you are" in reason.en
    assert "未能识别您的身份" in reason.zh


PASSES = {
    "nobody says": ("", "", False),
    "one says pass": ("unreadable: pass, on_error: pass", "", True),
    "both say pass": ("unreadable: pass, on_error: pass", "unreadable: pass, on_error: pass", True),
    "one says refuse": ("unreadable: pass, on_error: pass", "unreadable: refuse, on_error: refuse", False),
    "it goes inside": ("unreadable: pass, on_error: pass", "route: internal", False),
}


@pytest.mark.parametrize(("first", "second", "passes"), PASSES.values(), ids=PASSES.keys())
def test_what_cannot_be_read_passes_only_if_a_rule_says_so_and_none_refuses(first, second, passes):
    policy = parsed(
        f"{HEAD}rules:\n  - {{id: a, verdict: allowed, {first}}}\n  - {{id: b, verdict: allowed, {second}}}\n"
    )
    decision = decide(policy, facts(), frozenset())
    assert (decision.unreadable_passes, decision.errors_pass) == (passes, passes)


def test_a_rule_about_data_that_refuses_the_unreadable_is_heard_before_anything_is_read():
    policy = parsed(
        HEAD
        + "data_classes: {plans: {terms: [Falcon]}}\n"
        + "rules:\n  - {id: use, verdict: allowed, unreadable: pass, on_error: pass}\n"
        + "  - {id: plans-stay, verdict: forbidden, when: {data: plans}, unreadable: refuse, on_error: refuse}\n"
    )
    answer = needs(policy, facts())
    assert isinstance(answer, Needs)
    assert (answer.unless_read.unreadable_passes, answer.unless_read.errors_pass) == (False, False)
    clean = decide(policy, facts(), frozenset())
    assert (clean.unreadable_passes, clean.errors_pass) == (True, True)


def test_needs_names_what_conditions_and_redactions_ask_for():
    answer = needs(COMPANY, facts())
    assert isinstance(answer, Needs)
    assert answer.entities == OWED | {"CUSTOMER", "PLANS"}
    assert answer.unless_read.deciding == "office-use"


HEADERS_DECIDE = {
    "a forbidden service": ({"service": "kimi", "country": "CN"}, "no-chinese-chat"),
    "a service without its grant": (CURSOR, "ask"),
}


@pytest.mark.parametrize(("given_", "rule"), HEADERS_DECIDE.values(), ids=HEADERS_DECIDE.keys())
def test_the_headers_alone_refuse(given_, rule):
    answer = needs(COMPANY, facts(**given_))
    assert isinstance(answer, Decision)
    assert (answer.permitted, answer.deciding) == (False, rule)


def test_the_headers_alone_permit_where_no_text_could_change_it():
    policy = parsed(HEAD + "rules:\n  - {id: pages, verdict: allowed, when: {activity: visit}}\n")
    answer = needs(policy, facts(activity="visit"))
    assert isinstance(answer, Decision)
    assert (answer.permitted, answer.deciding) == (True, "pages")


def test_the_headers_alone_refuse_where_only_refusing_rules_ask_for_data():
    policy = parsed(
        HEAD + "data_classes: {p: {entities: [URL]}}\nrules:\n  - {id: no, verdict: forbidden, when: {data: p}}\n"
    )
    answer = needs(policy, facts())
    assert isinstance(answer, Decision)
    assert answer.deciding == "otherwise"


def test_after_the_clock_was_set_the_stricter_of_both_times_holds() -> None:
    """What is permitted in hours alone is not; what is forbidden in hours is, by whichever clock; so with grants."""
    hours = 'time_zone: Asia/Shanghai\nhours: {day: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}}\n'
    for rule, otherwise in (("allowed", "forbid"), ("forbidden", "allow")):
        policy = parsed(
            f"policy: p\nversion: 1\notherwise: {otherwise}\n{hours}"
            f"rules: [{{id: a, verdict: {rule}, when: {{hours: day}}}}]\n"
        )
        for at, other in ((NOON, NIGHT), (NIGHT, NOON)):
            decision = needs(policy, facts(at=at, or_at=other))
            assert isinstance(decision, Decision) and not decision.permitted, (rule, at)
    given = grant(rule="ask", until=NOON + timedelta(hours=1))
    for other, verdict in ((None, True), (NOON + timedelta(hours=2), False)):
        asked = needs(COMPANY, facts(**CURSOR, user="alice", grants=(given,), or_at=other))
        assert (asked.unless_read if isinstance(asked, Needs) else asked).permitted is verdict
