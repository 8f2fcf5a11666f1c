"""Every rule is explained by the first condition that failed, and the whole by a paragraph anyone can read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from policies.decide import decide
from policies.decision import Findings
from policies.match import Match, match
from policies.trace import SAY, in_words, trace, why_not
from tests.policies.office import OFFICE, office
from tests.policies.samples import FACTS, FINDINGS, NOON, QUESTIONS, WHENS, facts, grant, rules

POLICY = office()
RULES = {rule.id: rule for rule in POLICY.rules}
ALICE = facts(
    service="doubao",
    category="chat",
    country="CN",
    tags=frozenset({"chat", "CN"}),
    account="company",
    groups=frozenset(),
)
NOTHING = Findings({}, 10)

WHY = {
    # rule, facts, found → in English, in Chinese
    "service": ("coding-asks", {}, NOTHING, "service: doubao is not 编程", "服务：doubao不属于编程"),
    "group": (
        "coding-asks",
        {"service": "cursor", "category": "coding", "user": "bob"},
        NOTHING,
        "group: – is not 市场部 or 研发部",
        "用户组：–不属于市场部、研发部",
    ),
    "activity": ("pages", {}, NOTHING, "activity: prompt is not other or visit", "活动：提问不属于其他、浏览"),
    "account": ("free-tier", {}, NOTHING, "account: company is not free", "账号：公司不属于免费"),
    "purpose": (
        "free-tier",
        {"account": "free", "purpose": "business"},
        NOTHING,
        "purpose: business is not personal or unknown",
        "用途：工作不属于个人、未知",
    ),
    "hours": (
        "at-home",
        {"purpose": "business"},
        NOTHING,
        "outside_hours: it is inside 上班",
        "时段外：当时在上班之内",
    ),
    "data": (
        "confidential",
        {},
        Findings({"API_KEY": 2}),
        "data: no 机密 found (found: API_KEY)",
        "数据：没有发现机密（发现：接口密钥）",
    ),
    "amount": (
        "bulk",
        {},
        Findings({"CN_ID_CARD": 5}, 900),
        "amount: not 个人信息 > 5 or characters > 20000",
        "数量：未达到 个人信息 > 5 或 characters > 20000",
    ),
}


@pytest.mark.parametrize(("rule", "given_", "found", "en", "zh"), WHY.values(), ids=WHY.keys())
def test_the_first_condition_that_failed_is_named(rule, given_, found, en, zh):
    said = why_not(RULES[rule], replace(ALICE, **given_), found)
    assert (said.en, said.zh) == (en, zh)


@given(when=WHENS, rule=rules(), about=FACTS, found=FINDINGS)
def test_a_reason_is_given_exactly_where_a_rule_does_not_match(when, rule, about, found):
    rule = replace(rule, when=when)
    assert (why_not(rule, about, found) is None) == (match(rule, about, found) is not Match.NO)


def test_every_condition_of_the_language_has_its_sentence():
    from policies.enact import CONDITIONS

    assert SAY.keys() == set(CONDITIONS)


def test_the_table_has_a_row_for_every_rule_in_the_order_of_the_file():
    rows = trace(POLICY, ALICE, NOTHING)
    assert [row.rule.id for row in rows] == list(RULES)
    assert [row.rule.id for row in rows if row.match is Match.YES] == ["chats"]
    assert all(row.failed.en for row in rows if row.match is Match.NO)


GRANTS = {
    "for another rule": ({"rule": "other"}, "it is for another rule"),
    "for somebody else": ({"person": "bob"}, "it is for somebody else"),
    "for another service": ({"service": "kimi"}, "it is for another service"),
    "for another activity": ({"activity": "upload"}, "it is for another activity"),
    "over": ({"until": NOON}, "it is over"),
    "not begun": ({"from_": NOON + timedelta(minutes=1)}, "it has not begun"),
    "used up": ({"uses_left": 0}, "it is used up"),
    "for other data": ({"classes": frozenset({"secrets"})}, "it does not cover what was found"),
}


@pytest.mark.parametrize(("given_", "want"), GRANTS.values(), ids=GRANTS.keys())
def test_a_grant_that_does_not_open_a_rule_says_why(given_, want):
    held = grant(**({"rule": "coding-asks"} | given_))
    about = replace(ALICE, service="cursor", category="coding", grants=(held,))
    found = Findings({"CONFIDENTIAL": 1})
    decision = decide(POLICY, about, found)
    row = next(row for row in trace(POLICY, about, found, opened=decision.grant) if row.rule.id == "coding-asks")
    assert [(each.id, said.en) for each, said in row.grants] == [("G-1", want)]


def test_a_grant_that_opens_a_rule_says_nothing_against_it():
    about = replace(ALICE, service="cursor", category="coding", grants=(grant(rule="coding-asks"),))
    decision = decide(POLICY, about, NOTHING)
    row = next(row for row in trace(POLICY, about, NOTHING, opened=decision.grant) if row.rule.id == "coding-asks")
    assert [said.en for _, said in row.grants] == [""]


def paragraph(about, found, policy=POLICY):
    return in_words(policy, about, found, decide(policy, about, found))


def test_a_paragraph_says_who_did_what_what_became_of_it_and_by_which_rule():
    said = paragraph(replace(ALICE, groups=frozenset({"研发部"})), Findings({"CN_ID_CARD": 2}))
    assert said.en == (
        "alice (研发部) asks doubao with 2 × CN_ID_CARD, at 2026-12-02 12:00 Asia/Shanghai: this goes to the service. "
        "Rule chats (“Chats”, allowed) decides. Its purpose counts as business (by the company's account). "
        "Taken out first: CN_ID_CARD."
    )
    assert said.zh == (
        "alice（研发部） 2026-12-02 12:00 Asia/Shanghai 提问：doubao，含居民身份证号 2 处：发往外部服务。"
        "由规则 chats（“聊天”，允许）决定。用途按“工作”处理（依据公司账号）。事先隐去：居民身份证号。"
    )


def test_a_paragraph_about_nobody_and_no_rule_reads_well_too():
    said = paragraph(
        replace(ALICE, user="", activity="visit"), NOTHING, office(OFFICE[: OFFICE.index("rules:")] + "rules: []\n")
    )
    assert said.en == (
        "Somebody whom nobody knows opens a page of doubao, at 2026-12-02 12:00 Asia/Shanghai: this is refused. "
        "No rule decides; what the policy says of everything else does."
    )
    assert said.zh.endswith("：被拒绝。没有规则决定，按“其余情况”处理。")


def test_a_rule_that_is_only_observed_is_mentioned():
    watched = office(OFFICE.replace("- id: confidential\n", "- id: confidential\n    mode: observe\n"))
    assert "Rule confidential is only observed" in paragraph(ALICE, Findings({"CONFIDENTIAL": 1}), watched).en


def test_a_grant_that_could_not_help_is_mentioned():
    about = replace(ALICE, grants=(grant(rule="coding-asks"),))
    assert "G-1 does not open it." in paragraph(about, Findings({"CONFIDENTIAL": 1})).en


@given(question=QUESTIONS, found=FINDINGS)
def test_the_same_question_is_always_explained_in_the_same_words(question, found):
    policy, about = question
    policy = replace(policy, time_zone="Asia/Shanghai")
    assert paragraph(about, found, policy) == paragraph(about, found, policy)
