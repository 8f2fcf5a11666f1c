"""What a rule demands is read as it is written, in both languages; what could never have an effect is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import messages, phrases
from policies.decision import Gate, Mode, Notice, RecordDetail, Text, Treatment, Verdict
from policies.model import Asking, Rule, Stage
from policies.oblige import OF_FORBIDDEN, OF_WITHHELD
from policies.problem import PolicyError, as_written
from tests.policies.samples import HEAD, parsed

DEFINED = """\
time_zone: Asia/Shanghai
groups: {研发: [alice], 试点: []}
data_classes: {个人信息: {entities: [EMAIL_ADDRESS]}, secrets: {entities: [API_KEY]}}
notices: {免费版: {zh: 会用于训练。, en: It is trained on.}}
quotas: {每日: {requests: 2, per: day}}
"""
LAST = len((HEAD + DEFINED).splitlines()) + 2
"""The line of the rule."""


def rule(rest: str = "", verdict: str = "allowed") -> Rule:
    """Return the rule `a` with `rest`, a flow mapping without braces."""
    (only,) = parsed(f"{HEAD}{DEFINED}rules:\n  - {{id: a, verdict: {verdict}, {rest}}}\n").rules
    return only


def mistakes(rest: str, verdict: str = "allowed") -> list[tuple[str, str]]:
    """Return message and hint of all that is wrong, which must be told of the rule's line."""
    with pytest.raises(PolicyError) as caught:
        rule(rest, verdict)
    assert {problem.line for problem in caught.value.problems} == {LAST}
    return [(each.message.en, each.hint.en) for each in caught.value.problems]


def test_a_rule_demands_nothing_that_it_does_not_say():
    assert rule() == Rule("a", Verdict.ALLOWED)


FREE = Notice("免费版", Text("It is trained on.", "会用于训练。"), 86400)
EFFECTS = {
    "classes": ("redact: [secrets, 个人信息]", "隐去: [secrets, 个人信息]", "treatments", (Treatment.PLACEHOLDER,) * 2),
    "one class": ("redact: secrets", "隐去: SECRETS", "treatments", (Treatment.PLACEHOLDER,)),
    "ways": (
        "redact: {secrets: drop, 个人信息: mask}",
        "隐去: {secrets: 删去, 个人信息: 遮盖}",
        "treatments",
        (Treatment.DROP, Treatment.MASK),
    ),
    "withheld": ("withhold: yes", "扣留: 是", "withhold", True),
    "not withheld": ("withhold: false", "扣留: 否", "withhold", False),
    "to acknowledge": ("gate: acknowledge", "关口: 确认", "gate", Gate.ACKNOWLEDGE),
    "to justify": ("gate: justify", "关口: 说明理由", "gate", Gate.JUSTIFY),
    "a notice": ("remind: 免费版", "提醒: [免费版]", "remind", (FREE,)),
    "a label": ("label: {zh: 甲, en: A}", "标注: {中文: 甲, 英文: A}", "label", Text("A", "甲")),
    "a label in one language": ("label: {zh: 甲}", "标注: {中文: 甲}", "label", Text("", "甲")),
    "a label for both": ("label: AI", "标注: AI", "label", Text("AI", "AI")),
    "a record": ("record: sealed", "记录: 密封", "record", RecordDetail.SEALED),
    "on trial": ("mode: observe", "模式: 观察", "mode", Mode.OBSERVE),
    "only reminding": ("mode: remind", "模式: 提醒", "mode", Mode.REMIND),
    "in force": ("mode: enforce", "模式: 执行", "mode", Mode.ENFORCE),
}


@pytest.mark.parametrize(("en", "zh", "field", "want"), EFFECTS.values(), ids=EFFECTS.keys())
def test_each_effect_is_read_in_both_languages(en, zh, field, want):
    assert getattr(rule(en), field) == want
    assert rule(zh) == rule(en)


def test_classes_and_the_ways_to_take_them_out_stay_in_step():
    both = rule("redact: {个人信息: mask, secrets: drop}")
    assert [(each.name, way) for each, way in zip(both.redact, both.treatments, strict=True)] == [
        ("个人信息", Treatment.MASK),
        ("secrets", Treatment.DROP),
    ]


STAGES = {
    "a group": ("groups: 试点", Stage, ["试点"], 0),
    "groups": ("groups: [试点, 研发]", Stage, ["试点", "研发"], 0),
    "a percentage": ("percent: 20", Stage, [], 20),
    "both, in Chinese": ("用户组: 试点, 百分比: 1", Stage, ["试点"], 1),
}


