"""What every store promises of refused messages, announced files and what was said last: small, bounded, timed."""

from datetime import UTC, datetime, timedelta

from proxy.store.interface import ExpectedFile

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
FILE = ExpectedFile("openai-chatgpt", 7, NOW + DAY)


def test_what_stands_behind_a_refused_message_is_kept_until_its_day(store):
    store.put_parents("alice", {"a": b"\0one", "b": b"two"}, NOW + DAY, NOW, 9)
    assert (store.get_parent("a", NOW), store.get_parent("b", NOW), store.get_parent("c", NOW)) == (
        b"\0one",
        b"two",
        None,
    )
    store.put_parents("alice", {"a": b"three"}, NOW + 2 * DAY, NOW + TICK, 9)
    assert store.get_parent("a", NOW + DAY) == b"three" and store.get_parent("b", NOW + DAY) is None
    store.purge(NOW + DAY)
    assert store.get_parent("b", NOW) is None and store.get_parent("a", NOW) == b"three"
    store.drop_parents(["a", "never"])
    assert store.get_parent("a", NOW) is None


def test_of_one_person_the_latest_are_kept(store):
    store.put_parents("bob", {"b": b"b"}, NOW + DAY, NOW, 2)
    for number in range(4):
        store.put_parents("alice", {f"a{number}": b"a"}, NOW + DAY, NOW + number * TICK, 2)
    assert [store.get_parent(f"a{number}", NOW) for number in range(4)] == [None, None, b"a", b"a"]
    assert store.get_parent("b", NOW) == b"b", "nobody else's"


def test_announced_files_are_told_in_the_order_of_their_announcement(store):
    store.put_files({"p": FILE, "q": FILE}, 9)
    ((first, *_), (second, *_)) = found = store.files_since(0, NOW, 9)
    assert [one[1:] for one in found] == [("p", FILE), ("q", FILE)] and second > first
    assert [one[1] for one in store.files_since(first, NOW, 9)] == ["q"]
    assert [one[1] for one in store.files_since(0, NOW, 1)] == ["q"], "the latest"
    later = ExpectedFile("openai-chatgpt", 9, NOW + 2 * DAY)
    store.put_files({"p": later}, 9)
    assert [one[1:] for one in store.files_since(second, NOW, 9)] == [("p", later)], "announced anew"
    assert [one[1] for one in store.files_since(0, NOW + DAY, 9)] == ["p"]
    store.purge(NOW + DAY)
    assert [one[1] for one in store.files_since(0, NOW, 9)] == ["p"]


def test_of_all_announced_files_the_latest_are_kept(store):
    for number in range(9):
        store.put_files({f"p{number}": FILE}, 3)
    assert [one[1] for one in store.files_since(0, NOW, 9)] == ["p6", "p7", "p8"]


def test_what_was_said_last_is_told_in_order_until_its_time(store):
    for number in range(5):
        store.put_end("alice", "p", b"\0\xff%d" % number, NOW + number * DAY + TICK, NOW, 3)
    assert store.get_ends("alice", "p", NOW) == [b"\0\xff2", b"\0\xff3", b"\0\xff4"], "the latest"
    assert store.get_ends("alice", "p", NOW + 3 * DAY + TICK) == [b"\0\xff4"]
    store.purge(NOW + 2 * DAY + TICK)
    assert store.get_ends("alice", "p", NOW + 2 * DAY + TICK) == [b"\0\xff3", b"\0\xff4"]
    assert store.get_ends("alice", "q", NOW) == store.get_ends("bob", "r", NOW) == []


def test_what_was_said_last_is_each_persons_and_forgotten_with_them(store):
    for owner, place in (("alice", "p"), ("alice", "q"), ("bob", "r")):
        store.put_end(owner, place, owner.encode(), NOW + DAY, NOW, 9)
    store.forget_owner("user:alice", NOW, "alice")
    assert [store.get_ends("alice", place, NOW) for place in "pq"] == [[], []]
    assert store.get_ends("bob", "r", NOW) == [b"bob"]
