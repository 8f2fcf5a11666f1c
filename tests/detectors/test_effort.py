"""What mostly waited is never called too much, and what was worked on is never said to have waited."""

import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from detectors.effort import OWN, Effort, Watched, noted, process_seconds

SECONDS = 30.0


def after(passed: float, *worked: float, short: bool = True, crowded: bool = False) -> Effort:
    """Return the note of somebody who asked so many seconds ago."""
    clock = [0.0]
    note = Effort(lambda: clock[0])
    clock[0] = passed
    for seconds in worked:
        note.add(seconds)
    note.short, note.crowded = short, crowded
    return note


CASES = {
    "worked on all the time": (after(10, 9.9), True, False),
    "worked on by several": (after(10, 3.0, 2.5), True, False),
    "just enough": (after(10, 10 * OWN), True, False),
    "it had the processor now and then": (after(10, 1.0), False, True),
    "nobody has begun": (after(10), False, True),
    "refused at once, for others were before it": (after(0.01, 0.01, crowded=True), False, True),
    "refused for others after it was worked on": (after(10, 9.9, crowded=True), False, True),
    "nothing was lacking": (after(10, short=False), False, False),
}


@pytest.mark.parametrize(("note", "too_much", "waited"), CASES.values(), ids=CASES)
def test_who_used_the_time_is_told_by_what_was_worked(note: Effort, too_much: bool, waited: bool) -> None:
    assert (note.too_much, note.waited) == (too_much, waited)


def burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_this_thread_works_is_counted_and_what_it_sleeps_is_not() -> None:
    note = Effort()
    noted(note, burn, 0.05)
    worked = note.seconds
    assert worked >= 0.05
    noted(note, time.sleep, 0.2)
    burn(0.1)  # nobody has said that this is for the same
    assert note.seconds < worked + 0.1


def test_the_work_of_a_thread_that_has_not_come_to_its_end_can_be_read_by_another() -> None:
    note, go = Effort(), Event()

    def work() -> None:
        burn(0.05)
        go.wait(SECONDS)

    thread = Thread(target=noted, args=(note, work))
    thread.start()
    until = time.monotonic() + SECONDS
    while note.seconds < 0.05:
        assert time.monotonic() < until
        time.sleep(0.01)
    go.set()
    thread.join()
    assert note.seconds >= 0.05, "and is kept when it has"


WAITS = "import time; time.sleep(600)"


@pytest.fixture(params=["while True: pass", WAITS])
def other(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], bool]]:
    process = subprocess.Popen([sys.executable, "-c", request.param])
    yield process, request.param != WAITS
    process.kill()
    process.wait()


def test_what_another_process_works_is_told_from_what_it_waits(other: tuple[subprocess.Popen[bytes], bool]) -> None:
    process, works = other
    until, had = time.monotonic() + SECONDS, 0.0
    while (had := process_seconds(process.pid) or 0.0) < 0.005:  # it has begun
        assert time.monotonic() < until
    watched = Watched(process.pid)
    while works and watched.seconds < 0.05:
        assert time.monotonic() < until
    if not works:
        time.sleep(0.3)
        assert watched.seconds < 0.3
    process.kill()
    process.wait()
    assert process_seconds(process.pid) is None
    assert watched.seconds < SECONDS, "where nobody can say, no more than has passed"
    assert had
