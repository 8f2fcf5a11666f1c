"""SQLite and Redis say the same, whatever is asked of them in whatever order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from policies.decision import Grant
from proxy.errors import StoreError
from proxy.publish.release import Release, Standing
from proxy.store.interface import Changes, Count, ExpectedFile, KeptKey, Sealed
from proxy.store.sqlite import SqliteStore
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, Message, PolicyVersion, State
from tests.proxy.store.conftest import open_redis
from tests.redis_servers import needs_redis

BEGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
PEOPLE = st.sampled_from(["user:张三", "user:alice", "address:10.0.0.1", ""])
NAMES = st.sampled_from(["张三", "Alice", "alice", ""])
PLACES = st.sampled_from([f"[PERSON_{n}]" for n in range(6)])
TALKS = st.sampled_from(["t1", "t2", "t3", "t4"])
SPANS = st.integers(1, 40).map(lambda hours: timedelta(hours=hours))
VALUES = st.sampled_from([b"\1old", b"\2a", b"\2b", b"\2\0\xff"])
MARKS = st.sampled_from([b"f", b"g", b"\0"])
COUNTERS = st.sampled_from(["a", "b", "quota:张三"])
IDS = st.sampled_from(["1", "2", "3"])


class Alike(RuleBasedStateMachine):
    """Two stores, one life."""

    server = None

    def __init__(self):
        super().__init__()
        self.stores = SqliteStore(None), open_redis(self.server)
        self.now = BEGIN
        self.numbers = [(0, 0)]
        self.requests = {}
        self.grants = {}

    def teardown(self):
        self.everything_is_the_same()
        for store in self.stores:
            store.close()

    def both(self, ask):
        """Ask both, at a time that neither has heard of."""
        self.now += TICK
        told = []
        for store in self.stores:
            try:
                told.append(ask(store))
            except StoreError as error:
                told.append(str(error))
        return told

    def same(self, ask):
        one, other = self.both(ask)
        assert one == other
        return one

    @rule(span=SPANS)
    def time_goes_on(self, span):
        self.now += span

    @rule()
    def purge(self):
        self.same(lambda store: store.purge(self.now))

    @rule(days=st.sampled_from([399, 401]))
    def a_year_later(self, days):
        self.now += timedelta(days=days)
        self.purge()

    @rule(
        who=PEOPLE,
        values=st.dictionaries(PLACES, st.tuples(VALUES, MARKS), max_size=3),
        span=SPANS,
        most=st.integers(0, 4),
    )
    def put_originals(self, who, values, span, most):
        for place, (data, mark) in values.items():  # one at a time: no two end at the same time
            one = {place: Sealed(data, mark)}
            self.same(lambda store, one=one: store.put_originals(who, one, self.now + span, self.now, most))
            self.now += TICK

    @rule(most=st.integers(0, 8))
    def trim(self, most):
        self.same(lambda store: store.trim(most))

    @rule(who=PEOPLE, talk=TALKS | st.just(""), wrapped=VALUES)
    def add_key(self, who, talk, wrapped):
        self.same(lambda store: store.add_key(who, talk, KeptKey(b"id" * 8, 1, wrapped), self.now))

    @rule(who=PEOPLE, talk=TALKS | st.just(""), was=VALUES, wrapped=VALUES)
    def swap_key(self, who, talk, was, wrapped):
        new = KeptKey(b"di" * 8, 2, wrapped)
        self.same(lambda store: store.swap_key(who, talk, KeptKey(b"id" * 8, 1, was), new))

    @rule(who=PEOPLE, whose=PEOPLE)
    def forget_owner(self, who, whose):
        self.same(lambda store: store.forget_owner(who, self.now, whose))

    @rule(talk=TALKS)
    def forget_talk(self, talk):
        self.same(lambda store: store.forget_talk(talk, self.now))

    @rule(talk=TALKS)
    def end_talk(self, talk):
        self.same(lambda store: store.end_talk(talk, self.now))

    @rule(talk=TALKS, who=PEOPLE, question=VALUES, span=SPANS, most=st.integers(1, 3))
    def put_question(self, talk, who, question, span, most):
        told = self.both(lambda store: store.put_question(talk, who, question, self.now + span, self.now, most))
        assert [isinstance(one, int) for one in told] in ([True] * 2, [False] * 2)
        if isinstance(told[0], int):
            self.numbers.append(tuple(told))

    @rule(which=st.integers(0), answer=VALUES)
    def put_answer(self, which, answer):
        for store, number in zip(self.stores, self.numbers[which % len(self.numbers)], strict=True):
            store.put_answer(number, answer)

    @rule(data=VALUES)
    def reseal(self, data):
        told = [
            sorted(store.reseal(one, data) for one in sorted(store.values_of_old(), key=lambda one: one.place))
            for store in self.stores
        ]
        assert told[0] == told[1]

    @rule(who=PEOPLE, id=IDS, data=VALUES, span=SPANS, most=st.integers(1, 3))
    def put_parents(self, who, id, data, span, most):
        self.same(lambda s: s.put_parents(who, {f"{who}{id}": data}, self.now + span, self.now, most))
        assert self.same(lambda store: store.get_parent(f"{who}{id}", self.now)) == data

    @rule(who=PEOPLE, id=IDS)
    def parents(self, who, id):
        self.same(lambda store: store.get_parent(f"{who}{id}", self.now))

    @rule(who=PEOPLE, id=IDS)
    def drop_parents(self, who, id):
        self.same(lambda store: store.drop_parents([f"{who}{id}"]))

    @rule(who=PEOPLE, id=IDS, data=VALUES, most=st.integers(1, 3))
    def put_end(self, who, id, data, most):
        sealed = data + str(self.now.timestamp()).encode()  # what is sealed twice is never alike
        until = self.now + timedelta(hours=8)  # all last as long, so that the earliest end first
        self.same(lambda store: store.put_end(who, f"{who}{id}", sealed, until, self.now, most))
        assert self.same(lambda store: store.get_ends(who, f"{who}{id}", self.now))[-1] == sealed

    @rule(who=PEOPLE, id=IDS)
    def ends(self, who, id):
        self.same(lambda store: store.get_ends(who, f"{who}{id}", self.now))

    @rule(places=st.lists(PLACES, unique=True, max_size=3), span=SPANS, most=st.integers(1, 4))
    def put_files(self, places, span, most):
        files = {place: ExpectedFile("openai", 7, self.now + span) for place in places}
        self.same(lambda store: store.put_files(files, most))

    @rule(most=st.integers(1, 4), back=st.integers(0, 3))
    def files_since(self, most, back):
        told = self.both(lambda store: store.files_since(0, self.now, most))
        assert [one[1:] for one in told[0]] == [one[1:] for one in told[1]]
        after = [each[-back - 1][0] if len(each) > back else 0 for each in told]
        news = [store.files_since(n, self.now, most) for store, n in zip(self.stores, after, strict=True)]
        assert [one[1] for one in news[0]] == [one[1] for one in news[1]]

    @rule(id=IDS, user=NAMES, state=st.sampled_from(State), known=st.booleans(), event=st.booleans())
    def keep_request(self, id, user, state, known, event):
        new = GrantRequest(
            *(id, user, self.now, "", "chatgpt", "r1", "prompt", frozenset(), "报价", timedelta(1), self.now),
            state=state,
        )
        was = self.requests.get(id) if known else None
        events = [Event(f"step {id}", self.now, {})] if event else []
        messages = [Message("smtp", Event("asked", self.now, {"holder": user}))]
        kept = self.same(lambda s: s.keep(Changes(request=new, request_was=was, events=events, messages=messages)))
        if kept:
            self.requests[id] = new

    @rule(id=IDS, person=NAMES, group=NAMES, known=st.booleans(), revoked=st.booleans())
    def keep_grant(self, id, person, group, known, revoked):
        new = GrantRecord(Grant(id, person, group, "chatgpt", "r1", "李四", "p", self.now), self.now)
        new = replace(new, revoked_by="bob", revoked_at=self.now) if revoked else new
        was = self.grants.get(id) if known else None
        if self.same(lambda store: store.keep(Changes(grant=new, grant_was=was))):
            self.grants[id] = new

    @rule(most=st.integers(1, 3))
    def take_events(self, most):
        told = self.both(lambda store: store.waiting_events(most))
        assert [one for _, one in told[0]] == [one for _, one in told[1]]
        for store, waiting in zip(self.stores, told, strict=True):
            store.forget_events([number for number, _ in waiting])

    @rule(most=st.integers(1, 3), again=st.booleans(), span=SPANS)
    def carry_messages(self, most, again, span):
        told = self.both(lambda store: store.due_messages(self.now, most))
        assert [one for _, one in told[0]] == [one for _, one in told[1]]
        for store, due in zip(self.stores, told, strict=True):
            for number, message in due:
                later = replace(message, attempts=message.attempts + 1, next_try=self.now + span)
                store.settle_message(number, later if again else None)

    @rule(user=NAMES, notice=IDS, interval=st.integers(0, 90_000))
    def notices(self, user, notice, interval):
        self.same(lambda store: store.show_notice(user, notice, self.now, interval))
        said = self.now - timedelta(hours=interval % 3)
        self.same(lambda store: store.acknowledge(user, notice, said, "季度报价"))
        self.same(lambda store: store.acknowledged(user))

    @rule(user=NAMES, service=IDS, span=SPANS)
    def purposes(self, user, service, span):
        self.same(lambda store: store.declared_purpose(user, service, self.now))
        self.same(lambda store: store.declare_purpose(user, service, f"p{service}", self.now + span))

    @rule(
        counts=st.lists(
            st.tuples(COUNTERS, st.integers(0, 3), st.integers(0, 4), st.none() | st.integers(0, 9)), max_size=4
        )
    )
    def count(self, counts):
        day = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        asked = [Count(name, day + timedelta(days=days), amount, limit) for name, days, amount, limit in counts]
        self.same(lambda store: store.count_all(asked))

    @rule(id=IDS, source=IDS)
    def keep_policy(self, id, source):
        self.same(lambda store: store.keep_policy(PolicyVersion(id, "d", f"政策 {source}", self.now, source)))

    @rule(number=st.integers(1, 4), was=st.integers(0, 3), by=IDS)
    def put_release(self, number, was, by):
        release = Release(number, PolicyVersion("1", "d", f"政策 {by}", self.now, by), (by,), "t")
        self.same(lambda store: store.put_release(release, was))
        self.same(lambda store: store.stand(Standing(by, self.now, number, "1", (by,), was)))

    @rule()
    def everything_is_the_same(self):
        now = self.now
        for ask in (
            lambda s: s.owners(),
            lambda s: s.vault_size(),
            lambda s: s.all_keys(),
            lambda s: s.find_talks(["t1", "t2", "t3", "t4", "t5"], now),
            lambda s: [s.has_talks(who) for who in ("user:张三", "user:alice", "address:10.0.0.1", "")],
            lambda s: [s.get_turns(talk) for talk in ("t1", "t2", "t3", "t4")],
            lambda s: s.all_grants(),
            lambda s: s.grants_for("ALICE", ["张三", ""]),
            lambda s: (s.requests(), s.requests(State.OPEN), [s.get_request(id) for id in "123"]),
            lambda s: s.used(["a", "b", "quota:张三", "never"]),
            lambda s: (s.policies(), s.get_policy("1"), s.get_release(), s.release_number(), s.standings()),
            lambda s: [
                s.get_original(who, f"[PERSON_{n}]", now)
                for who in ("user:张三", "user:alice", "address:10.0.0.1", "")
                for n in range(6)
            ],
            lambda s: sorted((one.owner, one.place, one.data) for one in s.values_of_old()),
        ):
            one, other = (ask(store) for store in self.stores)
            assert one == other


@needs_redis
def test_sqlite_and_redis_are_one_store_to_whoever_asks(redis_server):
    Alike.server = redis_server
    run_state_machine_as_test(
        Alike,
        settings=settings(
            max_examples=settings().max_examples // 2 or 1,
            stateful_step_count=40,
            phases=[
                Phase.explicit,
                Phase.reuse,
                Phase.generate,
            ],  # a failure is shown as it came: each step takes a while
            suppress_health_check=list(HealthCheck),
        ),
    )


@needs_redis
@pytest.mark.parametrize(
    "life",
    ["asked over key purge", "asked over key over", "asked over key purge over", "asked over purge key purge"],
)
def test_a_key_for_a_conversation_that_was_over_goes_with_the_next_purge(redis_server, life):
    Alike.server = redis_server
    both = Alike()
    told = {
        "asked": lambda: both.put_question(
            talk="t4", who="user:alice", question=b"\x02a", span=timedelta(hours=9), most=1
        ),
        "over": lambda: both.a_year_later(days=399),
        "key": lambda: both.add_key(who="", talk="t4", wrapped=b"\x02b"),
        "purge": both.purge,
    }
    for one in life.split():
        told[one]()
    assert [store.vault_size().keys for store in both.stores] == [{}, {}]
    both.teardown()