@pytest.mark.parametrize(("written", "kind", "groups", "percent"), STAGES.values(), ids=STAGES.keys())
def test_a_stage_says_for_whom_a_rule_is_in_force_already(written, kind, groups, percent):
    stage = rule(f"stage: {{{written}}}").stage
    assert isinstance(stage, kind)
    assert ([each.name for each in stage.groups], stage.percent) == (groups, percent)


ASKED = {
    "a sentence": ("ask: 请找组长。", Text("请找组长。", "请找组长。"), None),
    "words": ("ask: {zh: 甲, en: A}", Text("A", "甲"), Asking()),
    "approvers": ("ask: {zh: 甲, approvers: [组长, 法务]}", Text("", "甲"), Asking(("组长", "法务"))),
    "all of it": (
        "申请: {中文: 甲, 审批人: 组长, 双人复核: 是, 最长期限: 30天, 答复期限: 2 hours, 紧急授权: 是}",
        Text("", "甲"),
        Asking(("组长",), True, 30 * 86400, 7200, break_glass=True),
    ),
}


@pytest.mark.parametrize(("written", "words", "asking"), ASKED.values(), ids=ASKED.keys())
def test_a_rule_says_how_to_ask_for_a_grant(written, words, asking):
    asked = rule(written, "authorized")
    assert (asked.ask, asked.asking) == (words, asking)


DAY, WEEK, HOUR = 86400, 7 * 86400, 3600
SHOWN = {
    "a sentence": ("请留意。", Text("请留意。", "请留意。"), (DAY, False, False)),
    "one language": ("{en: Mind.}", Text("Mind.", ""), (DAY, False, False)),
    "two": ("{en: Mind., zh: 留意。}", Text("Mind.", "留意。"), (DAY, False, False)),
    "each time": ("{zh: 甲, show: {once_per: always}}", Text("", "甲"), (0, False, False)),
    "by the hour": ("{zh: 甲, 显示: {显示间隔: 小时}}", Text("", "甲"), (HOUR, False, False)),
    "in a span": ("{zh: 甲, show: {once_per: 2 weeks}}", Text("", "甲"), (2 * WEEK, False, False)),
    "to confirm": ("{zh: 甲, show: {acknowledge: yes}}", Text("", "甲"), (DAY, True, False)),
    "with the answer": ("{zh: 甲, 显示: {随同: 回答}}", Text("", "甲"), (DAY, False, True)),
    "before it": (
        "{zh: 甲, show: {with: request, once_per: week, acknowledge: yes}}",
        Text("", "甲"),
        (WEEK, True, False),
    ),
}


@pytest.mark.parametrize(("written", "text", "how"), SHOWN.values(), ids=SHOWN.keys())
def test_a_notice_says_what_is_told_and_how_often(written, text, how):
    (defined,) = parsed(f"{HEAD}notices: {{提示一: {written}}}\nrules: []\n").notices
    notice = defined.notice
    assert (defined.name, notice.id, notice.text) == ("提示一", "提示一", text)
    assert (notice.interval, notice.acknowledge, notice.with_answer) == how


ANY_EFFECT = {
    "route": "internal",
    "send_to": "internal",
    "model": "coder",
    "redact": "secrets",
    "withhold": "yes",
    "remind": "免费版",
    "label": "AI",
    "quota": "每日",
    "gate": "justify",
}


@pytest.mark.parametrize("key", OF_FORBIDDEN)
def test_a_rule_that_lets_nothing_out_owes_nothing(key):
    assert mistakes(f"{key}: {ANY_EFFECT[key]}", "forbidden") == [
        (f"A forbidden rule lets nothing out, so “{key}” means nothing in it.", messages.REMOVE_IT.en)
    ]


@pytest.mark.parametrize("key", OF_WITHHELD)
def test_what_is_withheld_goes_nowhere(key):
    for said in ("yes", "true", "是"):
        assert mistakes(f"withhold: {said}, {key}: {ANY_EFFECT[key]}") == [
            (f"What is withheld goes nowhere, so “{key}” means nothing.", messages.REMOVE_IT.en)
        ]
    assert rule(f"withhold: no, {key}: {ANY_EFFECT[key]}") == rule(f"{key}: {ANY_EFFECT[key]}")


