"""A worker that leaves closes what is silent, lets go on what is under way, and cuts off what does not end in time."""

import asyncio

import pytest

from proxy.overload.connections import SluiceConnection
from proxy.overload.doorkeeper import Connections, Doorkeeper
from proxy.workers import leaving
from proxy.workers.interface import Workers
from proxy.workers.leaving import SILENT, close_silent, drain


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def doors(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Doorkeeper:
    made = Doorkeeper(Connections().fitted(1024), clock)
    monkeypatch.setattr(SluiceConnection, "doors", made)
    monkeypatch.setattr(SluiceConnection, "leaving", False)
    return made


def enter(doors: Doorkeeper, name: str, *, unread: int = 0) -> None:
    assert doors.enter(name, "10.0.0.1", lambda: doors.leave(name), lambda: unread)


def test_only_what_is_silent_for_long_enough_and_wants_nothing_is_closed(doors: Doorkeeper, clock: Clock) -> None:
    for name in ("silent", "busy", "tunnelled"):
        enter(doors, name)
    enter(doors, "reading", unread=10)
    doors.begins("busy", "exchange")
    doors.tunnels("tunnelled")
    clock.now = SILENT - 0.1
    close_silent(doors)
    assert set(doors.guests) == {"silent", "busy", "tunnelled", "reading"}
    clock.now = SILENT
    close_silent(doors)
    assert set(doors.guests) == {"busy", "tunnelled", "reading"}
    doors.ends("busy", "exchange")
    close_silent(doors)
    assert "busy" in doors.guests, "its silence begins with the end of its exchange"


def run(limits: Workers, doors: Doorkeeper, after: float | None = None, *, hurry: bool = False) -> list[str]:
    stopped: list[str] = []

    async def stop() -> None:
        stopped.append("listening")
        assert SluiceConnection.leaving

    async def scene() -> None:
        event = asyncio.Event()
        if hurry:
            event.set()
        if after is not None:
            asyncio.get_running_loop().call_later(after, doors.leave, "one")
        await asyncio.wait_for(drain(limits, stop, event), 30)

    asyncio.run(scene())
    return stopped


def test_it_is_over_when_nobody_is_served_any_more(doors: Doorkeeper) -> None:
    enter(doors, "one")
    doors.begins("one", "exchange")
    assert run(Workers(2, drain_seconds=1000), doors, after=0.3) == ["listening"]
    assert not doors.guests


def test_it_is_over_when_the_time_is_up_or_there_is_a_hurry(doors: Doorkeeper) -> None:
    enter(doors, "one")
    doors.begins("one", "exchange")
    assert run(Workers(2, drain_seconds=0.3), doors) == ["listening"]
    assert run(Workers(2, drain_seconds=1000), doors, hurry=True) == ["listening"]
    assert "one" in doors.guests


def test_websockets_are_sent_away_once_and_only_after_a_while(
    doors: Doorkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[object, int]] = []
    monkeypatch.setattr(leaving.SluiceWebsocketLayer, "flows", {"flow"})
    monkeypatch.setattr(leaving, "push", lambda flow, delivery: sent.append((flow, delivery.closing.code)))
    enter(doors, "one")
    doors.begins("one", "socket")
    run(Workers(2, drain_seconds=0.6, websocket_seconds=1000), doors)
    assert sent == []
    run(Workers(2, drain_seconds=1.2, websocket_seconds=0.1), doors)
    assert sent == [("flow", 1001)]
