"""Counters and declarations: every store keeps them exactly, over threads, processes and restarts."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proxy.store.interface import Count
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import PolicyVersion
from tests.proxy.store.crowd import run_all

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TICK = timedelta(milliseconds=1)
WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from proxy.store.sqlite import SqliteStore
store, counted = SqliteStore(Path(sys.argv[1])), []
ends = datetime(2026, 11, 21, tzinfo=UTC)
def count():
    counted.extend(store.count("requests:张三", ends, 1, 50) for _ in range(15))
threads = [Thread(target=count) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
store.close()
print(counted.count(True))
"""


def test_what_a_person_confirmed_is_remembered_with_its_time(store):
    assert store.acknowledged("张三") == {}
    store.acknowledge("张三", "free-tier", NOW)
    store.acknowledge("张三", "校对", LATER, "季度报价")
    store.acknowledge("张三", "校对", NOW)
    assert store.acknowledged("张三") == {"free-tier": NOW, "校对": LATER}
    assert store.acknowledged("alice") == store.acknowledged("") == {}


def test_a_notice_is_shown_once_in_its_interval(store):
    hour = timedelta(hours=1)
    times = [NOW, NOW + TICK, NOW + hour - TICK, NOW + hour, NOW + hour + TICK]
    assert [store.show_notice("张三", "n", at, 3600) for at in times] == [True, False, False, True, False]
    assert store.show_notice("alice", "n", NOW, 3600)
    assert store.show_notice("张三", "m", NOW, 3600)
    assert [store.show_notice("张三", "always", NOW, 0) for _ in range(2)] == [True, True]


def test_a_purpose_holds_until_it_ends_or_is_replaced(store):
    assert store.declared_purpose("张三", "chatgpt", NOW) == ""
    store.declare_purpose("张三", "chatgpt", "personal", LATER)
    assert store.declared_purpose("张三", "chatgpt", LATER - TICK) == "personal"
    assert store.declared_purpose("张三", "chatgpt", LATER) == ""
    assert store.declared_purpose("张三", "claude", NOW) == store.declared_purpose("alice", "chatgpt", NOW) == ""
    store.declare_purpose("张三", "chatgpt", "business", NOW + TICK)
    assert store.declared_purpose("张三", "chatgpt", NOW) == "business"
    store.purge(NOW + TICK)
    assert store.declared_purpose("张三", "chatgpt", NOW) == ""


def test_a_counter_takes_what_its_limit_allows_and_no_more(store):
    assert [store.count("c", LATER, 4, 10) for _ in range(3)] == [True, True, False]
    assert store.count("c", LATER, 2, 10)
    assert not store.count("c", LATER, 1, 10)
    assert store.used(["c", "never"]) == {"c": 10}
    assert store.count("c", LATER, 1000, None)
    assert not store.count("d", LATER, 11, 10)
    assert store.used(["d"]) == {}


def test_a_counter_begins_anew_with_its_period_and_is_forgotten_after_it(store):
    assert store.count("c", LATER, 10, 10)
    assert store.count("c", LATER + TICK, 3, 10)
    assert store.used(["c"]) == {"c": 3}
    store.purge(LATER)
    assert store.used(["c"]) == {"c": 3}
    store.purge(LATER + TICK)
    assert store.used(["c"]) == {}


def test_of_several_counters_all_count_or_none(store):
    store.count("full", LATER, 10, 10)
    assert store.count_all([Count("free", LATER, 1, 10), Count("full", LATER, 1, 10)]) == "full"
    assert store.used(["free", "full"]) == {"full": 10}
    assert store.count_all([Count("free", LATER, 1, 10), Count("other", LATER, 2, None)]) == ""
    assert store.used(["free", "other", "full"]) == {"free": 1, "other": 2, "full": 10}
    assert store.count_all([]) == ""
    assert store.used([]) == {}


def test_threads_count_exactly_up_to_the_limit(store):
    counted = []
    run_all([lambda: counted.extend(store.count("c", LATER, 1, 25) for _ in range(10))] * 8)
    assert (counted.count(True), len(counted), store.used(["c"])) == (25, 80, {"c": 25})


def test_policies_that_were_in_force_can_be_found_again(store):
    one = PolicyVersion("1@aa", "aa", "政策: 一\n", NOW, "file")
    two = PolicyVersion("2@bb", "bb", "policy: two\n", NOW + TICK, "file")
    for version in (one, two):
        store.keep_policy(version)
    assert store.policies() == (two, one)
    assert (store.get_policy("1@aa"), store.get_policy("3@cc")) == (one, None)
    store.keep_policy(replace(one, at=LATER, by="李四"))
    assert store.policies() == (replace(one, at=LATER, by="李四"), two)


def test_threads_of_several_processes_count_exactly_up_to_the_limit(tmp_path):
    path = tmp_path / "sluice.db"
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    counted = [int(worker.communicate()[0]) for worker in workers]
    assert sum(counted) == 50
    store = SqliteStore(path)
    assert store.used(["requests:张三"]) == {"requests:张三": 50}
    store.close()


def test_everything_said_and_counted_survives_a_restart(tmp_path):
    path = tmp_path / "sluice.db"
    store = SqliteStore(path)
    store.count("c", LATER, 7, 10)
    store.acknowledge("张三", "free-tier", NOW, "报价")
    store.declare_purpose("张三", "chatgpt", "personal", LATER)
    store.show_notice("张三", "free-tier", NOW, 3600)
    store.keep_policy(PolicyVersion("1@aa", "aa", "政策: 一", NOW, "file"))
    store.close()
    again = SqliteStore(path)
    assert again.used(["c"]) == {"c": 7}
    assert not again.count("c", LATER, 4, 10)
    assert again.acknowledged("张三") == {"free-tier": NOW}
    assert again.declared_purpose("张三", "chatgpt", NOW) == "personal"
    assert not again.show_notice("张三", "free-tier", NOW, 3600)
    assert [version.id for version in again.policies()] == ["1@aa"]
    again.close()


def test_a_counter_never_counts_down():
    store = SqliteStore(None)
    with pytest.raises(ValueError, match="only counts up"):
        store.count_all([Count("a", LATER, 5, 10), Count("b", LATER, -1, 10)])
    assert store.used(["a", "b"]) == {}
    store.close()


def test_more_counters_than_a_statement_likes_are_still_read():
    store = SqliteStore(None)
    store.count("c7", LATER, 3, None)
    assert store.used(f"c{n}" for n in range(5000)) == {"c7": 3}
    store.close()