def test_what_is_withheld_may_be_explained_by_a_notice():
    assert rule("withhold: yes, remind: 免费版").remind == (FREE,)


CONTRADICTIONS = {
    "two routes": ("route: internal, send_to: internal", "allowed", phrases.TWO_ROUTES, messages.REMOVE_IT),
    "a model outside": ("model: coder", "allowed", phrases.MODEL_OUTSIDE, phrases.SEND_INSIDE),
    "an exception": ("except: a", "allowed", phrases.EXCEPT_NOT_FORBIDDEN, messages.REMOVE_IT),
    "a grant for nothing": ("withhold: yes", "authorized", phrases.WITHHELD_AUTHORIZED, messages.REMOVE_IT),
    "a stage of a trial": ("mode: observe, stage: {percent: 5}", "allowed", phrases.OBSERVED_STAGE, messages.REMOVE_IT),
    "a stage for nobody": ("stage: {}", "allowed", phrases.EMPTY_STAGE, phrases.WRITE_STAGE),
}


@pytest.mark.parametrize(("written", "verdict", "message", "hint"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_effects_that_can_never_come_about_are_told(written, verdict, message, hint):
    assert (as_written(message).en, as_written(hint).en) in mistakes(written, verdict)


@pytest.mark.parametrize(
    "closed", ["verdict: forbidden", "verdict: allowed, send_to: internal", "裁决: 允许, 去向: 内部"]
)
def test_a_rule_that_forbids_or_sends_inside_may_give_way_to_one_that_a_grant_opens(closed):
    rules = f"  - {{id: no, {closed}, except: [ask, ask]}}\n  - {{id: ask, verdict: authorized}}\n"
    first, second = parsed(f"{HEAD}rules:\n{rules}").rules
    assert (first.excepts, second.excepts) == (("ask",), ())


NEVER_SHOWN = {
    "confirmed each time": ("once_per: always, acknowledge: yes", 39, phrases.ALWAYS_ACKNOWLEDGED),
    "confirmed with the answer": ("with: answer, acknowledge: yes", 35, phrases.CONFIRMED_TOO_LATE),
    "before the request, unconfirmed": ("with: request", 35, phrases.NOT_BEFORE),
}


@pytest.mark.parametrize(("show", "column", "message"), NEVER_SHOWN.values(), ids=NEVER_SHOWN.keys())
def test_a_notice_that_could_never_do_what_it_is_to_do_is_told(show, column, message):
    with pytest.raises(PolicyError) as caught:
        parsed(f"{HEAD}notices: {{n: {{zh: 甲, show: {{{show}}}}}}}\nrules: []\n")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.message) == (5, column, message)


KEYS = (*ANY_EFFECT, "record", "mode", "stage", "ask", "except", "unreadable", "on_error", "reason", "instead", "name")
WORDS = (
    *(
        "yes",
        "是",
        "secrets",
        "个人信息",
        "mask",
        "drop",
        "免费版",
        "每日",
        "研发",
        "zh",
        "en",
        "requests",
        "per",
        "day",
    ),
    *("groups", "percent", "3", "approvers", "internal", "sealed", "observe", "a", "30天", "~", "拒绝", "：", "，"),
)
LEAVES = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LEAVES, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["allowed", "authorized", "forbidden"]), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
)
def test_whatever_a_rule_holds_it_is_read_or_told_with_its_place(verdict, fields):
    text = f"{HEAD}{DEFINED}rules:\n  - {json.dumps({'id': 'a', 'verdict': verdict, **fields}, ensure_ascii=False)}\n"
    try:
        (only,) = parsed(text).rules
    except PolicyError as error:
        lines = text.splitlines()
        for problem in error.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert problem.message.en and problem.message.zh
    else:
        demands = {key for key, empty in EMPTY.items() if getattr(only, key) != empty}
        assert demands <= {key for written in fields for key in FILLS.get(written, (written,))}
        assert verdict == "allowed" or not only.withhold
        assert verdict != "forbidden" or replace(only, **BARE) == only


BARE = {"redact": (), "remind": (), "quotas": (), "gate": Gate.NONE, "label": Text(), "withhold": False}
EMPTY = {**BARE, "record": None, "mode": Mode.ENFORCE, "stage": None, "asking": None, "excepts": (), "treatments": ()}
FILLS = {"redact": ("redact", "treatments"), "quota": ("quotas",), "ask": ("asking",), "except": ("excepts",)}
"""Key of the file → fields of the rule that it may fill; nothing else may come of it."""
