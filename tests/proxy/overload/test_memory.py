"""What a rush has taken is given back when it is over, not while it lasts, and once."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from proxy.overload import memory
from proxy.overload.memory import Tidy, few_arenas, give_back

GLIBC = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else None

RUSH = """
import sys
from threading import Barrier, Thread
from pathlib import Path
from proxy.overload.memory import few_arenas, give_back

def resident():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line)

assert few_arenas()
kept, before, together = [], resident(), Barrier(8)

def read():
    pieces = [bytes(1000) for _ in range(10_000)]
    kept.append(pieces[::500])  # what stays lies between what goes: no arena can shrink by itself
    together.wait()

threads = [Thread(target=read) for _ in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
after = resident()
give_back()
print(before, after, resident())
"""


@pytest.mark.skipif(not GLIBC, reason="another C library gives memory back in its own way")
def test_a_process_is_as_small_after_a_rush_as_before() -> None:
    done = subprocess.run([sys.executable, "-c", RUSH], capture_output=True, text=True, check=True, cwd=Path.cwd())
    before, after, given = map(int, done.stdout.split())
    assert after - before > 40_000, "the rush took tens of megabytes, in kilobytes"
    assert given - before < (after - before) / 4


def test_it_is_given_back_once_and_only_while_nobody_is_read() -> None:
    read, quiet, given = [3], [True], list[str]()
    tidy = Tidy(lambda: read[0], lambda: quiet[0], lambda: False, lambda: given.append(threading.current_thread().name))

    async def scene() -> None:
        assert not await tidy.look(), "nothing was read"
        read[0], quiet[0] = 4, False
        assert not await tidy.look(), "somebody is read"
        quiet[0] = True
        assert await tidy.look() and not await tidy.look()
        read[0] = 5
        assert await tidy.look()

    asyncio.run(scene())
    assert len(given) == 2 and threading.current_thread().name not in given


def test_what_nobody_came_back_for_is_forgotten_while_nothing_is_read_and_its_memory_given_back() -> None:
    left, given = [True], list[bool]()
    tidy = Tidy(lambda: 3, lambda: True, lambda: bool(left) and left.pop(), lambda: given.append(True))

    async def scene() -> None:
        assert await tidy.look() and not await tidy.look(), "once"

    asyncio.run(scene())
    assert given == [True]


def test_what_holds_itself_is_let_go_after_many(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ring:
        """Something that holds itself."""

    monkeypatch.setattr(memory, "MANY", 2)
    read = [0]
    tidy = Tidy(lambda: read[0], lambda: True, lambda: False, lambda: None)
    gc.disable()
    try:
        ring = Ring()
        ring.itself = ring  # type: ignore[attr-defined]
        held = weakref.ref(ring)
        del ring
        for read[0], there in ((1, True), (2, False)):
            asyncio.run(tidy.look())
            assert (held() is not None) is there
    finally:
        gc.enable()


def test_what_was_there_before_anybody_was_served_is_not_looked_through_again() -> None:
    async def scene() -> None:
        tidy = Tidy(lambda: 0, lambda: True, lambda: False, lambda: None)
        tidy.running()
        tidy.done()

    there = [[]]  # a container, which a look would go through
    try:
        asyncio.run(scene())
        assert gc.get_freeze_count() > 1000 and not any(one is there for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is there for one in gc.get_objects())


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    give_back()
    assert not few_arenas()
