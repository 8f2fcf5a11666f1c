"""Turns and room: fair by person, bounded in number, bytes and time, and nothing of it is ever lost."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Overloaded
from proxy.overload.admission import Admission, Baggage, Hall, Lane

MIB = 1 << 20


def limits(**given: Any) -> Admission:
    return Admission(**{"at_once": 4, "person_at_once": 2, "waiting": 3, "person_waiting": 2, **given}).fitted(
        2, 1 << 30, MIB
    )


def run[Made](work: Coroutine[Any, Any, Made]) -> Made:
    return asyncio.run(work)


MACHINES = {
    "small": ((1, 1 << 30, 32 * MIB), {"at_once": 8, "person_at_once": 4, "waiting": 80, "waiting_bytes": 128 * MIB}),
    "two cores": ((2, 16 << 30, 32 * MIB), {"at_once": 8, "waiting_bytes": 1 << 30, "person_waiting_bytes": 256 * MIB}),
    "large": ((64, 256 << 30, 32 * MIB), {"at_once": 256, "person_at_once": 128, "waiting_bytes": 16 << 30}),
    "large bodies": ((2, 1 << 30, 512 * MIB), {"waiting_bytes": 2048 * MIB, "person_waiting_bytes": 1024 * MIB}),
}


@pytest.mark.parametrize(("machine", "wanted"), MACHINES.values(), ids=MACHINES)
def test_what_is_not_set_suits_the_machine(machine: tuple[int, int, int], wanted: dict[str, int]) -> None:
    made = Admission().fitted(*machine)
    assert {name: getattr(made, name) for name in wanted} == wanted


@pytest.mark.parametrize("name", ["at_once", "person_at_once", "waiting", "person_waiting", "waiting_bytes"])
def test_what_is_set_stays(name: str) -> None:
    assert getattr(Admission(**{name: 3}).fitted(64, 1 << 40, MIB), name) == 3


def test_one_persons_requests_leave_turns_for_others() -> None:
    async def scene() -> None:
        hall = Hall(limits())
        for _ in range(2):
            await hall.enter("alice", heavy=False)
        third = asyncio.create_task(hall.enter("alice", heavy=False))
        await asyncio.sleep(0)
        assert (await hall.enter("bob", heavy=False)) is hall.light
        assert not third.done(), "a turn is free, but it is not hers"
        hall.light.leave("alice")
        await third

    run(scene())


def test_large_bodies_have_turns_of_their_own() -> None:
    async def scene() -> None:
        hall = Hall(limits(at_once=1, person_at_once=1))
        assert (await hall.enter("alice", heavy=True)) is hall.heavy
        assert (await hall.enter("alice", heavy=False)) is hall.light

    run(scene())


def test_fewer_are_read_at_once_while_most_are_late_and_more_again_when_they_are_not() -> None:
    lane = Lane(16, 8)

    def late(count: int) -> list[bool]:
        cuts = lane.cuts
        return [lane.learn(cuts, late=True) for _ in range(count)]

    assert not any(late(8)) and lane.open == 16, "half of them"
    lane.learn(lane.cuts, late=False)
    assert late(1) == [True] and (lane.open, lane.person_open) == (8, 4)
    assert not any(lane.learn(0, late=True) for _ in range(99)), "those began beside fifteen others"
    assert (late(5)[-1], lane.open, lane.person_open) == (True, 4, 2)
    assert (late(3)[-1], lane.open, lane.person_open) == (True, 2, 1)
    assert not any(late(99)) and lane.open == 2, "so many turns are left whatever comes late"
    came = 0
    while lane.open < 16:
        came += 1
        lane.learn(lane.cuts, late=False)
    assert came == sum(range(2, 16)), "one more after each round"
    lane.learn(lane.cuts, late=False)
    assert (lane.open, lane.person_open) == (16, 8)


def test_one_person_whose_texts_all_are_late_does_not_take_turns_from_others() -> None:
    lane = Lane(8, 4)
    for _ in range(50):
        for late in (True, True, True, True, *[False] * 8):  # half of the turns are theirs
            lane.learn(lane.cuts, late=late)
    assert lane.open == 8


@pytest.mark.parametrize("turns", [1, 2])
def test_few_turns_never_get_fewer(turns: int) -> None:
    lane = Lane(turns, 1)
    for _ in range(9):
        assert not lane.learn(lane.cuts, late=True)
    assert (lane.open, lane.person_open) == (turns, 1)


def test_who_has_least_under_way_is_next_and_then_who_came_first() -> None:
    async def scene() -> list[str]:
        hall, came = Hall(limits(at_once=2, person_at_once=2, waiting=9, person_waiting=9)), []
        for _ in range(2):
            await hall.enter("alice", heavy=False)

        async def wait(who: str, name: str) -> None:
            await hall.enter(who, heavy=False)
            came.append(name)

        tasks = [asyncio.create_task(wait(who, name)) for who, name in (("alice", "a"), ("bob", "b"), ("carol", "c"))]
        await asyncio.sleep(0)
        for who in ("alice", "alice", "bob"):
            hall.light.leave(who)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return came

    assert run(scene()) == ["b", "a", "c"]


def test_the_line_has_an_end_for_each_and_for_all() -> None:
    async def scene() -> None:
        hall = Hall(limits(at_once=1, person_at_once=1))
        await hall.enter("nobody", heavy=False)
        waiting = [asyncio.create_task(hall.enter("alice", heavy=False)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as told:
            await hall.enter("alice", heavy=False)
        assert told.value.retry_after == Admission().retry_seconds
        waiting.append(asyncio.create_task(hall.enter("bob", heavy=False)))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await hall.enter("carol", heavy=False)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert hall.light.line == []

    run(scene())


def test_the_wait_has_an_end_and_leaves_the_line_as_it_was() -> None:
    async def scene() -> None:
        hall = Hall(limits(at_once=1, person_at_once=1, wait_seconds=0.01))
        await hall.enter("alice", heavy=False)
        with pytest.raises(Overloaded):
            await hall.enter("bob", heavy=False)
        assert hall.light.line == [] and hall.light.running == Counter(alice=1)

    run(scene())


class Crowd:
    """Requests that come, give up and go."""

    def __init__(self) -> None:
        self.hall = Hall(limits(at_once=3, person_at_once=2, waiting=10, person_waiting=5, wait_seconds=60))
        self.tasks: list[tuple[str, asyncio.Task[Any]]] = []
        self.inside = Counter[str]()

    def do(self, who: str, step: str) -> None:
        if step == "enter":
            self.tasks.append((who, asyncio.create_task(self.hall.enter(who, heavy=False))))
        elif step == "give up" and self.tasks:
            self.tasks[0][1].cancel()
        elif step == "leave" and self.inside[who]:
            self.inside[who] -= 1
            self.hall.light.leave(who)

    def look(self) -> None:
        for one in [each for each in self.tasks if each[1].done()]:
            self.tasks.remove(one)
            self.inside[one[0]] += not (one[1].cancelled() or one[1].exception())

    async def all_go(self) -> None:
        for _, task in self.tasks:
            task.cancel()
        await asyncio.gather(*(task for _, task in self.tasks), return_exceptions=True)
        self.look()
        for who in self.inside.elements():
            self.hall.light.leave(who)


STEPS = st.tuples(st.sampled_from("abc"), st.sampled_from(["enter", "give up", "leave"]), st.booleans())


@given(st.lists(STEPS, max_size=60))
def test_whatever_happens_no_turn_is_lost_and_none_is_given_twice(steps: list[tuple[str, str, bool]]) -> None:
    async def scene() -> None:
        crowd = Crowd()
        for who, step, waits in steps:
            crowd.do(who, step)
            if waits:  # otherwise a turn may come and be given up in the same moment
                await asyncio.sleep(0)
            crowd.look()
            running = crowd.hall.light.running
            assert running.total() <= 3 and all(count <= 2 for count in running.values())
        await crowd.all_go()
        assert not crowd.hall.light.running and not crowd.hall.light.line

    run(scene())


def test_bodies_that_wait_have_a_bound_for_each_and_for_all() -> None:
    hall = Hall(limits(waiting_bytes=10, person_waiting_bytes=6))
    first, second, other = Baggage(hall, "alice"), Baggage(hall, "alice"), Baggage(hall, "bob")
    assert first.grow(4) is None and first.grow(5) is None
    assert isinstance(second.grow(2), Overloaded), "seven bytes of hers are more than six"
    with pytest.raises(Overloaded):
        second.announce(2)
    assert other.grow(5) is None
    assert isinstance(other.grow(6), Overloaded), "eleven of all are more than ten"
    first.drop()
    first.drop()
    assert second.grow(2) is None
    other.drop()
    second.drop()
    assert not hall.held


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.booleans()), max_size=60))
def test_bytes_that_wait_are_never_more_than_allowed_and_none_stays(steps: list[tuple[int, int, bool]]) -> None:
    hall = Hall(limits(waiting_bytes=40, person_waiting_bytes=15))
    every = [Baggage(hall, "ab"[number % 2]) for number in range(5)]
    for number, more, drops in steps:
        every[number].drop() if drops else every[number].grow(every[number].size + more)
        assert hall.held.total() <= 40 and all(0 < one <= 15 for one in hall.held.values() if one)
    for one in every:
        one.drop()
    assert not hall.held
