"""An allowance is of whoever asks: past its steps or its time everybody who looks on cannot tell."""

from contextlib import suppress
from itertools import count
from math import inf

import pytest

from detectors import allowance
from detectors.allowance import (
    CURRENT,
    Interest,
    allowed,
    before,
    effort,
    in_time,
    interest,
    is_over,
    spend,
    until,
)
from detectors.effort import Effort
from detectors.interface import CannotTell


def test_without_an_allowance_every_step_is_free():
    spend(10**12)
    assert until() == inf


def test_steps_grow_with_the_text_and_the_next_one_is_too_many(monkeypatch):
    monkeypatch.setattr(allowance, "STEPS", 10)
    with allowed(5):
        spend(10 + 5 * allowance.STEPS_A_CHARACTER)
        with pytest.raises(CannotTell, match="more work"):
            spend()
        with pytest.raises(CannotTell):
            spend()  # whoever goes on is stopped again
    spend()


def test_the_time_of_whoever_asked_first_holds_inside():
    clock = count()
    with before(3, lambda: next(clock)), allowed(100):
        assert until() == 3
        for _ in range(3):
            spend()
        with pytest.raises(CannotTell, match="no time"):
            spend()


def test_an_allowance_ends_with_its_call_also_when_that_fails():
    with pytest.raises(ZeroDivisionError), before(0):
        _ = 1 // 0
    assert CURRENT.get() is None
    assert in_time(inf, Interest(), Effort(), lambda one: (one, until()), 7) == (7, inf)
    with pytest.raises(CannotTell):
        in_time(0, Interest(), Effort(), spend)


def test_want_of_time_is_noted_for_whoever_asked_first_and_want_of_steps_is_not(monkeypatch):
    monkeypatch.setattr(allowance, "STEPS", 0)
    for moment, work, noted in (
        (inf, lambda: spend(11), (False, False)),
        (0, spend, (True, False)),
    ):
        note = Effort()
        with before(moment, effort=note), allowed(5), suppress(CannotTell):
            assert effort() is note
            work()
        assert (note.short, note.crowded) == noted
    assert effort() is not note, "and outside nobody hears of it"


def test_what_nobody_waits_for_any_more_is_given_up_however_deep_inside():
    waits, told = Interest(), []
    with before(inf, waits=waits), allowed(100):
        assert interest() is waits
        spend()
        with waits.heard(lambda: told.append("gone")):
            waits.end()
        waits.end()
        with pytest.raises(CannotTell, match="nobody waits"):
            spend()
        with waits.heard(lambda: told.append("at once")):
            pass
    assert told == ["gone", "at once"]


def test_who_has_stopped_working_is_told_nothing():
    waits, told = Interest(), []
    with waits.heard(lambda: told.append("gone")):
        pass
    waits.end()
    assert not told and waits.over


def test_it_is_over_when_the_moment_has_come_and_never_without_one():
    clock = [1.0]
    assert not is_over()
    with before(2.0, lambda: clock[0]):
        assert not is_over()
        clock[0] = 2.0
        assert is_over()
        with allowed(10):
            assert is_over(), "whoever asks inside has no more time"
    with allowed(10):
        assert not is_over()
