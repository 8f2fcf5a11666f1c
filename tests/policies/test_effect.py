"""What one rule demands, alone: withheld, gated, counted, granted for some data only, excepted, on trial."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Gate, Needs, RecordDetail, Route, Treatment, Verdict
from policies.meter import quota_names
from policies.model import Policy
from tests.policies.samples import HEAD, NOON, facts, grant, parsed

DEFINED = """
time_zone: Asia/Shanghai
groups: {研发: [alice], 试点: []}
data_classes:
  personal: {entities: [EMAIL_ADDRESS, PHONE_NUMBER]}
  secrets: {entities: [API_KEY]}
  客户: {terms: [华星], placeholder: CUSTOMER}
notices:
  free-tier: {zh: 免费版会用于训练。, en: Free tiers train., show: {once_per: day}}
  read-me: {zh: 请先阅读。, en: Read this., show: {once_per: 30 days, acknowledge: yes}}
  check: {zh: 请核对。, en: Check it., show: {with: answer}}
quotas:
  daily: {requests: 2, per: day, of: person}
"""


def company(*rules: str) -> Policy:
    """Return a policy with these rules, each a flow mapping without braces."""
    return parsed(HEAD + DEFINED + "rules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules))


def asked(policy: Policy, found: Findings | None = None, **about) -> Decision:
    """Return the decision about Alice's prompt."""
    return decide(policy, facts(**about), found or Findings())


def test_the_strictest_treatment_of_each_entity_wins():
    decision = asked(
        company(
            "id: a, verdict: allowed, redact: [personal, secrets]",
            "id: b, verdict: allowed, redact: {personal: mask, 客户: 删去}",
            "id: c, verdict: allowed, 隐去: {personal: 概括}",
        )
    )
    assert decision.treat == {
        "EMAIL_ADDRESS": Treatment.GENERALISE,
        "PHONE_NUMBER": Treatment.GENERALISE,
        "API_KEY": Treatment.PLACEHOLDER,
        "CUSTOMER": Treatment.DROP,
    }
    assert decision.redact == decision.treat.keys()


def test_a_message_is_withheld_for_what_it_holds():
    policy = company("id: use, verdict: allowed", "id: hold, verdict: allowed, withhold: yes, when: {data: 客户}")
    assert asked(policy).permitted
    decision = asked(policy, Findings({"CUSTOMER": 1}))
    assert (decision.withhold, decision.route, decision.deciding) == (True, Route.NOWHERE, "hold")
    assert decision.verdict is Verdict.FORBIDDEN
    assert "held back" in decision.reason.en
    assert "扣留" in decision.reason.zh


GATES = {
    # rule, acknowledged → gate, deciding, ids of the notices
    "a notice": ("remind: [free-tier]", (), Gate.NONE, ["free-tier"]),
    "a notice to confirm": ("remind: [free-tier, read-me]", (), Gate.ACKNOWLEDGE, ["read-me"]),
    "a notice confirmed": ("remind: [free-tier, read-me]", ("read-me",), Gate.NONE, ["free-tier"]),
    "another confirmed": ("remind: [read-me]", ("free-tier",), Gate.ACKNOWLEDGE, ["read-me"]),
    "the rule itself to confirm": ("gate: acknowledge", (), Gate.ACKNOWLEDGE, ["use"]),
    "the rule confirmed": ("gate: acknowledge", ("use",), Gate.NONE, []),
    "to justify": ("gate: justify, remind: read-me", (), Gate.JUSTIFY, ["read-me"]),
    "justified": ("gate: justify", ("use",), Gate.NONE, []),
    "justified, but not confirmed": ("gate: justify, remind: read-me", ("use",), Gate.ACKNOWLEDGE, ["read-me"]),
}


