"""A request is answered by those whom the rule names, by as many as it wants, in time, and by nobody for themselves."""

from datetime import timedelta

import pytest

from proxy.errors import Declined
from proxy.workflow.permission import State
from proxy.workflow.requests import (
    USUAL,
    Terms,
    approve,
    ask,
    deny,
    expire,
    may_approve,
    purpose_of,
    too_long,
    withdraw,
)
from tests.proxy.portals import ALICE, BOB, CAROL, DAY, NOBODY, NOW, PURPOSE, WANG, ZHANG, person, wish

TWO = Terms(("合规部", "bob"), eyes=2, longest=14 * DAY, answer_within=2 * DAY)
ONE = Terms(("bob", "王经理"))
LI = person("李四", "合规部")
ASKED = ask(wish(), TWO, ZHANG, "R-1", NOW)


def code(work, *arguments, **more) -> str:
    with pytest.raises(Declined) as caught:
        work(*arguments, **more)
    assert caught.value.told.en and caught.value.told.zh
    return caught.value.code


def test_a_request_says_what_is_wanted_and_until_when_it_waits() -> None:
    assert (ASKED.user, ASKED.service, ASKED.rule, ASKED.activity) == ("张三", "chatgpt", "simple", "prompt")
    assert (ASKED.state, ASKED.deadline, ASKED.purpose) == (State.OPEN, NOW + 2 * DAY, PURPOSE)


@pytest.mark.parametrize(
    ("terms", "duration", "reason"),
    [
        (TWO, 14 * DAY, ""),
        (TWO, 14 * DAY + timedelta(seconds=1), "too_long"),
        (TWO, timedelta(0), "too_long"),
        (TWO, -DAY, "too_long"),
        (ONE, USUAL, ""),
        (ONE, USUAL + DAY, "too_long"),
    ],
)
def test_nobody_asks_for_longer_than_the_rule_grants(terms, duration, reason) -> None:
    if reason:
        assert code(ask, wish(duration=duration), terms, ZHANG, "R-1", NOW) == reason
    else:
        assert ask(wish(duration=duration), terms, ZHANG, "R-1", NOW).duration == duration


@pytest.mark.parametrize(
    ("longest", "en", "zh"),
    [
        (14 * DAY, "14 days", "14 天"),
        (timedelta(hours=36), "36 hours", "36 小时"),
        (timedelta(hours=4), "4 hours", "4 小时"),
    ],
)
def test_the_bound_is_told(longest, en, zh) -> None:
    assert en in too_long(longest).en and zh in too_long(longest).zh


@pytest.mark.parametrize(
    ("purpose", "kept"),
    [
        ("  为客户\n起草  报价 ", "为客户 起草 报价"),
        ("x" * 500, "x" * 500),
        ("x" * 501, None),
        ("", None),
        (" \n ", None),
        ("quo\u202ete", None),
        ("a\x00b", None),
        ("a\u200bb", None),
    ],
    ids=["tidied", "longest", "too long", "empty", "blank", "bidi", "control", "invisible"],
)
def test_a_purpose_is_one_readable_line(purpose, kept) -> None:
    if kept is None:
        assert code(purpose_of, purpose) == "bad_purpose"
    else:
        assert purpose_of(purpose) == kept


def test_somebody_unknown_can_neither_ask_nor_answer() -> None:
    assert code(ask, wish(), ONE, NOBODY, "R-1", NOW) == "unidentified"
    assert code(approve, ASKED, ONE, NOBODY, NOW) == "unidentified"
    assert not may_approve(Terms(("",)), NOBODY)


