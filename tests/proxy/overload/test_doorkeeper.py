"""Connections by the clock: which gives way, which is cut off, and which nobody touches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from proxy.overload.doorkeeper import Connections, Doorkeeper


@dataclass
class Door:
    """A doorkeeper with a clock of the test's own."""

    limits: Connections
    now: float = 1000.0
    cut: list[str] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keeper = Doorkeeper(self.limits, lambda: self.now)

    def enter(self, name: str, address: str = "10.0.0.1") -> bool:
        return self.keeper.enter(name, address, lambda: self.cut.append(name), lambda: self.unread.get(name, 0))

    def after(self, seconds: float) -> list[str]:
        self.now += seconds
        self.keeper.look()
        return self.cut


def door(**given: Any) -> Door:
    usual = {"total": 4, "address": 3, "head_seconds": 30, "idle_seconds": 300, "stalled_seconds": 60}
    return Door(Connections(**{**usual, **given}))


def test_what_is_not_set_suits_the_machine() -> None:
    assert (Connections().fitted(1024).total, Connections().fitted(1024).address) == (341, 85)
    assert Connections().fitted(1_000_000).total == 16_384
    assert Connections(total=10, address=20).fitted(1024).address == 10


def test_at_the_limit_the_one_that_has_been_idle_for_longest_gives_way() -> None:
    doors = door()
    for number, address in enumerate(["a", "a", "b", "b"]):
        assert doors.enter(f"{number}", address)
        doors.now += 1
    doors.keeper.begins("0", "exchange")
    assert doors.enter("new", "c")
    assert doors.cut == ["1"], "the first has an exchange"


def test_a_flood_from_one_address_pushes_out_its_own() -> None:
    doors = door(total=100)
    assert doors.enter("other", "b")
    for number in range(1000):
        assert doors.enter(f"{number}", "a")
    assert doors.keeper.addresses == {"a": 3, "b": 1}
    assert "other" not in doors.cut and len(doors.cut) == 997


def test_where_none_is_idle_the_new_one_is_not_let_in() -> None:
    doors = door()
    for number in range(3):
        doors.enter(f"{number}")
        doors.keeper.begins(f"{number}", "exchange")
    assert not doors.enter("new") and doors.cut == []
    assert doors.enter("elsewhere", "10.0.0.2")


def over(keeper: Doorkeeper) -> None:
    keeper.begins("x", "1")
    keeper.ends("x", "1")


def over_and(*, http2: bool) -> Callable[[Doorkeeper], None]:
    def does(keeper: Doorkeeper) -> None:
        over(keeper)
        keeper.heard("x", over_http2=http2)

    return does


WAYS: dict[str, tuple[Callable[[Doorkeeper], None], float]] = {
    "nothing was said": (lambda _: None, 30),
    "something that is no request": (lambda keeper: keeper.heard("x", over_http2=False), 30),
    "a tunnel, and nothing in it": (lambda keeper: keeper.connects("x"), 30),
    "an exchange that is over": (over, 300),
    "the head of a second request": (over_and(http2=False), 30),
    "a sign of life over HTTP/2": (over_and(http2=True), 300),
}


@pytest.mark.parametrize(("does", "seconds"), WAYS.values(), ids=WAYS)
def test_what_takes_too_long_is_cut_off(does: Callable[[Doorkeeper], None], seconds: float) -> None:
    doors = door()
    doors.enter("x")
    does(doors.keeper)
    assert doors.after(seconds - 1) == []
    assert doors.after(1) == ["x"]
    assert doors.keeper.guests == {} and not doors.keeper.addresses


@pytest.mark.parametrize("how", ["exchange", "tunnel"])
def test_what_is_under_way_is_left_alone(how: str) -> None:
    doors = door()
    doors.enter("x")
    doors.keeper.begins("x", "1") if how == "exchange" else doors.keeper.tunnels("x")
    assert doors.after(100_000) == []


def test_bytes_that_trickle_in_do_not_put_off_the_end_of_a_head() -> None:
    doors = door()
    doors.enter("x")
    for _ in range(29):
        doors.keeper.heard("x", over_http2=False)
        assert doors.after(1) == []
    doors.keeper.heard("x", over_http2=False)
    assert doors.after(1) == ["x"]


def test_a_client_that_takes_nothing_is_cut_off_and_one_that_takes_a_little_is_not() -> None:
    doors = door()
    for name in ("stuck", "slow"):
        doors.enter(name)
        doors.keeper.begins(name, "1")
    for second in range(61):
        doors.unread = {"stuck": 5000, "slow": 5000 - second // 30}
        doors.after(1)
    assert doors.cut == ["stuck"]


def test_one_that_has_gone_is_forgotten() -> None:
    doors = door()
    doors.enter("x")
    doors.keeper.leave("x")
    doors.keeper.leave("x")
    doors.keeper.ends("x", "1")
    assert doors.after(1000) == [] and not doors.keeper.addresses
