"""Every function of ours that an exchange passes, and a fault at any one of them: found by passing, not by a list.

Enters: something to run. Leaves: the functions of the packages that it has entered, in order; or the same run with an
error raised as one of them is entered. Uses `sys.monitoring`, so what is imported by another name breaks as well, and
so does what runs in other threads.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / package}/" for package in ("proxy", "policies"))
TOOL = 4
"""One of the two numbers that Python keeps for nobody."""
WATCH = sys.monitoring
START = WATCH.events.PY_START


class NeverEntered(Exception):
    """A run has not come by where it was to break."""


def name_of(code: CodeType) -> str:
    """Return where a function stands: `proxy/uploads.py:Uploads.learn`."""
    return f"{Path(code.co_filename).relative_to(ROOT)}:{code.co_qualname}"


@contextmanager
def monitored(callback: Callable[[CodeType, int], object]) -> Iterator[None]:
    """Call back whenever a function begins for which that is asked for."""
    WATCH.use_tool_id(TOOL, "faults")
    WATCH.register_callback(TOOL, START, callback)
    try:
        yield
    finally:
        WATCH.register_callback(TOOL, START, None)
        WATCH.free_tool_id(TOOL)


def passed(run: Callable[[], Any]) -> list[CodeType]:
    """Return the functions of ours that a run enters, each once, in order; comprehensions and lambdas left out."""
    found: dict[CodeType, None] = {}

    def note(code: CodeType, _offset: int) -> object:
        if code.co_filename.startswith(OURS) and "<" not in code.co_qualname.rpartition(".")[2]:
            found[code] = None
        return WATCH.DISABLE

    with monitored(note):
        WATCH.restart_events()
        WATCH.set_events(TOOL, START)
        try:
            run()
        finally:
            WATCH.set_events(TOOL, WATCH.events.NO_EVENTS)
    return list(found)


def broken[Result](code: CodeType, error: BaseException, run: Callable[[], Result]) -> Result:
    """Run with `error` raised where a function is entered for the first time; fails where it never is."""
    left = [error]

    def fail(_code: CodeType, _offset: int) -> None:
        if left:
            raise left.pop()

    with monitored(fail):
        WATCH.set_local_events(TOOL, code, START)
        try:
            WATCH.restart_events()
            return run()
        finally:
            WATCH.set_local_events(TOOL, code, WATCH.events.NO_EVENTS)
            if left:
                raise NeverEntered(name_of(code))
