"""Tests of policies are read as strictly as policies are: every mistake with its place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.problem import PolicyError
from policies.suite import Expect, inline_suite, read_suite
from tests.policies.office import OFFICE, office

POLICY = office()


def one(line: str):
    """Return the only case of a suite."""
    (case,) = read_suite(f"tests:\n  - {{name: a, expect: external, {line}}}\n", "o_test.yaml", POLICY).cases
    return case


def test_a_case_says_who_when_what_and_what_must_come_of_it():
    case = read_suite(
        "测试:\n  - {名称: 问, 身份: 王芳, 用户组: 研发部, 时间: '2026-12-02 10:00', 服务: 豆包, 活动: 上传,\n"
        "     账号: 公司, 用途: 工作, 内容: 你好, 授权: coding-asks, 依据: chats,\n"
        "     期望: {裁决: 允许, 隐去: [个人信息], 提示: [校对]}}\n",
        "o_test.yaml",
        POLICY,
    ).cases[0]
    assert (case.user, case.groups, case.service, case.activity) == ("王芳", {"研发部"}, "豆包", "upload")
    assert (case.account, case.purpose, case.says, case.grants) == ("company", "business", "你好", {"coding-asks"})
    assert case.at == datetime(2026, 12, 2, 2, tzinfo=UTC)
    assert case.expect == Expect(verdict="allowed", redact={"个人信息"}, notices={"校对"}, because="chats")


CLOCKS = {
    "the policy's zone": ("at: '2026-12-02 10:00'", datetime(2026, 12, 2, 2, tzinfo=UTC)),
    "a zone of its own": ("at: '2026-12-02T10:00+00:00'", datetime(2026, 12, 2, 10, tzinfo=UTC)),
    "none": ("as: a", datetime(2026, 12, 2, 4, tzinfo=UTC)),
}


@pytest.mark.parametrize(("line", "want"), CLOCKS.values(), ids=CLOCKS.keys())
def test_the_clock_is_the_policys_unless_it_says_otherwise(line, want):
    assert one(line).at == want


FINDS = {
    "one class": ("finds: 机密", {"机密": 1}),
    "classes and entities": ("finds: [secrets, PHONE_NUMBER]", {"secrets": 1, "PHONE_NUMBER": 1}),
    "an entity in Chinese": ("finds: 电话号码", {"PHONE_NUMBER": 1}),
    "numbers": ("finds: {个人信息: 6}", {"个人信息": 6}),
    "nothing": ("finds: []", {}),
    "not said": ("as: a", None),
}


@pytest.mark.parametrize(("line", "want"), FINDS.values(), ids=FINDS.keys())
def test_what_is_found_may_be_given_by_class_or_entity(line, want):
    assert one(line).finds == want


WRONG = {
    # text of the suite → line:column, message
    "no tests at all": ("policy: a\n", ["1:1 The policy has no “tests”, which is compulsory."]),
    "no expectation": ("tests: [{name: a}]\n", ["1:9 A test has no “expect”, which is compulsory."]),
    "no name": ("tests: [{expect: internal}]\n", ["1:9 A test has no “name”, which is compulsory."]),
    "a key misspelt": ("tests: [{name: a, expct: internal}]\n", ["1:19 “expct” is not a key of a test."]),
    "an outcome misspelt": ("tests: [{name: a, expect: forbiden}]\n", ["1:27 “forbiden” is not a valid outcome."]),
    "two of a name": (
        "tests:\n  - {name: a, expect: internal}\n  - {name: a, expect: internal}\n",
        ["3:5 Two tests are called “a”."],
    ),
    "two texts": (
        "tests: [{name: a, expect: internal, says: b, finds: 机密}]\n",
        ["1:53 “finds” stands beside “says”; a test has one of them."],
    ),
    "what detectors find beside what is pretended": (
        "tests: [{name: a, expect: {found: 机密}, finds: 机密}]\n",
        ["1:47 “finds” stands beside “found”; a test has one of them."],
    ),
    "a date alone": (
        "tests: [{name: a, expect: internal, at: 2026-12-02}]\n",
        ["1:41 “2026-12-02” is not a date and time."],
    ),
    "a day that is none": (
        "tests: [{name: a, expect: internal, at: '2026-02-30 10:00'}]\n",
        ["1:41 “2026-02-30 10:00” is not a date and time."],
    ),
    "a class nobody defines": (
        "tests: [{name: a, expect: internal, finds: 机秘}]\n",
        ["1:44 There is no data class called “机秘”."],
    ),
    "a rule nobody wrote": (
        "tests: [{name: a, expect: internal, because: chat}]\n",
        ["1:46 There is no rule called “chat”."],
    ),
    "a number of nothing": (
        "tests: [{name: a, expect: internal, finds: {机密: 0}}]\n",
        ["1:49 “0” is not a number of values."],
    ),
    "all at once": (
        "tests: [{name: a, expect: no}, {name: b, expect: internal, activity: fly}]\n",
        ["1:27 “no” is not a valid outcome.", "1:70 “fly” is not a valid activity."],
    ),
}


@pytest.mark.parametrize(("text", "want"), WRONG.values(), ids=WRONG.keys())
def test_every_mistake_has_its_place(text, want):
    with pytest.raises(PolicyError) as caught:
        read_suite(text, "o_test.yaml", POLICY)
    assert [f"{each.line}:{each.column} {each.message.en}" for each in caught.value.problems] == want
    assert all(each.message.zh for each in caught.value.problems)


def test_a_mistake_in_the_tests_of_the_policy_itself_has_its_place_there():
    policy = office(OFFICE.replace("because: confidential}", "because: confidental}"))
    with pytest.raises(PolicyError) as caught:
        inline_suite(policy)
    line = OFFICE[: OFFICE.index("because: confidential}")].count("\n") + 1
    assert [(each.line, each.hint.en) for each in caught.value.problems] == [(line, "Did you mean “confidential”?")]


def test_the_tests_of_the_policy_itself_are_read_and_a_policy_may_have_none():
    assert [case.name for case in inline_suite(POLICY).cases] == ["聊天", "机密"]
    assert inline_suite(office(OFFICE[: OFFICE.index("tests:")])).cases == ()


def test_no_text_of_a_test_is_ever_shown():
    assert "sesame" not in repr(one("says: sesame"))


@given(st.text(alphabet="tests:[]{} \n-nameexpctaysfid：测试'\"#0129", max_size=60))
def test_hostile_text_is_a_policy_error_and_nothing_else(text):
    try:
        read_suite(text, "o_test.yaml", POLICY)
    except PolicyError as error:
        assert error.problems
