"""What every store promises of the release that nodes follow, and of what they say of themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proxy.errors import StoreError, UnreadableRecord
from proxy.publish.release import Release, Standing
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import PolicyVersion
from tests.proxy.store.crowd import run_all

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def release(number, by="张敏"):
    return Release(number, PolicyVersion(f"{number}@aa", "aa", "政策: 一\n", NOW, by), ("1@bb",), "tag")


def test_there_is_none_until_one_is_put(store):
    assert (store.get_release(), store.release_number(), store.standings()) == (None, 0, {})
    assert store.put_release(release(1), 0)
    assert (store.get_release(), store.release_number()) == (release(1), 1)


def test_one_takes_the_place_of_the_one_that_it_was_meant_to(store):
    assert store.put_release(release(1), 0)
    assert not store.put_release(release(2, "李四"), 0)
    assert store.put_release(release(7), 1)
    assert store.put_release(release(7), 1)  # once more, the same: an answer may have been lost
    assert not store.put_release(release(7, "李四"), 1)
    assert store.put_release(release(3), 7)  # a lower number is none of the store's business
    assert (store.get_release(), store.release_number()) == (release(3), 3)


def test_of_many_who_publish_at_once_one_does(store):
    done = []
    run_all([lambda by=by: done.append(store.put_release(release(1, by), 0)) for by in "abcdefgh"])
    assert done.count(True) == 1 and len(done) == 8


def test_the_last_word_of_each_node_is_kept_for_a_week(store):
    one = Standing("节点-1", NOW, 3, "2@aa", ("policy.yaml:1:2",), 4)
    other = Standing("b", NOW + timedelta(days=3), 4, "3@aa", (), 4)
    for standing in (one, other):
        store.stand(standing)
    assert store.standings() == {"节点-1": one, "b": other}
    later = replace(other, at=NOW + timedelta(days=8), policy="5@aa")
    store.stand(later)
    assert store.standings() == {"b": later}


def test_a_store_that_is_closed_says_so(store):
    store.close()
    for ask in (store.get_release, store.release_number, store.standings, lambda: store.put_release(release(1), 0)):
        with pytest.raises(StoreError):
            ask()


def test_a_row_that_was_damaged_is_told_as_such(tmp_path):
    store = SqliteStore(tmp_path / "sluice.db")
    store.put_release(release(1), 0)
    store.stand(Standing("a", NOW, 0, "", (), 0))
    with store.writing() as base:
        base.execute("UPDATE releases SET fields = '{'")
        base.execute("UPDATE standings SET fields = '[]'")
    for ask in (store.get_release, store.standings):
        with pytest.raises(UnreadableRecord):
            ask()
    assert not store.hear(lambda: None)()
    store.close()
