"""What every store promises of conversations; more in test_interface.py."""

from datetime import UTC, datetime, timedelta

import pytest

from proxy.errors import StoreError
from proxy.store.interface import SHOWN_FOR, KeptTalk
from proxy.store.sqlite import SqliteStore
from tests.proxy.store.crowd import run_all

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)


def ask(store, talk="t1", owner="user:张三", question=b"q", at=NOW, most=9, days=30):
    return store.put_question(talk, owner, question, at + days * DAY, at, most)


def said(store, talk="t1"):
    return [(turn.question, turn.answer) for turn in store.get_turns(talk)]


def test_turns_come_back_in_the_order_they_were_asked_each_with_its_answer(store):
    first, second = ask(store, question=b"\0one"), ask(store, question=b"two", at=NOW + TICK)
    other = ask(store, "t2", question=b"else")
    store.put_answer(second, b"2\xff")
    assert said(store) == [(b"\0one", None), (b"two", b"2\xff")]
    store.put_answer(first, b"1")
    assert said(store) == [(b"\0one", b"1"), (b"two", b"2\xff")]
    assert [turn.at for turn in store.get_turns("t1")] == [NOW, NOW + TICK]
    assert said(store, "t2") == [(b"else", None)] and len({first, second, other}) == 3


def test_it_is_known_whose_a_conversation_is(store):
    ask(store)
    ask(store, "t2", "user:alice")
    assert store.find_talks(["t1", "t2", "t3"], NOW) == {
        "t1": KeptTalk("user:张三", True),
        "t2": KeptTalk("user:alice", True),
    }
    assert store.find_talks([], NOW) == {}
    assert [store.has_talks(who) for who in ("user:张三", "user:alice", "user:bob")] == [True, True, False]
    assert set(store.find_talks([f"t{number}" for number in range(3000)], NOW)) == {"t1", "t2"}


def test_nobody_writes_into_somebody_elses(store):
    ask(store)
    with pytest.raises(StoreError, match="somebody else"):
        ask(store, owner="user:alice", question=b"mine now")
    assert said(store) == [(b"q", None)]
    assert store.find_talks(["t1"], NOW)["t1"].owner == "user:张三"


def test_each_turn_keeps_it_longer_and_time_takes_the_turns_but_not_that_there_was_one(store):
    ask(store, days=2)
    ask(store, at=NOW + DAY, days=2)
    store.purge(NOW + 2 * DAY)
    assert len(said(store)) == 2
    for at, alive, turns in ((3 * DAY - TICK, True, 2), (3 * DAY, False, 0), (3 * DAY + SHOWN_FOR - TICK, False, 0)):
        store.purge(NOW + at)
        assert (store.find_talks(["t1"], NOW + at)["t1"].alive, len(said(store))) == (alive, turns)
        assert store.has_talks("user:张三")
    store.purge(NOW + 3 * DAY + SHOWN_FOR)
    assert store.find_talks(["t1"], NOW) == {} and not store.has_talks("user:张三")


def test_an_ended_one_is_gone_at_once_and_an_answer_that_comes_late_is_for_nobody(store):
    number = ask(store)
    store.end_talk("t1", NOW)
    store.put_answer(number, b"late")
    assert (said(store), store.find_talks(["t1"], NOW)["t1"].alive) == ([], False)


def test_one_more_than_a_person_may_keep_takes_the_place_of_that_left_alone_longest(store):
    for number, talk in enumerate(["t1", "t2", "t3", "t1", "t4"]):
        ask(store, talk, at=NOW + number * TICK, most=3)
        ask(store, f"of alice {number}", "user:alice", at=NOW + number * TICK)
    later = NOW + DAY
    assert [talk for talk in ("t1", "t2", "t3", "t4") if store.find_talks([talk], later)[talk].alive] == [
        *("t1", "t3", "t4")
    ]
    assert (len(said(store, "t1")), said(store, "t2")) == (2, [])
    assert all(store.find_talks([f"of alice {number}"], later)[f"of alice {number}"].alive for number in range(5))


def test_many_turns_at_once_are_all_kept(store):
    run_all([lambda n=n: store.put_answer(ask(store, question=b"%d" % n), b"%d" % n) for n in range(12)])
    assert sorted(said(store)) == sorted((b"%d" % n, b"%d" % n) for n in range(12))


def test_conversations_survive_a_restart(tmp_path):
    store = SqliteStore(tmp_path / "sluice.db")
    store.put_answer(ask(store), b"a")
    store.close()
    again = SqliteStore(tmp_path / "sluice.db")
    assert said(again) == [(b"q", b"a")]
    again.close()