@pytest.mark.parametrize(
    ("terms", "who", "may"),
    [
        (ONE, BOB, True),
        (ONE, person("BOB"), True),
        (ONE, person("ｂｏｂ"), True),
        (ONE, WANG, True),
        (ONE, ALICE, False),
        (TWO, LI, True),
        (TWO, person("李四"), False),
        (TWO, person("dave", "Sales"), False),
        (Terms(), BOB, False),
    ],
    ids=["name", "case", "width", "Chinese", "another", "group", "out of the group", "other group", "nobody named"],
)
def test_approvers_are_named_as_people_or_as_groups(terms, who, may) -> None:
    assert may_approve(terms, who) == may
    if not may:
        assert code(approve, ASKED, terms, who, NOW) == code(deny, ASKED, terms, who, NOW) == "not_an_approver"


def test_one_approval_is_enough_where_the_rule_wants_one() -> None:
    approved = approve(ASKED, ONE, BOB, NOW + DAY)
    assert (approved.state, approved.decided_by, approved.decided_at) == (State.APPROVED, "bob", NOW + DAY)


def test_four_eyes_are_two_different_people() -> None:
    once = approve(ASKED, TWO, BOB, NOW)
    assert (once.state, [one.by for one in once.approvals]) == (State.OPEN, ["bob"])
    assert code(approve, once, TWO, person("BOB"), NOW) == "approved_before"
    twice = approve(once, TWO, LI, NOW)
    assert (twice.state, [one.by for one in twice.approvals]) == (State.APPROVED, ["bob", "李四"])


@pytest.mark.parametrize("who", [person("张三", "合规部"), person(" 张三 ".strip(), "合规部"), person("bob")])
def test_nobody_approves_or_denies_their_own_request(who) -> None:
    mine = ask(wish(), TWO, who, "R-1", NOW)
    for answer in (approve, deny):
        assert code(answer, mine, TWO, who, NOW) == "own_request"
        assert code(answer, mine, TWO, person(who.user.upper(), "合规部"), NOW, operator=True) == "own_request"


def test_an_operator_stands_in_only_where_the_rule_names_nobody() -> None:
    assert approve(ASKED, Terms(), CAROL, NOW, operator=True).state is State.APPROVED
    assert code(approve, ASKED, Terms(), CAROL, NOW) == "not_an_approver"
    assert code(approve, ASKED, ONE, CAROL, NOW, operator=True) == "not_an_approver"


def test_one_no_is_enough_also_after_a_yes() -> None:
    denied = deny(approve(ASKED, TWO, BOB, NOW), TWO, LI, NOW)
    assert (denied.state, denied.decided_by) == (State.DENIED, "李四")


def test_only_who_asked_withdraws() -> None:
    assert withdraw(ASKED, ZHANG, NOW).state is State.WITHDRAWN
    assert code(withdraw, ASKED, BOB, NOW) == code(withdraw, ASKED, NOBODY, NOW) == "not_yours"


@pytest.mark.parametrize(("seconds", "state"), [(-1, State.OPEN), (0, State.EXPIRED), (1, State.EXPIRED)])
def test_a_request_expires_at_its_deadline(seconds, state) -> None:
    at = ASKED.deadline + timedelta(seconds=seconds)
    assert expire(ASKED, at).state is state
    if state is State.EXPIRED:
        for answer in (approve, deny):
            assert code(answer, ASKED, ONE, BOB, at) == "request_expired"
        assert code(withdraw, ASKED, ZHANG, at) == "request_expired"


CLOSED = {
    "approved": approve(ASKED, ONE, BOB, NOW),
    "denied": deny(ASKED, ONE, BOB, NOW),
    "withdrawn": withdraw(ASKED, ZHANG, NOW),
    "expired": expire(ASKED, ASKED.deadline),
}


@pytest.mark.parametrize("state", CLOSED)
def test_what_is_answered_stays_answered(state) -> None:
    closed = CLOSED[state]
    assert code(approve, closed, ONE, WANG, NOW) == f"request_{state}"
    assert code(deny, closed, ONE, WANG, NOW) == f"request_{state}"
    assert code(withdraw, closed, ZHANG, NOW) == f"request_{state}"
    assert expire(closed, NOW + 99 * DAY) is closed
