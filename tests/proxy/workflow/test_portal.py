"""The workflow from the refusal to the grant and its end, each step with its event, and none with a person's words."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decision import Grant
from proxy.errors import Declined, StoreError
from proxy.store.interface import Changes
from proxy.store.sqlite import SqliteStore
from proxy.workflow.grants import sort_out
from proxy.workflow.permission import Finding, State
from proxy.workflow.portal import MOST_A_DAY, MOST_OPEN, Portal
from proxy.workflow.requests import Terms
from tests.proxy.portals import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    HOUR,
    LI,
    NOBODY,
    NOW,
    PURPOSE,
    WANG,
    ZHANG,
    events,
    make_portal,
    person,
    rulebook,
    steps,
    token,
    wish,
)

STRICT = {"rule": "客户资料外发"}


@pytest.fixture
def portal():
    made = make_portal(channels=("webhook", "smtp"))
    yield made
    made.store.close()


@pytest.fixture
def admin(portal: Portal) -> Portal:
    """The same house, at the command line."""
    return replace(portal, desk="command_line")


def code(work, *arguments, **more) -> str:
    with pytest.raises(Declined) as caught:
        work(*arguments, **more)
    assert caught.value.told.en and caught.value.told.zh
    return caught.value.code


def usable(portal: Portal, who) -> list[str]:
    records = portal.store.grants_for(who.user, who.groups)
    return [grant.id for grant in sort_out(records, portal.signer, {}).usable]


def test_from_the_refusal_to_the_grant_with_four_eyes(portal: Portal) -> None:
    link = token(portal, user="张三", rule="客户资料外发")
    request, new = portal.ask_with(ZHANG, link, PURPOSE, frozenset(), 7 * DAY, NOW)
    assert (new, request.reference, request.classes) == (True, "SLC-20261120-7K2F9Q", {"客户资料"})
    assert portal.approve(LI, request.id, NOW + HOUR).state is State.OPEN
    assert usable(portal, ZHANG) == []
    approved = portal.approve(WANG, request.id, NOW + 2 * HOUR)
    assert (approved.state, usable(portal, ZHANG)) == (State.APPROVED, [approved.grant])
    assert portal.store.get_request(request.id) == approved
    assert steps(portal) == ["grant_asked", "grant_approved", "grant_approved", "grant_given"]


def test_each_step_names_who_did_what_and_holds_no_words_of_anybody(portal: Portal) -> None:
    request, _ = portal.ask(ZHANG, wish(**STRICT), NOW)
    portal.approve(LI, request.id, NOW)
    portal.approve(WANG, request.id, NOW)
    asked, *_, given = events(portal)
    assert asked.notes["user"] == asked.notes["holder"] == "张三"
    assert (given.notes["user"], given.notes["holder"], given.notes["approvers"]) == (
        "王经理",
        "张三",
        ["李四", "王经理"],
    )
    assert given.notes["desk"] == "api"
    assert "SECRET" not in repr(events(portal)) + repr(portal.store.due_messages(NOW, 99))


def test_every_channel_gets_each_step_once(portal: Portal) -> None:
    request, _ = portal.ask(ALICE, wish(), NOW)
    portal.approve(BOB, request.id, NOW)
    sent = [(message.channel, message.event.name) for _, message in portal.store.due_messages(NOW, 99)]
    assert sent == [(channel, word) for word in ("grant_asked", "grant_given") for channel in ("webhook", "smtp")]


@pytest.mark.parametrize(
    ("who", "given", "reason"),
    [
        (BOB, {}, "not_your_link"),
        (NOBODY, {}, "not_your_link"),
        (NOBODY, {"user": ""}, "not_your_link"),
        (ALICE, {"expires": NOW}, "token_expired"),
        (ALICE, {"rule": "gone"}, "no_such_rule"),
        (ALICE, {"rule": "*"}, "no_such_rule"),
        (ALICE, {"service": "gone"}, "no_such_service"),
        (ALICE, {"service": ""}, "no_such_service"),
        (ALICE, {"classes": frozenset({"gone"})}, "no_such_class"),
    ],
)
def test_a_link_serves_its_person_its_rule_and_its_time(portal: Portal, who, given, reason) -> None:
    link = token(portal, **given)
    assert code(portal.ask_with, who, link, PURPOSE, frozenset(), DAY, NOW) == reason
    assert events(portal) == []


def test_a_person_may_ask_for_other_classes_by_any_spelling(portal: Portal) -> None:
    asked, _ = portal.ask_with(person("ALICE"), token(portal), PURPOSE, frozenset({"ＦＩＮＡＮＣＥ"}), DAY, NOW)
    assert asked.classes == {"Finance"}


def test_the_same_is_not_asked_twice_while_it_waits(portal: Portal) -> None:
    first, _ = portal.ask(ALICE, wish(), NOW)
    again, new = portal.ask(person("Alice"), wish(purpose="other"), NOW + HOUR)
    assert (again, new, steps(portal)) == (first, False, ["grant_asked"])
    assert portal.ask(ALICE, wish(activity="upload"), NOW)[1]


def test_what_nobody_answered_in_time_is_closed_and_can_be_asked_again(portal: Portal) -> None:
    first, _ = portal.ask(ALICE, wish(), NOW)
    assert code(portal.approve, BOB, first.id, NOW + DAY) == "request_expired"
    second, new = portal.ask(ALICE, wish(), NOW + DAY)
    assert (new, second.id == first.id) == (True, False)
    assert portal.store.get_request(first.id).state is State.EXPIRED
    assert steps(portal) == ["grant_asked", "grant_request_expired", "grant_asked"]


def test_nobody_floods_the_approvers(portal: Portal) -> None:
    for n in range(MOST_OPEN):
        portal.ask(ALICE, wish(activity=str(n)), NOW)
    assert code(portal.ask, ALICE, wish(), NOW) == "too_many_requests"
    assert portal.ask(CAROL, wish(), NOW)[1]


def test_a_person_sees_their_own_requests_and_those_they_can_answer(portal: Portal) -> None:
    mine, _ = portal.ask(ALICE, wish(), NOW)
    strict, _ = portal.ask(ZHANG, wish(**STRICT), NOW)

    def seen(who):
        return {one.id for one in portal.visible_requests(who, NOW)}

    assert (seen(ALICE), seen(ZHANG)) == ({mine.id}, {strict.id})
    assert (seen(BOB), seen(LI), seen(WANG), seen(NOBODY)) == ({mine.id}, {strict.id}, {strict.id}, set())
    portal.deny(BOB, mine.id, NOW)
    assert (seen(BOB), seen(ALICE)) == (set(), {mine.id})


def test_who_asks_and_is_an_approver_too_cannot_answer(portal: Portal, admin: Portal) -> None:
    mine, _ = portal.ask(LI, wish(**STRICT), NOW)
    for desk in (portal, admin):
        assert code(desk.approve, LI, mine.id, NOW) == "own_request"
    assert code(portal.approve, BOB, mine.id, NOW) == "not_an_approver"
    assert code(portal.approve, BOB, "R-000000", NOW) == "no_such_request"


def test_only_the_command_line_answers_where_the_rule_names_nobody(portal: Portal, admin: Portal) -> None:
    mine, _ = portal.ask(ALICE, wish(rule="nobody-named"), NOW)
    assert code(portal.approve, BOB, mine.id, NOW) == "not_an_approver"
    assert admin.approve(BOB, mine.id, NOW).state is State.APPROVED
    assert events(portal)[-1].notes["desk"] == "command_line"


def test_a_denied_or_withdrawn_request_gives_nothing(portal: Portal) -> None:
    denied, _ = portal.ask(ALICE, wish(), NOW)
    portal.deny(BOB, denied.id, NOW)
    taken, _ = portal.ask(ALICE, wish(), NOW)
    portal.withdraw(ALICE, taken.id, NOW)
    assert code(portal.approve, BOB, denied.id, NOW) == "request_denied"
    assert code(portal.approve, BOB, taken.id, NOW) == "request_withdrawn"
    assert (portal.store.all_grants(), steps(portal)[1::2]) == ((), ["grant_denied", "grant_withdrawn"])


def test_two_approvers_at_the_same_time_give_one_grant(portal: Portal) -> None:
    request, _ = portal.ask(ZHANG, wish(**STRICT), NOW)
    threads = [threading.Thread(target=portal.approve, args=(who, request.id, NOW)) for who in (LI, WANG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = portal.store.get_request(request.id)
    assert (done.state, {one.by for one in done.approvals}) == (State.APPROVED, {"李四", "王经理"})
    assert len(portal.store.all_grants()) == 1


def test_a_grant_is_given_only_in_the_name_of_its_rules_approvers(admin: Portal) -> None:
    grant = Grant("G-1", "张三", "", "chatgpt", "客户资料外发", "", PURPOSE, NOW + 7 * DAY)
    assert code(admin.give, grant, (), NOW) == "more_eyes"
    assert code(admin.give, grant, (LI,), NOW) == "more_eyes"
    assert code(admin.give, grant, (LI, person("李四")), NOW) == "more_eyes"
    assert code(admin.give, grant, (LI, BOB), NOW) == "not_an_approver"
    assert code(admin.give, grant, (LI, ZHANG), NOW) == "own_request"
    assert code(admin.give, replace(grant, until=NOW + 15 * DAY), (LI, WANG), NOW) == "too_long"
    assert code(admin.give, replace(grant, from_=NOW + 8 * DAY), (LI, WANG), NOW) == "too_long"
    assert code(admin.give, replace(grant, service="gone"), (LI, WANG), NOW) == "no_such_service"
    assert code(admin.give, replace(grant, rule="gone"), (LI, WANG), NOW) == "no_such_rule"
    given = admin.give(grant, (LI, WANG), NOW)
    assert (given.grant.approvers, usable(admin, ZHANG)) == (("李四", "王经理"), ["G-1"])


def test_a_grant_for_every_rule_satisfies_the_terms_of_every_rule(admin: Portal) -> None:
    grant = Grant("G-1", "张三", "", "*", "*", "", PURPOSE, NOW + 7 * DAY)
    assert code(admin.give, grant, (LI, WANG), NOW) == "not_an_approver"  # of the rule `simple`, that is bob


def test_nobody_approves_a_grant_for_a_group_of_their_own(admin: Portal) -> None:
    grant = Grant("G-1", "", "sales", "chatgpt", "nobody-named", "", PURPOSE, NOW + DAY)
    assert code(admin.give, grant, (ALICE,), NOW) == "own_request"
    admin.give(grant, (BOB,), NOW)
    assert [record.grant.id for record in admin.visible_grants(person("dave"))] == ["G-1"]
    assert admin.visible_grants(BOB) == ()


def given_to(portal: Portal, who, **more) -> str:
    request, _ = portal.ask(who, wish(**more), NOW)
    return portal.approve(BOB, request.id, NOW).grant


def test_a_revoked_grant_is_dead_at_once_and_only_for_whom_it_concerns(portal: Portal, admin: Portal) -> None:
    id = given_to(portal, ALICE)
    for stranger in (CAROL, NOBODY):
        assert code(portal.revoke, stranger, id, NOW) == "no_such_grant"
    assert code(portal.revoke, ALICE, "G-000000", NOW) == "no_such_grant"
    portal.revoke(ALICE, id, NOW)
    assert usable(portal, ALICE) == []
    other = given_to(portal, ALICE)
    assert admin.revoke(person("account:root"), other, NOW).revoked_by == "account:root"


def test_an_administrator_revokes_even_where_the_policy_cannot_be_read(portal: Portal, admin: Portal) -> None:
    id = given_to(portal, ALICE)

    def broken():
        raise StoreError("no policy")

    assert replace(admin, rulebook=broken).revoke(CAROL, id, NOW).revoked


def test_a_renewal_is_asked_and_approved_like_any_request(portal: Portal) -> None:
    id = given_to(portal, ALICE, classes=frozenset({"客户资料"}), uses=3)
    assert code(portal.renew, CAROL, id, "", DAY, NOW) == "no_such_grant"
    assert code(portal.renew, NOBODY, id, "", DAY, NOW) == "no_such_grant"
    assert code(portal.renew, ALICE, id, "", 7 * DAY, NOW + 3 * DAY) == "too_early"
    renewal, new = portal.renew(ALICE, id, "", 7 * DAY, NOW + 6 * DAY)
    assert new and portal.renew(ALICE, id, "", 7 * DAY, NOW + 6 * DAY) == (renewal, False)
    assert (renewal.renews, renewal.classes, renewal.purpose, renewal.uses) == (id, {"客户资料"}, PURPOSE, 3)
    assert code(portal.approve, ALICE, renewal.id, NOW + 6 * DAY) == "own_request"
    new = portal.store.get_grant(portal.approve(BOB, renewal.id, NOW + 6 * DAY).grant)
    assert (new.grant.from_, new.grant.until) == (NOW + 7 * DAY, NOW + 14 * DAY)
    assert code(portal.renew, ALICE, id, "", 7 * DAY, NOW + 6 * DAY) == "renewed_before"
    assert code(portal.renew, ALICE, new.grant.id, "", 7 * DAY, NOW + 6 * DAY) == "too_early"


def test_an_approval_is_held_to_the_terms_of_today(portal: Portal) -> None:
    asked, _ = portal.ask(ALICE, wish(duration=7 * DAY), NOW)
    stricter = replace(portal, rulebook=lambda: rulebook(terms={"simple": Terms(("bob",), longest=DAY)}))
    assert code(stricter.approve, BOB, asked.id, NOW) == "too_long"
    assert usable(portal, ALICE) == []


def test_nobody_calls_approvers_without_end(portal: Portal) -> None:
    for number in range(MOST_A_DAY):
        asked, _ = portal.ask(ALICE, wish(), NOW + number * timedelta(seconds=1))
        portal.withdraw(ALICE, asked.id, NOW + number * timedelta(seconds=1))
    assert code(portal.ask, ALICE, wish(), NOW + DAY - timedelta(seconds=1)) == "too_many_requests"
    assert portal.ask(ALICE, wish(), NOW + DAY)[1]


def test_an_emergency_opens_at_once_and_is_reviewed_afterwards(admin: Portal) -> None:
    record = admin.break_glass(ZHANG, wish(duration=2 * HOUR, **STRICT), NOW)
    assert usable(admin, ZHANG) == [record.grant.id]
    assert code(admin.review, ZHANG, record.grant.id, Finding.JUSTIFIED, NOW) == "own_request"
    assert code(admin.review, LI, "G-000000", Finding.JUSTIFIED, NOW) == "no_such_grant"
    admin.review(LI, record.grant.id, Finding.UNJUSTIFIED, NOW)
    assert usable(admin, ZHANG) == []
    assert steps(admin) == ["break_glass", "grant_reviewed"]
    assert events(admin)[0].notes["break_glass"] is True
    again = wish(duration=HOUR, **STRICT)
    assert code(admin.break_glass, ZHANG, again, NOW + DAY - timedelta(seconds=1)) == "review_first"
    assert admin.break_glass(ZHANG, again, NOW + DAY).break_glass


def test_an_emergency_is_taken_only_where_the_rule_says_so_and_the_last_one_was_reviewed(admin: Portal) -> None:
    assert code(admin.break_glass, ZHANG, wish(rule="nobody-named", duration=HOUR), NOW) == "no_emergencies"
    admin.break_glass(ZHANG, wish(duration=HOUR, **STRICT), NOW)
    assert code(admin.break_glass, ZHANG, wish(duration=HOUR), NOW + DAY) == "review_first"
    assert admin.break_glass(CAROL, wish(duration=HOUR), NOW).break_glass


def test_an_emergency_opens_no_rule_that_no_grant_opens(admin: Portal) -> None:
    assert code(admin.break_glass, ZHANG, wish(rule="never", duration=HOUR), NOW) == "no_such_rule"
    assert code(admin.break_glass, ZHANG, wish(rule="*", duration=HOUR), NOW) == "no_such_rule"


def test_a_confirmed_notice_and_a_declared_purpose_are_remembered(portal: Portal) -> None:
    portal.acknowledge(ALICE, "free-tier", "", NOW)
    portal.acknowledge(ZHANG, "校对", PURPOSE, NOW)
    assert portal.declare(ALICE, "chatgpt", "personal", 8, NOW) == NOW + 8 * HOUR
    assert portal.store.acknowledged("alice") == {"free-tier@1": NOW}
    assert portal.store.declared_purpose("Alice", "chatgpt", NOW) == "personal"
    assert steps(portal) == ["notice_acknowledged", "notice_acknowledged", "purpose_declared"]
    assert "SECRET" not in repr(events(portal))


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda portal: portal.acknowledge(ALICE, "gone", "", NOW), "no_such_notice"),
        (lambda portal: portal.acknowledge(ALICE, "校对", "", NOW), "bad_purpose"),
        (lambda portal: portal.acknowledge(NOBODY, "free-tier", "", NOW), "unidentified"),
        (lambda portal: portal.declare(NOBODY, "chatgpt", "personal", 1, NOW), "unidentified"),
        (lambda portal: portal.declare(ALICE, "gone", "personal", 1, NOW), "no_such_service"),
        (lambda portal: portal.declare(ALICE, "chatgpt", "fun", 1, NOW), "bad_purpose"),
        (lambda portal: portal.declare(ALICE, "chatgpt", "personal", 0, NOW), "bad_purpose"),
        (lambda portal: portal.declare(ALICE, "chatgpt", "personal", 13, NOW), "bad_purpose"),
    ],
)
def test_what_cannot_be_declared_is_refused_and_leaves_no_trace(portal: Portal, work, reason) -> None:
    assert code(work, portal) == reason
    assert events(portal) == []


class Busy(SqliteStore):
    """A store in which somebody else is always faster."""

    def keep(self, changes: Changes) -> bool:
        assert changes.events
        return False


def test_a_step_that_is_overtaken_again_and_again_gives_up_politely() -> None:
    portal = make_portal(store=Busy(None))
    assert code(portal.ask, ALICE, wish(), NOW) == "overtaken"
    assert code(portal.break_glass, ALICE, wish(duration=timedelta(hours=1)), NOW) == "overtaken"
    portal.store.close()


def test_everything_survives_a_restart(tmp_path) -> None:
    first = make_portal(tmp_path / "sluice.db")
    id = given_to(first, ALICE)
    waiting, _ = first.ask(ZHANG, wish(**STRICT), NOW)
    first.store.close()
    again = make_portal(tmp_path / "sluice.db")
    assert usable(again, ALICE) == [id]
    assert [one.id for one in again.open_requests(NOW)] == [waiting.id]
    assert steps(again) == ["grant_asked", "grant_approved", "grant_given", "grant_asked"]
    again.store.close()
