"""Who is read when, and what those hear who cannot be: before anything is read, in their own words, on record."""

import asyncio
import itertools
import re
import threading
import time
from base64 import b64decode
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from mitmproxy import http

import proxy.handle
from detectors.allowance import spend
from detectors.effort import Effort
from detectors.interface import CannotTell, Scan, Searcher
from policies.decision import Text
from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.errors import OpaquePart, Overloaded, SluiceError
from proxy.exchange import header
from proxy.overload.admission import Admission, Hall, Lane
from proxy.overload.reading import look
from proxy.refusals.deliver import answer_for
from proxy.refusals.refusal import compose
from proxy.shell.addon import SluiceAddon
from proxy.shell.stream import INTEREST
from proxy.workflow.api import HOST
from tests.proxy.house import SECRET, Tenant, chat, flow_to

ONE: dict[str, Any] = {"at_once": 1, "person_at_once": 1, "waiting": 1, "person_waiting": 1, "wait_seconds": 60.0}


@contextmanager
def stuck(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, **limits: Any) -> Iterator[threading.Event]:
    """Let the tenant's reading of texts with "stuck" in them wait for an event."""
    tenant.addon = SluiceAddon(tenant.house, 60.0, admission=Admission(**{**ONE, **limits}).fitted(1, 1 << 30, 1 << 20))
    go, inspect = threading.Event(), proxy.handle.inspect

    def slow(house: Any, passage: Any, body: bytes, *more: Any) -> Any:
        assert b"stuck" not in body or go.wait(60)
        return inspect(house, passage, body, *more)

    monkeypatch.setattr(proxy.handle, "inspect", slow)
    try:
        yield go
    finally:
        go.set()


async def ask(tenant: Tenant, flow: http.HTTPFlow) -> http.HTTPFlow:
    await tenant.addon.requestheaders(flow)
    if flow.response is None:
        await tenant.addon.request(flow)
    return flow


async def full(tenant: Tenant) -> list[asyncio.Task[http.HTTPFlow]]:
    """Take the one turn and the one place in the line."""
    first = asyncio.create_task(ask(tenant, flow_to("openai", chat("stuck 1"))))
    while not tenant.addon.reading.hall.light.running:
        await asyncio.sleep(0.01)
    second = asyncio.create_task(ask(tenant, flow_to("anthropic", chat("stuck 2"))))
    while not tenant.addon.reading.hall.light.line:
        await asyncio.sleep(0.01)
    return [first, second]


