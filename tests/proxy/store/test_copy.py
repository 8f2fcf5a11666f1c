"""All that SQLite keeps is the same in Redis after a copy, once or twice, broken off or not; nothing is overwritten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from policies.decision import Grant
from proxy.errors import StoreError
from proxy.publish.release import Release
from proxy.store.copy import copy, pieces
from proxy.store.interface import Changes, ExpectedFile, KeptKey, Sealed, Store
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, Message, PolicyVersion
from tests.proxy.store.conftest import open_redis
from tests.proxy.store.test_alike import BEGIN, Alike
from tests.redis_servers import needs_redis

NOW = BEGIN + timedelta(days=1)
LATER = NOW + timedelta(days=2)
HOUR = timedelta(hours=1)
GRANT = GrantRecord(Grant("G-1", "张三", "", "*", "ask", "陈华", "月报", LATER), BEGIN, signature=b"s")
REQUEST = GrantRequest("R-1", "张三", BEGIN, "", "chatgpt", "ask", "prompt", frozenset(), "月报", HOUR, deadline=LATER)
EVENT = Event("grant_created", BEGIN, {"grant": "G-1"})
ALL = {
    *("grants", "requests", "data keys", "originals", "conversations", "refused turns", "announced files"),
    *("confirmations", "notices shown", "purposes", "counters", "policies", "published policy", "outbox"),
    "what was said last",
}


def furnished() -> SqliteStore:
    """Return a store with something of each kind."""
    made = SqliteStore(None)
    made.keep(Changes(grant=GRANT, request=REQUEST, events=[EVENT], messages=[Message("smtp", EVENT, 2, NOW)]))
    made.keep(Changes(grant=replace(GRANT, grant=replace(GRANT.grant, id="G-2"), revoked_by="陈华", revoked_at=BEGIN)))
    made.add_key("user:张三", "", KeptKey(b"i" * 8, 1, b"wrapped"), BEGIN)
    made.put_originals(
        "user:张三", {"[PERSON_1]": Sealed(b"\2sealed", b"f"), "[PERSON_2]": Sealed(b"\2s", b"g")}, LATER, BEGIN
    )
    made.put_originals("user:张三", {"[PERSON_3]": Sealed(b"\2over", b"h")}, NOW, BEGIN)
    for talk, until in (("alive", LATER), ("over", BEGIN + HOUR)):
        made.put_answer(made.put_question(talk, "user:张三", b"\2q", until, BEGIN, 9), b"\2a")
        made.put_question(talk, "user:张三", b"\2unanswered", until, BEGIN + HOUR / 2, 9)
    made.put_parents("traces", {"p1": b"\2p"}, LATER, BEGIN, 9)
    made.put_files({"place": ExpectedFile("chatgpt", 5, LATER)}, 9)
    for number, until in enumerate((LATER, LATER, LATER + HOUR)):
        made.put_end("traces", "traces chatgpt", b"\2said %d" % number, until, BEGIN, 9)
    made.acknowledge("张三", "notice", BEGIN, "因为")
    made.show_notice("张三", "notice", BEGIN, 60)
    made.declare_purpose("张三", "chatgpt", "business", LATER)
    made.count("quota:张三", LATER, 7, None)
    for number in (1, 2):
        made.keep_policy(PolicyVersion(f"{number}@x", "x", f"text {number}", BEGIN, "file"))
    made.put_release(Release(3, PolicyVersion("2@x", "x", "text 2", BEGIN, "张敏"), tag="t"), 0)
    return made


@pytest.fixture
def source():
    made = furnished()
    yield made
    made.close()


@pytest.fixture
def target(redis_server):
    made = open_redis(redis_server)
    yield made
    made.close()


@needs_redis
def test_all_kinds_are_copied_and_a_second_time_nothing_is(source: SqliteStore, target: Store) -> None:
    first = {one.kind: one for one in copy(source, target, NOW)}
    assert first.keys() == ALL
    assert all(one.whole and one.put == one.found for one in first.values()), first
    assert first["originals"].found == 2, "what has ended stays behind"
    assert (target.waiting_events(9), target.due_messages(NOW, 9)) == (
        ((1, EVENT),),
        ((1, Message("smtp", EVENT, 2)),),
    )
    assert [one.id for one in target.policies()] == ["2@x", "1@x"]
    assert not target.show_notice("张三", "notice", BEGIN + timedelta(seconds=1), 60)
    found = target.find_talks(["alive", "over"], NOW)
    assert {name: one.alive for name, one in found.items()} == {"alive": True, "over": False}
    assert target.get_turns("alive") == source.get_turns("alive") and not target.get_turns("over")
    said = [b"\2said 0", b"\2said 1", b"\2said 2"]
    assert target.get_ends("traces", "traces chatgpt", NOW) == said, "half a number that was said before the change"
    assert target.get_ends("traces", "traces chatgpt", LATER) == said[2:], "each for as long as it was to be known"
    target.forget_events([1])  # as a node does that has begun to work
    assert all(one.whole and one.put == 0 for one in copy(source, target, NOW))
    assert target.waiting_events(9) == (), "and not into the log twice"


@needs_redis
def test_a_copy_that_broke_off_is_gone_on_with(source: SqliteStore, target: Store) -> None:
    for number in range(0, 30, 3):
        for done, piece in enumerate(pieces(source, target, NOW)):
            if done >= number:
                break
            if piece.look() == "absent":
                piece.put()
    target.put_question("alive", "user:张三", b"\2q", LATER, BEGIN, 9) if not target.get_turns("alive") else None
    assert all(one.whole for one in copy(source, target, NOW))


OTHER = {
    "grants": lambda s: s.keep(Changes(grant=replace(GRANT, revoked_by="x", revoked_at=BEGIN))),
    "data keys": lambda s: s.add_key("user:张三", "", KeptKey(b"j" * 8, 1, b"another"), BEGIN),
    "originals": lambda s: s.put_originals("user:张三", {"[PERSON_1]": Sealed(b"\2other", b"z")}, LATER, BEGIN),
    "conversations": lambda s: s.put_question("alive", "user:alice", b"\2hers", LATER, BEGIN, 9),
    "counters": lambda s: s.count("quota:张三", LATER, 1, None),
    "what was said last": lambda s: s.put_end("traces", "traces chatgpt", b"\2another", LATER, BEGIN, 9),
    "published policy": lambda s: s.put_release(Release(9, PolicyVersion("9@y", "y", "z", BEGIN, "x"), tag="t"), 0),
}


@needs_redis
@pytest.mark.parametrize("kind", OTHER)
def test_what_the_other_store_has_differently_is_told_and_left_alone(
    source: SqliteStore, target: Store, kind: str
) -> None:
    OTHER[kind](target)
    told = {one.kind: one for one in copy(source, target, NOW)}
    assert [name for name, one in told.items() if not one.whole] == [kind]
    assert told[kind].found - told[kind].there == 1
    if kind == "grants":
        assert told[kind].others == ("G-1",) and target.get_grant("G-1").revoked_by == "x"  # type: ignore[union-attr]


@needs_redis
def test_nothing_is_in_clear_there(source: SqliteStore, target: Store, redis_server) -> None:
    copy(source, target, NOW)
    client = redis_server.client
    said = b"".join(client.dump(key) or b"" for key in client.keys("*")) + b"".join(client.keys("*"))
    for word in (
        "张三",
        "陈华",
        "月报",
        "因为",
        "chatgpt",
        "business",
        "quota",
        "text 1",
        "PERSON",
        "grant_created",
        "G-1",
    ):
        assert word.encode() not in said, word


def test_what_cannot_be_kept_is_an_error(source: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    other = SqliteStore(None)
    monkeypatch.setattr(other, "keep", lambda _: False)
    with pytest.raises(StoreError, match="waits for the audit log"):
        copy(source, other, NOW)
    other.close()


class Copied(Alike):
    """A life in SQLite, at whose end all of it is copied."""

    def __init__(self):
        super().__init__()
        self.stores[1].close()
        self.stores = self.stores[0], SqliteStore(None)

    def teardown(self):
        lived, twin = self.stores
        twin.close()
        lived.purge(self.now)
        fresh = open_redis(self.server)
        for put in (None, 0):
            told = copy(lived, fresh, self.now)
            assert all(one.whole and put in (None, one.put) for one in told), told
        for one in lived.standings().values():
            fresh.stand(one)  # nodes say it again
        self.stores = lived, fresh
        super().teardown()


@needs_redis
def test_whatever_somebody_did_in_sqlite_is_the_same_in_redis_after_a_copy(redis_server):
    Copied.server = redis_server
    given = settings(
        max_examples=settings().max_examples // 2 or 1,
        stateful_step_count=40,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Copied, settings=given)