@pytest.mark.parametrize(("rest", "acknowledged", "gate", "notices"), GATES.values(), ids=GATES.keys())
def test_nothing_goes_before_the_person_has_done_what_is_asked(rest, acknowledged, gate, notices):
    decision = asked(company(f"id: use, verdict: allowed, {rest}"), acknowledged=frozenset(acknowledged))
    assert (decision.gate, [each.id for each in decision.notices]) == (gate, notices)
    assert decision.permitted is (gate is Gate.NONE)
    assert decision.verdict is Verdict.ALLOWED
    if gate is not Gate.NONE:
        assert "Nothing was sent yet" in decision.reason.en
        assert "重新发送" in decision.instead.zh


def test_a_gate_is_asked_before_the_text_is_read():
    answer = needs(company("id: use, verdict: allowed, gate: justify, redact: personal"), facts())
    assert isinstance(answer, Decision)
    assert answer.gate is Gate.JUSTIFY


def test_nothing_the_person_does_opens_what_is_forbidden():
    decision = asked(company("id: use, verdict: allowed, remind: read-me", "id: no, verdict: forbidden"))
    assert (decision.verdict, decision.gate, decision.notices) == (Verdict.FORBIDDEN, Gate.NONE, ())


def test_a_rule_without_a_grant_asks_for_approval():
    decision = asked(company("id: ask, verdict: authorized, gate: justify"))
    assert (decision.gate, decision.verdict) == (Gate.APPROVAL, Verdict.AUTHORIZED)
    opened = asked(company("id: ask, verdict: authorized, gate: justify"), grants=(grant(),))
    assert (opened.gate, opened.verdict, opened.permitted) == (Gate.JUSTIFY, Verdict.AUTHORIZED, False)


def test_notices_and_labels_of_all_rules_are_told():
    decision = asked(
        company(
            "id: b, verdict: allowed, remind: [check, free-tier], label: {zh: 由人工智能生成, en: AI-generated}",
            "id: a, verdict: allowed, remind: check, label: {zh: 请核对, en: Check}",
            "id: c, verdict: allowed, label: {zh: 请核对, en: Check}",
        )
    )
    assert [(each.id, each.interval, each.with_answer) for each in decision.notices] == [
        ("check", 86400, True),
        ("free-tier", 86400, False),
    ]
    assert decision.label.zh == "请核对\n由人工智能生成"
    assert decision.label.en == "Check\nAI-generated"


RECORDS = {
    "nobody says": ("", "", RecordDetail.FULL),
    "a rule asks for more": ("", "record: sealed", RecordDetail.SEALED),
    "a rule cannot ask for less": ("", "record: minimal", RecordDetail.FULL),
    "the policy asks for less": ("record: minimal\n", "", RecordDetail.MINIMAL),
    "the policy for less, a rule for more": ("record: minimal\n", "record: 完整", RecordDetail.FULL),
}


@pytest.mark.parametrize(("head", "rest", "want"), RECORDS.values(), ids=RECORDS.keys())
@pytest.mark.parametrize("verdict", ["allowed", "forbidden"])
def test_the_most_detailed_record_wins_also_of_what_is_refused(head, rest, want, verdict):
    policy = parsed(f"{HEAD}{head}rules:\n  - {{id: use, verdict: {verdict}, {rest}}}\n")
    assert asked(policy).record is want


def with_used(policy: Policy, used: int, **about) -> Facts:
    """Return facts in which each counter has counted so much."""
    bare = facts(**about)
    return replace(bare, used=dict.fromkeys(quota_names(policy, bare), used))


QUOTAS = {
    "the last of the requests": ("quota: daily", 1, 0, True),
    "one request too many": ("quota: daily", 2, 0, False),
    "the characters fit": ("quota: {characters: 100, per: hour}", 40, 60, True),
    "the characters do not fit": ("quota: {characters: 100, per: hour}", 40, 61, False),
    "no characters are left": ("quota: {characters: 100, per: hour}", 100, 0, False),
    "tokens are left": ("quota: {tokens: 100, per: month, of: everyone}", 99, 999, True),
    "no tokens are left": ("quota: {tokens: 100, per: month, of: everyone}", 100, 0, False),
    "the stricter of two": ("quota: [daily, {requests: 1, per: week}]", 1, 0, False),
}


