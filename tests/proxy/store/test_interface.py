"""What every store promises, asked of each one: add a store to `OPENERS` (in conftest.py) and it has to keep all of it.

What it promises of counters and declarations stands in test_tallies.py.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest

from policies.decision import Grant
from proxy.errors import StoreError
from proxy.store.interface import Changes, Sealed
from proxy.workflow.permission import (
    Approval,
    Event,
    Finding,
    GrantRecord,
    GrantRequest,
    Message,
    PolicyVersion,
    State,
)
from tests.proxy.store.crowd import run_all

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
TICK = timedelta(milliseconds=1)
PERSON = "[PERSON_7K2F]"
PHONE = "[电话_9Q4M]"


def sealed(value, nonce="1"):
    return Sealed(f"{nonce}:{value}".encode(), f"digest of {value}".encode())


def grant(id, person="", group="", until=LATER):
    return GrantRecord(Grant(id, person, group, "chatgpt", "客户资料", "李四", "季度报价 quote", until), NOW)


def test_an_original_comes_back_to_its_user_and_to_nobody_else(store):
    assert store.put_originals("张三", {PERSON: sealed("王五"), PHONE: sealed("138")}, LATER, NOW) == frozenset()
    assert store.get_original("张三", PERSON, NOW) == b"1:\xe7\x8e\x8b\xe4\xba\x94"
    assert store.get_original("张三", PHONE, NOW) == b"1:138"
    assert store.get_original("alice", PERSON, NOW) is None
    assert store.get_original("", PERSON, NOW) is None
    assert store.get_original("张三", "[PERSON_0000]", NOW) is None
    asked = [PERSON, *(f"[PERSON_{number:04}]" for number in range(1200)), PHONE]
    assert store.get_originals("张三", asked, NOW) == {PERSON: b"1:\xe7\x8e\x8b\xe4\xba\x94", PHONE: b"1:138"}
    assert store.get_originals("alice", asked, NOW) == store.get_originals("张三", asked, LATER) == {}
    assert store.get_originals("张三", [], NOW) == {}


def test_any_bytes_are_kept_as_they_are(store):
    data = bytes(range(256)) * 40
    store.put_originals("u", {PERSON: Sealed(data, b"\0\xff")}, LATER, NOW)
    assert store.get_original("u", PERSON, NOW) == data


def test_nothing_to_keep_is_no_mistake(store):
    assert store.put_originals("u", {}, LATER, NOW) == frozenset()


@pytest.mark.parametrize(("at", "there"), [(LATER - TICK, True), (LATER, False), (LATER + TICK, False)])
def test_an_original_is_gone_from_its_expiry_on_purged_or_not(store, at, there):
    store.put_originals("u", {PERSON: sealed("王五")}, LATER, NOW)
    assert (store.get_original("u", PERSON, at) is not None) == there
    assert store.purge(at) == (0 if there else 1)
    assert (store.get_original("u", PERSON, NOW) is not None) == there


def test_expiry_is_an_instant_whatever_its_time_zone(store):
    shanghai = timezone(timedelta(hours=8))
    store.put_originals("u", {PERSON: sealed("王五")}, LATER.astimezone(shanghai), NOW.astimezone(shanghai))
    assert store.get_original("u", PERSON, LATER - TICK) is not None
    assert store.get_original("u", PERSON, LATER.astimezone(shanghai)) is None


def test_using_a_value_again_keeps_it_longer_and_never_shorter(store):
    day = timedelta(days=1)
    store.put_originals("u", {PERSON: sealed("王五")}, NOW + 2 * day, NOW)
    assert store.put_originals("u", {PERSON: sealed("王五", "2")}, NOW + 5 * day, NOW + day) == frozenset()
    assert store.put_originals("u", {PERSON: sealed("王五", "3")}, NOW + 3 * day, NOW + day) == frozenset()
    assert store.get_original("u", PERSON, NOW + 4 * day) == sealed("王五", "3").data
    assert store.get_original("u", PERSON, NOW + 5 * day) is None


def test_a_placeholder_never_changes_its_meaning_and_a_clash_keeps_nothing(store):
    store.put_originals("u", {PERSON: sealed("王五")}, LATER, NOW)
    clash = store.put_originals("u", {PHONE: sealed("138"), PERSON: sealed("赵六")}, LATER, NOW)
    assert clash == {PERSON}
    assert store.get_original("u", PERSON, NOW) == sealed("王五").data
    assert store.get_original("u", PHONE, NOW) is None
    assert store.put_originals("v", {PERSON: sealed("赵六")}, LATER, NOW) == frozenset()


def test_an_expired_placeholder_is_free_for_another_value(store):
    store.put_originals("u", {PERSON: sealed("王五")}, NOW + TICK, NOW)
    assert store.put_originals("u", {PERSON: sealed("赵六")}, LATER, NOW + TICK) == frozenset()
    assert store.get_original("u", PERSON, NOW + TICK) == sealed("赵六").data


def test_threads_that_disagree_on_a_placeholder_find_out_all_but_one(store):
    clashes = []
    run_all(
        [lambda n=n: clashes.append(store.put_originals("u", {PERSON: sealed(str(n))}, LATER, NOW)) for n in range(12)]
    )
    assert sorted(map(len, clashes)) == [0] + [1] * 11


def test_grants_come_back_whole_by_person_and_by_group(store):
    mine, ours = grant("G-2", person="张三"), grant("G-1", group="销售部")
    for kept in (mine, ours, grant("G-3", person="alice"), grant("G-4", group="finance")):
        assert store.keep(Changes(grant=kept))
    assert store.grants_for("张三", ["销售部", "it"]) == (ours, mine)
    assert store.grants_for("张三", []) == (mine,)
    assert store.grants_for("nobody", []) == ()
    assert [kept.grant.id for kept in store.all_grants()] == ["G-1", "G-2", "G-3", "G-4"]
    assert (store.get_grant("G-2"), store.get_grant("G-9")) == (mine, None)


def test_every_field_of_a_grant_is_kept(store):
    kept = GrantRecord(
        Grant(
            *("G-1", "张三", "", "chatgpt", "客户资料", "李四 王五", "季度报价 quote", LATER),
            activity="prompt",
            classes=frozenset({"客户资料", "财务"}),
            uses_left=3,
            from_=NOW + TICK,
            approvers=("李四", "王五"),
        ),
        created=NOW,
        request="R-1",
        reference="SLC-1",
        break_glass=True,
        signature=bytes(range(64)),
        revoked_by="赵六",
        revoked_at=NOW,
        reviewed_by="alice",
        reviewed_at=LATER,
        finding=Finding.UNJUSTIFIED,
        warned=True,
    )
    store.keep(Changes(grant=kept))
    assert store.all_grants() == (kept,)


@pytest.mark.parametrize(("given", "asked"), [("Alice", "alice"), ("ＡＬＩＣＥ", "Alice"), ("张三", "张三")])
def test_a_grant_is_found_however_the_name_is_written(store, given, asked):
    store.keep(Changes(grant=grant("G-1", person=given)))
    store.keep(Changes(grant=grant("G-2", group=given)))
    assert [one.grant.id for one in store.grants_for(asked, [asked])] == ["G-1", "G-2"]


def test_a_person_who_could_not_be_identified_gets_nobodys_grants(store):
    store.keep(Changes(grant=grant("G-1", group="销售部")))
    store.keep(Changes(grant=grant("G-2", person="张三")))
    assert store.grants_for("", []) == ()
    assert store.grants_for("", [""]) == ()


def test_expired_grants_are_kept_with_their_time_for_policy_to_judge(store):
    until = datetime(2026, 1, 1, 18, 0, 0, 250, tzinfo=timezone(timedelta(hours=8)))
    store.keep(Changes(grant=grant("G-1", person="张三", until=until)))
    kept = store.grants_for("张三", [])[0].grant.until
    assert (kept, kept.utcoffset()) == (until, timedelta(hours=8))


def test_an_id_names_one_grant(store):
    assert store.keep(Changes(grant=grant("G-1", person="张三")))
    assert not store.keep(Changes(grant=grant("G-1", person="alice")))
    assert store.grants_for("alice", []) == ()


def request(id, user="张三", at=NOW, **more):
    given = {"service": "chatgpt", "rule": "客户资料", "activity": "prompt"} | more
    usual = {"reference": "SLC-1", "classes": frozenset({"财务"}), "purpose": "季度报价", "duration": timedelta(days=7)}
    return GrantRequest(id=id, user=user, at=at, deadline=LATER, **(usual | given))


def test_every_field_of_a_request_is_kept(store):
    kept = request(
        "R-1",
        uses=4,
        state=State.APPROVED,
        approvals=(Approval("李四", NOW), Approval("alice", LATER)),
        decided_by="alice",
        decided_at=LATER,
        grant="G-1",
        renews="G-0",
    )
    store.keep(Changes(request=kept))
    assert store.requests() == (kept,) == (store.get_request("R-1"),)
    assert store.get_request("R-2") is None


def test_requests_are_listed_by_state_the_newest_first(store):
    old, new = request("R-1"), request("R-2", "alice", NOW + TICK)
    over = request("R-3", state=State.DENIED)
    for one in (old, new, over):
        assert store.keep(Changes(request=one))
    assert store.requests(State.OPEN) == (new, old)
    assert store.requests(State.DENIED) == (over,)
    assert len(store.requests()) == 3


def test_one_person_waits_once_for_the_same_thing(store):
    assert store.keep(Changes(request=request("R-1")))
    assert not store.keep(Changes(request=request("R-2")))
    assert store.keep(Changes(request=request("R-3", "alice")))
    assert store.keep(Changes(request=request("R-4", activity="upload")))
    was = store.get_request("R-1")
    assert store.keep(Changes(request=replace(was, state=State.DENIED), request_was=was))
    assert store.keep(Changes(request=request("R-2")))


def test_a_step_on_what_somebody_else_has_changed_keeps_nothing(store):
    was = request("R-1")
    store.keep(Changes(request=was))
    assert store.keep(Changes(request=replace(was, state=State.DENIED), request_was=was))
    late = replace(was, state=State.APPROVED)
    event = Event("grant_approved", NOW, {})
    assert not store.keep(Changes(request=late, request_was=was, grant=grant("G-1"), events=[event]))
    assert store.get_request("R-1").state is State.DENIED
    assert (store.all_grants(), store.waiting_events(9)) == ((), ())


def test_a_grant_whose_id_is_taken_takes_the_whole_step_back(store):
    store.keep(Changes(grant=grant("G-1", person="alice")))
    message = Message("webhook", Event("x", NOW, {}))
    assert not store.keep(Changes(request=request("R-1"), grant=grant("G-1"), messages=[message]))
    assert (store.requests(), store.due_messages(LATER, 9)) == ((), ())


def test_of_threads_that_answer_one_request_one_wins(store):
    was, won = request("R-1"), []
    store.keep(Changes(request=was))

    def answer(n):
        changed = replace(was, state=State.DENIED, decided_by=str(n))
        won.append(store.keep(Changes(request=changed, request_was=was, events=[Event(str(n), NOW, {})])))

    run_all([partial(answer, n) for n in range(8)])
    assert sorted(won) == [False] * 7 + [True]
    [(_, event)] = store.waiting_events(9)
    assert event.name == store.get_request("R-1").decided_by


def test_events_wait_in_order_until_they_are_forgotten(store):
    events = [Event(f"step {n}", NOW, {"grant": f"G-{n}", "classes": ["财务"], "count": n}) for n in range(5)]
    store.keep(Changes(events=events[:3]))
    store.keep(Changes(events=events[3:]))
    waiting = store.waiting_events(2)
    assert [event for _, event in waiting] == events[:2]
    store.forget_events(number for number, _ in waiting)
    assert [event for _, event in store.waiting_events(9)] == events[2:]
    store.forget_events(number for number, _ in store.waiting_events(9))
    store.keep(Changes(events=events[:1]))
    assert store.waiting_events(9)[0][0] > waiting[-1][0], "a number never names another event"


def test_a_message_waits_for_its_next_try(store):
    sent = Message("smtp", Event("grant_asked", NOW, {"holder": "张三"}))
    store.keep(Changes(messages=[sent, replace(sent, channel="webhook")]))
    assert store.due_messages(NOW - TICK, 9) == ()
    (first, message), (second, _) = store.due_messages(NOW, 9)
    assert message == sent
    store.settle_message(first, replace(sent, attempts=1, next_try=NOW + timedelta(minutes=1)))
    store.settle_message(second, None)
    assert store.due_messages(NOW, 9) == ()
    [(again, message)] = store.due_messages(NOW + timedelta(minutes=1), 9)
    assert (again, message.attempts) == (first, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda store, naive: store.put_originals("u", {PERSON: sealed("x")}, naive, NOW),
        lambda store, naive: store.put_originals("u", {PERSON: sealed("x")}, LATER, naive),
        lambda store, naive: store.get_original("u", PERSON, naive),
        lambda store, naive: store.put_end("u", "p", b"x", naive, NOW, 1),
        lambda store, naive: store.get_ends("u", "p", naive),
        lambda store, naive: store.purge(naive),
        lambda store, naive: store.count("c", naive, 1, 1),
        lambda store, naive: store.acknowledge("u", "n", naive),
        lambda store, naive: store.show_notice("u", "n", naive, 1),
        lambda store, naive: store.declare_purpose("u", "s", "personal", naive),
        lambda store, naive: store.declared_purpose("u", "s", naive),
        lambda store, naive: store.due_messages(naive, 1),
        lambda store, naive: store.keep(Changes(request=request("R-1", at=naive))),
        lambda store, naive: store.keep_policy(PolicyVersion("1", "a", "", naive, "")),
    ],
    ids=[
        *(
            "expires",
            "now",
            "get",
            "put end",
            "get ends",
            "purge",
            "count",
            "acknowledge",
            "show",
            "declare",
            "declared",
        ),
        *("due", "request", "policy"),
    ],
)
def test_a_time_without_a_zone_is_a_bug(store, call):
    with pytest.raises(ValueError, match="aware"):
        call(store, NOW.replace(tzinfo=None))


def test_names_that_look_like_sql_are_only_names(store):
    name = "x' OR '1'='1"
    store.keep(Changes(grant=grant("G-1", person="张三")))
    store.put_originals("u", {PERSON: sealed("王五")}, LATER, NOW)
    assert store.grants_for(name, [name]) == ()
    assert store.get_original(name, name, NOW) is None
    assert store.get_grant(name) is store.get_request(name) is store.get_policy(name) is None
    assert store.used([name]) == {}


def test_a_closed_store_says_so(store):
    store.close()
    with pytest.raises(StoreError, match="cannot be used"):
        store.get_original("u", PERSON, NOW)


def test_what_is_sealed_or_written_by_people_is_not_shown():
    assert repr(sealed("王五")) == "Sealed()"
    assert "季度报价" not in repr(request("R-1"))
    assert "SECRET" not in repr(PolicyVersion("1", "a", "SECRET terms", NOW, "file"))
