"""What every store promises, asked of each one: add a store to `OPENERS` and it has to keep all of it."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from policies.decision import Grant
from proxy.errors import StoreError
from proxy.store.interface import Sealed
from proxy.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
TICK = timedelta(milliseconds=1)
PERSON = "[PERSON_7K2F]"
PHONE = "[电话_9Q4M]"

OPENERS = {
    "sqlite file": lambda folder: SqliteStore(folder / "sluice.db"),
    "sqlite memory": lambda _: SqliteStore(None),
}


@pytest.fixture(params=OPENERS)
def store(request, tmp_path):
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


def sealed(value, nonce="1"):
    return Sealed(f"{nonce}:{value}".encode(), f"digest of {value}".encode())


def grant(id, person="", group="", until=LATER):
    return Grant(id, person, group, "chatgpt", "客户资料", "李四", "季度报价 quote", until)


def test_an_original_comes_back_to_its_user_and_to_nobody_else(store):
    assert store.put_originals("张三", {PERSON: sealed("王五"), PHONE: sealed("138")}, LATER, NOW) == frozenset()
    assert store.get_original("张三", PERSON, NOW) == b"1:\xe7\x8e\x8b\xe4\xba\x94"
    assert store.get_original("张三", PHONE, NOW) == b"1:138"
    assert store.get_original("alice", PERSON, NOW) is None
    assert store.get_original("", PERSON, NOW) is None
    assert store.get_original("张三", "[PERSON_0000]", NOW) is None


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
    threads = [
        threading.Thread(
            target=lambda n=n: clashes.append(store.put_originals("u", {PERSON: sealed(str(n))}, LATER, NOW))
        )
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, clashes)) == [0] + [1] * 11


def test_grants_come_back_whole_by_person_and_by_group(store):
    mine, ours = grant("G-2", person="张三"), grant("G-1", group="销售部")
    for kept in (mine, ours, grant("G-3", person="alice"), grant("G-4", group="finance")):
        store.add_grant(kept)
    assert store.grants_for("张三", ["销售部", "it"]) == (ours, mine)
    assert store.grants_for("张三", []) == (mine,)
    assert store.grants_for("nobody", []) == ()
    assert [kept.id for kept in store.all_grants()] == ["G-1", "G-2", "G-3", "G-4"]


def test_a_person_who_could_not_be_identified_gets_nobodys_grants(store):
    store.add_grant(grant("G-1", group="销售部"))
    store.add_grant(grant("G-2", person="张三"))
    assert store.grants_for("", []) == ()
    assert store.grants_for("", [""]) == ()


def test_expired_grants_are_kept_with_their_time_for_policy_to_judge(store):
    until = datetime(2026, 1, 1, 18, 0, 0, 250, tzinfo=timezone(timedelta(hours=8)))
    store.add_grant(grant("G-1", person="张三", until=until))
    kept = store.grants_for("张三", [])[0].until
    assert (kept, kept.utcoffset()) == (until, timedelta(hours=8))


def test_a_revoked_grant_is_gone_at_once(store):
    store.add_grant(grant("G-1", person="张三"))
    assert (store.revoke_grant("G-1"), store.revoke_grant("G-1"), store.revoke_grant("G-9")) == (True, False, False)
    assert store.grants_for("张三", []) == store.all_grants() == ()


def test_an_id_names_one_grant(store):
    store.add_grant(grant("G-1", person="张三"))
    with pytest.raises(StoreError, match="G-1 is kept already"):
        store.add_grant(grant("G-1", person="alice"))
    assert store.grants_for("alice", []) == ()


@pytest.mark.parametrize(
    "call",
    [
        lambda store, naive: store.put_originals("u", {PERSON: sealed("x")}, naive, NOW),
        lambda store, naive: store.put_originals("u", {PERSON: sealed("x")}, LATER, naive),
        lambda store, naive: store.get_original("u", PERSON, naive),
        lambda store, naive: store.purge(naive),
        lambda store, naive: store.add_grant(grant("G-1", person="u", until=naive)),
    ],
    ids=["expires", "now", "get", "purge", "grant"],
)
def test_a_time_without_a_zone_is_a_bug(store, call):
    with pytest.raises(ValueError, match="aware"):
        call(store, NOW.replace(tzinfo=None))


def test_names_that_look_like_sql_are_only_names(store):
    name = "x' OR '1'='1"
    store.add_grant(grant("G-1", person="张三"))
    store.put_originals("u", {PERSON: sealed("王五")}, LATER, NOW)
    assert store.grants_for(name, [name]) == ()
    assert store.get_original(name, name, NOW) is None
    assert not store.revoke_grant(name)


def test_a_closed_store_says_so(store):
    store.close()
    with pytest.raises(StoreError, match="cannot be used"):
        store.get_original("u", PERSON, NOW)


def test_what_is_sealed_is_not_shown():
    assert repr(sealed("王五")) == "Sealed()"