@pytest.mark.parametrize(("rest", "used", "characters", "fits"), QUOTAS.values(), ids=QUOTAS.keys())
def test_a_quota_lets_go_what_fits(rest, used, characters, fits):
    policy = company(f"id: use, verdict: allowed, {rest}")
    decision = decide(policy, with_used(policy, used), Findings({}, characters))
    assert decision.permitted is fits
    if fits:
        assert {use.counter for use in decision.quotas} == quota_names(policy, facts())
    else:
        assert (decision.verdict, decision.quotas) == (Verdict.FORBIDDEN, ())
        assert "quota" in decision.reason.en
        assert "配额" in decision.reason.zh
        assert "重新计算" in decision.instead.zh


def test_a_text_of_unknown_length_does_not_fit_a_quota_of_characters():
    policy = company("id: use, verdict: allowed, quota: {characters: 100, per: hour}")
    assert isinstance(needs(policy, facts()), Needs)
    assert not decide(policy, facts(), frozenset()).permitted


def test_a_quota_whose_clock_is_lost_is_used_up():
    policy = company("id: use, verdict: allowed, quota: daily")
    decision = asked(policy, at=NOON.replace(tzinfo=None))
    assert not decision.permitted
    assert "cannot be told just now" in decision.reason.en


COVERED = {
    # classes of the grant, findings, unknown → opened
    "all classes": ((), {"API_KEY": 1}, (), True),
    "nothing found": (("personal",), {}, (), True),
    "found, and covered": (("Personal",), {"EMAIL_ADDRESS": 1}, (), True),
    "found, and not covered": (("personal",), {"EMAIL_ADDRESS": 1, "CUSTOMER": 1}, (), False),
    "found, not covered, but taken out": (("personal",), {"API_KEY": 1}, (), True),
    "of no class of the policy": (("personal",), {"URL": 1}, (), True),
    "not looked for": (("personal",), {}, ("CUSTOMER",), False),
    "a class that nobody defines": (("公司机密",), {"CUSTOMER": 1}, (), False),
}


@pytest.mark.parametrize(("classes", "found", "unknown", "opened"), COVERED.values(), ids=COVERED.keys())
def test_a_grant_opens_only_the_data_classes_it_names(classes, found, unknown, opened):
    policy = company("id: ask, verdict: authorized, redact: secrets")
    about = facts(grants=(grant(classes=frozenset(classes)),))
    decision = decide(policy, about, Findings(found), frozenset(unknown))
    assert (decision.grant, decision.permitted) == ("G-1" if opened else "", opened)
    answer = needs(policy, about)
    assert isinstance(answer, Needs)
    if classes:
        assert {"EMAIL_ADDRESS", "CUSTOMER", "API_KEY"} <= answer.entities


ALIVE = {
    "not yet": ({"from_": NOON + timedelta(seconds=1)}, False),
    "from now on": ({"from_": NOON}, True),
    "from a clock without a zone": ({"from_": NOON.replace(tzinfo=None)}, False),
    "used up": ({"uses_left": 0}, False),
    "one use left": ({"uses_left": 1}, True),
    "for this activity": ({"activity": "prompt"}, True),
    "for another activity": ({"activity": "upload"}, False),
    "for all of them": ({"activity": "*"}, True),
}


@pytest.mark.parametrize(("given", "opened"), ALIVE.values(), ids=ALIVE.keys())
def test_a_grant_holds_for_its_time_its_uses_and_its_activity(given, opened):
    assert asked(company("id: ask, verdict: authorized"), grants=(grant(**given),)).permitted is opened


def test_a_grant_for_prompts_holds_for_completions():
    policy = company("id: ask, verdict: authorized")
    assert asked(policy, activity="complete", grants=(grant(activity="prompt"),)).permitted
    assert not asked(policy, activity="train", grants=(grant(activity="upload"),)).permitted
    assert not asked(policy, activity="prompt", grants=(grant(activity="complete"),)).permitted


def test_a_grant_for_everything_comes_before_a_longer_one_for_some_data():
    some = grant(id="G-9", classes=frozenset({"personal"}), until=NOON + timedelta(days=9))
    assert asked(company("id: ask, verdict: authorized"), grants=(grant(), some)).grant == "G-1"


