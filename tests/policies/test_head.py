"""What a policy says of itself is read whole, or told with its place; nothing is taken for what it only looks like."""

from datetime import date
from zoneinfo import available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies import head, messages
from policies.decision import RecordDetail, Verdict
from policies.model import Policy
from policies.problem import PolicyError
from tests.policies.samples import parsed

DAY = 24 * 3600


def spoken(*lines: str, **usual: str) -> Policy:
    """Return a policy without rules whose head has these lines; `usual` replaces those it must have."""
    must = {"policy": "x", "version": "1", "otherwise": "forbid"} | usual
    return parsed("\n".join([*(f"{key}: {value}" for key, value in must.items() if value), *lines, "rules: []\n"]))


def mistakes(*lines: str, **usual: str) -> list[tuple[int, int, str, str]]:
    """Return line, column, message and hint of all that is wrong."""
    with pytest.raises(PolicyError) as caught:
        spoken(*lines, **usual)
    return [(each.line, each.column, each.message.en, each.hint.en) for each in caught.value.problems]


def test_what_a_policy_need_not_say_has_its_usual_meaning():
    policy = spoken()
    assert (policy.owner, policy.approved_by, policy.effective, policy.review, policy.time_zone) == (
        "",
        (),
        None,
        None,
        "",
    )
    assert (policy.record, policy.otherwise, policy.rules) == (RecordDetail.FULL, Verdict.FORBIDDEN, ())


SAID = {
    "name": ("policy: 生成式人工智能使用政策", "name", "生成式人工智能使用政策"),
    "version": ("version: 12", "version", 12),
    "allow": ("otherwise: allow", "otherwise", Verdict.ALLOWED),
    "allow in Chinese": ("其余情况: 允许", "otherwise", Verdict.ALLOWED),
    "owner": ("owner: ' 合规部 '", "owner", "合规部"),
    "one approver": ("approved_by: 张敏", "approved_by", ("张敏",)),
    "approvers, in their order": ("批准人: [张敏, 法务部]", "approved_by", ("张敏", "法务部")),
    "effective": ("effective: 2026-10-01\ntime_zone: UTC", "effective", date(2026, 10, 1)),
    "minimal record": ("record: minimal", "record", RecordDetail.MINIMAL),
    "sealed record": ("记录: 密封", "record", RecordDetail.SEALED),
    "zone": ("time_zone: Asia/Shanghai", "time_zone", "Asia/Shanghai"),
    "UTC": ("time_zone: UTC", "time_zone", "UTC"),
}


@pytest.mark.parametrize(("line", "field", "want"), SAID.values(), ids=SAID.keys())
def test_each_statement_is_read(line, field, want):
    twice = {"name": "policy", "version": "version", "otherwise": "otherwise"}
    policy = spoken(line, **({twice[field]: ""} if field in twice else {}))
    assert getattr(policy, field) == want


def test_where_the_answer_to_otherwise_stands_is_kept():
    mark = spoken().otherwise_at
    assert (mark.line, mark.column) == (3, 12)


@given(st.integers(1, 999_999_999))
def test_a_version_is_a_whole_number_from_one_up(number):
    assert spoken(version=str(number)).version == number


@example("01")
@example("1.0")
@example("+1")
@example("-1")
@example("1e3")
@example("１")
@example("1_000")
@example("0x1")
@example("1000000000")
@given(st.text("0123456789.e+-_ １２一", min_size=1, max_size=12).filter(lambda text: not head.VERSION.fullmatch(text)))
def test_what_only_looks_like_a_version_is_refused(word):
    told = mistakes(version=f"'{word}'")
    assert told == [(2, 10, f"“{word}” is not a version.", messages.WRITE_VERSION.en)]


REVIEWS = {
    "both": ("{every: 6 months, last: 2026-10-01}", (180 * DAY, date(2026, 10, 1))),
    "never yet": ("{every: 1 year}", (365 * DAY, None)),
    "in Chinese": ("{每隔: 2周, 上次: 2026-10-01}", (14 * DAY, date(2026, 10, 1))),
}


