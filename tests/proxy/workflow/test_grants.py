"""Approvers say "30d" or "2026-12-31" and mean a definite instant; a grant opens only what it was given for."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policies.decision import Grant
from proxy.errors import Declined, SettingsError
from proxy.workflow.grants import (
    alive,
    ends_soon,
    grant_id,
    granted,
    in_emergency,
    review,
    revoke,
    sort_out,
    span,
    until,
    uses_counter,
)
from proxy.workflow.permission import Finding, GrantRecord
from proxy.workflow.requests import Terms, approve, ask
from proxy.workflow.signing import Signer
from tests.proxy.portals import ALICE, BOB, CAROL, DAY, HOUR, LI, NOBODY, WANG, ZHANG, wish

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("12h", "2026-11-20T21:30:00+08:00"),
        ("12小时", "2026-11-20T21:30:00+08:00"),
        ("30d", "2026-12-20T09:30:00+08:00"),
        (" 30 D ", "2026-12-20T09:30:00+08:00"),
        ("30天", "2026-12-20T09:30:00+08:00"),
        ("30日", "2026-12-20T09:30:00+08:00"),
        ("2w", "2026-12-04T09:30:00+08:00"),
        ("2周", "2026-12-04T09:30:00+08:00"),
        ("366d", "2027-11-21T09:30:00+08:00"),
        ("2026-12-31", "2027-01-01T00:00:00+08:00"),
        ("2026-11-20", "2026-11-21T00:00:00+08:00"),
        ("2026-12-31T18:00+08:00", "2026-12-31T18:00:00+08:00"),
        ("2026-12-31T18:00:30", "2026-12-31T18:00:30+08:00"),
        ("2026-12-31 18:00", "2026-12-31T18:00:00+08:00"),
        ("2026-12-31T10:00Z", "2026-12-31T18:00:00+08:00"),
    ],
)
def test_an_end_is_read_as_people_mean_it(text, end):
    read = until(text, NOW)
    assert read == datetime.fromisoformat(end)
    assert read.utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is written as"),
        ("forever", "is written as"),
        ("永久", "is written as"),
        ("30", "is written as"),
        ("30m", "is written as"),
        ("-3d", "is written as"),
        ("1.5d", "is written as"),
        ("999999d", "is written as"),
        ("２天", "is written as"),
        ("2026-02-31", "is written as"),
        ("2026-12-31T25:00", "is written as"),
        ("31/12/2026", "is written as"),
        ("9999-12-31", "is written as"),
        ("0d", "over already"),
        ("2026-11-19", "over already"),
        ("2026-11-20T09:30+08:00", "over already"),
        ("367d", "366 days at most"),
        ("2036-01-01", "366 days at most"),
    ],
)
def test_an_end_that_is_unclear_past_or_too_far_is_refused_with_the_remedy(text, reason):
    with pytest.raises(SettingsError, match=reason):
        until(text, NOW)


def test_a_grant_is_dead_from_its_end_on():
    grant = Grant("G-1", "张三", "", "*", "*", "李四", "报价", NOW)
    assert not alive(grant, NOW)
    assert alive(grant, NOW.replace(minute=29))


def test_a_grant_is_not_alive_before_it_begins():
    grant = Grant("G-1", "张三", "", "*", "*", "李四", "报价", NOW + DAY, from_=NOW)
    assert [alive(grant, NOW + step) for step in (-HOUR, 0 * HOUR, HOUR)] == [False, True, True]


def code(work, *arguments, **more):
    with pytest.raises(Declined) as caught:
        work(*arguments, **more)
    assert caught.value.told.en and caught.value.told.zh
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "length"),
    [("12h", 12 * HOUR), ("7d", 7 * DAY), (" 2 W ", 14 * DAY), ("3小时", 3 * HOUR), ("7天", 7 * DAY), ("1周", 7 * DAY)],
)
def test_a_length_of_time_is_read(text, length):
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "0d", "7", "d7", "7m", "-1d", "1.5d", "７d", "2026-12-31", "forever", "永久"])
def test_a_length_of_time_that_is_none_is_refused(text):
    assert code(span, text) == "bad_duration"


TERMS = Terms(("bob", "王经理"), eyes=2)
SIGNER = Signer(b"k" * 32)
REQUEST = approve(
    approve(ask(wish(classes=frozenset({"客户资料"}), uses=5), TERMS, ZHANG, "R-1", NOW), TERMS, BOB, NOW),
    TERMS,
    WANG,
    NOW,
)
GIVEN = SIGNER.sign(granted(REQUEST, "G-1", NOW))


def test_an_approved_request_becomes_a_grant_of_exactly_its_scope():
    grant = GIVEN.grant
    assert (grant.person, grant.group, grant.service, grant.rule, grant.activity) == (
        *("张三", "", "chatgpt", "simple", "prompt"),
    )
    assert (grant.classes, grant.uses_left, grant.approvers) == ({"客户资料"}, 5, ("bob", "王经理"))
    assert (grant.from_, grant.until, GIVEN.request) == (None, NOW + 7 * DAY, "R-1")


def test_a_renewal_goes_on_where_the_old_grant_ends():
    early = granted(REQUEST, "G-2", NOW + 5 * DAY, GIVEN).grant
    assert (early.from_, early.until) == (GIVEN.grant.until, GIVEN.grant.until + 7 * DAY)


@pytest.mark.parametrize(
    ("old", "at"),
    [
        (GIVEN, NOW + 8 * DAY),
        (replace(GIVEN, signature=b"", revoked_at=NOW), NOW + DAY),
        (replace(GIVEN, signature=b""), NOW + DAY),
    ],
    ids=["over", "revoked", "unsigned"],
)
def test_a_renewal_of_what_opens_nothing_begins_at_once(old, at):
    assert (granted(REQUEST, "G-2", at, old).grant.from_, granted(REQUEST, "G-2", at, old).grant.until) == (
        None,
        at + 7 * DAY,
    )


def test_an_emergency_is_short_marked_and_waits_for_review():
    record = in_emergency(wish(duration=4 * HOUR), ZHANG, "G-1", NOW)
    assert (record.break_glass, record.awaits_review, record.grant.until) == (True, True, NOW + 4 * HOUR)
    assert record.grant.approvers == ()
    assert code(in_emergency, wish(duration=4 * HOUR + timedelta(seconds=1)), ZHANG, "G-1", NOW) == "too_long"
    assert code(in_emergency, wish(duration=timedelta(0)), ZHANG, "G-1", NOW) == "too_long"
    assert code(in_emergency, wish(duration=HOUR), NOBODY, "G-1", NOW) == "unidentified"
    assert code(in_emergency, wish(duration=HOUR, purpose=" "), ZHANG, "G-1", NOW) == "bad_purpose"


def test_somebody_else_reviews_an_emergency_once():
    record = SIGNER.sign(in_emergency(wish(duration=HOUR), ZHANG, "G-1", NOW))
    assert code(review, record, Finding.JUSTIFIED, ZHANG, NOW) == "own_request"
    assert code(review, record, Finding.JUSTIFIED, NOBODY, NOW) == "unidentified"
    good = review(record, Finding.JUSTIFIED, BOB, NOW)
    assert (good.awaits_review, good.revoked, SIGNER.holds(good)) == (False, False, True)
    assert code(review, good, Finding.JUSTIFIED, WANG, NOW) == "nothing_to_review"
    assert code(review, GIVEN, Finding.JUSTIFIED, WANG, NOW) == "nothing_to_review"


def test_an_emergency_that_was_none_ends_with_its_review():
    record = SIGNER.sign(in_emergency(wish(duration=HOUR), ZHANG, "G-1", NOW))
    bad = review(record, Finding.UNJUSTIFIED, BOB, NOW)
    assert (bad.revoked_by, bad.finding, SIGNER.holds(bad)) == ("bob", Finding.UNJUSTIFIED, False)


@pytest.mark.parametrize(
    ("who", "operator", "may"),
    [
        (ZHANG, False, True),
        (BOB, False, True),
        (LI, False, True),
        (ALICE, False, False),
        (NOBODY, False, False),
        (NOBODY, True, True),
        (CAROL, True, True),
    ],
    ids=["holder", "giver", "approver of the rule", "another", "nobody", "operator", "named by an operator"],
)
def test_a_grant_is_revoked_by_those_whom_it_concerns(who, operator, may):
    terms = Terms(("李四",))
    if may:
        revoked = revoke(GIVEN, terms, who, NOW, operator=operator)
        assert (revoked.revoked, revoked.revoked_by, SIGNER.holds(revoked)) == (True, who.user, False)
        assert code(revoke, revoked, terms, who, NOW, operator=operator) == "revoked_before"
    else:
        assert code(revoke, GIVEN, terms, who, NOW, operator=operator) == "no_such_grant"


def test_a_group_grant_without_a_person_is_not_everybodys_to_revoke():
    ours = GrantRecord(Grant("G-1", "", "Sales", "*", "*", "bob", "x", NOW + DAY, approvers=("bob",)), NOW)
    assert code(revoke, ours, None, NOBODY, NOW) == code(revoke, ours, None, ALICE, NOW) == "no_such_grant"


def test_a_revoked_grant_cannot_be_revived_without_the_key():
    revoked = revoke(GIVEN, None, ZHANG, NOW)
    revived = replace(revoked, revoked_by="", revoked_at=None)
    assert sort_out([revived], SIGNER, {}).unsound == ("G-1",)


def test_only_sound_grants_reach_policy_and_the_others_are_named():
    forged = replace(GIVEN, grant=replace(GIVEN.grant, id="G-2", person="alice"))
    unsigned = replace(GIVEN, grant=replace(GIVEN.grant, id="G-3"), signature=b"")
    over = SIGNER.sign(replace(GIVEN, grant=replace(GIVEN.grant, id="G-4", until=NOW - DAY)))
    gone = revoke(replace(GIVEN, grant=replace(GIVEN.grant, id="G-5")), None, ZHANG, NOW)
    found = sort_out([unsigned, forged, GIVEN, over, gone], SIGNER, {})
    assert ([grant.id for grant in found.usable], found.unsound) == (["G-1", "G-4"], ("G-2", "G-3"))


@pytest.mark.parametrize(("used", "left"), [(0, 5), (2, 3), (5, 0), (9, 0)])
def test_policy_is_told_how_many_uses_are_left(used, left):
    [grant] = sort_out([GIVEN], SIGNER, {uses_counter("G-1"): used}).usable
    assert grant.uses_left == left


@pytest.mark.parametrize(
    ("lasts", "before", "soon"),
    [
        (60 * DAY, 3 * DAY, True),
        (60 * DAY, 3 * DAY + HOUR, False),
        (10 * HOUR, HOUR, True),
        (10 * HOUR, HOUR * 1.1, False),
        (60 * DAY, 0 * HOUR, False),
        (60 * DAY, -HOUR, False),
    ],
    ids=["three days", "earlier", "a tenth", "before that", "at its end", "over"],
)
def test_an_end_is_announced_in_time(lasts, before, soon):
    record = GrantRecord(replace(GIVEN.grant, until=NOW + lasts, from_=None), NOW)
    assert ends_soon(record, NOW + lasts - before) == soon
    assert not ends_soon(replace(record, revoked_at=NOW), NOW + lasts - before)


def test_ids_are_short_and_come_from_the_bytes_given():
    assert grant_id(b"\0\0\0\x20") == "G-000010"
    assert grant_id(b"\xff" * 9) == "G-ZZZZZZ"