@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_one_too_many_is_told_when_to_come_again_and_is_on_record(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    async def scene() -> http.HTTPFlow:
        under_way = await full(tenant)
        refused = await ask(tenant, flow_to(client, chat(SECRET)))
        go.set()
        assert all(one.response is None for one in await asyncio.gather(*under_way)), "those before are read whole"
        return refused

    with stuck(tenant, monkeypatch) as go:
        flow = tenant.loop.run_until_complete(scene())
    assert flow.response is not None and flow.response.status_code == 503
    assert flow.response.headers["retry-after"] == "5" and flow.response.headers["x-should-retry"] == "true"
    told = orjson.loads(flow.response.content or b"")
    assert told["error"].get("code", told["error"]["type"]) in ("overloaded", "overloaded_error")
    (line,) = [one for one in tenant.records() if one["code"] == "overloaded"]
    assert (line["outcome"], line["bytes_out"]) == ("refused", 0)
    assert not tenant.addon.reading.hall.held and not tenant.addon.reading.hall.light.running


def test_who_waits_too_long_is_sent_away(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> list[str]:
        under_way = await full(tenant)
        second = await under_way[1]
        go.set()
        await under_way[0]
        return [second.response.headers.get("retry-after", "") if second.response else ""]

    with stuck(tenant, monkeypatch, wait_seconds=0.05) as go:
        assert tenant.loop.run_until_complete(scene()) == ["5"]


def test_answers_under_way_and_the_proxys_own_pages_wait_for_nobody(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        answered = await ask(tenant, flow_to("openai", chat(f"call {SECRET}")))
        sent = orjson.loads(answered.request.content or b"")["messages"][0]["content"]
        under_way = await full(tenant)
        answered.response = http.Response.make(
            200, orjson.dumps({"choices": [{"message": {"content": sent}}]}), {"content-type": "application/json"}
        )
        await asyncio.wait_for(tenant.addon.responseheaders(answered), 30)
        await asyncio.wait_for(tenant.addon.response(answered), 30)
        assert SECRET.encode() in (answered.response.content or b"")
        home = await asyncio.wait_for(ask(tenant, flow_to(f"{HOST}/", b"")), 30)
        assert home.response is not None and home.response.status_code < 500
        forbidden = await asyncio.wait_for(ask(tenant, flow_to("forbidden", chat("hi"))), 30)
        assert forbidden.response is not None and forbidden.response.status_code == 403
        assert not any(one.done() for one in under_way)
        go.set()
        await asyncio.gather(*under_way)

    with stuck(tenant, monkeypatch) as go:
        tenant.loop.run_until_complete(scene())


def test_a_body_for_which_there_is_no_room_is_refused_before_it_comes(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stuck(tenant, monkeypatch, waiting_bytes=100, person_waiting_bytes=100):
        flow = flow_to("openai", b"")
        flow.request.headers["content-length"] = "101"
        tenant.loop.run_until_complete(tenant.addon.requestheaders(flow))
    assert flow.response is not None and flow.response.status_code == 503


def test_a_turn_ends_when_its_work_has_and_not_when_nobody_waits_any_more(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        tenant.addon.reading.seconds = 0.05
        late = await ask(tenant, flow_to("openai", chat("stuck")))
        assert late.response is not None and late.response.status_code == 503
        assert tenant.addon.reading.hall.light.running.total() == 1, "its thread works on"
        go.set()
        while tenant.addon.reading.hall.light.running:
            await asyncio.sleep(0.01)

    with stuck(tenant, monkeypatch) as go:
        tenant.loop.run_until_complete(scene())


@pytest.mark.parametrize(
    ("short", "worked", "told"), [(True, 0.0, Overloaded), (True, 1000.0, OpaquePart), (False, 0.0, OpaquePart)]
)
def test_a_file_that_was_not_read_for_others_sake_is_no_verdict(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, short: bool, worked: float, told: type[SluiceError]
) -> None:
    def unread(*_: Any) -> None:
        raise OpaquePart("a file that nobody could read")

    monkeypatch.setattr(proxy.handle, "inspect", unread)
    note = Effort()
    note.short = short
    note.add(worked)
    with pytest.raises(SluiceError) as error:
        look(note, tenant.house, None, b"")  # type: ignore[arg-type]
    assert type(error.value) is told


@dataclass
class Slow:
    """A searcher that works on all texts at once, on one core: twice as many take twice as long."""

    searcher: Searcher
    steps: int
    together: int = 0
    begun: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def entities(self) -> frozenset[str]:
        return self.searcher.entities

    def find(self, text: str, entities: frozenset[str]) -> Scan:
        return self.find_all((text,), entities)[0]

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[Scan]:
        with self.lock:
            self.together += 1
            self.begun += texts
        try:
            for _ in range(self.steps):
                time.sleep(0.002 * self.together)
                spend()
            return self.searcher.find_all(texts, entities)
        except CannotTell:
            return [Scan((), entities)] * len(texts)
        finally:
            with self.lock:
                self.together -= 1

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str]
    ) -> list[Scan]:
        assert len(groups) == len(texts)
        return self.find_all(texts, entities)


def slowed(tenant: Tenant, steps: int, seconds: float, **limits: Any) -> Slow:
    slow = Slow(tenant.house.street.finder, steps)
    tenant.house.street = replace(tenant.house.street, finder=slow)
    few = Admission(**limits).fitted(1, 1 << 30, 1 << 20)
    tenant.addon = SluiceAddon(tenant.house, seconds, admission=few)
    return slow


CROWD = 16


def test_a_crowd_that_cannot_be_served_together_is_served_with_fewer_at_once(tenant: Tenant) -> None:
    """Each takes a tenth of its time alone, and all of them together more than all of it, again and again."""
    slow = slowed(tenant, 50, 1.0, at_once=CROWD, person_at_once=CROWD, wait_seconds=60.0)
    lane = tenant.addon.reading.hall.light
    turns = set[int]()

    async def served(number: int) -> None:
        for count in itertools.count():
            flow = await ask(tenant, flow_to("openai", chat(f"{number} {count}")))
            turns.add(lane.open)
            if flow.response is None:
                return

    async def scene() -> None:
        async with asyncio.timeout(60):
            await asyncio.gather(*(served(number) for number in range(CROWD)))

    tenant.loop.run_until_complete(scene())
    assert min(turns) < CROWD, "they were too many at first"
    assert not slow.together and not lane.running


def test_who_leaves_the_line_is_never_read_and_who_stays_is_next(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    inspect = proxy.handle.inspect
    monkeypatch.setattr(proxy.handle, "inspect", lambda *given: read.append(given[2]) or inspect(*given))

    async def scene() -> None:
        first = asyncio.create_task(ask(tenant, flow_to("openai", chat("stuck"))))
        while not tenant.addon.reading.hall.light.running:
            await asyncio.sleep(0.01)
        flows = [flow_to("openai", chat(f"{number} {SECRET}")) for number in range(6)]
        waiting = [asyncio.create_task(ask(tenant, flow)) for flow in flows]
        while len(tenant.addon.reading.hall.light.line) < len(flows):
            await asyncio.sleep(0.01)
        for flow in flows[:5]:
            flow.metadata[INTEREST].end()
        for flow in await asyncio.gather(*waiting[:5]):
            assert flow.response is not None and flow.response.status_code == 499
        assert len(tenant.addon.reading.hall.light.line) == 1 and not waiting[5].done()
        go.set()
        assert (await first).response is None and (await waiting[5]).response is None

    with stuck(tenant, monkeypatch, waiting=9, person_waiting=9) as go:
        tenant.loop.run_until_complete(scene())
    assert len(read) == 2
    assert [line["code"] for line in tenant.records() if line["outcome"] == "refused"] == ["client_left"] * 5


def test_a_search_for_a_client_that_has_left_is_given_up_and_its_turn_is_the_next_ones(tenant: Tenant) -> None:
    slow = slowed(tenant, 10**6, 600.0, at_once=1, person_at_once=1, wait_seconds=60.0)

    async def scene() -> None:
        flow = flow_to("openai", chat(f"for nobody {SECRET}"))
        left = asyncio.create_task(ask(tenant, flow))
        while not slow.together:
            await asyncio.sleep(0.01)
        stays = asyncio.create_task(ask(tenant, flow_to("openai", chat("next"))))
        slow.steps = 1  # of the next one
        flow.metadata[INTEREST].end()
        async with asyncio.timeout(60):
            answer = (await left).response
            assert answer is not None and answer.status_code == 499
            assert (await stays).response is None

    tenant.loop.run_until_complete(scene())
    assert tenant.addon.reading.hall.light.cuts == 0, "what nobody waited for was not late"


def test_a_reading_that_ends_says_how_it_went_beside_those_with_which_it_began(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns may have become fewer meanwhile: what was late beside more says nothing of how these few go."""
    learnt: list[int] = []
    monkeypatch.setattr(Lane, "learn", lambda _lane, cuts, *, late: learnt.append(cuts) or late)

    async def scene() -> None:
        lane = tenant.addon.reading.hall.light
        for _ in range(2):
            under_way = asyncio.create_task(ask(tenant, flow_to("openai", chat("stuck"))))
            while not lane.running.total():
                await asyncio.sleep(0.01)
            lane.cuts += 1
            go.set()
            await under_way
            go.clear()

    with stuck(tenant, monkeypatch) as go:
        tenant.loop.run_until_complete(scene())
    assert learnt == [0, 1]


def test_a_look_for_rules_that_are_only_observed_stops_nothing(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from proxy.passage import Passage

    monkeypatch.setattr(Passage, "watching", property(lambda _self: True))

    async def none_free(_self: object, _who: str, *, heavy: bool) -> None:  # noqa: ARG001
        raise Overloaded("full", 5)

    monkeypatch.setattr(Hall, "enter", none_free)
    looks = []
    inspect = proxy.handle.inspect
    monkeypatch.setattr(proxy.handle, "inspect", lambda *given: looks.append(given[3:]) or inspect(*given))
    tenant.ask(flow_to("openai", chat("hi")))
    assert looks == [(False,)], "read, and not searched"


WIRES = {adapter.id: adapter for adapter in (*(entry.adapter for entry in ADAPTERS), FALLBACK)}


@pytest.mark.parametrize("wire", WIRES)
def test_every_wire_format_says_it_as_an_error_to_be_asked_again_or_as_a_turn_of_its_page(wire: str) -> None:
    told = compose(Overloaded("full", 7), Text("Kimi", "Kimi"), "SLC-1", "en")
    answer = answer_for((("content-type", "application/json"),), "POST", WIRES[wire], told)
    if answer.status < 400:  # a page shows its stream, a call of gRPC its trailers
        coded = b"".join(map(b64decode, re.findall(rb"^data:([A-Za-z0-9+/=]+)$", answer.body, re.MULTILINE)))  # Spark's
        assert b"more to check" in answer.body + coded or "more to check" in str(answer) or "more%20to" in str(answer)
        return
    assert answer.status == 503
    assert (header(answer.headers, "retry-after"), header(answer.headers, "x-should-retry")) == ("7", "true")
    assert sum(name == "x-should-retry" for name, _ in answer.headers) == 1


def test_no_other_refusal_may_be_asked_again() -> None:
    told = compose(RuntimeError(), Text("", ""), "SLC-1", "en")
    answer = answer_for((), "POST", WIRES["openai-chat"], told)
    assert header(answer.headers, "x-should-retry") == "false" and not header(answer.headers, "retry-after")