@pytest.mark.parametrize(("written", "want"), REVIEWS.values(), ids=REVIEWS.keys())
def test_a_review_says_how_often_and_when_it_was_last(written, want):
    review = spoken(f"review: {written}").review
    assert (review.every, review.last) == want
    assert (review.mark.line, review.mark.column) == (4, 9)


BAD_REVIEWS = {
    "not how often": ("{last: 2026-10-01}", (9, "The review of the policy has no “every”, which is compulsory.")),
    "no span": ("{every: often}", (17, "“often” is not a span of time.")),
    "no date": ("{every: 1 year, last: 2026-13-01}", (31, "“2026-13-01” is not a date.")),
}


@pytest.mark.parametrize(("written", "want"), BAD_REVIEWS.values(), ids=BAD_REVIEWS.keys())
def test_a_review_that_cannot_come_is_told(written, want):
    assert [(column, message) for _, column, message, _ in mistakes(f"review: {written}")] == [want]


ZONES = {
    "misspelt": ("Asia/Shangai", "Did you mean “Asia/Shanghai”?"),
    "small letters": ("asia/shanghai", "Did you mean “Asia/Shanghai”?"),
    "Beijing": ("Asia/Beijing", "Did you mean “Asia/Shanghai”?"),
    "Beijing time": ("北京时间", "Did you mean “Asia/Shanghai”?"),
    "of this machine": ("localtime", messages.WRITE_ZONE.en),
    "an abbreviation": ("CST", messages.WRITE_ZONE.en),
    "an offset": ("'+08:00'", messages.WRITE_ZONE.en),
    "a way out of the database": ("../../etc/localtime", None),
    "a folder of the database": ("Asia/", None),
    "a whole path": ("/usr/share/zoneinfo/UTC", None),
    "endless": (f"Asia/{'x' * 5000}", None),
}


@pytest.mark.parametrize(("zone", "hint"), ZONES.values(), ids=ZONES.keys())
def test_a_zone_that_machines_do_not_agree_on_is_refused(zone, hint):
    ((line, column, message, advice),) = mistakes(f"time_zone: {zone}")
    assert (line, column) == (4, 12)
    assert message.endswith("is not an IANA time zone.")
    assert hint is None or advice == hint


@given(st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone)))
def test_every_zone_of_the_database_that_has_an_area_is_taken_as_it_is(zone):
    assert spoken(f"time_zone: {zone}").time_zone == zone


def test_hours_without_a_zone_are_refused_and_a_policy_without_hours_needs_none():
    hours = 'hours: {上班: {days: [mon], from: "09:00", to: "18:00"}}'
    assert mistakes(hours) == [(4, 8, "Hours are used, but “time_zone” is missing.", messages.WRITE_ZONE.en)]
    assert spoken("hours: {}").time_zone == ""
    assert spoken(hours, "time_zone: Europe/Berlin").hours[0].zone == "Europe/Berlin"


def test_a_machine_without_time_zones_says_so_and_does_not_blame_the_policy(monkeypatch):
    monkeypatch.setattr(head, "_zones", frozenset)
    monkeypatch.setattr(head, "_exists", lambda _zone: False)
    ((_, _, message, hint),) = mistakes("time_zone: Asia/Shanghai")
    assert message == "This computer has no time-zone data, so “Asia/Shanghai” cannot be checked."
    assert hint == messages.INSTALL_TZDATA.en


def test_all_that_is_wrong_with_a_head_is_told_at_once():
    told = mistakes("time_zone: UTC", "record: all", "effective: soon", version="one", otherwise="maybe")
    assert [(line, column) for line, column, _, _ in told] == [(2, 10), (3, 12), (5, 9), (6, 12)]


@given(st.lists(st.sampled_from(("policy", "version", "otherwise")), unique=True))
def test_what_a_policy_must_say_is_missed_each_by_its_name(left_out):
    if left_out:
        told = {message for _, _, message, _ in mistakes(**dict.fromkeys(left_out, ""))}
        assert told == {f"The policy has no “{word}”, which is compulsory." for word in left_out}
    else:
        assert spoken().version == 1