EXCEPTED = ("id: no, verdict: forbidden, except: [ask]", "id: ask, verdict: authorized, when: {group: 研发}")
EXCEPTIONS = {
    "no grant": ({}, "no"),
    "a grant": ({"grants": (grant(),)}, ""),
    "a grant for all rules": ({"grants": (grant(rule="*"),)}, ""),
    "a dead grant": ({"grants": (grant(until=NOON),)}, "no"),
    "a grant, but the rule does not match": ({"user": "bob", "grants": (grant(person="bob"),)}, "no"),
    "nobody knows who": ({"user": "", "grants": (grant(person=""),)}, "no"),
}


@pytest.mark.parametrize(("given", "deciding"), EXCEPTIONS.values(), ids=EXCEPTIONS.keys())
def test_a_forbidden_rule_gives_way_only_to_an_open_rule_that_it_excepts(given, deciding):
    decision = asked(company(*EXCEPTED), **given)
    assert decision.permitted == (deciding == "")
    assert decision.deciding == (deciding or "ask")
    absolute = asked(company(*EXCEPTED, "id: never, verdict: forbidden"), **given)
    assert (absolute.verdict, absolute.permitted) == (Verdict.FORBIDDEN, False)


def test_an_exception_that_depends_on_the_text_keeps_the_question_open():
    rules = ("id: no, verdict: forbidden, except: ask", "id: ask, verdict: authorized, when: {data: personal}")
    policy, about = company(*rules), facts(grants=(grant(),))
    answer = needs(policy, about)
    assert isinstance(answer, Needs)
    assert (answer.unless_read.deciding, answer.unless_read.permitted) == ("no", False)
    assert decide(policy, about, Findings({"EMAIL_ADDRESS": 1})).permitted
    assert isinstance(needs(policy, facts()), Decision)


def test_a_rule_on_trial_is_noted_with_what_it_would_have_done():
    policy = company(
        "id: use, verdict: allowed",
        "id: trial, verdict: forbidden, mode: observe, when: {data: 客户}, name: {zh: 试行, en: On trial}",
        "id: idle, verdict: allowed, mode: observe",
    )
    answer = needs(policy, facts())
    assert isinstance(answer, Needs)
    assert (answer.watching, answer.entities) == (True, {"CUSTOMER"})
    decision = asked(policy, Findings({"CUSTOMER": 1}))
    assert (decision.permitted, decision.would) == (True, Verdict.FORBIDDEN)
    assert [note.id for note in decision.observed] == ["trial"]
    assert [note.id for note in decision.rules] == ["use"]
    assert asked(policy).would is None


def test_a_rule_that_reminds_says_its_reason_and_lets_go():
    policy = company(
        "id: use, verdict: allowed",
        "id: mind, verdict: forbidden, mode: remind, when: {data: 客户}, reason: {zh: 请勿填写客户名称。}",
    )
    assert isinstance(needs(policy, facts()), Needs)
    decision = asked(policy, Findings({"CUSTOMER": 1}))
    assert decision.permitted
    (notice,) = decision.notices
    assert (notice.id, notice.text.zh, notice.acknowledge) == ("mind", "请勿填写客户名称。", False)
    assert asked(policy).notices == ()


def test_a_stage_is_in_force_for_its_group_and_on_trial_for_the_rest():
    policy = company("id: use, verdict: allowed", "id: new, verdict: forbidden, stage: {groups: 试点}")
    assert asked(policy, groups=frozenset({"试点"})).deciding == "new"
    others = asked(policy)
    assert (others.permitted, others.would) == (True, Verdict.FORBIDDEN)
    assert asked(policy, user="").deciding == "new"


def test_the_owner_of_a_rule_is_whom_people_are_sent_to():
    policy = company("id: no, verdict: forbidden")
    (rule,) = policy.rules
    assert "合规部" in asked(policy).instead.zh
    assert "研发部" in asked(replace(policy, rules=(replace(rule, owner="研发部"),))).instead.zh
